//! Statements on file, in words.

use super::Lang;
use super::words;
use crate::explain::evidence::{Held, OnFile, Statement};

pub(super) fn line(lang: Lang, on_file: &OnFile) -> String {
    let said = statement(lang, &on_file.says);
    match on_file.level {
        None => said,
        Some(level) => {
            format!("{said} [{}: {}]", lang.pick("level", "증빙 수준"), words::level(lang, level))
        }
    }
}

fn statement(lang: Lang, statement: &Statement) -> String {
    let field = |en: &str, ko: &str, value: &str| format!("{}: {value}", lang.pick(en, ko));
    let unknown = || lang.pick("not known", "알 수 없음").to_owned();
    match statement {
        Statement::UsStatus { status, expired } => {
            let expired =
                if *expired { lang.pick(", evidence expired", ", 증빙 기한 지남") } else { "" };
            let value = format!("{}{expired}", words::status(lang, *status));
            field("status under US law", "미국 체류 신분", &value)
        }
        Statement::Citizenship(held) => field("citizenship", "국적", &holding(lang, held)),
        Statement::Residence(held) => field("permanent residence", "영주권", &holding(lang, held)),
        Statement::ListComplete { value: true } => {
            lang.pick("the list of citizenships is complete", "국적 목록이 전부입니다").to_owned()
        }
        Statement::ListComplete { value: false } => lang
            .pick(
                "whether the list of citizenships is complete is not known",
                "국적 목록이 전부인지 알 수 없습니다",
            )
            .to_owned(),
        Statement::Stateless { value } => field(
            "stateless",
            "무국적",
            if *value { lang.pick("yes", "예") } else { lang.pick("no", "아니요") },
        ),
        Statement::Location { country } => {
            let place = country.map_or_else(unknown, |country| words::country(lang, country));
            field("place", "소재지", &place)
        }
        Statement::Employment { relation } => {
            field("works as", "고용 관계", words::relation(lang, *relation))
        }
        Statement::NoEmployer => lang.pick("works for nobody", "고용주가 없습니다").to_owned(),
        Statement::EmploymentUnknown => field("employer", "고용주", &unknown()),
        Statement::ParentSeat { country } => {
            let seat = country.map_or_else(unknown, |country| words::country(lang, country));
            field("seat of the employer's ultimate parent", "고용주의 최종 모회사 소재지", &seat)
        }
        Statement::Owners { listed, unlisted } => match lang {
            Lang::En => {
                format!("owners: {} % listed parties, {} % others", listed.percent(), unlisted.percent())
            }
            Lang::Ko => {
                format!("소유 지분: 명단 등재자 {} %, 그 밖 {} %", listed.percent(), unlisted.percent())
            }
        },
        Statement::PartyMatch { result } => field("screening", "명단 대조", words::party(lang, *result)),
        Statement::UsersAttested { all_us_persons: true } => lang
            .pick(
                "the account states that all users are US persons",
                "계정이 모든 이용자가 미국인이라고 확약했습니다",
            )
            .to_owned(),
        Statement::UsersAttested { all_us_persons: false } => lang
            .pick(
                "the account does not state that all users are US persons",
                "계정이 모든 이용자가 미국인이라고 확약하지 않았습니다",
            )
            .to_owned(),
        Statement::EndUse { end_use } => field("end use", "최종 용도", words::end_use(lang, *end_use)),
        Statement::Activity { activity } => field("activity", "행위", words::activity(lang, *activity)),
        Statement::ServedFrom { country } => field("served from", "제공지", &words::country(lang, *country)),
        Statement::NoNaturalPerson { subject } => {
            let subject = words::subject(lang, *subject);
            match lang {
                Lang::En => format!("no natural person is known behind {subject}"),
                Lang::Ko => format!("자연인을 알 수 없습니다({subject})"),
            }
        }
        Statement::Contradicted { about } => {
            let about = words::fact(lang, *about);
            match lang {
                Lang::En => format!("statements contradict each other ({about}): counts as unknown"),
                Lang::Ko => format!("진술이 서로 상충합니다({about}): 알 수 없는 것으로 봅니다"),
            }
        }
    }
}

fn holding(lang: Lang, held: &Held) -> String {
    let mut said = words::country(lang, held.country);
    if let Some(from) = held.from {
        said.push_str(&format!(", {} {from}", lang.pick("acquired", "취득")));
    }
    if let Some(registered) = held.registered {
        said.push_str(&format!(", {} {registered}", lang.pick("registered", "등록")));
    }
    if let Some(until) = held.until {
        said.push_str(&format!(", {} {until}", lang.pick("lost", "상실")));
    }
    if let Some(level) = held.loss_level {
        let shown = words::level(lang, level);
        said.push_str(&format!(" ({}: {shown})", lang.pick("loss shown by", "상실 증빙 수준")));
    }
    said
}
