//! Two sovereigns in conflict: one state orders that a person be refused what another state orders to serve.
//!
//! A conflict is reported before activation and never silently ranked; the directive is enforced. Directives of two
//! states are no conflict: both only restrict, and both can be obeyed.

mod human;
mod limb;
mod pair;

pub use human::Witness;

use crate::book::Book;
use crate::compile::ListedModel;
use limb::{limbs_of_directive, limbs_of_persons};
use pair::{Reach, meet};
use std::fmt;
use terms::InstrumentId;

/// A directive and a service duty that cannot both be obeyed for some request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// The directive.
    pub directive: InstrumentId,
    /// The order to serve.
    pub duty: InstrumentId,
    /// A request that the one forbids and the other demands.
    pub witness: Witness,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { directive, duty, witness } = self;
        write!(f, "{directive} refuses and {duty} orders to serve {witness}")
    }
}

/// Every conflict of a book. Windows must overlap, models must meet, and one human being must be able to fall under
/// both; where the texts leave that open (readings, unknown names, capabilities not on file) it is reported.
/// Exceptions, licences and stays are not taken into account: what they take out of a conflict is the operator's to
/// see. `models` is the catalogue, for directives that name capabilities.
pub fn sovereign_conflicts(book: &Book, models: &[ListedModel]) -> Vec<Conflict> {
    conflicts(book, models).collect()
}

/// The same one by one.
pub(crate) fn conflicts<'a>(book: &'a Book, models: &'a [ListedModel]) -> impl Iterator<Item = Conflict> {
    let duties: Vec<_> = (book.service_duties.iter())
        .map(|duty| (duty, Reach::of_duty(duty), limbs_of_persons(&duty.persons)))
        .collect();
    book.directives.iter().flat_map(move |directive| {
        let Some(reach) = Reach::of_directive(directive, book.end_of(directive), models) else {
            return Vec::new();
        };
        let limbs = limbs_of_directive(directive);
        let hits = duties.iter().filter_map(|(duty, served, persons)| {
            if duty.source.state == directive.source.state {
                return None;
            }
            let from = reach.overlap(served)?;
            let human = meet(&limbs, persons, [duty.source.state, directive.source.state])?;
            let model = reach.shared_model(served)?;
            let witness = Witness { model, from, ..human };
            Some(Conflict { directive: directive.id.clone(), duty: duty.id.clone(), witness })
        });
        hits.collect()
    })
}
