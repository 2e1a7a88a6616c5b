//! A region in words.

use decide::diff::{
    Condition, Cut, Detail, Employers, HeldGroup, Listing, Names, Owned, Region, Rung, Shown, Tie,
};
use terms::{Country, CountrySet, PartyMatch, Relation, Share, UsStatus};

/// More countries or names than this are counted.
const NAMED: usize = 6;

/// Who and what for, as one line per condition.
pub fn region(region: &Region) -> Vec<String> {
    let kind = if region.shared_keys { "shared keys and services" } else { "persons" };
    std::iter::once(kind.to_owned()).chain(region.conditions.iter().map(condition)).collect()
}

/// What was left out.
pub fn cut(cut: Cut) -> &'static str {
    match cut {
        Cut::Detail(Detail::Full) => "nothing was left out",
        Cut::Detail(Detail::EvenEvidence) => {
            "left out in part: lists of which one citizenship is shown better than another, and claimed losses"
        }
        Cut::Detail(Detail::OneNationality) => "left out in part: people with more than one nationality",
        Cut::Detail(Detail::Extremes) => {
            "left out in part: people with more than one nationality, and evidence between the weakest and the strongest"
        }
        Cut::Skipped => "some stretch of time was too large to look at",
        Cut::LicenceWindows => "instants at which single licences begin or end were left out",
    }
}

fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Status(list)
            if list.len().saturating_add(1) == UsStatus::KNOWN.len() && !list.contains(&UsStatus::None) =>
        {
            "US status: citizen, national, permanent resident or protected individual".to_owned()
        }
        Condition::Status(list) => {
            format!("US status: {}", join(list.iter().map(|status| said(*status)), " or "))
        }
        Condition::StatusShown(shown) => format!("US status {}", levels(shown)),
        Condition::Nationality(groups) => {
            format!("nationality: {}", join(groups.iter().map(held), "; or "))
        }
        Condition::Listing(list) => format!("citizenships {}", join(list.iter().map(listing), "; or ")),
        Condition::Place(set) => format!("located in {}", countries(set)),
        Condition::PlaceShown(shown) => format!("place {}", levels(shown)),
        Condition::Employer(employers) => employer(employers),
        Condition::Relation(list) => format!("relation: {}", join(list.iter().map(|r| relation(*r)), " or ")),
        Condition::Seat { countries: set, or_unknown } => {
            let unknown = if *or_unknown { ", or not known" } else { "" };
            format!("ultimate parent in {}{unknown}", countries(set))
        }
        Condition::Owned(list) => format!("listed owners: {}", join(list.iter().map(owned), "; or ")),
        Condition::EmployerShown(shown) => format!("employer {}", levels(shown)),
        Condition::Party(list) => format!("screening: {}", join(list.iter().map(|m| party(*m)), " or ")),
        Condition::Person(list) => format!("person: {}", names(list, "anybody")),
        Condition::AllUsersUsPersons(shown) => format!("that all users are US persons {}", levels(shown)),
        Condition::EndUse(list) => {
            format!("end use: {}", join(list.iter().map(word), " or "))
        }
        Condition::EndUseShown(shown) => format!("end use {}", levels(shown)),
        Condition::Activity(list) => {
            format!("activity: {}", join(list.iter().map(|activity| activity.word().to_owned()), " or "))
        }
        Condition::ServedFrom(list) => {
            format!("served from {}", join(list.iter().map(|country| country.code().to_owned()), " or "))
        }
    }
}

fn join(words: impl Iterator<Item = String>, with: &str) -> String {
    words.collect::<Vec<_>>().join(with)
}

/// The word an enum has in files.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn said(status: UsStatus) -> String {
    match status {
        UsStatus::None => "none (a foreign person)".to_owned(),
        other => other.word().replace('_', " "),
    }
}

fn relation(relation: Relation) -> String {
    if relation == Relation::Unknown { "not known".to_owned() } else { word(&relation) }
}

fn party(party: PartyMatch) -> String {
    let text = match party {
        PartyMatch::None => "nobody on a list",
        PartyMatch::Possible => "possible match",
        PartyMatch::Confirmed => "confirmed match",
        PartyMatch::Unscreened => "not screened",
    };
    text.to_owned()
}

