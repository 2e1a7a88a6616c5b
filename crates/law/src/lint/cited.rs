//! What a directive cites, against what it orders.

use super::checker::Checker;
use super::finding::warning;
use super::spans::Place;
use crate::authority::{self, Finding, Kind};
use crate::instrument::Directive;
use terms::Country;

/// Countries named in a message before it says "and so on".
const NAMED: usize = 8;

impl Checker<'_> {
    pub(super) fn authorities(&mut self, place: &Place, directive: &Directive) {
        let place = place.then("authority");
        self.texts(&place, "authority", &directive.authority);
        for (index, id) in directive.authority.iter().enumerate() {
            if authority::find(id).is_none() && !id.trim().is_empty() {
                let message = format!("authority `{id}` is not in the table of provisions");
                let help = format!("use an id of data/law/authorities.toml, for instance {}", nearest(id));
                self.report(&place.then(index), warning("unknown_authority", message, help));
            }
        }
        for finding in authority::check(directive) {
            let index = directive.authority.iter().position(|id| *id == finding.authority);
            let place = index.map_or_else(|| place.clone(), |index| place.then(index));
            let report = warning(code(&finding.kind), message(&finding), authority::ENFORCED.en);
            self.report(&place, report.under(finding.citation));
        }
    }
}

const fn code(kind: &Kind) -> &'static str {
    match kind {
        Kind::Countries { .. } => "authority_scope_exceeds_citation",
        Kind::Persons { .. } => "authority_persons",
        Kind::TransactionKinds { .. } => "authority_transaction_kinds",
        Kind::BasisNotShown { .. } => "authority_basis_not_shown",
        Kind::EndUseLimit { .. } => "authority_end_use_limit",
        Kind::ClockFormality { .. } => "authority_clock_formality",
        Kind::NotImplemented { .. } => "authority_not_implemented",
    }
}

fn message(finding: &Finding) -> String {
    let Kind::Countries { beyond, .. } = &finding.kind else { return finding.summary.en.clone() };
    let codes: Vec<&str> = beyond.iter().take(NAMED).map(Country::code).collect();
    let more = if codes.len() < beyond.len().try_into().unwrap_or(usize::MAX) { ", ..." } else { "" };
    format!("{} ({}{more})", finding.summary.en, codes.join(", "))
}

/// An id of the table that begins like the one written.
fn nearest(id: &str) -> &'static str {
    let shared = |known: &str| known.bytes().zip(id.bytes()).take_while(|(a, b)| a == b).count();
    let ids = authority::all().iter().map(|authority| authority.id.as_str());
    ids.max_by_key(|known| shared(known)).unwrap_or("")
}
