//! Exceptions, stays and licences that were tried.

use super::step::{Joint, Predicate, Step};
use super::tracer::{Tracer, countries, end_uses};
use crate::predicates::View;
use crate::subject::Work;
use crate::tri::Tri;
use law::{Cover, Entry, Grants, Plan, Relief, Terms};
use std::collections::BTreeSet;
use terms::{Instant, MissingFact, Relation};

impl Tracer<'_> {
    pub(super) fn relief(&self) -> Step {
        let mut parts: Vec<Step> = self.rule.reliefs.iter().map(|relief| self.exception(relief)).collect();
        parts.extend(self.licences());
        let held = self.view().relieved(self.rule, self.bit);
        Step::of(Predicate::Relieved, held, Joint::Any, parts)
    }

    fn exception(&self, relief: &Relief) -> Step {
        let view = self.view();
        let model = relief.models.has(self.ask.request.model);
        let until = relief.window.until;
        let mut parts = vec![
            Step::leaf(Predicate::ForModel, model.into()),
            Step::leaf(
                Predicate::WindowOpen { from: known(relief.window.from), until },
                relief.window.relieves(self.ask.clock).into(),
            ),
        ];
        if let Some(parties) = &relief.parties {
            let asks = Predicate::Party { firms: parties.firms.len(), persons: parties.persons.len() };
            let step = Step::leaf(asks, view.is_party(parties));
            parts.push(step.shown(self.file().employment(), view.min_employer()));
        }
        parts.extend(self.terms(&relief.terms));
        let asks = Predicate::Relief {
            id: relief.id.clone(),
            kind: relief.kind.into(),
            confidential: relief.parties.is_some() || relief.terms.firms.is_some(),
        };
        Step::of(asks, view.relief(relief), Joint::All, parts)
    }

    /// The terms of an exception, stay or licence, in the order in which they are looked at.
    fn terms(&self, terms: &Terms) -> Vec<Step> {
        let mut parts = Vec::new();
        let view = self.view();
        if let Some(mask) = terms.end_use {
            let step = Step::leaf(
                Predicate::EndUseSpared { end_uses: end_uses(mask) },
                view.favourable_end_use(mask),
            );
            parts.push(step.shown(self.file().end_use(), view.min_employer()));
        }
        if terms.firms.is_some() || terms.relations.is_some() {
            parts.push(self.works(terms));
        }
        if let Some(set) = &terms.located_in {
            let step =
                Step::leaf(Predicate::SparedIn { countries: countries(set) }, view.favourably_located(set));
            parts.push(step.shown(self.file().place(), self.rule.min_location_evidence));
        }
        let asked = [
            terms.all_nationalities_in.map(|set| Predicate::AllCitizenshipsIn { countries: countries(&set) }),
            terms.no_nationality_of.map(|set| Predicate::NoCitizenshipOf { countries: countries(&set) }),
            terms.resident_of.map(|set| Predicate::ResidentOf { countries: countries(&set) }),
        ];
        parts.extend(asked.into_iter().flatten().map(|asks| self.held(&asks)));
        parts
    }

    fn works(&self, terms: &Terms) -> Step {
        let all = [Relation::Employee, Relation::Contractor, Relation::Unknown];
        let asks = Predicate::Works {
            firms: terms.firms.as_ref().map(|firms| firms.len()),
            relations: terms
                .relations
                .map(|mask| all.into_iter().filter(|relation| mask.has(*relation as u8)).collect()),
        };
        self.leaf(&|view| view.works_as_stated(terms), &|under, held| under.employed(asks.clone(), held))
    }

    fn employed(&self, asks: Predicate, held: Tri) -> Step {
        Step::leaf(asks, held).shown(self.file().employment(), self.view().min_employer())
    }

    /// A term that looks at citizenships or residences.
    fn held(&self, asks: &Predicate) -> Step {
        let eval = |view: &View<'_>| match asks {
            Predicate::AllCitizenshipsIn { countries } => view.holds_only(&countries.0),
            Predicate::NoCitizenshipOf { countries } => view.holds_any(&countries.0, false).not(),
            Predicate::ResidentOf { countries } => view.resident_of(&countries.0),
            _ => Tri::No,
        };
        self.leaf(&eval, &|under, held| {
            let said = match asks {
                Predicate::ResidentOf { .. } => under.file().residences(false),
                _ => under.file().citizenships(false),
            };
            Step::leaf(asks.clone(), held).shown(said, under.rule.min_evidence)
        })
    }

    /// Licences found under the person or the firm, and how many others lift the directive.
    fn licences(&self) -> Option<Step> {
        let plan = self.ask.plan()?;
        let grants = self.ask.regime.grants();
        let mut tried = self.found(grants, plan);
        tried.sort_by_cached_key(|entry| (grants.id(entry), entry.cover as u8));
        let of_subject: BTreeSet<u32> = tried.iter().map(|entry| entry.licence).collect();
        let all: BTreeSet<u32> =
            grants.all().filter(|entry| self.lifts(grants, plan, entry)).map(|entry| entry.licence).collect();
        let others = all.difference(&of_subject).count();
        let held = self.view().licensed(self.bit);
        if all.is_empty() && held == Tri::No {
            return None;
        }
        let parts = tried.iter().filter_map(|entry| self.licence(grants, plan, entry)).collect();
        let asks = Predicate::Licences { others, employer_known: self.ask.subject.firm_on_file().1 };
        Some(Step::of(asks, held, Joint::Any, parts))
    }

    fn lifts(&self, grants: &Grants, plan: &Plan, entry: &Entry) -> bool {
        entry.is_for(self.ask.request.model) && grants.lifts(entry, plan, self.bit)
    }

    fn found(&self, grants: &Grants, plan: &Plan) -> Vec<Entry> {
        let subject = self.ask.subject;
        let person = subject.file.person.filter(|_| subject.is_person());
        let firm = match subject.file.work {
            Work::At(post) if !subject.conflicting(MissingFact::Employment) => post.firm,
            _ => None,
        };
        let named = person.into_iter().flat_map(|person| grants.of_person(person));
        let staff = firm.into_iter().flat_map(|firm| grants.of_firm(firm));
        named.chain(staff).filter(|entry| self.lifts(grants, plan, entry)).collect()
    }

    fn licence(&self, grants: &Grants, plan: &Plan, entry: &Entry) -> Option<Step> {
        let view = self.view();
        let window = entry.window();
        let open = Predicate::WindowOpen { from: known(window.from), until: window.until };
        let mut parts = vec![Step::leaf(open, window.relieves(self.ask.clock).into()), self.covers(entry)];
        if entry.full {
            parts.push(Step::leaf(Predicate::HoldsPlace, view.has_place(entry)));
        }
        parts.extend(grants.terms(entry).map(|terms| self.terms(terms)).unwrap_or_default());
        let asks = Predicate::Licence { id: grants.id(entry)?, confidential: true };
        Some(Step::of(asks, view.entry(entry, plan, self.bit), Joint::All, parts))
    }

    fn covers(&self, entry: &Entry) -> Step {
        let asks = match entry.cover {
            Cover::Named => return Step::leaf(Predicate::NamedByLicence, Tri::Yes),
            Cover::Staff => Predicate::WorksForHolder { employees_only: false },
            Cover::Employees => Predicate::WorksForHolder { employees_only: true },
        };
        self.leaf(&|view| view.covers(entry), &|under, held| under.employed(asks.clone(), held))
    }
}

fn known(from: Instant) -> Option<Instant> {
    (from != Instant::MIN).then_some(from)
}
