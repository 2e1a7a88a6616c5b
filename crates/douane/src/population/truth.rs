//! What the three letters of June 2026 mean for one row, written from their texts and not from the engine.
//!
//! The operator's settings are part of the rule: persons only (`destination_limb = person_only`), employees on the
//! payroll only (`employee_means = payroll_only`), and a favourable fact counts from a proofed document upward.

use serde::{Deserialize, Serialize};
use terms::{Instant, Level, Relation, SubjectKind, UsStatus, employer_key};

use super::row::Row;

/// Those named in the second letter: its annex, and the maker.
const PARTNERS: [&str; 3] = ["harbor grid co", "plains water authority", "model maker inc"];

/// The model that the second letter opens.
const OPENED: &str = "mythos-5";

/// What must happen to a request of this person for a model the first letter names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// Served as before.
    Served,
    /// Refused: certainly a foreign person, and nothing takes the person out.
    Refused,
    /// Neither is certain: a fact has to be confirmed first.
    MustVerify,
}

/// The letter of 12 June: every foreign person (15 CFR 772.1), on both models.
pub fn under_first_letter(row: &Row, at: Instant) -> Truth {
    if row.kind != SubjectKind::Person {
        let proven = row.users_us_persons == Some(true) && row.users_us_persons_level >= Level::Document;
        return if proven { Truth::Served } else { Truth::MustVerify };
    }
    let level = level_of_status(row, at);
    match row.us_status {
        // A network address says nothing about status.
        _ if level == Level::Ip => Truth::MustVerify,
        UsStatus::Unknown => Truth::MustVerify,
        // Neither citizen, permanent resident nor protected: one's own word is enough against oneself.
        UsStatus::None => Truth::Refused,
        _ if level >= Level::Document => Truth::Served,
        _ => Truth::MustVerify,
    }
}

/// After the letter of 26 June: on `mythos-5`, employees of those it names are taken out; else as before.
pub fn after_second_letter(row: &Row, at: Instant, model: &str) -> Truth {
    let before = under_first_letter(row, at);
    if model != OPENED || before == Truth::Served {
        return before;
    }
    match (is_partner_employee(row), before) {
        (Some(true), _) => Truth::Served,
        (Some(false), before) => before,
        // Refused only if the person is not such an employee, and that is not known.
        (None, _) => Truth::MustVerify,
    }
}

/// After the letter of 30 June nobody is reached any more.
pub const fn after_third_letter() -> Truth {
    Truth::Served
}

/// Evidence that has expired leaves the person's own word.
fn level_of_status(row: &Row, at: Instant) -> Level {
    let lapses = row.us_status_expires.and_then(|day| Instant::parse(&format!("{day}T00:00:00Z")).ok());
    if lapses.is_some_and(|lapses| at >= lapses) {
        return row.us_status_level.min(Level::SelfDeclared);
    }
    row.us_status_level
}

