//! The predicates of the law over one subject: true, false, or unknown with what is missing.
//!
//! A fact in the person's favour counts only at or above the required level; a fact against the person's interest
//! counts at any level. What the same statement means therefore depends on the predicate that asks.

mod employment;
mod nationality;
mod parties;
mod place;
mod recent;
mod relief;
mod status;

use crate::ask::Ask;
use crate::subject::Subject;
use crate::tri::Tri;
use crate::worlds::World;
use law::{Class, Destinations, Mask, Rule, Scope};
use terms::{Attested, Choices, Country, EndUse, Level, MissingFact, Question};

/// One subject and request under one rule, in one (possibly incomplete) world.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) ask: &'a Ask<'a>,
    pub(crate) world: &'a World,
    pub(crate) min_evidence: Level,
    pub(crate) min_location: Level,
}

/// Whether the subject is inside the directive: it binds, reaches the request and the subject, and nothing takes the
/// subject out. `bit` is the directive's place in the plan of the model.
pub(crate) fn inside(ask: &Ask<'_>, bit: usize, world: &World) -> Tri {
    let Some(rule) = ask.rule(bit) else { return Tri::No };
    let view = View::of(ask, rule, world);
    let scope = view.binds(rule).and_then(|| view.reaches(rule));
    if scope == Tri::No {
        return Tri::No;
    }
    scope.and(view.relieved(rule, bit).not())
}

impl<'a> View<'a> {
    /// The view one rule takes: it says how well a favourable fact must be shown.
    pub(crate) fn of(ask: &'a Ask<'a>, rule: &Rule, world: &'a World) -> Self {
        Self { ask, world, min_evidence: rule.min_evidence, min_location: rule.min_location_evidence }
    }

    pub(crate) fn subject(&self) -> &'a Subject {
        self.ask.subject
    }

    pub(crate) fn choices(&self) -> Choices {
        self.world.choices
    }

    /// The name of a missing fact about a person: on a shared key it is the person that is missing.
    pub(crate) fn personal(&self, fact: MissingFact) -> MissingFact {
        if self.subject().is_person() { fact } else { MissingFact::NaturalPerson }
    }

    /// Level a favourable fact about the employer needs: from the employer's own word upward.
    pub(crate) fn min_employer(&self) -> Level {
        self.min_evidence.min(Level::Employer)
    }

    /// Whether the directive binds now; open where an ambiguous local time may already have come or not.
    pub(crate) fn binds(&self, rule: &Rule) -> Tri {
        if !rule.enforced() {
            return Tri::No;
        }
        if rule.fold.is_none() {
            return rule.window.binds(self.ask.clock).into();
        }
        self.either(Question::LocalTimeFold, |option| {
            rule.binds_under(self.ask.clock, usize::from(option == "second")).into()
        })
    }

    /// Whether request and subject are in the scope of the directive, exceptions and licences aside.
    pub(crate) fn reaches(&self, rule: &Rule) -> Tri {
        if !rule.activities.has(self.ask.request.activity as u8) {
            return Tri::No;
        }
        let end_use = rule.end_uses.map_or(Tri::Yes, |mask| self.adverse_end_use(mask));
        end_use
            .and_then(|| self.hosted(rule))
            .and_then(|| self.remote(rule))
            .and_then(|| self.person(&rule.scope).or_else(|| self.destination(rule)))
    }

    pub(crate) fn person(&self, scope: &Scope) -> Tri {
        match scope.class {
            Class::Everyone => Tri::Yes,
            Class::ForeignPerson => self.foreign_person(scope.citizens_and_protected_only),
            Class::ForeignNationalUndefined => self.foreign_national(),
            Class::NationalOf => self.national_of(scope),
            Class::LocatedIn => self.located_in(scope),
            Class::NationalOrLocatedIn => self.national_of(scope).or_else(|| self.located_in(scope)),
            Class::ListedParty => self.listed_party(scope.ownership),
            Class::EntityHq => self.under_hong_kong(&scope.countries, |set| self.seat_in(set)),
            Class::UsPerson7446 => self.us_person(),
            Class::EmployedBy => self.employed_by(&scope.firms),
        }
    }

    /// The destinations limb: anyone outside the United States (15 CFR 734.13(a)(1)).
    pub(crate) fn destination(&self, rule: &Rule) -> Tri {
        let outside = || self.adversely_located(|place| place != Country::US);
        match rule.destinations {
            Destinations::None => Tri::No,
            Destinations::AllOutsideUs => outside(),
            Destinations::Unspecified => {
                self.either(
                    Question::DestinationLimb,
                    |option| if option == "apply" { outside() } else { Tri::No },
                )
            }
        }
    }

    /// Hosted use, where it is covered only if it is an export.
    pub(crate) fn hosted(&self, rule: &Rule) -> Tri {
        if !rule.hosted_if_export || self.ask.request.activity != terms::Activity::HostedInference {
            return Tri::Yes;
        }
        self.either(Question::HostedInferenceIsExport, |option| (option == "yes").into())
    }

    /// Access from elsewhere than the serving place.
    pub(crate) fn remote(&self, rule: &Rule) -> Tri {
        if !rule.remote_access {
            return Tri::Yes;
        }
        let served_from = self.ask.request.served_from.as_place();
        self.either(Question::RemoteLocationUnit, |option| match option {
            "site" => Tri::Yes,
            _ => self.adversely_located(|place| place != served_from),
        })
    }

    /// The end use is one of these, against the interest of who asks.
    pub(crate) fn adverse_end_use(&self, reached: Mask) -> Tri {
        self.end_use(
            |end_use| reached.has(end_use as u8),
            |inside, proven| match (inside, proven) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            },
        )
    }

    /// The end use is one of these, in the favour of who asks.
    pub(crate) fn favourable_end_use(&self, allowed: Mask) -> Tri {
        self.end_use(
            |end_use| allowed.has(end_use as u8),
            |inside, proven| match (inside, proven) {
                (false, _) => Some(false),
                (true, true) => Some(true),
                (true, false) => None,
            },
        )
    }

    fn end_use(&self, in_set: impl Fn(EndUse) -> bool, weigh: impl Fn(bool, bool) -> Option<bool>) -> Tri {
        let Attested { value, level } = self.ask.request.end_use;
        let known = value != EndUse::Unknown && !self.subject().conflicting(MissingFact::EndUse);
        let proven = level >= self.min_employer();
        let heard = known && (proven || !self.world.statements_ignored);
        let weighed = heard.then(|| weigh(in_set(value), proven)).flatten();
        match (weighed, self.world.end_use) {
            (Some(known), _) => known.into(),
            (None, Some(assumed)) => in_set(assumed).into(),
            (None, None) => Tri::lacks(MissingFact::EndUse),
        }
    }

    /// What holds under the recorded answer to a question; where none is recorded and the answers differ, the
    /// question is open.
    pub(crate) fn either(&self, question: Question, under: impl Fn(&'static str) -> Tri) -> Tri {
        if let Some(choice) = self.choices().word(question) {
            return under(choice);
        }
        let mut options = question.options().iter();
        let Some(first) = options.next().map(|option| under(option)) else { return Tri::asks(question) };
        let (mut same, mut all) = (true, first);
        for option in options {
            let other = under(option);
            same &= other == first;
            all = all.join(other);
        }
        if same { first } else { all.join(Tri::asks(question)) }
    }
}
