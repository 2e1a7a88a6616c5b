//! One row of a roster, in exactly the columns that `store::roster` reads.

use terms::{Country, Level, Relation, SubjectKind, UsStatus};

/// The header of the roster file.
pub const HEADER: &str = "person_id,kind,level,us_status,us_status_level,us_status_expires,citizenships,\
citizenships_level,citizenships_complete,permanent_residences,location,location_level,employer,relation,\
employer_level,users_us_persons,users_us_persons_level";

/// What is on file about one person or key. Empty means unknown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The person within the account.
    pub person_id: String,
    /// Person, shared key or service.
    pub kind: SubjectKind,
    /// Level of the row where a column has none of its own.
    pub level: Level,
    /// Status under US law; `Unknown` is an empty cell.
    pub us_status: UsStatus,
    /// What supports it.
    pub us_status_level: Level,
    /// First day on which the evidence no longer counts, `YYYY-MM-DD`.
    pub us_status_expires: Option<&'static str>,
    /// Citizenships on file.
    pub citizenships: Vec<Country>,
    /// What supports them.
    pub citizenships_level: Level,
    /// Whether they are known to be all.
    pub citizenships_complete: Option<bool>,
    /// Permanent residences outside the United States.
    pub permanent_residences: Vec<Country>,
    /// Where the person is.
    pub location: Option<Country>,
    /// What supports it.
    pub location_level: Level,
    /// Name of the employer; `none` for somebody who works for nobody.
    pub employer: Option<String>,
    /// In which relation.
    pub relation: Relation,
    /// What supports both.
    pub employer_level: Level,
    /// Of a shared key or service: whether all its users are said to be US persons.
    pub users_us_persons: Option<bool>,
    /// What supports it.
    pub users_us_persons_level: Level,
}

impl Row {
    /// A row about which nothing is on file.
    pub(super) fn unknown(person_id: String, kind: SubjectKind) -> Self {
        Self {
            person_id,
            kind,
            level: Level::SelfDeclared,
            us_status: UsStatus::Unknown,
            us_status_level: Level::None,
            us_status_expires: None,
            citizenships: Vec::new(),
            citizenships_level: Level::None,
            citizenships_complete: None,
            permanent_residences: Vec::new(),
            location: None,
            location_level: Level::None,
            employer: None,
            relation: Relation::Unknown,
            employer_level: Level::None,
            users_us_persons: None,
            users_us_persons_level: Level::None,
        }
    }

    /// The row as one line of CSV (RFC 4180), without its line end.
    pub(super) fn line(&self) -> String {
        let status = self.us_status != UsStatus::Unknown;
        let works = self.employer.as_deref().is_some_and(|name| name != "none");
        let cells: [&str; 17] = [
            &self.person_id,
            kind(self.kind),
            self.level.word(),
            if status { self.us_status.word() } else { "" },
            level(status, self.us_status_level),
            self.us_status_expires.unwrap_or_default(),
            &codes(&self.citizenships),
            level(!self.citizenships.is_empty(), self.citizenships_level),
            self.citizenships_complete.map_or("", truth),
            &codes(&self.permanent_residences),
            self.location.map_or("", Country::code),
            level(self.location.is_some(), self.location_level),
            self.employer.as_deref().unwrap_or_default(),
            if works { relation(self.relation) } else { "" },
            level(self.employer.is_some(), self.employer_level),
            self.users_us_persons.map_or("", truth),
            level(self.users_us_persons.is_some(), self.users_us_persons_level),
        ];
        cells.map(quoted).join(",")
    }
}

fn codes(countries: &[Country]) -> String {
    countries.iter().map(|country| country.code()).collect::<Vec<_>>().join(";")
}

const fn level(known: bool, level: Level) -> &'static str {
    if known { level.word() } else { "" }
}

const fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

const fn kind(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Person => "person",
        SubjectKind::SharedKey => "shared_key",
        SubjectKind::Service => "service",
    }
}

const fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Employee => "employee",
        Relation::Contractor => "contractor",
        Relation::Unknown => "",
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_a_cell_for_each_column() {
        let row = Row {
            citizenships: vec![Country::US, Country::parse("IN").unwrap()],
            citizenships_level: Level::Document,
            employer: Some("Sand, \"Sea\" Co".to_owned()),
            relation: Relation::Contractor,
            employer_level: Level::Employer,
            ..Row::unknown("p-1".to_owned(), SubjectKind::Person)
        };
        let expected = r#"p-1,person,self,,,,US;IN,document,,,,,"Sand, ""Sea"" Co",contractor,employer,,"#;
        assert_eq!(row.line(), expected);
        assert_eq!(HEADER.split(',').count(), 17);
    }
}
