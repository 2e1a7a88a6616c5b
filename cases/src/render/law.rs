//! Instruments in words.

use super::words::{codes, countries, country, end_uses, instant, level, list, models, relation, window};
use law::{
    Class, Condition, ConditionState, Destinations, Directive, Exception, Form, LawFile, Licence,
    LicenceStatus, NationalityRule, Persons, ServiceDuty, Source, Start, Status, Stay, authority,
};

/// One line per instrument, in the order of kinds.
pub(super) fn lines(file: &LawFile) -> Vec<String> {
    let directives = file.directive.iter().map(directive);
    let exceptions = file.exception.iter().map(exception);
    let licences = file.licence.iter().map(licence);
    let stays = file.stay.iter().map(stay);
    let duties = file.service_duty.iter().map(duty);
    let liftings = file.lifting.iter().map(|lifting| {
        let lifted = list(&codes(&lifting.directives), "and");
        format!("**`{}`** ends {lifted} at {}.", lifting.id, instant(lifting.at))
    });
    let adoptions = file.adoption.iter().map(|adoption| {
        format!(
            "**`{}`** is enforced by the operator's own choice: {} (chosen by {}).",
            adoption.directive, adoption.why, adoption.by
        )
    });
    let catalogue = file.model.iter().map(|model| {
        let able = list(&codes(&model.capabilities), "and");
        format!(
            "The model `{}`, served from {}, is able to do: {able}.",
            model.id,
            country(model.served_from)
        )
    });
    let orders = directives.chain(exceptions).chain(licences).chain(stays);
    orders.chain(liftings).chain(duties).chain(adoptions).chain(catalogue).collect()
}

fn directive(directive: &Directive) -> String {
    let mut text = format!(
        "**`{}`**, {}: {}. It reaches {} who asks for {}",
        directive.id,
        form(directive.form),
        directive.title,
        persons(&directive.persons),
        reached(directive),
    );
    text.push_str(&narrower(directive));
    text.push_str(&format!(". It binds {}.", binds(directive)));
    if directive.status == Status::Bill {
        text.push_str(" It is a bill and not law.");
    }
    if let Some(demanded) = directive.min_evidence {
        text.push_str(&format!(" It demands evidence of at least {}.", level(demanded)));
    }
    text.push_str(&cites(directive));
    text.push_str(&source(&directive.source));
    text
}

/// Models, by name and by what they can do.
fn reached(directive: &Directive) -> String {
    let named = (!directive.models.is_empty()).then(|| models(&directive.models));
    let able = list(&codes(&directive.capabilities), "or");
    let able = (!directive.capabilities.is_empty()).then(|| format!("a model of capability {able} or above"));
    list(&named.into_iter().chain(able).collect::<Vec<_>>(), "or")
}

/// Activities, end uses, destinations and the like.
fn narrower(directive: &Directive) -> String {
    let mut text = String::new();
    if let Some(activities) = &directive.activities {
        let words: Vec<String> =
            activities.iter().map(|activity| activity.word().replace('_', " ")).collect();
        text.push_str(&format!(", for {} only", list(&words, "or")));
    }
    if let Some(uses) = &directive.end_uses {
        text.push_str(&format!(", for {} only", end_uses(uses)));
    }
    if directive.remote_access {
        text.push_str(", only from a place other than the serving place");
    }
    if directive.hosted_inference.is_some() {
        text.push_str(", hosted use only if that is an export");
    }
    text.push_str(match directive.destinations {
        Destinations::None => "",
        Destinations::AllOutsideUs => ", and whoever is outside the United States",
        Destinations::Unspecified => "; it can be read to reach whoever is outside the United States too",
    });
    if !directive.criterion.is_empty() {
        text.push_str(&format!("; the reason it gives is {}", list(&codes(&directive.criterion), "and")));
    }
    text
}

fn binds(directive: &Directive) -> String {
    match &directive.effective_from {
        Start::At(from) => window(Some(*from), directive.effective_until),
        Start::Fold(fold) => format!(
            "from {} in {}, a time that occurs twice ({} or {})",
            fold.local.replace('T', " "),
            fold.zone,
            instant(fold.options.first),
            instant(fold.options.second)
        ),
    }
}

fn cites(directive: &Directive) -> String {
    let named = |id: &String| authority::find(id).map_or_else(|| id.clone(), |known| known.citation.clone());
    let cited: Vec<String> = directive.authority.iter().map(named).collect();
    if cited.is_empty() { String::new() } else { format!(" It cites {}.", list(&cited, "and")) }
}

fn source(source: &Source) -> String {
    if source.addressees.is_empty() {
        return String::new();
    }
    format!(" It is addressed to {}.", list(&source.addressees, "and"))
}

const fn form(form: Form) -> &'static str {
    match form {
        Form::IsInformedLetter => "a letter to one company",
        Form::Rule => "a rule",
        Form::Statute => "a statute",
        Form::CourtOrder => "an order of a court",
        Form::Oral => "a notice by word of mouth",
    }
}

