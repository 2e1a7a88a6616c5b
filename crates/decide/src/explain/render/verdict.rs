//! The head of the page: the answer.

use super::Lang;
use super::page::Page;
use super::words;
use crate::cure::Cure;
use crate::explain::trace::Trace;
use terms::MissingFact;

pub(super) fn write(page: &mut Page, trace: &Trace) {
    let lang = page.lang;
    let ruling = &trace.verdict;
    page.title(format!("{}: {}", lang.pick("Verdict", "판정"), words::outcome(lang, ruling.outcome)));
    asked(page, trace);
    let decisive = words::join(&ruling.decisive, ToString::to_string);
    page.field(0, ("decided by", "결정적 문서"), or_none(lang, &decisive));
    if !ruling.missing.is_empty() {
        let facts = words::join_long(&ruling.missing, |fact| words::fact(lang, *fact).to_owned());
        page.field(0, ("missing facts", "미확인 사실"), &facts);
    }
    if let Some(open) = &ruling.depends_on {
        page.field(0, ("open question", "미해결 쟁점"), words::question(lang, open.question));
        for answer in &open.options {
            let option = words::option(lang, open.question, answer.option);
            page.item(1, format!("{option}: {}", words::outcome(lang, answer.outcome)));
        }
    }
    if ruling.cautious {
        let (en, ko) = (
            "too much is unknown to try every value: the refusal is more cautious than exact",
            "알 수 없는 것이 너무 많아 모든 값을 따져 보지 못했습니다. 이 거절은 정확한 판정보다 신중한 판정입니다",
        );
        page.item(0, lang.pick(en, ko).to_owned());
    }
    for flag in &ruling.flags {
        page.field(0, ("warning", "주의 표시"), words::flag(lang, *flag));
    }
    page.field(0, ("cure", "해소 방법"), &cure(lang, &ruling.cure));
    let stands = match ruling.valid_until {
        Some(until) => {
            lang.pick(format!("until {until}").as_str(), format!("{until} 전까지").as_str()).to_owned()
        }
        None => lang.pick("as long as nothing on file changes", "기록이 바뀌지 않는 한").to_owned(),
    };
    page.field(0, ("this answer stands", "판정의 유효 기간"), &stands);
    for reading in &trace.readings {
        let answer = words::option(lang, reading.question, reading.choice);
        let said = format!("{} {answer}", words::question(lang, reading.question));
        page.field(0, ("recorded reading", "기록된 해석"), &said);
    }
}

fn asked(page: &mut Page, trace: &Trace) {
    let lang = page.lang;
    let model = trace.model.as_ref().map_or("?", |model| model.as_str());
    page.field(0, ("model", "모델"), model);
    let milliseconds = trace.clock_uncertainty_us.checked_div(1000).unwrap_or(0);
    let at = if trace.clock_uncertainty_us == 0 {
        trace.at.to_string()
    } else {
        format!("{} (± {milliseconds} ms)", trace.at)
    };
    page.field(0, ("at", "시점"), &at);
    page.field(0, ("asked by", "요청자"), words::subject(lang, trace.subject));
    let request = &trace.request;
    page.field(0, ("activity", "행위"), words::activity(lang, request.activity));
    page.field(0, ("end use", "최종 용도"), words::end_use(lang, request.end_use.value));
    page.field(0, ("served from", "제공지"), &words::country(lang, request.served_from));
}

fn or_none(lang: Lang, text: &str) -> &str {
    if text.is_empty() { lang.pick("no directive", "해당하는 지시 없음") } else { text }
}

fn cure(lang: Lang, cure: &Cure) -> String {
    match cure {
        Cure::NotNeeded => lang.pick("none needed", "필요 없음").to_owned(),
        Cure::Show { facts, level, location_level } => {
            let facts: Vec<MissingFact> = facts.iter().collect();
            let shown = words::join_long(&facts, |fact| {
                let level = if *fact == MissingFact::Location { location_level } else { level };
                let (what, level) = (words::fact(lang, *fact), words::level(lang, *level));
                match lang {
                    Lang::En => format!("{what}, at level \"{level}\" or above"),
                    Lang::Ko => format!("{what}(증빙 수준: {level} 이상)"),
                }
            });
            format!("{}: {shown}", lang.pick("show", "다음을 증명합니다"))
        }
        Cure::RecordReading(question) => {
            let asked = words::question(lang, *question);
            format!("{}: {asked}", lang.pick("the operator records a reading", "운영자가 해석을 기록합니다"))
        }
        Cure::Wait(until) => match lang {
            Lang::En => format!("none before {until}; another model may be open"),
            Lang::Ko => format!("{until} 전에는 없습니다. 다른 모델은 이용이 가능할 수 있습니다"),
        },
        Cure::OtherModel => {
            let (en, ko) = (
                "none for this model; another model may be open",
                "이 모델에는 없습니다. 다른 모델은 이용이 가능할 수 있습니다",
            );
            lang.pick(en, ko).to_owned()
        }
    }
}
