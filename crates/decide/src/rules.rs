//! One directive over one subject.

use crate::ask::Ask;
use crate::predicates::Subject;
use crate::tri::Tri;
use crate::worlds::World;
use law::{Class, Destinations, Rule};
use terms::{Country, EndUse, MissingFact, Question};

/// Whether the directive looks at this kind of request at all: model, activity and, where it is known, end use. An
/// end use that is not known is a missing fact and decided with the others.
pub(crate) fn applies(ask: &Ask<'_>, rule: &Rule) -> bool {
    let end_use = ask.request.end_use;
    let known = end_use != EndUse::Unknown && !ask.facts.conflicting.contains(MissingFact::EndUse);
    rule.models.has(ask.request.model)
        && rule.activities.has(ask.request.activity as u8)
        && rule.end_uses.is_none_or(|mask| !known || mask.has(end_use as u8))
}

/// Whether the subject is inside the directive: in its scope and not taken out.
pub(crate) fn inside(ask: &Ask<'_>, rule: &Rule, world: &World) -> Tri {
    let subject = Subject::under(ask, world, rule);
    let scope = scope(&subject, rule);
    if scope == Tri::No {
        return Tri::No;
    }
    let relieved = rule
        .reliefs
        .iter()
        .filter(|relief| relief.models.has(ask.request.model) && relief.window.relieves(ask.clock))
        .fold(Tri::No, |relieved, relief| relieved.or(subject.meets(&relief.terms)));
    scope.and(relieved.not())
}

fn scope(subject: &Subject<'_>, rule: &Rule) -> Tri {
    let persons = match rule.class {
        Class::Everyone => Tri::Yes,
        Class::ForeignPerson => subject.foreign_person(rule.citizens_and_protected_only),
        Class::LocatedIn => subject.adversely_located(|place| rule.countries.contains(place)),
    };
    let end_use = rule.end_uses.map_or(Tri::Yes, |mask| subject.end_use_in(mask));
    persons.or(destination(subject, rule)).and(end_use)
}

/// The destinations limb: anyone outside the United States (15 CFR 734.13(a)(1)).
fn destination(subject: &Subject<'_>, rule: &Rule) -> Tri {
    let outside = || subject.adversely_located(|place| place != Country::US);
    match rule.destinations {
        Destinations::None => Tri::No,
        Destinations::AllOutsideUs => outside(),
        Destinations::Unspecified => match subject.world.choices.word(Question::DestinationLimb) {
            Some(choice) => Tri::from(choice == "apply").and(outside()),
            None => Tri::asks(Question::DestinationLimb).and(outside()),
        },
    }
}
