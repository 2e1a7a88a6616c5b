//! One row: from texts to facts.

use super::column::Column;
use super::error::{Problem, RosterError};
use std::collections::BTreeSet;
use terms::limits::CITIZENSHIPS;
use terms::{
    Attested, Citizenship, Country, Employer, Employment, Instant, Level, NotCitizen, PersonFacts, PersonId,
    Relation, SubjectKind, UsStatus,
};

/// Bytes of an employer's name.
const EMPLOYER_BYTES: usize = 256;

const KINDS: [(&str, SubjectKind); 3] = [
    ("person", SubjectKind::Person),
    ("shared_key", SubjectKind::SharedKey),
    ("service", SubjectKind::Service),
];

/// One person of a roster.
#[derive(Clone, PartialEq, Debug)]
pub struct RosterRow {
    /// Line of the file, from 1.
    pub line: u64,
    /// The person.
    pub person: PersonId,
    /// What the roster says about that person; all else is unknown.
    pub facts: PersonFacts,
}

impl RosterRow {
    /// The same with no level above the ceiling.
    #[must_use]
    pub(super) fn at_most(mut self, ceiling: Level) -> Self {
        let facts = &mut self.facts;
        let levels = [
            &mut facts.us_status.level,
            &mut facts.citizenships_complete.level,
            &mut facts.citizenships_current.level,
            &mut facts.stateless.level,
        ];
        let denied = facts.not_citizenships.iter_mut().map(|not| &mut not.level);
        let lists = facts.citizenships.iter_mut().chain(&mut facts.permanent_residences);
        let held = lists.flat_map(|held| [&mut held.level, &mut held.until_level]);
        let place = facts.location.as_mut().map(|place| &mut place.level);
        let users = facts.all_users_us_persons.as_mut().map(|users| &mut users.level);
        let employer = match &mut facts.employment {
            Employment::Works(employer) => Some(&mut employer.level),
            Employment::Unknown | Employment::NoEmployer => None,
        };
        let all = levels.into_iter().chain(denied).chain(held).chain(place).chain(users).chain(employer);
        all.for_each(|level| *level = (*level).min(ceiling));
        self
    }
}

/// A citizenship or residence as written.
#[derive(Clone, Default)]
pub(super) struct Stay {
    pub country: String,
    pub from: Option<String>,
    pub until: Option<String>,
}

impl Stay {
    /// Takes `FR`, `FR@from` or `FR@from..until` apart.
    pub(super) fn parse(text: &str) -> Self {
        let Some((country, dates)) = text.split_once('@') else {
            return Self { country: text.to_owned(), ..Self::default() };
        };
        let (from, until) = match dates.split_once("..") {
            Some((from, until)) => (from, Some(until.to_owned())),
            None => (dates, None),
        };
        Self { country: country.to_owned(), from: Some(from.to_owned()), until }
    }
}

/// A value as written.
#[derive(Clone)]
pub(super) enum Cell {
    Text(String),
    Stays(Vec<Stay>),
}

/// The values of one row.
pub(super) struct Cells {
    line: u64,
    values: [Option<Cell>; Column::COUNT],
}

impl Cells {
    pub(super) const fn new(line: u64) -> Self {
        Self { line, values: [const { None }; Column::COUNT] }
    }

    pub(super) fn set(&mut self, column: Column, cell: Cell) {
        if let Some(value) = self.values.get_mut(column as usize) {
            *value = Some(cell);
        }
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.cell(column).is_some()
    }

    fn cell(&self, column: Column) -> Option<&Cell> {
        self.values.get(column as usize)?.as_ref()
    }

    /// The text of a column; `None` when it is empty or not there.
    fn text(&self, column: Column) -> Option<&str> {
        match self.cell(column)? {
            Cell::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Cell::Stays(_) => None,
        }
    }

    /// The text of a column as one of its words, whatever the case.
    fn word<T>(
        &self,
        column: Column,
        parse: impl Fn(&str) -> Option<T>,
        allowed: &[&str],
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(column) else { return Ok(None) };
        match parse(&text.to_ascii_lowercase()) {
            Some(value) => Ok(Some(value)),
            None => Err(Problem::value(column, text, format!("one of {}", allowed.join(", ")))),
        }
    }

    fn truth(&self, column: Column) -> Result<Option<bool>, Problem> {
        self.word(column, |word| word.parse().ok(), &["true", "false"])
    }

    fn level(&self, column: Column, otherwise: Level) -> Result<Level, Problem> {
        let words = Level::ALL.map(Level::word);
        Ok(self.word(column, Level::parse, &words)?.unwrap_or(otherwise))
    }