/// Who is reached.
fn persons(persons: &Persons) -> String {
    let places = countries(&persons.countries);
    let base = match persons.class {
        Class::Everyone => "everyone".to_owned(),
        Class::ForeignPerson if persons.exempt.is_some() => {
            "everyone but citizens, nationals and protected individuals of the United States".to_owned()
        }
        Class::ForeignPerson => "every foreign person".to_owned(),
        Class::ForeignNationalUndefined => {
            "every \"foreign national\", a word it does not define,".to_owned()
        }
        Class::NationalOf => format!("every national of {places} ({})", nationality(persons)),
        Class::LocatedIn => format!("whoever is in {places}"),
        Class::NationalOrLocatedIn => {
            format!("every national of {places} ({}), and whoever is there,", nationality(persons))
        }
        Class::ListedParty => match persons.ownership_percent {
            None => "every party on a restricted-party list".to_owned(),
            Some(share) => format!(
                "every party on a restricted-party list, and staff of firms that such parties own to {} per cent or more,",
                share.percent()
            ),
        },
        Class::EntityHq => format!("staff of firms whose ultimate parent has its seat in {places}"),
        Class::UsPerson7446 => "every US person in the sense of 15 CFR 744.6".to_owned(),
        Class::EmployedBy => format!("staff of {}", list(&persons.employers, "or")),
    };
    let spared = if persons.only_foreign_persons { " who is a foreign person and" } else { "" };
    let open = if persons.hong_kong.is_some() { " (whether Hong Kong is meant is open)" } else { "" };
    format!("{base}{open}{spared}")
}

fn nationality(persons: &Persons) -> &'static str {
    match persons.rule.unwrap_or_default() {
        NationalityRule::MostRecent => "the most recent citizenship or permanent residence counts",
        NationalityRule::AnyHeld => "any citizenship held counts",
        NationalityRule::EverHeld => "any citizenship ever held counts",
        NationalityRule::Unspecified => "the text does not say which nationality counts",
    }
}

fn exception(exception: &Exception) -> String {
    format!(
        "**`{}`** takes out of `{}`, {}, whoever meets all of: {}.",
        exception.id,
        exception.directive,
        window(exception.from, exception.until),
        condition(&exception.when)
    )
}

fn condition(when: &Condition) -> String {
    let mut parts = Vec::new();
    let mut part = |given: Option<String>| parts.extend(given);
    part(when.models.as_ref().map(|names| format!("asks for {}", models(names))));
    part(when.end_use.as_ref().map(|uses| format!("for {}", end_uses(uses))));
    part(when.employer.as_ref().map(|firms| format!("works for {}", list(firms, "or"))));
    part(when.relation.as_ref().map(|relations| {
        let words: Vec<&str> = relations.iter().map(|known| relation(*known)).collect();
        format!("as {}", list(&words, "or"))
    }));
    part(
        when.all_nationalities_in
            .as_ref()
            .map(|names| format!("holds only nationalities of {}", countries(names))),
    );
    part(when.located_in.as_ref().map(|names| format!("is in {}", countries(names))));
    part(
        when.permanent_resident_of
            .as_ref()
            .map(|names| format!("is a permanent resident of {}", countries(names))),
    );
    parts.join("; ")
}

fn licence(licence: &Licence) -> String {
    let status = match licence.status {
        LicenceStatus::Issued => "was issued and lifts",
        LicenceStatus::Registered => "was applied for and would lift",
        LicenceStatus::Revoked => "was revoked and would have lifted",
    };
    let mut text = format!(
        "The licence **`{}`** of {} {status} {} for {} {}; it covers {}",
        licence.id,
        licence.holder,
        list(&codes(licence.lifts.iter()), "and"),
        models(&licence.models),
        window(Some(licence.from), licence.until),
        covered(licence),
    );
    let mut term = |given: Option<String>| given.into_iter().for_each(|term| text.push_str(&term));
    term(licence.end_use.as_ref().map(|uses| format!("; only for {}", end_uses(uses))));
    let barred = licence.excluded_nationalities.as_ref();
    term(barred.map(|names| format!("; no national of {}", countries(names))));
    term(licence.located_in.as_ref().map(|names| format!("; only in {}", countries(names))));
    term(licence.max_persons.map(|max| format!("; at most {max} persons{}", places(licence))));
    for condition in &licence.conditions {
        let state = match condition.state {
            ConditionState::Met => "met",
            ConditionState::Open => "not due yet",
            ConditionState::Breached => "broken",
        };
        let weight = if condition.suspends { ", and a breach suspends it" } else { "" };
        term(Some(format!("; its condition `{}` is {state}{weight}", condition.id)));
    }
    text.push('.');
    text
}

fn covered(licence: &Licence) -> String {
    let named =
        licence.persons.as_ref().map(|persons| format!("the persons {}", list(&codes(persons), "and")));
    match (named, licence.holder_employees) {
        (Some(named), true) => format!("{named} and the holder's employees"),
        (Some(named), false) => named,
        (None, true) => "the holder's employees".to_owned(),
        (None, false) => "whoever works for the holder".to_owned(),
    }
}

fn places(licence: &Licence) -> String {
    let used = licence.persons_used.map(|used| format!(", of which {used} are used")).unwrap_or_default();
    if licence.enrolled.is_empty() {
        return used;
    }
    format!("{used}, {} holding a place", list(&codes(&licence.enrolled), "and"))
}

fn stay(stay: &Stay) -> String {
    let parties = stay.parties.iter().flatten().cloned();
    let named: Vec<String> = parties.chain(codes(stay.persons.iter().flatten())).collect();
    let whom = match (named.is_empty(), stay.when == Condition::default()) {
        (true, true) => "everyone".to_owned(),
        (true, false) => format!("whoever {}", condition(&stay.when)),
        (false, true) => list(&named, "and"),
        (false, false) => format!("{}, as far as who asks {}", list(&named, "and"), condition(&stay.when)),
    };
    format!(
        "**`{}`**, an order of {}, suspends {} {} for {whom}.",
        stay.id,
        stay.source.office,
        list(&codes(&stay.directives), "and"),
        window(Some(stay.from), stay.until)
    )
}

fn duty(duty: &ServiceDuty) -> String {
    format!(
        "**`{}`**, of {} ({}): {}. It orders that {} be served with {} {}.",
        duty.id,
        country(duty.source.state),
        duty.source.office,
        duty.title,
        persons(&duty.persons),
        models(&duty.models),
        window(Some(duty.from), duty.until)
    )
}
