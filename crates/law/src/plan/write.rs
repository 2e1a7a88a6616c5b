//! A directive, written into the tables of a plan.

use super::Block;
use crate::instrument::{Class, Destinations, HostedInference, NationalityRule};
use crate::regime::{Mask, ModelSet, Relief, ReliefKind, Rule, Terms};
use terms::{Choices, Country, CountrySet, Instant, Level, Question, UsStatus};

/// Writes one directive into its block.
pub(super) struct Writer<'a> {
    pub(super) block: &'a mut Block,
    pub(super) bit: u64,
    pub(super) rule: &'a Rule,
    pub(super) choices: &'a Choices,
}

impl Writer<'_> {
    pub(super) fn write(mut self) {
        let rule = self.rule;
        let bit = self.bit;
        for level in Level::ALL {
            if level < rule.min_evidence {
                set(&mut self.block.above, level as u8, bit);
            }
        }
        self.activities();
        if let Some(mask) = rule.end_uses {
            self.block.end_use_rules |= bit;
            (0..8)
                .filter(|end_use| mask.has(*end_use))
                .for_each(|end_use| set(&mut self.block.end_use, end_use, bit));
        }
        self.reliefs();
        self.destinations();
        self.persons();
        let scope = &rule.scope;
        let names_nothing = (scope.class.names_countries() && scope.countries.with_hong_kong.is_empty())
            || (scope.class == Class::EmployedBy && scope.firms.is_empty())
            || rule.end_uses.is_some_and(|mask| mask.0 == 0);
        if names_nothing {
            self.block.singly |= bit;
        }
        let remote_by_country = self.choices.word(Question::RemoteLocationUnit) != Some("site");
        if rule.fold.is_some() || (rule.remote_access && remote_by_country) {
            self.block.singly |= bit;
        }
    }

    /// Exceptions: in a table where all are for permanent residents, for good and for every model.
    fn reliefs(&mut self) {
        let reliefs = &self.rule.reliefs;
        let sets: Option<Vec<CountrySet>> = reliefs.iter().map(for_residents).collect();
        match sets {
            _ if reliefs.is_empty() => {}
            Some(sets) => {
                self.block.resident_rules |= self.bit;
                for set in sets {
                    let bit = self.bit;
                    set.iter().for_each(|country| {
                        self.block.set_common(country.row(), |row| row.residents |= bit);
                    });
                }
            }
            None => self.block.excepted |= self.bit,
        }
    }

    fn activities(&mut self) {
        let mut activities = self.rule.activities;
        if self.rule.hosted_if_export {
            match self.choices.word(Question::HostedInferenceIsExport) {
                Some("no") => activities = Mask(activities.0 & !Mask::of([HostedInference::ACTIVITY]).0),
                Some(_) => {}
                None => self.block.singly |= self.bit,
            }
        }
        let bit = self.bit;
        (0..4).filter(|kind| activities.has(*kind)).for_each(|kind| set(&mut self.block.activity, kind, bit));
    }

    fn destinations(&mut self) {
        let limb = match (self.rule.destinations, self.choices.word(Question::DestinationLimb)) {
            (Destinations::None, _) => false,
            (Destinations::AllOutsideUs, _) => true,
            (Destinations::Unspecified, Some(choice)) => choice == "apply",
            (Destinations::Unspecified, None) => {
                self.block.singly |= self.bit;
                false
            }
        };
        if limb {
            self.block.place_rules |= self.bit;
            let bit = self.bit;
            let outside = Country::all().filter(|country| country.as_place() != Country::US);
            outside.for_each(|country| self.block.set_common(country.row(), |row| row.place |= bit));
        }
    }

    fn persons(&mut self) {
        let bit = self.bit;
        match self.rule.scope.class {
            Class::Everyone => self.block.everyone |= bit,
            Class::ForeignPerson => {
                let lapsed = self.rule.scope.citizens_and_protected_only;
                self.status(|status| {
                    status == UsStatus::None || (lapsed && status == UsStatus::LprNaturalisationLapsed)
                });
            }
            Class::ForeignNationalUndefined => match self.choices.word(Question::ForeignNationalMeans) {
                Some("ear_772_1") => self.status(|status| status == UsStatus::None),
                Some(_) => self.status(|status| !matches!(status, UsStatus::Citizen | UsStatus::National)),
                None => self.block.singly |= bit,
            },
            Class::NationalOf => self.nationality(),
            Class::LocatedIn => self.place(),
            Class::NationalOrLocatedIn => {
                self.nationality();
                self.place();
            }
            Class::ListedParty if self.rule.scope.ownership.is_some() => self.block.singly |= bit,
            Class::ListedParty => self.block.listed_rules |= bit,
            Class::EntityHq => {
                let Some(countries) = self.countries() else { return };
                self.block.seat_rules |= bit;
                countries.iter().for_each(|country| {
                    self.block.set_common(country.row(), |row| row.seat |= bit);
                });
            }
            Class::UsPerson7446 => self.block.us_person_rules |= bit,
            Class::EmployedBy => self.block.firm_rules |= bit,
        }
    }

    fn status(&mut self, reached: impl Fn(UsStatus) -> bool) {
        self.block.status_rules |= self.bit;
        let bit = self.bit;
        UsStatus::KNOWN
            .into_iter()
            .filter(|status| reached(*status))
            .for_each(|status| set(&mut self.block.status, status as u8, bit));
    }

    /// The countries the rule names; `None` = it depends on an open reading, and the rule is judged singly.
    fn countries(&mut self) -> Option<CountrySet> {
        let named = &self.rule.scope.countries;
        let with = match self.choices.word(Question::HongKongIsCn) {
            _ if !named.hong_kong_open => true,
            Some(choice) => choice == "yes",
            None => {
                self.block.singly |= self.bit;
                return None;
            }
        };
        Some(if with { named.with_hong_kong } else { named.without_hong_kong })
    }

    fn place(&mut self) {
        let Some(countries) = self.countries() else { return };
        self.block.place_rules |= self.bit;
        let bit = self.bit;
        let inside = Country::all().filter(|country| countries.contains(country.as_place()));
        inside.for_each(|country| self.block.set_common(country.row(), |row| row.place |= bit));
    }

    fn nationality(&mut self) {
        let Some(countries) = self.countries() else { return };
        let bit = self.bit;
        let rule = match (self.rule.scope.nationality, self.choices.word(Question::NationalityRule)) {
            (NationalityRule::Unspecified, Some("most_recent")) => NationalityRule::MostRecent,
            (NationalityRule::Unspecified, Some("any_held")) => NationalityRule::AnyHeld,
            (NationalityRule::Unspecified, Some(_)) => NationalityRule::EverHeld,
            (stated, _) => stated,
        };
        match rule {
            NationalityRule::MostRecent => self.block.recent_rules |= bit,
            NationalityRule::AnyHeld => self.block.any_rules |= bit,
            NationalityRule::EverHeld => self.block.ever_rules |= bit,
            NationalityRule::Unspecified => {
                self.block.singly |= bit;
                return;
            }
        }
        for country in countries.iter().map(Country::row) {
            match rule {
                NationalityRule::AnyHeld => self.block.set_common(country, |row| row.any |= bit),
                NationalityRule::MostRecent => self.block.set_rare(country, |row| row.recent |= bit),
                _ => self.block.set_rare(country, |row| row.ever |= bit),
            }
        }
        if self.rule.scope.only_foreign_persons {
            self.block.only_foreign |= bit;
        }
    }
}

fn set(rows: &mut [u64], value: u8, bit: u64) {
    if let Some(word) = rows.get_mut(usize::from(value)) {
        *word |= bit;
    }
}

/// The countries of an exception that is for their permanent residents, whenever and whatever for.
fn for_residents(relief: &Relief) -> Option<CountrySet> {
    let terms = Terms { resident_of: None, ..relief.terms.clone() };
    let always = relief.window.from == Instant::MIN && relief.window.until.is_none();
    let plain = relief.kind == ReliefKind::Exception && relief.parties.is_none() && terms.is_empty();
    let plain = plain && always && relief.models == ModelSet::All;
    relief.terms.resident_of.filter(|_| plain)
}
