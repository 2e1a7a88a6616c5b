//! A third evaluator, written as Cedar policies.
//!
//! Cedar answers permit or forbid and knows no missing fact, so it speaks only about worlds in which nothing is open:
//! [`certain`] gives its answer there and `None` elsewhere, and [`certify`] turns any scenario into such a world.
//! What Cedar cannot say is in `docs/cedar.md`.

mod certify;
mod countries;
mod expr;
mod gate;
mod lower;
mod relief;
mod world;

pub use certify::certify;
pub use lower::policies;

use crate::scenario::Scenario;
use anyhow::Result;
use cedar_policy::{Authorizer, Decision, PolicySet};
use std::collections::BTreeSet;

/// What Cedar answers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Whether the request is refused.
    pub refused: bool,
    /// Directives whose `forbid` holds.
    pub directives: BTreeSet<String>,
    /// What went wrong; each makes the verdict a refusal, although Cedar itself only skips the policy.
    pub errors: Vec<String>,
}

/// Cedar's answer, where the scenario leaves nothing open.
///
/// `None` when a fact the instruments look at is unknown, in conflict or below the level that counts in the person's
/// favour, when a question they raise has no recorded answer, or when the subject is not a person.
pub fn certain(scenario: &Scenario) -> Option<Verdict> {
    gate::is_specified(scenario).then(|| match policies(scenario) {
        Ok(policies) => ask(scenario, &policies),
        Err(error) => Verdict::broken(&error),
    })
}

/// Puts the request and the facts of the scenario to a policy set. An evaluation error is a refusal.
pub fn ask(scenario: &Scenario, policies: &PolicySet) -> Verdict {
    authorize(scenario, policies).unwrap_or_else(|error| Verdict::broken(&error))
}

fn authorize(scenario: &Scenario, policies: &PolicySet) -> Result<Verdict> {
    let (request, entities) = world::question(scenario)?;
    let response = Authorizer::new().is_authorized(&request, policies, &entities);
    let errors: Vec<String> = response.diagnostics().errors().map(ToString::to_string).collect();
    let denied = response.decision() == Decision::Deny;
    // Printed, an id would come with its quotes escaped.
    let reasons =
        response.diagnostics().reason().filter(|_| denied).map(|id| AsRef::<str>::as_ref(id).to_owned());
    Ok(Verdict { refused: denied || !errors.is_empty(), directives: reasons.collect(), errors })
}

impl Verdict {
    fn broken(error: &anyhow::Error) -> Self {
        Self { refused: true, errors: vec![format!("{error:#}")], ..Self::default() }
    }
}
