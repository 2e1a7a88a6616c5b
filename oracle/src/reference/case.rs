//! One scenario prepared for asking: what applies, and the values each missing fact may have.

use super::countries::{representatives, resolve};
use super::nationality::{Hidden, Nationality};
use super::relief::Relief;
use super::world::{Axis, World};
use crate::scenario::{Class, Directive, NationalityRule, Scenario, Start};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use terms::{
    Country, CountrySet, EndUse, Instant, Level, MissingFact, PartyMatch, Question, Relation, SubjectKind,
    UsStatus,
};

/// The statuses the text tells apart: a citizen or national, a resident or protected person, a permanent resident
/// who let the naturalisation period pass, everybody else.
pub(super) const STATUSES: [UsStatus; 4] =
    [UsStatus::Citizen, UsStatus::Lpr, UsStatus::LprNaturalisationLapsed, UsStatus::None];

/// Those of them that a US person may have.
pub(super) const OURS: [UsStatus; 3] = {
    let [citizen, resident, lapsed, _] = STATUSES;
    [citizen, resident, lapsed]
};

/// All of a firm, in millionths of a per cent.
pub(super) const WHOLE: i64 = 100_000_000;

/// A directive that may bind, with its lists resolved.
#[derive(Debug)]
pub(super) struct Rule<'a> {
    pub(super) directive: &'a Directive,
    /// Its countries when China includes Hong Kong, and when not.
    pub(super) countries: [CountrySet; 2],
    pub(super) reliefs: Vec<Relief<'a>>,
}

impl Rule<'_> {
    /// Whether nationality by the most recent acquisition may count.
    fn asks_most_recent(&self) -> bool {
        let persons = &self.directive.persons;
        matches!(persons.class, Class::NationalOf | Class::NationalOrLocatedIn)
            && !matches!(persons.rule, Some(NationalityRule::AnyHeld | NationalityRule::EverHeld))
    }
}

/// The scenario with what applies to the request.
pub(super) struct Case<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) rules: Vec<Rule<'a>>,
    pub(super) nationality: Nationality,
    /// Whether every permanent residence on file is proven: then none stands for another one.
    pub(super) residences_are_shown: bool,
    /// The employer's name as names are compared.
    pub(super) employer_key: Option<String>,
    hidden: OnceCell<Vec<Hidden>>,
    origins: OnceCell<Vec<Country>>,
    places: OnceCell<Vec<Country>>,
    seats: OnceCell<Vec<Country>>,
    firms: OnceCell<Vec<Option<String>>>,
    shares: OnceCell<Vec<i64>>,
    names: OnceCell<Vec<String>>,
}

