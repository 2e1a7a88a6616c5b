//! The end of the page: what would change the answer.

use super::Lang;
use super::page::Page;
use super::words;
use crate::explain::change::{Changes, FactChange, Strongest, Supposed};
use crate::explain::step::Countries;
use crate::explain::trace::Trace;
use crate::verdict::Outcome;
use terms::Relation;

pub(super) fn write(page: &mut Page, trace: &Trace) {
    let lang = page.lang;
    let changes = &trace.changes;
    page.heading(lang.pick("What would change the answer", "판정을 바꾸는 것").to_owned());
    if trace.verdict.outcome != Outcome::Permit {
        page.field(0, ("strongest single change", "가장 직접적인 한 가지"), &strongest(lang, changes));
    }
    changes.facts.iter().for_each(|change| fact(page, change));
    for change in &changes.readings {
        let recorded = if change.recorded.is_some() {
            lang.pick("if another reading were recorded", "해석을 달리 기록하면")
        } else {
            lang.pick("if this reading were recorded", "해석을 이렇게 기록하면")
        };
        let asked = words::question(lang, change.question);
        let answer = words::option(lang, change.question, change.option);
        page.item(0, format!("{recorded}: {asked} {answer} → {}", words::outcome(lang, change.outcome)));
    }
    for moment in &changes.moments {
        let outcome = words::outcome(lang, moment.outcome);
        page.item(
            0,
            match lang {
                Lang::En => format!("from {} on → {outcome}", moment.from),
                Lang::Ko => format!("{}부터 → {outcome}", moment.from),
            },
        );
    }
    if changes.facts.is_empty() && changes.readings.is_empty() && changes.moments.is_empty() {
        page.item(0, lang.pick("no single change would", "어떤 한 가지 변화로도 바뀌지 않습니다").to_owned());
    }
}

fn fact(page: &mut Page, change: &FactChange) {
    let lang = page.lang;
    let (what, level) = (words::fact(lang, change.fact), words::level(lang, change.level));
    page.item(
        0,
        match (lang, change.missing) {
            (Lang::En, true) => format!("missing: {what}; shown at level \"{level}\" or above as"),
            (Lang::En, false) => {
                format!("if the facts were others: {what}; shown at level \"{level}\" or above as")
            }
            (Lang::Ko, true) => format!("미확인 사실: {what}(증빙 수준: {level} 이상)"),
            (Lang::Ko, false) => format!("사실이 달랐다면: {what}(증빙 수준: {level} 이상)"),
        },
    );
    for case in &change.cases {
        let values = words::join_long(&case.values, |value| supposed(lang, value));
        page.item(1, format!("{values} → {}", words::outcome(lang, case.outcome)));
    }
}

fn strongest(lang: Lang, changes: &Changes) -> String {
    match &changes.strongest {
        None => lang
            .pick("no single change leads to a permit", "한 가지 변화만으로는 허용되지 않습니다")
            .to_owned(),
        Some(Strongest::Fact { fact, missing, values }) => {
            let what = words::fact(lang, *fact);
            let values = words::join_long(values, |value| supposed(lang, value));
            let how = if *missing {
                lang.pick("show", "증명")
            } else {
                lang.pick("other facts", "다른 사실")
            };
            format!("{how}: {what}: {values}")
        }
        Some(Strongest::Reading { question, option }) => format!(
            "{}: {} {}",
            lang.pick("record a reading", "해석 기록"),
            words::question(lang, *question),
            words::option(lang, *question, option)
        ),
        Some(Strongest::Moment { from }) => match lang {
            Lang::En => format!("wait until {from}"),
            Lang::Ko => format!("{from}까지 기다림"),
        },
    }
}

fn supposed(lang: Lang, value: &Supposed) -> String {
    let of = |en: &str, ko: &str, value: &str| format!("{}: {value}", lang.pick(en, ko));
    let places = |en: &str, ko: &str, set: &Countries| of(en, ko, &words::countries(lang, &set.0));
    let plain = |en: &str, ko: &str| lang.pick(en, ko).to_owned();
    match value {
        Supposed::UsStatus(status) => words::status(lang, *status).to_owned(),
        Supposed::PersonOfStatus(status) => of("a person", "자연인", words::status(lang, *status)),
        Supposed::SoleCitizenOf(set) => places("sole citizenship", "유일한 국적", set),
        Supposed::NoOtherCitizenship => plain("those on file and no other", "기록된 국적 외에 없음"),
        Supposed::Stateless => plain("stateless", "무국적"),
        Supposed::LossShown => plain("lost, as claimed", "주장한 대로 상실함"),
        Supposed::NotLost => plain("not lost", "상실하지 않음"),
        Supposed::AcquiredLast(country) => {
            of("acquired last", "마지막에 취득", &words::country(lang, *country))
        }
        Supposed::In(set) => places("in", "소재지", set),
        Supposed::EndUse(end_use) => words::end_use(lang, *end_use).to_owned(),
        Supposed::At(as_) => {
            of("the employer on file, as", "기록된 고용주와의 관계", words::relation(lang, *as_))
        }
        Supposed::AtNamed(as_) => at_named(lang, *as_),
        Supposed::AtOther(as_) => of(
            "a firm that no directive or exception names, as",
            "문서에 적히지 않은 회사와의 관계",
            words::relation(lang, *as_),
        ),
        Supposed::NoEmployer => plain("no employer", "고용주 없음"),
        Supposed::ParentIn(set) => places("ultimate parent in", "최종 모회사 소재지", set),
        Supposed::OwnedByListed => plain("owned by listed parties", "명단 등재자가 소유함"),
        Supposed::NotOwnedByListed => plain("not owned by listed parties", "명단 등재자가 소유하지 않음"),
        Supposed::Listed => plain("on a restricted-party list", "제한 당사자 명단에 있음"),
        Supposed::NotListed => plain("on no restricted-party list", "제한 당사자 명단에 없음"),
    }
}

fn at_named(lang: Lang, relation: Relation) -> String {
    let relation = words::relation(lang, relation);
    match lang {
        Lang::En => format!("a firm that a directive or exception names (confidential), as: {relation}"),
        Lang::Ko => format!("문서에 적힌 회사(비밀)와의 관계: {relation}"),
    }
}
