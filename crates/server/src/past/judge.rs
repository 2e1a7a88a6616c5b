//! One decision, decided again.

use super::laws::Found;
use super::report::{Conclusion, Draft, Said};
use crate::asked::Circumstances;
use crate::gateway::by_law;
use crate::house::InForce;
use crate::record::{decisive, ident, missing, verdict_word};
use decide::{Ask, Subject, decide};
use ledger::hash::Digest32;
use ledger::ident::Ident;
use ledger::leaf::{Decision, Verdict};
use terms::{Activity, Attested, ClockReading, Country, Instant, PersonFacts, Request, limits};

/// Reasons of refusals by the operator's own rules begin so; what follows is the rule.
const HOUSE_RULE: &str = "house_rule";
/// Longest time in which a gateway takes up a change that was recorded, microseconds.
pub(super) const TAKE_UP_US: i64 = 2_000_000;

/// When a decision was made.
pub(super) fn decided_at(decision: &Decision) -> Instant {
    Instant::from_micros(i64::try_from(decision.at_us).unwrap_or(i64::MAX))
}

/// What stands in the log of the law that decided, and whether it was the newest known.
pub(super) fn compare_law(draft: &mut Draft, decision: &Decision, found: Option<&Found>) {
    let Some(found) = found.filter(|found| found.named) else {
        let text = "no law on file as known then compiles to the digest in the entry: catalogue, evidence levels or \
                    the operator's name were others than those kept, or another release compiled it";
        draft.at_best(Conclusion::CannotTell, "regime_not_on_file", text);
        return;
    };
    draft.compare("snapshot", &decision.snapshot.to_string(), &found.law.snapshot.to_string());
    if found.frame > 0 {
        draft.note("configuration_of_then", "decided under an earlier configuration, which was kept");
    }
    let Some((seq, at)) = found.behind else { return };
    let behind_us = decided_at(decision).micros_since(at);
    let text =
        format!("event {seq} of {at} had been recorded {behind_us} microseconds before and was not taken up");
    if behind_us > TAKE_UP_US {
        draft.differs("law_was_not_the_newest", text)
    } else {
        draft.note("law_taken_up_later", text)
    }
}

/// What is decided about.
pub(super) struct Matter<'a> {
    pub(super) law: &'a InForce,
    pub(super) facts: &'a PersonFacts,
    /// `None` in entries that did not keep them.
    pub(super) circumstances: Option<Circumstances>,
    /// Where the catalogue says the model was served.
    pub(super) served_from: Country,
}

impl Matter<'_> {
    /// Decides again and compares; gives the entry as it would be written now.
    pub(super) fn decide(&self, draft: &mut Draft, decision: &Decision) -> Option<Decision> {
        let Some(model) = self.law.regime.model(decision.model.as_str()) else {
            draft.at_best(
                Conclusion::CannotTell,
                "model_not_in_catalogue",
                "the model is not in the catalogue",
            );
            return None;
        };
        let again = match self.circumstances {
            Some(given) => self.verdict(decision, model, &given),
            None => self.without_circumstances(draft, decision, model)?,
        };
        let again = if decision.reason.as_str().starts_with(HOUSE_RULE) {
            under_house_rule(draft, decision, again)
        } else {
            again
        };
        compare(draft, decision, &again);
        Some(again)
    }

    fn verdict(&self, decision: &Decision, model: usize, given: &Circumstances) -> Decision {
        let Circumstances { activity, end_use, served_from, uncertainty_us, .. } = *given;
        let regime = &self.law.regime;
        let clock = ClockReading { at: decided_at(decision), uncertainty_us };
        let subject = Subject::new(regime, self.facts, clock.at);
        let request = Request { model, activity, end_use, served_from };
        let verdict = decide(&Ask { regime, subject: &subject, request, clock });
        Decision {
            activity: ident(activity.word()),
            decisive: decisive(&verdict, regime),
            missing: missing(&verdict),
            reason: ident(by_law(&verdict).map_or("permit", |code| code.as_str())),
            regime: Digest32(regime.digest()),
            snapshot: self.law.snapshot,
            verdict: verdict_word(verdict.outcome),
            ..decision.clone()
        }
    }

    /// An entry that did not keep them: the verdict at both ends of what the clock's uncertainty can have been, with an
    /// end use nobody attested.
    fn without_circumstances(
        &self,
        draft: &mut Draft,
        decision: &Decision,
        model: usize,
    ) -> Option<Decision> {
        let activities = [Activity::HostedInference, Activity::WeightsDownload, Activity::SourceCode];
        let Some(activity) = activities.into_iter().find(|one| one.word() == decision.activity.as_str())
        else {
            draft.at_best(
                Conclusion::CannotTell,
                "activity_unknown",
                "this release does not know the activity",
            );
            return None;
        };
        let at = |uncertainty_us| {
            let (end_use, served_from) = (Attested::default(), self.served_from);
            let given = Circumstances { activity, end_use, served_from, uncertainty_us, brought: false };
            self.verdict(decision, model, &given)
        };
        let (exact, widest) = (at(0), at(limits::CLOCK_UNCERTAINTY_US));
        let text = "the entry did not keep how far the clock could be wrong";
        if Said::of(&exact) == Said::of(&widest) {
            draft.note(
                "clock_uncertainty_unknown",
                format!("{text}; exact or as wrong as allowed, the verdict is the same"),
            );
            return Some(exact);
        }
        draft.at_best(
            Conclusion::CannotTell,
            "clock_uncertainty_unknown",
            format!("{text}, and the verdict turns on it"),
        );
        let recorded = Said::of(decision);
        [exact, widest].into_iter().find(|again| Said::of(again) == recorded)
    }
}

/// The operator's own rules are asked only where the law permits, and are no part of what is recomputed.
fn under_house_rule(draft: &mut Draft, decision: &Decision, by_law: Decision) -> Decision {
    if by_law.verdict != Verdict::Permit {
        return by_law;
    }
    let text = "refused by a rule of the operator's own; that the law permitted is what was recomputed";
    draft.note("refused_by_house_rule", text);
    let Decision { verdict, decisive, missing, reason, .. } = decision.clone();
    Decision { verdict, decisive, missing, reason, ..by_law }
}

fn compare(draft: &mut Draft, recorded: &Decision, again: &Decision) {
    let list = |items: &[Ident]| items.iter().map(Ident::as_str).collect::<Vec<_>>().join(", ");
    draft.compare("verdict", word(recorded.verdict), word(again.verdict));
    draft.compare("decisive", &list(&recorded.decisive), &list(&again.decisive));
    draft.compare("missing", &list(&recorded.missing), &list(&again.missing));
    draft.compare("reason", recorded.reason.as_str(), again.reason.as_str());
    draft.compare("activity", recorded.activity.as_str(), again.activity.as_str());
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Permit => "permit",
        Verdict::Deny => "deny",
        Verdict::VerifyFirst => "verify_first",
        Verdict::Depends => "depends",
        Verdict::RefusedRequest => "refused_request",
    }
}
