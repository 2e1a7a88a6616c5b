//! Findings in words, English and Korean.

use super::check::{Finding, Kind};
use super::table::{Authority, IsInformed, MayReach, Verb, Verified};
use crate::instrument::{Class, Directive};
use terms::{Activity, Country, CountrySet, Instant};

/// A text in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text<T = String> {
    /// English.
    pub en: T,
    /// Korean.
    pub ko: T,
}

/// What every finding ends in.
pub const ENFORCED: Text<&str> = Text {
    en: "This is a warning, it never stops enforcement: the directive is enforced as written. Show counsel.",
    ko: "이것은 주의 표시이며 집행을 막지 않습니다. 지시는 적힌 그대로 집행됩니다. 법률 담당자에게 보이십시오.",
};

/// The findings as a text for people, one paragraph each, and that they never stop enforcement.
pub fn text(findings: &[Finding]) -> Text {
    let paragraphs = |of: fn(&Text) -> &String, end: &str| {
        let all = findings.iter().map(|finding| of(&finding.summary).as_str());
        all.chain((!findings.is_empty()).then_some(end)).collect::<Vec<_>>().join("\n")
    };
    Text { en: paragraphs(|text| &text.en, ENFORCED.en), ko: paragraphs(|text| &text.ko, ENFORCED.ko) }
}

/// A notice to a single company.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    /// The form the law gives it.
    pub form: &'a IsInformed,
    /// For an oral notice: until when it is to be confirmed in writing.
    pub written_due: Option<Instant>,
    /// The office that gave it.
    pub office: &'a str,
}

pub(super) fn summary(authority: &Authority, kind: &Kind, directive: &Directive) -> Text {
    let cite = &authority.citation;
    let mut text = match kind {
        Kind::Countries { listed, beyond } => countries(cite, listed, beyond),
        Kind::Persons { may_reach, party_based, class } => persons(cite, *may_reach, *party_based, *class),
        Kind::TransactionKinds { covers, contested, not_covered, remote_access } => {
            let remote_access = *remote_access || contested.contains(&Activity::HostedInference);
            kinds(
                cite,
                covers,
                contested,
                not_covered,
                remote_access && !covers.contains(&Verb::RemoteAccess),
            )
        }
        Kind::EndUseLimit { .. } => end_use_limit(authority, directive),
        Kind::BasisNotShown { .. } => basis(authority),
        Kind::NotImplemented { source } => Text {
            en: format!("{cite}: no section of the EAR implements it (source: {source})."),
            ko: format!("{cite}: 이를 시행하는 EAR 조항이 없습니다(출처: {source})."),
        },
        Kind::ClockFormality { .. } => Text::default(),
    };
    let (en, ko) = checked(authority.verified);
    text.en.push_str(en);
    text.ko.push_str(ko);
    text
}

/// How far the row behind a text was checked, when that is not the operative words themselves.
const fn checked(verified: Verified) -> (&'static str, &'static str) {
    match verified {
        Verified::Yes => ("", ""),
        Verified::Part => (" [Provision read in part.]", " [조문 일부만 확인]"),
        Verified::No => (" [Provision recalled, not read.]", " [조문 미확인, 기억에 의함]"),
    }
}

fn countries(cite: &str, listed: &CountrySet, beyond: &CountrySet) -> Text {
    let hong_kong = listed.contains(Country::CN) && listed.contains(Country::HK);
    let count = listed.len().saturating_sub(u32::from(hong_kong));
    let (with_en, with_ko) = if hong_kong {
        (" (with Hong Kong as part of China)", "(홍콩은 중국의 일부로 포함)")
    } else {
        ("", "")
    };
    let noun = if count == 1 { "country" } else { "countries" };
    let (more_en, more_ko) = match beyond.len() {
        0 => ("the United States".to_owned(), "미국".to_owned()),
        1 => ("1 other".to_owned(), "그 밖의 1개 국가·지역".to_owned()),
        others => (format!("{others} others"), format!("그 밖의 {others}개 국가·지역")),
    };
    Text {
        en: format!(
            "{cite} reaches {} {noun}{with_en}; this measure also reaches {more_en}.",
            in_words(count)
        ),
        ko: format!("{cite}의 적용 국가는 {count}개국{with_ko}이나, 이 조치는 {more_ko}에도 미칩니다."),
    }
}

