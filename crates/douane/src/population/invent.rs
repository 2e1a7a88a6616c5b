//! From figures to one invented person or key.

use anyhow::{Context as _, Result, bail};
use terms::{Country, Level, Relation, SubjectKind, UsStatus};

use super::{
    Invented,
    draw::{Draw, Weighted},
    marginals::{Employer, Immigrant, Marginals, UsersAttested},
    row::Row,
    truth,
};

/// Last day of evidence that had lapsed when the letter came.
const LAPSED: &str = "2026-05-31";
/// Last day of evidence that is good for the time being.
const VALID: &str = "2036-06-30";

/// Draws after which a country is taken to be missing from a figure.
const DRAWS: u32 = 1_000;

/// Who somebody is in fact, whether or not anything is on file.
struct Fact {
    place: Country,
    us_status: UsStatus,
    citizenships: Vec<Country>,
}

/// For whom somebody works.
struct Job<'m> {
    employer: &'m Employer,
    relation: Relation,
}

/// Draws one person or key.
pub(super) struct Inventor<'m> {
    figures: &'m Marginals,
    draw: Draw,
}

impl<'m> Inventor<'m> {
    pub(super) const fn new(figures: &'m Marginals, draw: Draw) -> Self {
        Self { figures, draw }
    }

    /// `number` counts from 1 and makes the id.
    pub(super) fn invent(mut self, number: usize) -> Result<Invented> {
        let kind = self.pick(&self.figures.subject_kind)?;
        let place = self.pick(&self.figures.place)?;
        if kind != SubjectKind::Person {
            let sector = self.pick(&self.figures.sector)?;
            let row = self.key(kind, number, place)?;
            return Ok(invented(row, place, sector, UsStatus::Unknown));
        }
        let is_partner = place == Country::US && self.draw.chance(self.figures.partner_staff);
        let employer = self.employer(place, is_partner)?;
        let sector = if is_partner { employer.sector.clone() } else { self.pick(&self.figures.sector)? };
        let employer =
            if is_partner { employer } else { self.employer_in(place, &sector).unwrap_or(employer) };
        let fact = self.fact(place, &sector)?;
        let relation = if self.draw.chance(self.figures.contractors) {
            Relation::Contractor
        } else {
            Relation::Employee
        };
        let row = self.person(number, &fact, &Job { employer, relation })?;
        Ok(invented(row, place, sector, fact.us_status))
    }

    fn pick<T: Clone>(&mut self, figure: &Weighted<T>) -> Result<T> {
        figure.pick(&mut self.draw).cloned().context("a figure has nothing to draw from")
    }

