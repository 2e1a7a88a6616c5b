//! Traces one directive: the same predicates the engine judges by, with what each of them saw.

use super::evidence::File;
use super::step::{Countries, Joint, Predicate, Step, Truth};
use super::trace::{Binding, BindingState, Citation, Directive};
use crate::ask::Ask;
use crate::bits::RuleSet;
use crate::predicates::{self, View};
use crate::tri::Tri;
use crate::worlds::{self, World};
use law::{Dormant, Mask, NamedCountries, Rule, authority};
use terms::{Activity, Choices, ClockReading, CountrySet, EndUse, Question};

/// One directive, seen under recorded and assumed readings.
#[derive(Clone, Copy)]
pub(super) struct Tracer<'a> {
    pub(super) ask: &'a Ask<'a>,
    pub(super) rule: &'a Rule,
    pub(super) bit: usize,
    pub(super) world: World,
}

impl<'a> Tracer<'a> {
    pub(super) fn new(ask: &'a Ask<'a>, rule: &'a Rule, bit: usize) -> Self {
        Self { ask, rule, bit, world: World::recorded(ask.regime.choices()) }
    }

    pub(super) fn view(&self) -> View<'_> {
        View::of(self.ask, self.rule, &self.world)
    }

    pub(super) fn file(&self) -> File<'a> {
        File(self.ask)
    }

    pub(super) fn directive(&self, deciding: &RuleSet) -> Directive {
        let rule = self.rule;
        let held = predicates::inside(self.ask, self.bit, &self.world);
        Directive {
            id: rule.id.clone(),
            title: rule.title.clone(),
            form: rule.form,
            state: rule.state,
            issuer: rule.issuer.clone(),
            public_reference: rule.public_reference.clone(),
            issued_at: rule.issued_at,
            authority: rule.authority.iter().map(|id| citation(id)).collect(),
            scope_exceeds_citation: rule.scope_exceeds_citation,
            binding: binding(rule, self.ask.clock, &self.view()),
            reach: self.reach(),
            relief: self.relief(),
            result: held.into(),
            settled: self.settled(held),
            decides: deciding.contains(self.bit),
            missing: held.need().facts.iter().collect(),
            questions: held.need().questions().collect(),
        }
    }

    /// What every value of what is missing comes to, where it comes to one result.
    fn settled(&self, held: Tri) -> Option<Truth> {
        let Tri::Unknown(need) = held else { return None };
        let mut alone = RuleSet::EMPTY;
        alone.insert(self.bit);
        let exact = worlds::settle(self.ask, &alone, need)?;
        Some(match (exact.certain.is_empty(), exact.possible.is_empty()) {
            (false, _) => Truth::Yes,
            (true, true) => Truth::No,
            (true, false) => Truth::Open,
        })
    }

    fn reach(&self) -> Step {
        let (rule, view) = (self.rule, self.view());
        let activity = Predicate::ActivityIn { activities: activities(rule.activities) };
        let reached = rule.activities.has(self.ask.request.activity as u8);
        let asked = vec![self.file().activity()];
        let mut parts = vec![Step::leaf(activity, reached.into()).shown(asked, None)];
        if let Some(mask) = rule.end_uses {
            let step =
                Step::leaf(Predicate::EndUseReached { end_uses: end_uses(mask) }, view.adverse_end_use(mask));
            parts.push(step.shown(self.file().end_use(), view.min_employer()));
        }
        if rule.hosted_if_export && self.ask.request.activity == Activity::HostedInference {
            parts.push(self.hosted());
        }
        if rule.remote_access {
            parts.push(self.remote());
        }
        parts.push(self.person_or_place());
        Step::of(Predicate::Scope, view.reaches(rule), Joint::All, parts)
    }

    fn hosted(&self) -> Step {
        self.question(Question::HostedInferenceIsExport, self.view().hosted(self.rule), |under, _| {
            Step::leaf(Predicate::HostedUseIsExport, under.view().hosted(under.rule))
        })
    }

    fn remote(&self) -> Step {
        let question = Question::RemoteLocationUnit;
        let parts = self.question(question, self.view().remote(self.rule), |under, option| {
            let held = under.view().remote(under.rule);
            if option == "site" {
                return Step::leaf(Predicate::FromAnotherSite, held);
            }
            let mut said = under.file().place();
            said.push(under.file().served_from());
            Step::leaf(Predicate::FromAnotherCountry, held).shown(said, under.rule.min_location_evidence)
        });
        Step::of(Predicate::RemoteAccess, self.view().remote(self.rule), Joint::All, vec![parts])
    }

    /// A question with one part for the recorded answer or, where none is recorded, for each.
    pub(super) fn question(
        &self,
        question: Question,
        held: Tri,
        build: impl Fn(&Self, &'static str) -> Step,
    ) -> Step {
        let recorded = self.world.choices.word(question);
        let options = (0u8..).zip(question.options().iter().copied());
        let looked_at = options.filter(|(_, option)| recorded.is_none_or(|choice| choice == *option));
        let parts = looked_at.map(|(choice, option)| {
            let part = build(&self.under(self.world.choices.with(question, choice)), option);
            if recorded.is_some() {
                return part;
            }
            Step::of(Predicate::Under { question, option }, part.held, Joint::All, vec![part])
        });
        Step::of(Predicate::Question { question, recorded }, held, Joint::EachReading, parts.collect())
    }

    fn under(&self, choices: Choices) -> Self {
        Self { world: World { choices, ..self.world }, ..*self }
    }

    /// A step without parts; where it turns on a question, with one part for each answer.
    pub(super) fn leaf(&self, eval: &dyn Fn(&View<'_>) -> Tri, dress: &dyn Fn(&Self, Tri) -> Step) -> Step {
        let held = eval(&self.view());
        let step = dress(self, held);
        match held.need().questions().next() {
            None => step,
            Some(question) => {
                let readings = self.question(question, held, |under, _| under.leaf(eval, dress));
                Step { joint: Some(Joint::All), parts: vec![readings], ..step }
            }
        }
    }

    /// What a set of countries means where China includes Hong Kong, or does not, or the text leaves that open.
    pub(super) fn under_hong_kong(
        &self,
        named: &NamedCountries,
        build: &dyn Fn(&Self, &CountrySet) -> Step,
    ) -> Step {
        if !named.hong_kong_open {
            return build(self, &named.with_hong_kong);
        }
        let set = |option| if option == "yes" { &named.with_hong_kong } else { &named.without_hong_kong };
        let held = self.view().under_hong_kong(named, |set| build(self, set).held);
        self.question(Question::HongKongIsCn, held, |under, option| build(under, set(option)))
    }
}

pub(super) fn countries(set: &CountrySet) -> Countries {
    Countries(*set)
}

pub(super) fn end_uses(mask: Mask) -> Vec<EndUse> {
    EndUse::KNOWN.into_iter().filter(|end_use| mask.has(*end_use as u8)).collect()
}

fn activities(mask: Mask) -> Option<Vec<Activity>> {
    let all = [Activity::HostedInference, Activity::WeightsDownload, Activity::SourceCode];
    (mask != Mask::ALL).then(|| all.into_iter().filter(|activity| mask.has(*activity as u8)).collect())
}

fn citation(id: &str) -> Citation {
    let known = authority::find(id);
    Citation {
        id: id.to_owned(),
        citation: known.map(|authority| authority.citation.as_str()),
        title: known.map(|authority| authority.title.as_str()),
    }
}

fn binding(rule: &Rule, clock: ClockReading, view: &View<'_>) -> Binding {
    let held = view.binds(rule);
    let exact = rule.window.binds(ClockReading::exact(clock.at));
    let state = match (rule.dormant, held) {
        (Some(Dormant::Bill), _) => BindingState::Bill,
        (Some(Dormant::AddressedElsewhere), _) => BindingState::AddressedElsewhere,
        (None, Tri::Yes) => BindingState::InForce,
        (None, Tri::Unknown(_)) => BindingState::FoldOpen,
        (None, Tri::No) if rule.window.until.is_some_and(|until| clock.earliest() >= until) => {
            BindingState::Ended
        }
        (None, Tri::No) => BindingState::NotYet,
    };
    Binding {
        state,
        truth: held.into(),
        from: rule.window.from,
        until: rule.window.until,
        lifted_by: rule.lifted_by.clone(),
        fold: rule.fold,
        by_uncertainty: held == Tri::Yes && rule.fold.is_none() && !exact,
    }
}