fn in_words(count: u32) -> String {
    let words = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    let word = usize::try_from(count).ok().and_then(|count| words.get(count));
    word.map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

fn persons(cite: &str, may_reach: MayReach, party_based: bool, class: Class) -> Text {
    let class = class.word();
    if party_based {
        return Text {
            en: format!("{cite} reaches parties on a list; this measure is for the class {class}."),
            ko: format!("{cite}는 명단에 오른 당사자에게만 미치나, 이 조치의 대상은 {class} 유형입니다."),
        };
    }
    match may_reach {
        MayReach::UsPersons => Text {
            en: format!(
                "{cite} binds US persons only, in what they do themselves; this measure is for the class {class}, or for anyone outside the United States."
            ),
            ko: format!(
                "{cite}는 미국인 자신의 활동만 구속하나, 이 조치의 대상은 {class} 유형 또는 미국 밖의 모든 사람입니다."
            ),
        },
        MayReach::Exporters | MayReach::Anyone => Text {
            en: format!(
                "{cite} binds exporters; this measure (class {class}) also reaches US persons in the United States, to whom nothing is exported."
            ),
            ko: format!(
                "{cite}는 수출자를 구속하나, 이 조치({class} 유형)는 수출이 없는 미국 내 미국인에게도 미칩니다."
            ),
        },
    }
}

fn kinds(
    cite: &str,
    covers: &[Verb],
    contested: &[Activity],
    not_covered: &[Activity],
    remote: bool,
) -> Text {
    let join =
        |of: fn(Verb) -> &'static str| covers.iter().map(|verb| of(*verb)).collect::<Vec<_>>().join(", ");
    let mut en = format!("{cite} covers: {}.", join(verb_en));
    let mut ko = format!("{cite}의 대상 거래: {}.", join(verb_ko));
    if !contested.is_empty() {
        en.push_str(&format!(
            " Whether {} is any of these is contested.",
            activities(contested, activity_en)
        ));
        ko.push_str(&format!(" {} 이에 해당하는지는 다툼이 있습니다.", activities(contested, activity_ko)));
    }
    if !not_covered.is_empty() {
        en.push_str(&format!(" Not among these: {}.", activities(not_covered, activity_en)));
        ko.push_str(&format!(" 여기에 속하지 않는 것: {}.", activities(not_covered, Activity::word)));
    }
    if remote {
        en.push_str(
            " Remote access is not among these verbs; the bill that would add it (H.R. 2683) is not law.",
        );
        ko.push_str(" 원격 접근은 이 거래 유형에 없으며, 이를 더하려는 법안(H.R. 2683)은 법률이 아닙니다.");
    }
    Text { en, ko }
}

fn activities(list: &[Activity], of: fn(Activity) -> &'static str) -> String {
    list.iter().map(|activity| of(*activity)).collect::<Vec<_>>().join(", ")
}

const fn activity_en(activity: Activity) -> &'static str {
    match activity {
        Activity::HostedInference => "hosted inference",
        Activity::WeightsDownload => "download of weights",
        Activity::SourceCode => "access to source code",
    }
}

/// With the particle of a subject.
const fn activity_ko(activity: Activity) -> &'static str {
    match activity {
        Activity::HostedInference => "호스팅 추론이",
        Activity::WeightsDownload => "가중치 내려받기가",
        Activity::SourceCode => "소스 코드 접근이",
    }
}

const fn verb_en(verb: Verb) -> &'static str {
    match verb {
        Verb::Export => "export",
        Verb::Reexport => "reexport",
        Verb::TransferInCountry => "transfer (in-country)",
        Verb::DeemedExport => "deemed export",
        Verb::UsPersonActivity => "activities of US persons",
        Verb::RemoteAccess => "remote access",
        Verb::Blocking => "blocking",
        Verb::Prohibition => "prohibition",
        Verb::Procedure => "procedure",
        Verb::VoluntaryReview => "voluntary review",
    }
}

const fn verb_ko(verb: Verb) -> &'static str {
    match verb {
        Verb::Export => "수출",
        Verb::Reexport => "재수출",
        Verb::TransferInCountry => "국내 이전",
        Verb::DeemedExport => "간주 수출",
        Verb::UsPersonActivity => "미국인의 활동",
        Verb::RemoteAccess => "원격 접근",
        Verb::Blocking => "동결",
        Verb::Prohibition => "금지",
        Verb::Procedure => "절차",
        Verb::VoluntaryReview => "자발적 검토",
    }
}

fn end_use_limit(authority: &Authority, directive: &Directive) -> Text {
    let Authority { citation, end_use_limits, end_use_limits_ko, .. } = authority;
    let (limited_en, limited_ko) = if directive.end_uses.is_some() {
        ("this measure names other end uses", "이 조치는 다른 최종 용도를 정합니다")
    } else {
        ("this measure is not limited to that", "이 조치에는 그러한 한정이 없습니다")
    };
    Text {
        en: format!("{citation} is limited to: {}; {limited_en}.", end_use_limits.join("; ")),
        ko: format!("{citation}의 한정 범위: {}. {limited_ko}.", end_use_limits_ko.join("; ")),
    }
}

fn basis(authority: &Authority) -> Text {
    let Authority { citation, basis_needed, basis_needed_ko, .. } = authority;
    Text {
        en: format!("{citation} presupposes, and the directive does not show: {}.", basis_needed.join("; ")),
        ko: format!("{citation}의 전제이나 지시에 나타나지 않은 것: {}.", basis_needed_ko.join("; ")),
    }
}

pub(super) fn formality(Notice { form, written_due, office }: &Notice<'_>) -> Text {
    let IsInformed { citation, office: by, office_ko, oral_confirmation_working_days: days, .. } = form;
    match written_due {
        Some(due) => Text {
            en: format!(
                "{citation}: an oral notice is valid at once and is to be confirmed in writing within {} working days, by {due} \
                 (the day ends in Washington; Monday to Friday, federal holidays are not counted out).",
                in_words(u32::from(*days)),
            ),
            ko: format!(
                "{citation}: 구두 통지는 즉시 효력이 있으나 근무일 {days}일 안에, 곧 {due}까지 서면으로 확인되어야 합니다 \
                 (워싱턴 시간의 하루 끝, 월요일부터 금요일까지, 연방 공휴일은 빼지 않음)."
            ),
        },
        None => Text {
            en: format!(
                "{citation}: notice is given by {by}; this letter names \"{office}\". Older wording; the present wording of the office is recalled, not read."
            ),
            ko: format!(
                "{citation}: 통지의 주체는 {office_ko}입니다. 이 문서의 발신 기관은 \"{office}\"입니다. 옛 조문에 따른 것이며, 현행 조문의 기관 명칭은 확인하지 못했습니다."
            ),
        },
    }
}
