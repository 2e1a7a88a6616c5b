//! Which activities the transaction types of a provision are.

use super::table::{Authority, Verb};
use crate::instrument::Directive;
use terms::Activity;

/// Types of transaction that are some transmission of an item.
const TRANSMISSIONS: [Verb; 4] = [Verb::Export, Verb::Reexport, Verb::TransferInCountry, Verb::DeemedExport];

/// How the activities of a directive stand to the transaction types of a provision.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Fit {
    /// Activities of which it is contested whether they are such a transaction.
    pub(super) contested: Vec<Activity>,
    /// Activities that are none.
    pub(super) not_covered: Vec<Activity>,
    /// Whether the directive speaks of remote access and the provision does not.
    pub(super) remote_access: bool,
}

enum Answer {
    Yes,
    Contested,
    No,
}

pub(super) fn fit(authority: &Authority, directive: &Directive) -> Fit {
    let all = [Activity::HostedInference, Activity::WeightsDownload, Activity::SourceCode];
    let mut fit = Fit {
        remote_access: directive.remote_access && !authority.covers.contains(&Verb::RemoteAccess),
        ..Fit::default()
    };
    for activity in all {
        if directive.activities.as_ref().is_some_and(|named| !named.contains(&activity)) {
            continue;
        }
        // A directive that says "hosted use only if that is an export" already leaves it to a reading.
        if activity == Activity::HostedInference && directive.hosted_inference.is_some() {
            continue;
        }
        match answer(authority, activity) {
            Answer::Yes => {}
            Answer::Contested => fit.contested.push(activity),
            Answer::No => fit.not_covered.push(activity),
        }
    }
    fit
}

fn answer(authority: &Authority, activity: Activity) -> Answer {
    // What US persons do, and what an emergency power prohibits, is not told apart by activity.
    if authority.covers_any(&[Verb::UsPersonActivity, Verb::Blocking, Verb::Prohibition]) {
        let by_activity = authority.covers_any(&TRANSMISSIONS) && activity == Activity::HostedInference;
        return if by_activity { Answer::Contested } else { Answer::Yes };
    }
    match activity {
        Activity::HostedInference if authority.covers.contains(&Verb::RemoteAccess) => Answer::Yes,
        Activity::HostedInference if authority.covers_any(&TRANSMISSIONS) => Answer::Contested,
        Activity::WeightsDownload | Activity::SourceCode if authority.covers_any(&TRANSMISSIONS) => {
            Answer::Yes
        }
        _ => Answer::No,
    }
}
