//! Small words that several parts of a page share.

use terms::{Country, EndUse, Instant, Level, MissingFact, Relation};

/// An instant as people write it.
pub(super) fn instant(at: Instant) -> String {
    let text = at.to_string();
    let minutes = text.strip_suffix(":00Z").map(str::to_owned);
    let plain = minutes.unwrap_or_else(|| text.trim_end_matches('Z').to_owned());
    format!("{} UTC", plain.replace('T', " "))
}

/// A date of a person's life: midnight is not said.
pub(super) fn day(at: Instant) -> String {
    let text = instant(at);
    text.strip_suffix(" 00:00 UTC").map_or(text.clone(), str::to_owned)
}

/// A country or territory in the middle of a sentence.
pub(super) fn country(country: Country) -> String {
    if country == Country::US { "the United States".to_owned() } else { country.name_en().to_owned() }
}

/// A window, half-open.
pub(super) fn window(from: Option<Instant>, until: Option<Instant>) -> String {
    match (from, until) {
        (Some(from), Some(until)) => format!("from {} until {}", instant(from), instant(until)),
        (Some(from), None) => format!("from {}", instant(from)),
        (None, Some(until)) => format!("until {}", instant(until)),
        (None, None) => "at all times".to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list<T: AsRef<str>>(words: &[T], and: &str) -> String {
    match words {
        [] => "nothing".to_owned(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {and} {}", first.join(", "), last.as_ref())
        }
    }
}

/// Ids or names as code.
pub(super) fn codes<T: ToString>(names: impl IntoIterator<Item = T>) -> Vec<String> {
    names.into_iter().map(|name| format!("`{}`", name.to_string())).collect()
}

/// Models; `*` is all.
pub(super) fn models(names: &[String]) -> String {
    if names.iter().any(|name| name == "*") { "every model".to_owned() } else { list(&codes(names), "and") }
}

/// Countries and country groups by name.
pub(super) fn countries(names: &[String]) -> String {
    let word = |name: &String| match Country::parse(name) {
        Ok(known) => country(known),
        Err(_) => format!("Country Group {name}"),
    };
    list(&names.iter().map(word).collect::<Vec<_>>(), "or")
}

/// What supports a fact.
pub(super) const fn level(level: Level) -> &'static str {
    match level {
        Level::None => "no evidence",
        Level::Ip => "a network address",
        Level::SelfDeclared => "the person's own word",
        Level::Employer => "the employer's attestation",
        Level::Document => "a document",
        Level::Credential => "a government credential",
    }
}

/// What the model is used for.
pub(super) const fn end_use(end_use: EndUse) -> &'static str {
    match end_use {
        EndUse::Civil => "civil use",
        EndUse::DefensiveCyber => "the defence of computer systems",
        EndUse::MilitaryIntelligence => "military intelligence",
        EndUse::Unknown => "a use nobody has stated",
    }
}

/// Several uses.
pub(super) fn end_uses(list_of: &[EndUse]) -> String {
    list(&list_of.iter().map(|use_| end_use(*use_)).collect::<Vec<_>>(), "or")
}

/// A relation to an employer.
pub(super) const fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Employee => "employee",
        Relation::Contractor => "contractor",
        Relation::Unknown => "in a relation that is not known",
    }
}

/// A fact that is missing.
pub(super) const fn fact(fact: MissingFact) -> &'static str {
    match fact {
        MissingFact::UsStatus => "status under United States law",
        MissingFact::Citizenships => "citizenships, and that these are all",
        MissingFact::AcquisitionDates => "when citizenships and residences were acquired",
        MissingFact::ProofOfLoss => "proof that a citizenship was lost",
        MissingFact::Location => "where the person is",
        MissingFact::EndUse => "what the model is used for",
        MissingFact::Employment => "for whom the person works, and in which relation",
        MissingFact::Ownership => "who owns the employer",
        MissingFact::EmployerUltimateParent => "where the employer's ultimate parent has its seat",
        MissingFact::NaturalPerson => "which human stands behind the key",
        MissingFact::PartyIdentity => "whether the party on the list is meant",
        MissingFact::Screening => "a screening against the restricted-party lists",
    }
}

/// An outcome.
pub(super) fn outcome(word: &str) -> &'static str {
    match word {
        "permit" => "served",
        "deny" => "refused",
        "verify_first" => "a fact must be shown first",
        _ => "a reading must be recorded first",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_instants_read_well() {
        assert_eq!(list(&["a", "b", "c"], "or"), "a, b or c");
        assert_eq!(list::<&str>(&[], "or"), "nothing");
        let at = |text| instant(Instant::parse(text).unwrap());
        assert_eq!(at("2026-06-12T17:21:00-04:00"), "2026-06-12 21:21 UTC");
        assert_eq!(at("2026-06-12T21:20:59.7Z"), "2026-06-12 21:20:59.7 UTC");
        assert_eq!(day(Instant::parse("2020-01-01T00:00:00Z").unwrap()), "2020-01-01");
        assert_eq!(countries(&["D:5".to_owned(), "CU".to_owned()]), "Country Group D:5 or Cuba");
    }
}
