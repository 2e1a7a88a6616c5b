//! The limbs that look at persons and places.

use super::step::{Joint, Predicate, Step};
use super::tracer::{Tracer, countries};
use crate::predicates::View;
use crate::tri::Tri;
use law::{Class, Destinations, NationalityRule};
use terms::{CountrySet, Question};

impl Tracer<'_> {
    pub(super) fn person_or_place(&self) -> Step {
        let rule = self.rule;
        let person = self.class();
        if rule.destinations == Destinations::None {
            return person;
        }
        let view = self.view();
        let held = view.person(&rule.scope).or_else(|| view.destination(rule));
        Step::of(Predicate::PersonOrPlace, held, Joint::Any, vec![person, self.destination()])
    }

    fn destination(&self) -> Step {
        let outside = |under: &Self| {
            let held = under.view().destination(under.rule);
            let step = Step::leaf(Predicate::Destination, held);
            step.shown(under.file().place(), under.rule.min_location_evidence)
        };
        if self.rule.destinations != Destinations::Unspecified {
            return outside(self);
        }
        let held = self.view().destination(self.rule);
        self.question(Question::DestinationLimb, held, |under, option| match option {
            "apply" => outside(under),
            _ => Step::leaf(Predicate::PersonsOnly, Tri::No),
        })
    }

    fn class(&self) -> Step {
        let scope = &self.rule.scope;
        match scope.class {
            Class::Everyone => Step::leaf(Predicate::Everyone, Tri::Yes),
            Class::ForeignPerson => self.foreign_person(scope.citizens_and_protected_only),
            Class::ForeignNationalUndefined => self.foreign_national(),
            Class::NationalOf => self.national_of(),
            Class::LocatedIn => self.located_in(),
            Class::NationalOrLocatedIn => {
                let held = self.view().person(scope);
                let parts = vec![self.national_of(), self.located_in()];
                Step::of(Predicate::NationalOrLocated, held, Joint::Any, parts)
            }
            Class::ListedParty => self.listed_party(),
            Class::EntityHq => self.seat(),
            Class::UsPerson7446 => self.us_person(),
            Class::EmployedBy => {
                let asks = Predicate::EmployedByNamed { firms: scope.firms.len() };
                let held = self.view().employed_by(&scope.firms);
                Step::leaf(asks, held).shown(self.file().employment(), self.view().min_employer())
            }
        }
    }

    fn foreign_person(&self, citizens_and_protected_only: bool) -> Step {
        let held = self.view().foreign_person(citizens_and_protected_only);
        let step = Step::leaf(Predicate::ForeignPerson { citizens_and_protected_only }, held);
        step.shown(self.file().status(), self.rule.min_evidence)
    }

    fn foreign_national(&self) -> Step {
        let held = self.view().foreign_national();
        let readings = self.question(Question::ForeignNationalMeans, held, |under, option| match option {
            "ear_772_1" => under.foreign_person(false),
            _ => {
                let step = Step::leaf(Predicate::NoCitizenOrNational, under.view().no_citizen_or_national());
                step.shown(under.file().status(), under.rule.min_evidence)
            }
        });
        Step::of(Predicate::ForeignNational, held, Joint::All, vec![readings])
    }

    fn national_of(&self) -> Step {
        let scope = &self.rule.scope;
        let mut parts = Vec::new();
        if scope.only_foreign_persons {
            parts.push(self.foreign_person(false));
        }
        parts.push(self.under_hong_kong(&scope.countries, &|under, set| under.nationality(set)));
        let asks = Predicate::NationalOf { countries: countries(&scope.countries.with_hong_kong) };
        Step::of(asks, self.view().national_of(scope), Joint::All, parts)
    }

    fn nationality(&self, set: &CountrySet) -> Step {
        let recent = |under: &Self| under.most_recent(set);
        let held = |under: &Self, past: bool| under.holds_any(set, past);
        match self.rule.scope.nationality {
            NationalityRule::MostRecent => recent(self),
            NationalityRule::AnyHeld => held(self, false),
            NationalityRule::EverHeld => held(self, true),
            NationalityRule::Unspecified => {
                let by = |view: &View<'_>, option: &str| match option {
                    "most_recent" => view.most_recent(set),
                    "any_held" => view.holds_any(set, false),
                    _ => view.holds_any(set, true),
                };
                let view = self.view();
                let open = view.either(Question::NationalityRule, |option| by(&view, option));
                self.question(Question::NationalityRule, open, |under, option| match option {
                    "most_recent" => recent(under),
                    "any_held" => held(under, false),
                    _ => held(under, true),
                })
            }
        }
    }

    fn most_recent(&self, set: &CountrySet) -> Step {
        self.leaf(&|view| view.most_recent(set), &|under, held| {
            let mut said = under.file().citizenships(true);
            if under.view().subject().is_person() {
                said.extend(under.file().residences(true));
            }
            let step = Step::leaf(Predicate::MostRecentNationality { countries: countries(set) }, held);
            step.shown(said, under.rule.min_evidence)
        })
    }

    fn holds_any(&self, set: &CountrySet, past: bool) -> Step {
        self.leaf(&|view| view.holds_any(set, past), &|under, held| {
            let countries = countries(set);
            let asks = if past {
                Predicate::EverCitizenship { countries }
            } else {
                Predicate::AnyCitizenship { countries }
            };
            Step::leaf(asks, held).shown(under.file().citizenships(false), under.rule.min_evidence)
        })
    }

    fn located_in(&self) -> Step {
        self.under_hong_kong(&self.rule.scope.countries, &|under, set| {
            let held = under.view().adversely_located(|place| set.contains(place));
            let step = Step::leaf(Predicate::LocatedIn { countries: countries(set) }, held);
            step.shown(under.file().place(), under.rule.min_location_evidence)
        })
    }

    fn listed_party(&self) -> Step {
        let view = self.view();
        let on_list = Step::leaf(Predicate::OnList, view.is_listed()).shown(self.file().screening(), None);
        let Some(percent) = self.rule.scope.ownership else { return on_list };
        let owned = Step::leaf(Predicate::OwnedByListed { percent }, view.owned_to(percent));
        let owned = owned.shown(self.file().owners(), view.min_employer());
        Step::of(Predicate::ListedParty, view.listed_party(Some(percent)), Joint::Any, vec![on_list, owned])
    }

    fn seat(&self) -> Step {
        self.under_hong_kong(&self.rule.scope.countries, &|under, set| {
            let step =
                Step::leaf(Predicate::ParentSeatIn { countries: countries(set) }, under.view().seat_in(set));
            step.shown(under.file().seat(), under.view().min_employer())
        })
    }

    fn us_person(&self) -> Step {
        let view = self.view();
        let status = Step::leaf(Predicate::UsPersonByStatus, view.us_person_by_status());
        let status = status.shown(self.file().status(), self.rule.min_evidence);
        let place = Step::leaf(Predicate::InTheUs, view.in_the_us());
        let place = place.shown(self.file().place(), self.rule.min_location_evidence);
        Step::of(Predicate::UsPerson, view.us_person(), Joint::Any, vec![status, place])
    }
}
