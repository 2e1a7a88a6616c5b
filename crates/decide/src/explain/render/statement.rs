//! Statements on file, in words.

use super::Lang;
use super::words;
use crate::explain::evidence::{Held, OnFile, Statement};
use terms::{Country, MissingFact, Share, SubjectKind, UsStatus};

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
    match statement {
        Statement::UsStatus { status, expired } => us_status(lang, *status, *expired),
        Statement::Citizenship(held) => field(lang, "citizenship", "국적", &holding(lang, held)),
        Statement::Residence(held) => field(lang, "permanent residence", "영주권", &holding(lang, held)),
        Statement::ListComplete { value } => list_complete(lang, *value).to_owned(),
        Statement::ListCurrent { value } => list_current(lang, *value).to_owned(),
        Statement::NoCitizenOf { countries } => {
            field(lang, "no citizen of", "국적 없음", &words::countries(lang, &countries.0))
        }
        Statement::Stateless { value: true } => field(lang, "stateless", "무국적", lang.pick("yes", "예")),
        Statement::Stateless { value: false } => {
            field(lang, "stateless", "무국적", lang.pick("no", "아니요"))
        }
        Statement::Location { country } => field(lang, "place", "소재지", &place(lang, *country)),
        Statement::Employment { relation } => {
            field(lang, "works as", "고용 관계", words::relation(lang, *relation))
        }
        Statement::NoEmployer => lang.pick("works for nobody", "고용주가 없습니다").to_owned(),
        Statement::EmploymentUnknown => field(lang, "employer", "고용주", unknown(lang)),
        Statement::ParentSeat { country } => {
            let seat = place(lang, *country);
            field(lang, "seat of the employer's ultimate parent", "고용주의 최종 모회사 소재지", &seat)
        }
        Statement::Owners { listed, unlisted } => owners(lang, *listed, *unlisted),
        Statement::PartyMatch { result } => {
            field(lang, "screening", "명단 대조", words::party(lang, *result))
        }
        Statement::UsersAttested { all_us_persons } => users(lang, *all_us_persons).to_owned(),
        Statement::EndUse { end_use } => field(lang, "end use", "최종 용도", words::end_use(lang, *end_use)),
        Statement::Activity { activity } => field(lang, "activity", "행위", words::activity(lang, *activity)),
        Statement::ServedFrom { country } => {
            field(lang, "served from", "제공지", &words::country(lang, *country))
        }
        Statement::NoNaturalPerson { subject } => nobody(lang, *subject),
        Statement::Contradicted { about } => contradicted(lang, *about),
    }
}

fn field(lang: Lang, en: &str, ko: &str, value: &str) -> String {
    format!("{}: {value}", lang.pick(en, ko))
}

fn unknown(lang: Lang) -> &'static str {
    lang.pick("not known", "알 수 없음")
}

fn place(lang: Lang, country: Option<Country>) -> String {
    country.map_or_else(|| unknown(lang).to_owned(), |country| words::country(lang, country))
}

fn us_status(lang: Lang, status: UsStatus, expired: bool) -> String {
    let expired = if expired { lang.pick(", evidence expired", ", 증빙 기한 지남") } else { "" };
    let value = format!("{}{expired}", words::status(lang, status));
    field(lang, "status under US law", "미국 체류 신분", &value)
}

fn list_complete(lang: Lang, complete: bool) -> &'static str {
    if complete {
        lang.pick("the list of citizenships is complete", "국적 목록이 전부입니다")
    } else {
        lang.pick(
            "whether the list of citizenships is complete is not known",
            "국적 목록이 전부인지 알 수 없습니다",
        )
    }
}

fn list_current(lang: Lang, current: bool) -> &'static str {
    if current {
        lang.pick(
            "these are all citizenships held now; nothing is said of lost ones",
            "현재 보유한 국적은 이것이 전부이며, 상실한 국적에 대해서는 밝혀진 것이 없습니다",
        )
    } else {
        lang.pick(
            "whether these are all citizenships held now is not known",
            "현재 보유한 국적이 이것뿐인지 알 수 없습니다",
        )
    }
}

fn owners(lang: Lang, listed: Share, unlisted: Share) -> String {
    let (listed, unlisted) = (listed.percent(), unlisted.percent());
    match lang {
        Lang::En => format!("owners: {listed} % listed parties, {unlisted} % others"),
        Lang::Ko => format!("소유 지분: 명단 등재자 {listed} %, 그 밖 {unlisted} %"),
    }
}

fn users(lang: Lang, all_us_persons: bool) -> &'static str {
    if all_us_persons {
        lang.pick(
            "the account states that all users are US persons",
            "계정이 모든 이용자가 미국인이라고 확약했습니다",
        )
    } else {
        lang.pick(
            "the account does not state that all users are US persons",
            "계정이 모든 이용자가 미국인이라고 확약하지 않았습니다",
        )
    }
}

fn nobody(lang: Lang, subject: SubjectKind) -> String {
    let subject = words::subject(lang, subject);
    match lang {
        Lang::En => format!("no natural person is known behind {subject}"),
        Lang::Ko => format!("자연인을 알 수 없습니다({subject})"),
    }
}

fn contradicted(lang: Lang, about: MissingFact) -> String {
    let about = words::fact(lang, about);
    match lang {
        Lang::En => format!("statements contradict each other ({about}): counts as unknown"),
        Lang::Ko => format!("진술이 서로 상충합니다({about}): 알 수 없는 것으로 봅니다"),
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