    /// Countries without dates, each once.
    fn countries(&self, column: Column) -> Result<Vec<Country>, Problem> {
        let written: Vec<&str> = match self.cell(column) {
            None => Vec::new(),
            Some(Cell::Stays(stays)) => {
                let dated = stays.iter().find(|stay| stay.from.is_some() || stay.until.is_some());
                if let Some(stay) = dated {
                    return Err(Problem::value(column, &stay.country, "countries without dates"));
                }
                stays.iter().map(|stay| stay.country.as_str()).collect()
            }
            Some(Cell::Text(text)) if text.trim().is_empty() => Vec::new(),
            Some(Cell::Text(text)) => text.split(';').collect(),
        };
        written.into_iter().map(|text| country(column, text.trim())).collect()
    }

    fn stays(&self, column: Column, level: Level) -> Result<Vec<Citizenship>, Problem> {
        let stays = match self.cell(column) {
            None => return Ok(Vec::new()),
            Some(Cell::Stays(stays)) => stays.clone(),
            Some(Cell::Text(text)) if text.trim().is_empty() => return Ok(Vec::new()),
            Some(Cell::Text(text)) => text.split(';').map(Stay::parse).collect(),
        };
        if stays.len() > CITIZENSHIPS {
            let allowed = format!("at most {CITIZENSHIPS} countries");
            return Err(Problem::value(column, &format!("{} countries", stays.len()), allowed));
        }
        let mut read: Vec<Citizenship> = Vec::with_capacity(stays.len());
        for stay in &stays {
            let citizenship = citizenship(column, stay, level)?;
            if read.contains(&citizenship) {
                return Err(Problem::value(
                    column,
                    &stay.country,
                    "each country once, or with different dates",
                ));
            }
            read.push(citizenship);
        }
        Ok(read)
    }
}

/// Reads one row.
pub(super) fn read(cells: &Cells) -> Result<RosterRow, RosterError> {
    let line = cells.line;
    let (person, facts) = person_and_facts(cells).map_err(|problem| RosterError { line, problem })?;
    Ok(RosterRow { line, person, facts })
}

fn person_and_facts(cells: &Cells) -> Result<(PersonId, PersonFacts), Problem> {
    let person = person(cells.text(Column::PersonId).unwrap_or_default())?;
    let level = cells.level(Column::Level, Level::SelfDeclared)?;
    let kind = kind(cells)?;
    let us_status = us_status(cells, level)?;
    let citizenships_level = cells.level(Column::CitizenshipsLevel, level)?;
    let said = |column| -> Result<Attested<bool>, Problem> {
        let said = cells.truth(column)?;
        Ok(said.map_or_else(Attested::default, |said| Attested::new(said, citizenships_level)))
    };
    let citizenships = cells.stays(Column::Citizenships, citizenships_level)?;
    let denied = cells.countries(Column::NotNationalOf)?;
    let denied = not_citizenships(&denied, &citizenships, citizenships_level)?;
    let facts = PersonFacts {
        kind,
        person_id: Some(person.clone()),
        us_status,
        us_status_expires: date_of(cells, Column::UsStatusExpires)?,
        citizenships,
        citizenships_complete: said(Column::CitizenshipsComplete)?,
        citizenships_current: said(Column::CitizenshipsCurrent)?,
        not_citizenships: denied,
        permanent_residences: cells.stays(Column::PermanentResidences, level)?,
        location: location(cells)?,
        employment: employment(cells, level)?,
        all_users_us_persons: users(cells, kind, level)?,
        ..PersonFacts::unknown()
    };
    Ok((person, facts))
}

/// Countries of which the person is no citizen; none of them may be one that is held now.
pub(super) fn not_citizenships(
    denied: &[Country],
    citizenships: &[Citizenship],
    level: Level,
) -> Result<Vec<NotCitizen>, Problem> {
    let held = |country: &&Country| {
        citizenships.iter().any(|held| held.country == **country && held.until.is_none())
    };
    if let Some(country) = denied.iter().find(held) {
        let allowed = "each country as one that is held or as one that is not, not as both";
        return Err(Problem::value(Column::NotNationalOf, country.code(), allowed));
    }
    let each_once: BTreeSet<Country> = denied.iter().copied().collect();
    Ok(each_once.into_iter().map(|country| NotCitizen { country, level }).collect())
}

pub(super) fn person(text: &str) -> Result<PersonId, Problem> {
    PersonId::parse(text).map_err(|_| {
        let allowed = "1 to 128 letters, digits or . _ : / @ + -, beginning with a letter or digit";
        Problem::value(Column::PersonId, text, allowed)
    })
}

fn kind(cells: &Cells) -> Result<SubjectKind, Problem> {
    let words = KINDS.map(|(word, _)| word);
    let parse = |word: &str| KINDS.into_iter().find(|(known, _)| *known == word).map(|(_, kind)| kind);
    Ok(cells.word(Column::Kind, parse, &words)?.unwrap_or_default())
}