impl<'a> Case<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Self {
        let clock = Clock::of(scenario);
        let in_force = scenario.directives.iter().filter(|directive| {
            is_law(directive)
                && applies(scenario, directive)
                && starts(directive).any(|from| clock.binds(from, directive))
        });
        let rules = in_force
            .map(|directive| {
                let list = &directive.persons.countries;
                let open = directive.persons.hong_kong.as_deref() == Some("open");
                let reliefs = Relief::all(scenario, directive, clock);
                Rule { directive, countries: [resolve(list, true), resolve(list, !open)], reliefs }
            })
            .collect();
        Self {
            scenario,
            rules,
            nationality: Nationality::new(scenario),
            residences_are_shown: scenario
                .subject
                .permanent_residences
                .iter()
                .all(|residence| suffices(scenario, residence.evidence)),
            employer_key: scenario.subject.employer.as_ref().map(|employer| name_key(&employer.name)),
            hidden: OnceCell::new(),
            origins: OnceCell::new(),
            places: OnceCell::new(),
            seats: OnceCell::new(),
            firms: OnceCell::new(),
            shares: OnceCell::new(),
            names: OnceCell::new(),
        }
    }

    /// Whether a natural person asks.
    pub(super) fn is_person(&self) -> bool {
        self.scenario.subject.kind == SubjectKind::Person
    }

    /// Whether statements about the fact contradict each other.
    pub(super) fn conflicting(&self, fact: MissingFact) -> bool {
        self.scenario.subject.conflicting_facts.contains(&fact)
    }

    /// Whether evidence suffices for a favourable fact about the person.
    pub(super) fn suffices(&self, level: Level) -> bool {
        suffices(self.scenario, level)
    }

    /// Whether evidence suffices for a favourable fact about the employer.
    pub(super) fn suffices_for_employer(&self, level: Level) -> bool {
        level >= self.scenario.operator.min_evidence.min(Level::Employer)
    }

    /// The answer to an open question: the operator's, else this world's.
    pub(super) fn reading(&self, question: Question, world: &World) -> &str {
        match self.scenario.operator.choices.get(&question) {
            Some(choice) => choice,
            None => question.options()[world.value(Axis::Reading(question))],
        }
    }

    /// The countries of a directive in this world, which may turn on Hong Kong.
    pub(super) fn countries(&self, rule: &Rule<'_>, world: &World) -> CountrySet {
        let [with, without] = rule.countries;
        if with == without {
            return with;
        }
        let yes = self.reading(Question::HongKongIsCn, world) == "yes";
        if yes { with } else { without }
    }

    /// What the model is used for in this world.
    pub(super) fn end_use(&self, world: &World) -> EndUse {
        match self.scenario.request.end_use {
            EndUse::Unknown => EndUse::KNOWN[world.value(Axis::EndUse)],
            _ if self.conflicting(MissingFact::EndUse) => EndUse::KNOWN[world.value(Axis::EndUse)],
            known => known,
        }
    }

    /// Whether the directive's window is open in this world.
    pub(super) fn binds(&self, directive: &Directive, world: &World) -> bool {
        let clock = Clock::of(self.scenario);
        match &directive.effective_from {
            Start::At(from) => clock.binds(*from, directive),
            Start::Local { options, .. } => {
                let mut answers = options.values().map(|from| clock.binds(*from, directive));
                let first = answers.next().unwrap_or(false);
                if answers.all(|answer| answer == first) {
                    return first;
                }
                let option = self.reading(Question::LocalTimeFold, world);
                options.get(option).is_some_and(|from| clock.binds(*from, directive))
            }
        }
    }

    /// The fact an axis belongs to; `None` for a question.
    pub(super) fn fact(&self, axis: Axis) -> Option<MissingFact> {
        let of_the_person = |fact| if self.is_person() { fact } else { MissingFact::NaturalPerson };
        Some(match axis {
            Axis::Reading(_) => return None,
            Axis::Status => of_the_person(MissingFact::UsStatus),
            Axis::Hidden | Axis::Past => of_the_person(MissingFact::Citizenships),
            Axis::Losses => of_the_person(MissingFact::ProofOfLoss),
            Axis::Order => of_the_person(MissingFact::AcquisitionDates),
            Axis::Relation => of_the_person(MissingFact::Employment),
            Axis::Name => MissingFact::NaturalPerson,
            Axis::Place => MissingFact::Location,
            Axis::EndUse => MissingFact::EndUse,
            Axis::Firm => of_the_person(MissingFact::Employment),
            Axis::Share => MissingFact::Ownership,
            Axis::Parent => MissingFact::EmployerUltimateParent,
            Axis::Match if self.party_match() == PartyMatch::Possible => MissingFact::PartyIdentity,
            Axis::Match => MissingFact::Screening,
        })
    }

    /// The result of screening as far as it is known.
    pub(super) fn party_match(&self) -> PartyMatch {
        if self.conflicting(MissingFact::PartyIdentity) {
            PartyMatch::Possible
        } else if self.conflicting(MissingFact::Screening) {
            PartyMatch::Unscreened
        } else {
            self.scenario.subject.party_match
        }
    }

    /// How many values an axis has.
    pub(super) fn count(&self, axis: Axis) -> usize {
        match axis {
            Axis::Reading(question) => question.options().len(),
            Axis::Status => self.statuses().len(),
            Axis::Hidden => self.hidden().len(),
            Axis::Past => self.origins().len() + 1,
            Axis::Losses => 1 << self.nationality.claimed_losses(),
            Axis::Order => self.nationality.holdings().len() + 1,
            Axis::Place => self.places().len(),
            Axis::EndUse => EndUse::KNOWN.len(),
            Axis::Firm => self.firms().len(),
            Axis::Relation => RELATIONS.len(),
            Axis::Share => self.shares().len(),
            Axis::Parent => self.seats().len(),
            Axis::Match => 2,
            Axis::Name => self.names().len() + 1,
        }
    }

    /// Statuses the person may have. That it is a US person, or that all users of a key are, may be proven.
    pub(super) fn statuses(&self) -> &'static [UsStatus] {
        let attested = self.scenario.subject.users_attested.filter(|_| !self.is_person());
        match attested {
            Some(said) if said.all_us_persons && self.suffices(said.evidence) => &OURS,
            None if self.is_proven_us_person() => &OURS,
            _ => &STATUSES,
        }
    }

    fn reliefs(&self) -> impl Iterator<Item = &Relief<'a>> {
        self.rules.iter().flat_map(|rule| &rule.reliefs)
    }

    /// Sets that citizenships are compared with: those against the person, and those all must lie in.
    fn nationality_sets(&self) -> (Vec<CountrySet>, Vec<CountrySet>) {
        let classes = [Class::NationalOf, Class::NationalOrLocatedIn];
        let rules = self.rules.iter().filter(|rule| classes.contains(&rule.directive.persons.class));
        let excluded = self.reliefs().filter_map(|relief| relief.excluded_nationalities);
        let against = rules.flat_map(|rule| rule.countries).chain(excluded).collect();
        (against, self.reliefs().filter_map(|relief| relief.all_nationalities_in).collect())
    }

    /// Citizenships that may not be on the list.
    pub(super) fn hidden(&self) -> &[Hidden] {
        self.hidden.get_or_init(|| {
            let (mut against, mut required) = self.nationality_sets();
            let rules = self.rules.iter().filter(|rule| rule.asks_most_recent());
            let mut recent: Vec<CountrySet> = rules.flat_map(|rule| rule.countries).collect();
            let not_held = self.nationality.not_held;
            if not_held.is_empty() || self.residences_are_shown {
                let may_be = self.origins().iter().copied().filter(|country| !not_held.contains(*country));
                let origins: Vec<Country> = may_be.collect();
                return Hidden::all(&origins, &against, &required, &recent, !self.is_person());
            }
            // Of these nobody is a citizen, and the latest acquisition may be a residence there.
            let without: Vec<CountrySet> = against.iter().map(|set| set.difference(&not_held)).collect();
            let with: Vec<CountrySet> = required.iter().map(|set| set.union(&not_held)).collect();
            required.push(not_held);
            recent.push(not_held);
            against.extend(without);
            required.extend(with);
            Hidden::all(self.origins(), &against, &required, &recent, !self.is_person())
        })
    }

    /// One country of citizenship for each way the law may look at it.
    pub(super) fn origins(&self) -> &[Country] {
        self.origins.get_or_init(|| {
            let (mut sets, required) = self.nationality_sets();
            sets.extend(required);
            sets.push(self.nationality.not_held);
            representatives(Country::all(), &sets)
        })
    }

    /// One place for each way the law may look at it.
    pub(super) fn places(&self) -> &[Country] {
        self.places.get_or_init(|| {
            let singles = [Country::US, self.scenario.request.served_from.as_place()];
            let mut sets: Vec<CountrySet> =
                singles.into_iter().map(|place| [place].into_iter().collect()).collect();
            sets.extend(self.rules.iter().flat_map(|rule| rule.countries));
            sets.extend(self.reliefs().filter_map(|relief| relief.located_in));
            representatives(Country::all().filter(|country| country.as_place() == *country), &sets)
        })
    }

    /// One seat of an ultimate parent for each way the law may look at it.
    pub(super) fn seats(&self) -> &[Country] {
        self.seats.get_or_init(|| {
            let sets: Vec<CountrySet> = self.rules.iter().flat_map(|rule| rule.countries).collect();
            representatives(Country::all(), &sets)
        })
    }

    /// For whom the person may work: nobody, each firm named anywhere, some other firm.
    pub(super) fn firms(&self) -> &[Option<String>] {
        self.firms.get_or_init(|| {
            let mut names: BTreeSet<String> = self.reliefs().flat_map(Relief::firms).cloned().collect();
            names.extend(self.employer_key.clone());
            let other = Some(String::new());
            [None, other].into_iter().chain(names.into_iter().map(Some)).collect()
        })
    }

    /// Listed shares on either side of each threshold, millionths of a per cent.
    pub(super) fn shares(&self) -> &[i64] {
        self.shares.get_or_init(|| {
            let thresholds = self.rules.iter().filter_map(|rule| rule.directive.persons.ownership_percent);
            let shares: BTreeSet<i64> = thresholds.map(millionths).chain([0, WHOLE]).collect();
            shares.into_iter().collect()
        })
    }

    /// Identifiers of persons named in licences.
    pub(super) fn names(&self) -> &[String] {
        self.names.get_or_init(|| {
            let names: BTreeSet<&String> = self.reliefs().flat_map(Relief::persons).collect();
            names.into_iter().cloned().collect()
        })
    }
}