    /// Any employer in or outside the United States.
    fn employer(&mut self, place: Country, partner: bool) -> Result<&'m Employer> {
        let us = place == Country::US;
        let all = self.figures.employers.iter();
        let fitting = all.filter(|employer| employer.us == us && employer.partner == partner);
        let fitting = Weighted::new(fitting.map(|employer| (employer, 1.0)));
        fitting.context("no employer to choose from")?.pick(&mut self.draw).copied().context("no employer")
    }

    /// An employer of this sector, none of those in the second letter.
    fn employer_in(&mut self, place: Country, sector: &str) -> Option<&'m Employer> {
        let us = place == Country::US;
        let all = self.figures.employers.iter();
        let fitting = all.filter(|one| one.us == us && one.sector == sector && !one.partner);
        Weighted::new(fitting.map(|employer| (employer, 1.0)))?.pick(&mut self.draw).copied()
    }

    fn fact(&mut self, place: Country, sector: &str) -> Result<Fact> {
        if place == Country::US {
            return self.fact_in_us(sector);
        }
        if self.draw.chance(self.figures.us_citizens_abroad) {
            return Ok(Fact { place, us_status: UsStatus::Citizen, citizenships: vec![Country::US] });
        }
        let citizenship = if self.draw.chance(self.figures.third_country_nationals) {
            self.foreign_to(place)?
        } else {
            place
        };
        Ok(Fact { place, us_status: UsStatus::None, citizenships: vec![citizenship] })
    }

    fn fact_in_us(&mut self, sector: &str) -> Result<Fact> {
        let software = sector == "software";
        let born_abroad =
            if software { self.figures.foreign_born_software } else { self.figures.foreign_born };
        let place = Country::US;
        if !self.draw.chance(born_abroad) {
            return Ok(Fact { place, us_status: UsStatus::Citizen, citizenships: vec![Country::US] });
        }
        let origin = self.pick(&self.figures.birth_country)?;
        let (us_status, citizenships) = match self.pick(&self.figures.immigrant)? {
            Immigrant::Naturalised if self.draw.chance(self.figures.former_citizenship_kept) => {
                (UsStatus::Citizen, vec![Country::US, origin])
            }
            Immigrant::Naturalised => (UsStatus::Citizen, vec![Country::US]),
            Immigrant::Permanent => (self.pick(&self.figures.permanent_kind)?, vec![origin]),
            Immigrant::Other => (UsStatus::None, vec![origin]),
        };
        Ok(Fact { place, us_status, citizenships })
    }

    /// A country that is neither the United States nor `place`, as frequent as it is among countries of birth.
    fn foreign_to(&mut self, place: Country) -> Result<Country> {
        for _ in 0..DRAWS {
            let country = self.pick(&self.figures.birth_country)?;
            if country != place && country != Country::US {
                return Ok(country);
            }
        }
        bail!("the figure `birth_country` hardly names a country other than {place}")
    }

    /// What is on file about a person when the letter lands.
    fn person(&mut self, number: usize, fact: &Fact, job: &Job<'_>) -> Result<Row> {
        let figure =
            if job.employer.partner { &self.figures.partner_evidence } else { &self.figures.evidence };
        let evidence = self.pick(figure)?;
        let mut row = Row::unknown(format!("p-{number:05}"), SubjectKind::Person);
        row.location = Some(fact.place);
        row.location_level = evidence.max(Level::Ip);
        // A payment country is a place; only some of those who gave one also said what their status is.
        if evidence == Level::None
            || (evidence == Level::SelfDeclared && !self.draw.chance(self.figures.status_stated))
        {
            return Ok(row);
        }
        row.us_status = fact.us_status;
        row.us_status_level = evidence;
        row.citizenships.clone_from(&fact.citizenships);
        row.citizenships_level = evidence;
        if evidence >= Level::Document {
            row.citizenships_complete = Some(true);
            let lapsed = evidence == Level::Document && self.draw.chance(self.figures.evidence_lapsed);
            row.us_status_expires = Some(if lapsed { LAPSED } else { VALID });
            let resident = fact.place != Country::US && !fact.citizenships.contains(&fact.place);
            row.permanent_residences.extend(resident.then_some(fact.place));
        }
        self.employment(&mut row, job, evidence);
        Ok(row)
    }

    fn employment(&mut self, row: &mut Row, job: &Job<'_>, evidence: Level) {
        let own_proof = evidence >= Level::Document;
        if evidence == Level::Employer || job.employer.partner {
            row.employer = Some(job.employer.name.clone());
            row.relation = job.relation;
            row.employer_level = evidence.min(Level::Employer);
        } else if own_proof && self.draw.chance(self.figures.works_for_nobody) {
            row.employer = Some("none".to_owned());
            row.employer_level = Level::SelfDeclared;
        }
    }

    /// What is on file about a key that is not one person.
    fn key(&mut self, kind: SubjectKind, number: usize, place: Country) -> Result<Row> {
        let letter = if kind == SubjectKind::Service { 's' } else { 'k' };
        let mut row = Row::unknown(format!("{letter}-{number:05}"), kind);
        row.location = Some(place);
        row.location_level = Level::Ip;
        let (users, level) = match self.pick(&self.figures.users_attested)? {
            UsersAttested::Nothing => (None, Level::None),
            UsersAttested::UsPersons(level) => (Some(true), level),
            UsersAttested::NotAll(level) => (Some(false), level),
        };
        row.users_us_persons = users;
        row.users_us_persons_level = level;
        Ok(row)
    }
}

fn invented(row: Row, country: Country, sector: String, us_status: UsStatus) -> Invented {
    let truth = truth::under_first_letter(&row, super::first_letter_at());
    Invented { row, country, sector, us_status, truth }
}
