//! A directive and a service duty side by side: windows, models, persons.

use super::human::{Both, Witness};
use super::limb::Limb;
use crate::compile::ListedModel;
use crate::instrument::{Directive, ServiceDuty, Status};
use std::collections::BTreeSet;
use terms::{Country, Instant, Window};

/// When and for which models an instrument counts.
#[derive(Clone, Debug)]
pub(super) struct Reach<'a> {
    window: Window,
    /// `None` = all.
    models: Option<BTreeSet<&'a str>>,
    /// For a directive that names capabilities: models outside this catalogue may have them.
    catalogue: Option<BTreeSet<&'a str>>,
    /// What to call a model when none can be named.
    any: String,
}

impl<'a> Reach<'a> {
    pub(super) fn of_duty(duty: &'a ServiceDuty) -> Self {
        let window = Window { from: duty.from, until: duty.until };
        Self { window, models: names(&duty.models), catalogue: None, any: "any model".to_owned() }
    }

    /// `None` for what is never enforced.
    pub(super) fn of_directive(
        directive: &'a Directive,
        until: Option<Instant>,
        listed: &'a [ListedModel],
    ) -> Option<Self> {
        if directive.status == Status::Bill {
            return None;
        }
        let wanted = &directive.capabilities;
        let able = |model: &&ListedModel| {
            model.capabilities.iter().any(|has| wanted.iter().any(|capability| has.meets(capability)))
        };
        let models = names(&directive.models).map(|mut names| {
            names.extend(listed.iter().filter(able).map(|model| model.id.as_str()));
            names
        });
        let catalogue = (!wanted.is_empty()).then(|| listed.iter().map(|model| model.id.as_str()).collect());
        let any =
            wanted.first().map_or_else(|| "any model".to_owned(), |wanted| format!("a model with {wanted}"));
        Some(Self {
            window: Window { from: directive.effective_from.earliest(), until },
            models,
            catalogue,
            any,
        })
    }

    /// The first instant at which both count, if there is one.
    pub(super) fn overlap(&self, duty: &Self) -> Option<Instant> {
        let from = self.window.from.max(duty.window.from);
        let until = self.window.until.into_iter().chain(duty.window.until).min();
        (!Window { from, until }.is_empty()).then_some(from)
    }

    /// A model that this directive reaches and the duty orders to serve, if there is one.
    pub(super) fn shared_model(&self, duty: &Self) -> Option<String> {
        let owned = |name: &str| name.to_owned();
        match (&self.models, &duty.models) {
            (None, None) => Some(duty.any.clone()),
            (None, Some(served)) => served.first().copied().map(owned),
            (Some(reached), None) => {
                let unknown = self.catalogue.as_ref().is_some_and(BTreeSet::is_empty);
                reached.first().copied().map(owned).or_else(|| unknown.then(|| self.any.clone()))
            }
            (Some(reached), Some(served)) => {
                let outside = |name: &&&str| {
                    self.catalogue.as_ref().is_some_and(|catalogue| !catalogue.contains(**name))
                };
                let shared = served.iter().find(|name| reached.contains(**name));
                shared.or_else(|| served.iter().find(outside)).copied().map(owned)
            }
        }
    }
}

fn names(models: &[String]) -> Option<BTreeSet<&str>> {
    let names: BTreeSet<&str> = models.iter().map(String::as_str).collect();
    (!names.contains("*")).then_some(names)
}

/// Somebody whom the directive's limbs and the duty's limbs both reach. States: of the duty, of the directive.
pub(super) fn meet(directive: &[Limb], duty: &[Limb], states: [Country; 2]) -> Option<Witness> {
    let pairs = directive.iter().flat_map(|refused| duty.iter().map(move |served| [refused, served]));
    pairs.map(|limbs| Both { limbs, states }).find_map(|both| both.human())
}