/// Whether the person is on the payroll of somebody the second letter names; `None` when that is not known.
fn is_partner_employee(row: &Row) -> Option<bool> {
    // Whoever uses a shared key at this moment is not known, whatever firm it belongs to.
    if row.kind != SubjectKind::Person {
        return None;
    }
    let employer = employer_key(row.employer.as_deref()?);
    if !PARTNERS.contains(&employer.as_str()) || row.relation == Relation::Contractor {
        return Some(false);
    }
    (row.relation == Relation::Employee && row.employer_level >= Level::Employer).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Truth::{MustVerify, Refused, Served};

    fn at() -> Instant {
        Instant::parse("2026-06-12T21:21:00Z").unwrap()
    }

    fn person(us_status: UsStatus, us_status_level: Level) -> Row {
        Row { us_status, us_status_level, ..Row::unknown("p".to_owned(), SubjectKind::Person) }
    }

    fn key(users_us_persons: Option<bool>, users_us_persons_level: Level) -> Row {
        Row {
            users_us_persons,
            users_us_persons_level,
            ..Row::unknown("k".to_owned(), SubjectKind::SharedKey)
        }
    }

    fn staff(name: &str, relation: Relation, employer_level: Level) -> Row {
        let employer = (!name.is_empty()).then(|| name.to_owned());
        Row { employer, relation, employer_level, ..person(UsStatus::None, Level::SelfDeclared) }
    }

    #[test]
    fn the_first_letter_asks_for_status() {
        for (status, level, expected) in [
            (UsStatus::Citizen, Level::Document, Served),
            (UsStatus::Citizen, Level::Employer, MustVerify),
            (UsStatus::Asylee, Level::Credential, Served),
            (UsStatus::ConditionalLpr, Level::SelfDeclared, MustVerify),
            (UsStatus::None, Level::SelfDeclared, Refused),
            (UsStatus::None, Level::Credential, Refused),
            (UsStatus::None, Level::Ip, MustVerify),
            (UsStatus::Unknown, Level::None, MustVerify),
        ] {
            assert_eq!(under_first_letter(&person(status, level), at()), expected, "{status:?} {level:?}");
        }
    }

    #[test]
    fn expired_evidence_is_ones_own_word() {
        let row =
            |expires| Row { us_status_expires: Some(expires), ..person(UsStatus::Lpr, Level::Document) };
        assert_eq!(under_first_letter(&row("2026-06-12"), at()), MustVerify);
        assert_eq!(under_first_letter(&row("2026-06-13"), at()), Served);
        let foreign = Row { us_status: UsStatus::None, ..row("2020-01-01") };
        assert_eq!(under_first_letter(&foreign, at()), Refused);
    }

    #[test]
    fn a_shared_key_needs_its_users_attested() {
        assert_eq!(under_first_letter(&key(Some(true), Level::Document), at()), Served);
        assert_eq!(under_first_letter(&key(Some(true), Level::Employer), at()), MustVerify);
        assert_eq!(under_first_letter(&key(Some(false), Level::Document), at()), MustVerify);
        assert_eq!(under_first_letter(&key(None, Level::None), at()), MustVerify);
    }

    #[test]
    fn the_second_letter_opens_one_model_to_partners_staff() {
        use Relation::{Contractor, Employee, Unknown};
        for (name, relation, level, expected) in [
            ("Harbor Grid Co", Employee, Level::Employer, Served),
            ("HARBOR  grid co", Employee, Level::Document, Served),
            ("Harbor Grid Co", Employee, Level::SelfDeclared, MustVerify),
            ("Harbor Grid Co", Unknown, Level::Employer, MustVerify),
            ("Harbor Grid Co", Contractor, Level::Employer, Refused),
            ("Cedar Software Inc", Employee, Level::Employer, Refused),
            ("none", Unknown, Level::Document, Refused),
            ("", Unknown, Level::None, MustVerify),
        ] {
            let row = staff(name, relation, level);
            assert_eq!(
                after_second_letter(&row, at(), "mythos-5"),
                expected,
                "{name} {relation:?} {level:?}"
            );
            assert_eq!(after_second_letter(&row, at(), "fable-5"), Refused);
        }
    }

    #[test]
    fn the_second_letter_takes_nothing_away() {
        let citizen = person(UsStatus::Citizen, Level::Document);
        assert_eq!(after_second_letter(&citizen, at(), "mythos-5"), Served);
        let unknown = Row {
            us_status: UsStatus::Unknown,
            ..staff("Model Maker Inc", Relation::Employee, Level::Employer)
        };
        assert_eq!(after_second_letter(&unknown, at(), "mythos-5"), Served);
        let elsewhere = Row {
            us_status: UsStatus::Unknown,
            ..staff("Cedar Software Inc", Relation::Employee, Level::Employer)
        };
        assert_eq!(after_second_letter(&elsewhere, at(), "mythos-5"), MustVerify);
        let key = Row { employer: Some("Harbor Grid Co".to_owned()), ..key(None, Level::None) };
        assert_eq!(after_second_letter(&key, at(), "mythos-5"), MustVerify);
        assert_eq!(after_third_letter(), Served);
    }
}
