//! Words that a fact can never have: a rule that compares with one would never hold, and nobody would notice.

use serde_json::Value;
use terms::{
    AccountId, Capability, Country, EndUse, PartyMatch, Relation, SubjectKind, UsStatus, employer_key,
};

/// The first comparison of a fact with a word it cannot have, in Cedar's JSON form of a policy.
pub(crate) fn impossible(policy: &Value) -> Option<(String, String)> {
    let here = policy.as_object().and_then(|object| object.iter().find_map(|(name, node)| judge(name, node)));
    here.or_else(|| match policy {
        Value::Array(all) => all.iter().find_map(impossible),
        Value::Object(all) => all.values().find_map(impossible),
        _ => None,
    })
}

fn judge(operator: &str, node: &Value) -> Option<(String, String)> {
    if !matches!(operator, "==" | "!=" | "contains" | "containsAny" | "containsAll") {
        return None;
    }
    let (left, right) = (node.get("left")?, node.get("right")?);
    let (fact, words) = match (fact_of(left), fact_of(right)) {
        (Some(fact), None) => (fact, right),
        (None, Some(fact)) => (fact, left),
        _ => return None,
    };
    let word = literals(words).into_iter().find(|word| !can_be(fact, word))?;
    Some((fact.to_owned(), word.to_owned()))
}

/// The attribute of principal, resource or context that an expression is.
fn fact_of(expression: &Value) -> Option<&str> {
    let access = expression.get(".")?;
    access.get("left")?.get("Var")?;
    access.get("attr")?.as_str()
}

/// The strings that an expression is or lists.
fn literals(expression: &Value) -> Vec<&str> {
    if let Some(word) = expression.get("Value").and_then(Value::as_str) {
        return vec![word];
    }
    expression.get("Set").and_then(Value::as_array).into_iter().flatten().flat_map(literals).collect()
}

fn can_be(fact: &str, word: &str) -> bool {
    match fact {
        "kind" => [SubjectKind::Person, SubjectKind::SharedKey, SubjectKind::Service]
            .into_iter()
            .any(|kind| kind_word(kind) == word),
        "us_status" => {
            UsStatus::KNOWN.into_iter().chain([UsStatus::UsPerson]).any(|status| status.word() == word)
        }
        "nationalities" | "former_nationalities" | "residences" | "location" | "served_from" => {
            Country::parse(word).is_ok()
        }
        "account" => AccountId::parse(word).is_ok(),
        "employer" => employer_key(word) == word,
        "relation" => [Relation::Employee, Relation::Contractor]
            .into_iter()
            .any(|relation| relation_word(relation) == Some(word)),
        "screening" => [PartyMatch::None, PartyMatch::Possible, PartyMatch::Confirmed]
            .into_iter()
            .any(|result| screening_word(result) == Some(word)),
        "end_use" => {
            EndUse::KNOWN.into_iter().chain([EndUse::Unknown]).any(|end_use| end_use_word(end_use) == word)
        }
        "capabilities" => Capability::parse(word).is_ok(),
        _ => true,
    }
}

/// What to write instead.
pub(crate) fn help(fact: &str) -> &'static str {
    match fact {
        "kind" => "write person, shared_key or service",
        "us_status" => {
            "write citizen, national, lpr, conditional_lpr, lpr_naturalisation_lapsed, refugee, asylee, \
             temporary_resident, none, or us_person where it is not said which kind of US person"
        }
        "account" => "write the account's id",
        "employer" => "write the name in lower case, with single spaces",
        "relation" => "write employee or contractor",
        "screening" => "write none, possible or confirmed",
        "end_use" => "write civil, defensive_cyber, military_intelligence or unknown",
        "capabilities" => "write a field and a tier, such as cyber:expert",
        _ => "write an ISO 3166-1 alpha-2 code, such as FR",
    }
}

pub(crate) const fn kind_word(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Person => "person",
        SubjectKind::SharedKey => "shared_key",
        SubjectKind::Service => "service",
    }
}

/// `None` when it is not known.
pub(crate) const fn relation_word(relation: Relation) -> Option<&'static str> {
    match relation {
        Relation::Employee => Some("employee"),
        Relation::Contractor => Some("contractor"),
        Relation::Unknown => None,
    }
}

/// `None` when nobody was screened.
pub(crate) const fn screening_word(result: PartyMatch) -> Option<&'static str> {
    match result {
        PartyMatch::None => Some("none"),
        PartyMatch::Possible => Some("possible"),
        PartyMatch::Confirmed => Some("confirmed"),
        PartyMatch::Unscreened => None,
    }
}

pub(crate) const fn end_use_word(end_use: EndUse) -> &'static str {
    match end_use {
        EndUse::Civil => "civil",
        EndUse::DefensiveCyber => "defensive_cyber",
        EndUse::MilitaryIntelligence => "military_intelligence",
        EndUse::Unknown => "unknown",
    }
}