/// What a roster may say of somebody's status.
pub(super) const STATUSES: [UsStatus; 10] = {
    let [citizen, national, lpr, conditional, lapsed, refugee, asylee, temporary, none] = UsStatus::KNOWN;
    [citizen, national, lpr, conditional, lapsed, refugee, asylee, temporary, UsStatus::UsPerson, none]
};

fn us_status(cells: &Cells, level: Level) -> Result<Attested<UsStatus>, Problem> {
    let words = STATUSES.map(UsStatus::word);
    let status = cells.word(Column::UsStatus, UsStatus::parse, &words)?.unwrap_or_default();
    let level = cells.level(Column::UsStatusLevel, level)?;
    if status == UsStatus::Unknown { Ok(Attested::default()) } else { Ok(Attested::new(status, level)) }
}

fn location(cells: &Cells) -> Result<Option<Attested<Country>>, Problem> {
    let level = cells.level(Column::LocationLevel, Level::SelfDeclared)?;
    let Some(text) = cells.text(Column::Location) else { return Ok(None) };
    Ok(Some(Attested::new(country(Column::Location, text)?, level)))
}

fn employment(cells: &Cells, level: Level) -> Result<Employment, Problem> {
    let level = cells.level(Column::EmployerLevel, level)?;
    let words = ["employee", "contractor", "unknown"];
    let relation = cells.word(Column::Relation, Relation::parse, &words)?.unwrap_or_default();
    let employment = match cells.text(Column::Employer) {
        None => Employment::Unknown,
        Some(word) if word.eq_ignore_ascii_case("none") => Employment::NoEmployer,
        Some(name) => {
            check_employer(name)?;
            Employment::Works(Employer { name: name.to_owned(), relation, level, ..Employer::default() })
        }
    };
    if relation != Relation::Unknown && !matches!(employment, Employment::Works(_)) {
        let word = cells.text(Column::Relation).unwrap_or_default();
        return Err(Problem::value(
            Column::Relation,
            word,
            "nothing here unless `employer` names an employer",
        ));
    }
    Ok(employment)
}

pub(super) fn check_employer(name: &str) -> Result<(), Problem> {
    if name.len() > EMPLOYER_BYTES || name.chars().any(char::is_control) {
        let allowed = format!("a name of at most {EMPLOYER_BYTES} bytes without control characters");
        return Err(Problem::value(Column::Employer, name, allowed));
    }
    Ok(())
}

fn users(cells: &Cells, kind: SubjectKind, level: Level) -> Result<Option<Attested<bool>>, Problem> {
    let level = cells.level(Column::UsersUsPersonsLevel, level)?;
    let Some(users) = cells.truth(Column::UsersUsPersons)? else { return Ok(None) };
    if kind == SubjectKind::Person {
        let word = cells.text(Column::UsersUsPersons).unwrap_or_default();
        let allowed = "nothing here unless `kind` is shared_key or service";
        return Err(Problem::value(Column::UsersUsPersons, word, allowed));
    }
    Ok(Some(Attested::new(users, level)))
}

fn citizenship(column: Column, stay: &Stay, level: Level) -> Result<Citizenship, Problem> {
    let date = |text: &Option<String>| match text.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => date(column, text).map(Some),
    };
    let country = country(column, stay.country.trim())?;
    let (from, until) = (date(&stay.from)?, date(&stay.until)?);
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        let written = [&stay.from, &stay.until].map(|date| date.as_deref().unwrap_or_default().trim());
        return Err(Problem::value(column, &written.join(".."), "the earlier date first"));
    }
    let until_level = if until.is_some() { level } else { Level::None };
    Ok(Citizenship { country, from, registered: None, until, level, until_level })
}

/// A country by its code of two or three letters, in either case. A code without an alpha-3 form, such as EU, is reserved
/// for something that is no country (ISO 3166-1).
pub(super) fn country(column: Column, text: &str) -> Result<Country, Problem> {
    let code = text.to_ascii_uppercase();
    let found = match code.len() {
        2 => Country::parse(&code).ok().filter(|country| !country.alpha3().is_empty()),
        3 => Country::all().find(|country| country.alpha3() == code),
        _ => None,
    };
    found.ok_or_else(|| Problem::value(column, text, "an ISO 3166-1 country code such as FR or FRA"))
}

fn date_of(cells: &Cells, column: Column) -> Result<Option<Instant>, Problem> {
    cells.text(column).map(|text| date(column, text)).transpose()
}

/// A date, which means 00:00 UTC, or an instant with its offset.
pub(super) fn date(column: Column, text: &str) -> Result<Instant, Problem> {
    let digits = |c: char| c.is_ascii_digit() || c == '-';
    let instant =
        if text.len() == 10 && text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(digits) {
            Instant::parse(&format!("{text}T00:00:00Z"))
        } else {
            Instant::parse(text)
        };
    instant
        .map_err(|_| Problem::value(column, text, "a date such as 2026-06-12, or an instant with its offset"))
}