/// The levels named; where a statement at any level will do, only that.
fn levels(shown: &[Shown]) -> String {
    let rungs = || shown.iter().flatten();
    let from_the_bottom = rungs().any(|rung| rung.from == terms::Level::None);
    let to_the_top = rungs().any(|rung| rung.below.is_none());
    let no_gap = rungs().all(|rung| rung.below.is_none_or(|below| rungs().any(|next| next.from == below)));
    if from_the_bottom && to_the_top && no_gap && !shown.contains(&None) {
        return "on file, at any level".to_owned();
    }
    join(shown.iter().map(|rung| rung.map_or_else(|| "not on file".to_owned(), level)), ", or ")
}

fn level(rung: Rung) -> String {
    match rung.below {
        None => format!("shown at {} or above", rung.from.word()),
        Some(below) if rung.from == terms::Level::None => format!("said, but below {}", below.word()),
        Some(below) => format!("shown at {}, but below {}", rung.from.word(), below.word()),
    }
}

fn listing(listing: &Listing) -> String {
    let held = if listing.main == listing.tie {
        level(listing.main)
    } else {
        format!("{} (the first) and {} (the second)", level(listing.main), level(listing.tie))
    };
    let complete = match listing.complete {
        None => "not said to be all".to_owned(),
        Some(rung) => format!("that these are all is {}", level(rung)),
    };
    format!("{held}, {complete}")
}

/// Countries by code: up to a handful; of many, what is missing or how many more there are.
fn countries(set: &CountrySet) -> String {
    let all: CountrySet = Country::all().filter(|country| !country.alpha3().is_empty()).collect();
    let codes = |set: &CountrySet| set.iter().map(|country| country.code().to_owned()).collect::<Vec<_>>();
    // Territories of the United States are no places of their own.
    let missing: CountrySet =
        all.difference(set).iter().filter(|country| country.as_place() == *country).collect();
    match (codes(set), codes(&missing)) {
        (_, missing) if missing.is_empty() => "any country".to_owned(),
        (listed, _) if listed.len() <= NAMED => listed.join(", "),
        (_, missing) if missing.len() <= NAMED => format!("any country but {}", missing.join(", ")),
        (listed, _) => few(&listed, "countries"),
    }
}

fn few(listed: &[String], what: &str) -> String {
    let first: Vec<&str> = listed.iter().take(3).map(String::as_str).collect();
    format!("{} and {} more {what}", first.join(", "), listed.len().saturating_sub(first.len()))
}

fn names(names: &Names, anybody: &str) -> String {
    let list = |names: &[String]| {
        if names.len() <= NAMED { names.join(", ") } else { few(names, "").trim_end().to_owned() }
    };
    match names {
        Names::These(these) => list(these),
        Names::AllBut(these) if these.is_empty() => anybody.to_owned(),
        Names::AllBut(these) => format!("{anybody} but {}", list(these)),
    }
}

fn employer(employers: &Employers) -> String {
    match (&employers.firms, employers.nobody) {
        (Names::These(firms), true) if firms.is_empty() => "works for nobody".to_owned(),
        (firms, true) => format!("works for {}, or for nobody", names(firms, "any firm")),
        (firms, false) => format!("works for {}", names(firms, "any firm")),
    }
}

fn owned(owned: &Owned) -> String {
    let span = |(from, below): (Share, Option<Share>)| match below {
        Some(below) => format!("from {} to below {} per cent", from.percent(), below.percent()),
        None => format!("{} per cent or more", from.percent()),
    };
    if owned.certain == owned.at_most {
        span(owned.certain)
    } else {
        format!("{} for certain, and as far as known up to: {}", span(owned.certain), span(owned.at_most))
    }
}

fn held(group: &HeldGroup) -> String {
    let main = match (group.main.is_empty(), group.or_none) {
        (true, _) => "no citizenship listed".to_owned(),
        (false, true) => format!("{}, or no citizenship listed", countries(&group.main)),
        (false, false) => countries(&group.main),
    };
    let other = countries(&group.other);
    match group.tie {
        None if group.main.is_empty() => main,
        None => format!("{main} and no other"),
        Some(Tie::Also) => format!("{main} together with {other}"),
        Some(Tie::Later) => format!("{main}, later also {other}"),
        Some(Tie::Undated) => format!("{main} together with {other}, dates not known"),
        Some(Tie::Former) => format!("{main}, formerly {other}"),
        Some(Tie::SaidLost) => format!("{main}, and a loss of {other} said but not proved"),
        Some(Tie::Resident) => format!("{main}, later permanent resident of {other}"),
        Some(Tie::ResidentBefore) => format!("{main}, permanent resident of {other} before"),
    }
}
