//! Equal treatment: does a directive reach the models that its own reason speaks of, and only those?

use crate::compile::ListedModel;
use crate::instrument::Directive;
use std::collections::BTreeSet;
use terms::{Capability, ModelId};

/// The models of a catalogue, by whether a directive names them and whether they meet the criterion it gives. A model
/// that is neither named nor meets it is in no list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EqualTreatment {
    /// The capabilities the directive's text gives as its reason; meeting one of them is meeting it. Empty = it gives
    /// none, and there is nothing to compare.
    pub criterion: Vec<Capability>,
    /// Named, and meeting it.
    pub named_and_meeting: Vec<ModelId>,
    /// Named, and not meeting it.
    pub named_not_meeting: Vec<ModelId>,
    /// Meeting it, and not named.
    pub meeting_not_named: Vec<ModelId>,
    /// No capability is on file, so nobody can say; named models that are not in the catalogue among them.
    pub unknown: Vec<ModelId>,
}

impl EqualTreatment {
    /// Whether, as far as capabilities are on file, like models are treated alike.
    pub fn is_equal(&self) -> bool {
        self.named_not_meeting.is_empty() && self.meeting_not_named.is_empty()
    }
}

/// Compares whom a directive names, by name or by capability, with its criterion. Lists keep the order of the
/// catalogue; names outside it follow.
pub fn equal_treatment(directive: &Directive, catalogue: &[ListedModel]) -> EqualTreatment {
    let criterion = directive.criterion.clone();
    let mut result = EqualTreatment { criterion, ..EqualTreatment::default() };
    if result.criterion.is_empty() {
        return result;
    }
    let names: BTreeSet<&str> = directive.models.iter().map(String::as_str).collect();
    let mut listed = BTreeSet::new();
    for model in catalogue {
        if !listed.insert(model.id.as_str()) {
            continue;
        }
        let named = names.contains("*")
            || names.contains(model.id.as_str())
            || meets_any(model, &directive.capabilities);
        let list = match (named, meets_any(model, &directive.criterion)) {
            _ if model.capabilities.is_empty() => &mut result.unknown,
            (true, true) => &mut result.named_and_meeting,
            (true, false) => &mut result.named_not_meeting,
            (false, true) => &mut result.meeting_not_named,
            (false, false) => continue,
        };
        list.push(model.id.clone());
    }
    let elsewhere = names.into_iter().filter(|name| !listed.contains(name));
    result.unknown.extend(elsewhere.filter_map(|name| ModelId::parse(name).ok()));
    result
}

fn meets_any(model: &ListedModel, wanted: &[Capability]) -> bool {
    model.capabilities.iter().any(|has| wanted.iter().any(|capability| has.meets(capability)))
}
