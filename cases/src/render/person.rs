//! A person's facts in words.

use super::words::{country, day, fact, instant, level, list, relation};
use terms::{Attested, Citizenship, Employer, Employment, PartyMatch, PersonFacts, SubjectKind, UsStatus};

/// One line per fact on file.
pub(super) fn lines(facts: &PersonFacts) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(facts.person_id.as_ref().map(|id| format!("on file as `{}`", id.as_str())));
    lines.extend(status(facts));
    lines.extend(facts.citizenships.iter().map(|held| holding("citizen", held)));
    lines.extend(said(
        &facts.citizenships_complete,
        "no other citizenship is held",
        "other citizenships may be held",
    ));
    lines.extend(said(
        &facts.citizenships_current,
        "no other citizenship is held now; nothing is said of lost ones",
        "other citizenships may be held now",
    ));
    lines.extend(
        facts
            .not_citizenships
            .iter()
            .map(|not| format!("no citizen of {} ({})", country(not.country), level(not.level))),
    );
    lines.extend(said(&facts.stateless, "stateless", "not stateless"));
    lines.extend(facts.permanent_residences.iter().map(|held| holding("permanent resident", held)));
    lines.extend(facts.location.map(|place| format!("in {} ({})", country(place.value), level(place.level))));
    lines.extend(work(&facts.employment));
    lines.extend(party(facts.party_match));
    lines.extend(facts.all_users_us_persons.map(|said| {
        let verb = if said.value { "all users are" } else { "not all users are" };
        format!("the customer says that {verb} US persons ({})", level(said.level))
    }));
    let disputed: Vec<&str> = facts.conflicting.iter().map(fact).collect();
    if !disputed.is_empty() {
        lines.push(format!("statements contradict each other on: {}", list(&disputed, "and")));
    }
    lines
}

/// Who stands behind the credential.
pub(super) const fn kind(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Person => "A person",
        SubjectKind::SharedKey => "A key that several people use",
        SubjectKind::Service => "A service account",
    }
}

fn status(facts: &PersonFacts) -> Option<String> {
    let word = match facts.us_status.value {
        UsStatus::Unknown => return None,
        UsStatus::Citizen => "citizen of the United States",
        UsStatus::National => "national, not citizen, of the United States",
        UsStatus::Lpr => "permanent resident of the United States",
        UsStatus::ConditionalLpr => "conditional permanent resident of the United States",
        UsStatus::LprNaturalisationLapsed => {
            "permanent resident of the United States who let the naturalisation period pass"
        }
        UsStatus::Refugee => "refugee admitted to the United States",
        UsStatus::Asylee => "granted asylum by the United States",
        UsStatus::TemporaryResident => "temporary resident of the United States under 8 USC 1160 or 1255a",
        UsStatus::UsPerson => "US person; of which kind is not said",
        UsStatus::None => "neither citizen, permanent resident nor protected individual of the United States",
    };
    let expires =
        facts.us_status_expires.map(|at| format!(", valid until {}", instant(at))).unwrap_or_default();
    Some(format!("{word} ({}{expires})", level(facts.us_status.level)))
}

fn holding(what: &str, held: &Citizenship) -> String {
    let mut text = format!("{what} of {} ({}", country(held.country), level(held.level));
    match (held.from, held.registered) {
        (Some(from), None) => text.push_str(&format!(", since {}", day(from))),
        (None, None) => text.push_str(", since an unknown date"),
        (from, Some(other)) => {
            let date = |at: Option<_>| at.map_or_else(|| "an unknown date".to_owned(), day);
            text.push_str(&format!(", since {} by origin or {} by registration", date(from), date(other.on)));
        }
    }
    if let Some(until) = held.until {
        text.push_str(&format!("; lost on {}: {}", day(until), level(held.until_level)));
    }
    text.push(')');
    text
}

fn said(fact: &Attested<bool>, yes: &str, no: &str) -> Option<String> {
    (*fact != Attested::default())
        .then(|| format!("{} ({})", if fact.value { yes } else { no }, level(fact.level)))
}

fn work(employment: &Employment) -> Option<String> {
    match employment {
        Employment::Unknown => None,
        Employment::NoEmployer => Some("works for nobody".to_owned()),
        Employment::Works(employer) => Some(firm(employer)),
    }
}

fn firm(employer: &Employer) -> String {
    let mut text =
        format!("works for {}, {} ({}", employer.name, relation(employer.relation), level(employer.level));
    if let Some(parent) = employer.ultimate_parent {
        text.push_str(&format!("; its ultimate parent has its seat in {}", country(parent)));
    }
    let (listed, unlisted) = (employer.ownership.listed.percent(), employer.ownership.unlisted.percent());
    if listed > 0.0 || unlisted > 0.0 {
        text.push_str(&format!("; listed parties own {listed} per cent, others {unlisted} per cent"));
    }
    text.push(')');
    text
}

fn party(matched: PartyMatch) -> Option<String> {
    let word = match matched {
        PartyMatch::Unscreened => return None,
        PartyMatch::None => "screened: on no restricted-party list",
        PartyMatch::Possible => "screened: perhaps on a restricted-party list",
        PartyMatch::Confirmed => "screened: on a restricted-party list",
    };
    Some(word.to_owned())
}