/// Whether evidence suffices for a favourable fact about the person. An IP address says nothing about one.
pub(super) fn suffices(scenario: &Scenario, level: Level) -> bool {
    level != Level::Ip && level >= scenario.operator.min_evidence
}

/// A name as names are compared: without case and runs of white space.
pub(super) fn name_key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Relations somebody may have to an employer.
pub(super) const RELATIONS: [Relation; 2] = [Relation::Employee, Relation::Contractor];

/// Per cent in millionths of a per cent, so that shares add up in decimal.
pub(super) fn millionths(percent: f64) -> i64 {
    (percent * 1e6).round() as i64
}

/// The earliest and the latest the true time may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) earliest: Instant,
    pub(super) latest: Instant,
}

impl Clock {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let error_us = scenario.clock_uncertainty_ms.unwrap_or(0).saturating_mul(1_000);
        Self {
            earliest: scenario.at.plus_micros(error_us.saturating_neg()),
            latest: scenario.at.plus_micros(error_us),
        }
    }

    /// Whether a directive starting then binds: fail closed.
    pub(super) fn binds(self, from: Instant, directive: &Directive) -> bool {
        self.latest >= from && directive.effective_until.is_none_or(|until| self.earliest < until)
    }

    /// Whether an exception or a licence is open: the mirror image.
    pub(super) fn relieves(self, from: Option<Instant>, until: Option<Instant>) -> bool {
        from.is_none_or(|from| self.earliest >= from) && until.is_none_or(|until| self.latest < until)
    }
}

/// Whether the directive is law, not a bill.
pub(super) fn is_law(directive: &Directive) -> bool {
    directive.status.as_deref() != Some("bill")
}

/// Whether a list of models names the model.
pub(super) fn names_model(models: &[String], model: &str) -> bool {
    models.iter().any(|name| name == "*" || name == model)
}

/// Whether the directive speaks of this model, this activity and (possibly) this end use.
pub(super) fn applies(scenario: &Scenario, directive: &Directive) -> bool {
    let request = &scenario.request;
    let unknown = request.end_use == EndUse::Unknown
        || scenario.subject.conflicting_facts.contains(&MissingFact::EndUse);
    names_model(&directive.models, &request.model)
        && directive.activities.as_ref().is_none_or(|activities| activities.contains(&request.activity))
        && directive.end_uses.as_ref().is_none_or(|uses| unknown || uses.contains(&request.end_use))
}

/// The instants a directive may start at.
pub(super) fn starts(directive: &Directive) -> impl Iterator<Item = Instant> {
    let (one, several) = match &directive.effective_from {
        Start::At(from) => (Some(*from), None),
        Start::Local { options, .. } => (None, Some(options.values().copied())),
    };
    one.into_iter().chain(several.into_iter().flatten())
}
