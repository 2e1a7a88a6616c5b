//! Whether a scenario leaves nothing open that its instruments can ask about.

use super::countries::Countries;
use super::lower::{hong_kong_open, is_law};
use super::world::{Job, World, choice, clock, employer_required};
use crate::scenario::{
    Class, Destinations, Directive, Exception, Licence, NationalityRule, Persons, Scenario, Start,
};
use terms::{Activity, ClockReading, Country, Level, Question, Relation, SubjectKind, UsStatus, Window};

/// Whether every fact the instruments look at is known at a level that counts either way, and every question they
/// raise is answered.
pub(super) fn is_specified(scenario: &Scenario) -> bool {
    scenario.subject.kind == SubjectKind::Person && {
        let gate = Gate { scenario, world: World::of(scenario), clock: clock(scenario) };
        scenario
            .directives
            .iter()
            .filter(|directive| is_law(directive))
            .all(|directive| gate.directive(directive))
    }
}

struct Gate<'a> {
    scenario: &'a Scenario,
    world: World,
    clock: ClockReading,
}

impl Gate<'_> {
    fn answered(&self, question: Question) -> bool {
        choice(self.scenario, question).is_some()
    }

    fn directive(&self, directive: &Directive) -> bool {
        let Some(binds) = self.binds(directive) else { return false };
        let request = &self.scenario.request;
        let speaks_of_it = names(&directive.models, &request.model)
            && directive.activities.as_ref().is_none_or(|activities| activities.contains(&request.activity));
        if !binds || !speaks_of_it {
            return true;
        }
        if let Some(end_uses) = &directive.end_uses {
            match self.world.end_use {
                None => return false,
                Some(end_use) if !end_uses.contains(&end_use) => return true,
                Some(_) => {}
            }
        }
        self.access(directive)
            && self.class(&directive.persons)
            && self.destination(directive.destinations)
            && directive.exceptions.iter().all(|exception| self.exception(exception))
            && self.licences(directive)
    }

    /// Whether the directive is in force; `None` while the reading of its local time is open.
    fn binds(&self, directive: &Directive) -> Option<bool> {
        let from = match &directive.effective_from {
            Start::At(from) => Some(from),
            Start::Local { question, options, .. } => options.get(choice(self.scenario, *question)?),
        };
        Some(Window { from: *from?, until: directive.effective_until }.binds(self.clock))
    }

    fn access(&self, directive: &Directive) -> bool {
        let hosted = self.scenario.request.activity == Activity::HostedInference;
        let export = directive.hosted_inference.is_none()
            || !hosted
            || self.answered(Question::HostedInferenceIsExport);
        let remote = match choice(self.scenario, Question::RemoteLocationUnit) {
            _ if directive.remote_access != Some(true) => true,
            None => false,
            Some("site") => true,
            Some(_) => self.place(),
        };
        export && remote
    }

    fn destination(&self, destinations: Destinations) -> bool {
        let at_home = || self.world.place.is_some_and(|(country, _)| country == Country::US);
        match destinations {
            Destinations::None => true,
            Destinations::AllOutsideUs => self.place(),
            // Inside the United States both readings come to the same.
            Destinations::Unspecified => {
                self.place() && (at_home() || self.answered(Question::DestinationLimb))
            }
        }
    }

    fn class(&self, persons: &Persons) -> bool {
        let facts = match persons.class {
            Class::Everyone => true,
            Class::ForeignPerson => self.status() && (persons.exempt.is_none() || self.kind()),
            Class::ForeignNationalUndefined => {
                let reading = choice(self.scenario, Question::ForeignNationalMeans);
                self.status() && reading.is_some_and(|reading| reading == "ear_772_1" || self.kind())
            }
            Class::NationalOf => self.national(persons),
            Class::LocatedIn => self.place(),
            Class::NationalOrLocatedIn => self.place() && self.national(persons),
            Class::ListedParty => {
                self.world.party.is_some() && (persons.ownership_percent.is_none() || self.owners())
            }
            Class::EntityHq => self.parent(),
            Class::UsPerson7446 => self.status() && self.place(),
        };
        facts && (!asks_about_hong_kong(persons) || self.answered(Question::HongKongIsCn))
    }

    fn national(&self, persons: &Persons) -> bool {
        let unspecified = matches!(persons.rule, None | Some(NationalityRule::Unspecified));
        if unspecified && !self.answered(Question::NationalityRule) {
            return false;
        }
        let chosen = |word| unspecified && choice(self.scenario, Question::NationalityRule) == Some(word);
        let most_recent = persons.rule == Some(NationalityRule::MostRecent) || chosen("most_recent");
        let ever = persons.rule == Some(NationalityRule::EverHeld) || chosen("ever_held");
        (!persons.only_foreign_persons || self.status())
            && self.nationality()
            && (!most_recent || self.recent())
            && (!ever || self.past())
    }

    fn exception(&self, exception: &Exception) -> bool {
        let window = Window { from: exception.from.unwrap_or(terms::Instant::MIN), until: exception.until };
        let when = &exception.when;
        let speaks_of_it =
            when.models.as_ref().is_none_or(|models| names(models, &self.scenario.request.model));
        if !window.relieves(self.clock) || !speaks_of_it {
            return true;
        }
        (when.end_use.is_none() || self.world.end_use.is_some())
            && (when.employer.is_none() || self.employer())
            && when.relation.as_ref().is_none_or(|relations| self.relation(relations))
            && (when.all_nationalities_in.is_none() || self.nationality())
            && (when.located_in.is_none() || self.place())
    }

    fn licences(&self, directive: &Directive) -> bool {
        let lifting = self.scenario.licences.iter().filter(|licence| licence.lifts.contains(&directive.id));
        lifting.filter(|licence| self.may_lift(licence)).all(|licence| self.licence(licence))
    }

    fn may_lift(&self, licence: &Licence) -> bool {
        licence.status == "issued"
            && Window { from: licence.from, until: licence.until }.relieves(self.clock)
            && names(&licence.models, &self.scenario.request.model)
    }

    fn licence(&self, licence: &Licence) -> bool {
        let places_known = licence.max_persons.is_none() || licence.persons_used.is_some();
        // "Not the holder's employees" and nobody named: the text does not say who is covered then.
        let covers_somebody = licence.persons.is_some() || licence.holder_employees != Some(false);
        let staff = licence.holder_employees == Some(true);
        let by_firm = staff || licence.persons.is_none();
        places_known
            && covers_somebody
            && (licence.end_use.is_none() || self.world.end_use.is_some())
            && (!by_firm || self.employer())
            && (!staff || self.relation(&[Relation::Employee]))
            && (licence.excluded_nationalities.is_none() || self.nationality())
            && (licence.located_in.is_none() || self.place())
    }

    fn counts(&self, level: Level) -> bool {
        level >= self.scenario.operator.min_evidence
    }

    fn status(&self) -> bool {
        self.world.status.is_some_and(|(_, level)| self.counts(level))
    }

    /// Whether it is known of which kind a US person is.
    fn kind(&self) -> bool {
        self.world.status.is_some_and(|(status, _)| status != UsStatus::UsPerson)
    }

    /// Whether it is known which citizenships were lost.
    fn past(&self) -> bool {
        self.world.nationality.as_ref().is_some_and(|nationality| nationality.ever.is_some())
    }

    fn nationality(&self) -> bool {
        self.world.nationality.as_ref().is_some_and(|nationality| self.counts(nationality.level))
    }

    /// Who has neither citizenship nor residence is asked where to count, and then where the person is.
    fn recent(&self) -> bool {
        let Some(recent) = self.world.recent.as_ref().filter(|recent| self.counts(recent.level)) else {
            return false;
        };
        !recent.countries.is_empty()
            || match choice(self.scenario, Question::StatelessCountry) {
                None => false,
                Some("residence") => self.place(),
                Some(_) => true,
            }
    }

    fn place(&self) -> bool {
        self.world.place.is_some_and(|(_, level)| level >= self.scenario.operator.min_location_evidence)
    }

    fn job(&self, known: impl Fn(&Job) -> bool) -> bool {
        let required = employer_required(self.scenario).max(Level::SelfDeclared);
        self.world.job.as_ref().is_some_and(|job| match job {
            Job::Nobody => true,
            Job::At { level, .. } => *level >= required && known(job),
        })
    }

    fn employer(&self) -> bool {
        self.job(|_| true)
    }

    fn owners(&self) -> bool {
        self.job(|job| matches!(job, Job::At { listed: Some(_), .. }))
    }

    fn parent(&self) -> bool {
        self.job(|job| matches!(job, Job::At { parent: Some(_), .. }))
    }

    fn relation(&self, relations: &[Relation]) -> bool {
        self.job(|job| match job {
            Job::Nobody | Job::At { relation: Relation::Employee, .. } => true,
            Job::At { relation: Relation::Contractor, .. } => {
                !relations.contains(&Relation::Employee)
                    || relations.contains(&Relation::Contractor)
                    || self.answered(Question::EmployeeMeans)
            }
            Job::At { relation: Relation::Unknown, .. } => false,
        })
    }
}

fn names(models: &[String], model: &str) -> bool {
    models.iter().any(|named| named == "*" || named == model)
}

/// Malformed text raises no question here: lowering refuses it.
fn asks_about_hong_kong(persons: &Persons) -> bool {
    let open = hong_kong_open(persons).unwrap_or(false);
    Countries::read(&persons.countries, open).is_ok_and(|countries| countries.hong_kong_open)
}
