//! What the law asks, in words.

use super::Lang;
use super::words;
use crate::explain::step::{Countries, Predicate};
use terms::{Instant, Relation};

/// A condition, said so that yes or no answers it.
pub(super) fn line(lang: Lang, asks: &Predicate) -> String {
    match fixed(asks) {
        Some((en, ko)) => lang.pick(en, ko).to_owned(),
        None => with_values(lang, asks),
    }
}

/// Conditions without values.
const fn fixed(asks: &Predicate) -> Option<(&'static str, &'static str)> {
    Some(match asks {
        Predicate::Scope => ("Request and subject are in its scope", "요청과 요청자가 적용 범위에 듭니다"),
        Predicate::HostedUseIsExport => ("Hosted use is an export", "호스팅 이용은 수출입니다"),
        Predicate::RemoteAccess => {
            ("Only remote access is covered: access is remote", "원격 접근만 대상이며, 이 접근은 원격입니다")
        }
        Predicate::FromAnotherCountry => {
            ("The user is in another country than the serving site", "이용자가 제공지와 다른 나라에 있습니다")
        }
        Predicate::FromAnotherSite => {
            ("Every user is elsewhere than the serving site", "모든 이용자는 제공 시설과 다른 곳에 있습니다")
        }
        Predicate::PersonOrPlace => (
            "The person or the place is reached (one suffices)",
            "사람 또는 장소가 대상에 듭니다(하나로 충분)",
        ),
        Predicate::Destination => (
            "The place is outside the United States, and every such destination is reached (15 CFR 734.13(a)(1))",
            "소재지가 미국 밖이며, 미국 밖의 모든 목적지가 대상입니다(15 CFR 734.13(a)(1))",
        ),
        Predicate::PersonsOnly => (
            "A destination is reached (none is, under this reading)",
            "목적지가 대상입니다(이 해석에서는 해당 없음)",
        ),
        Predicate::Everyone => ("Everyone is reached", "모든 사람이 대상입니다"),
        Predicate::ForeignPerson { citizens_and_protected_only: false } => (
            "Foreign person: no citizen, national, permanent resident or protected individual of the United States (15 CFR 772.1)",
            "외국인: 미국 시민, 국민, 영주권자, 보호 대상자 가운데 어느 것도 아닙니다(15 CFR 772.1)",
        ),
        Predicate::ForeignPerson { citizens_and_protected_only: true } => (
            "Foreign person, or permanent resident who let the naturalisation period pass (15 CFR 772.1, 8 USC 1324b(a)(3))",
            "외국인이거나, 귀화 신청 기간을 넘긴 영주권자입니다(15 CFR 772.1, 8 USC 1324b(a)(3))",
        ),
        other => return fixed_of_person(other),
    })
}

const fn fixed_of_person(asks: &Predicate) -> Option<(&'static str, &'static str)> {
    Some(match asks {
        Predicate::ForeignNational => (
            "\"Foreign national\", which the text does not define",
            "\"foreign national\"입니다(문언에 정의 없음)",
        ),
        Predicate::NoCitizenOrNational => {
            ("Neither citizen nor national of the United States", "미국 시민도 미국 국민도 아닙니다")
        }
        Predicate::NationalOrLocated => {
            ("National of, or located in, one of the countries", "해당 국가의 국적자이거나 그곳에 있습니다")
        }
        Predicate::ListedParty => (
            "Listed party, or working for a firm that listed parties own",
            "명단 등재자이거나, 명단 등재자가 소유한 회사에서 일합니다",
        ),
        Predicate::OnList => ("On a restricted-party list", "제한 당사자 명단에 올라 있습니다"),
        Predicate::UsPerson => ("US person (15 CFR 744.6)", "미국인입니다(15 CFR 744.6)"),
        Predicate::UsPersonByStatus => (
            "Citizen, national, resident or protected individual of the United States, wherever",
            "어디에 있든 미국 시민, 국민, 거주자 또는 보호 대상자입니다",
        ),
        Predicate::InTheUs => ("In the United States", "미국 안에 있습니다"),
        Predicate::Relieved => (
            "Something takes the subject out (one suffices)",
            "요청자를 적용에서 빼는 것이 있습니다(하나로 충분)",
        ),
        Predicate::ForModel => ("It is for the model asked for", "요청한 모델에 관한 것입니다"),
        Predicate::NamedByLicence => ("Named by the licence", "허가에 이름이 있습니다"),
        Predicate::WorksForHolder { employees_only: true } => {
            ("Employee of the holder", "허가 보유자의 직원입니다")
        }
        Predicate::WorksForHolder { employees_only: false } => {
            ("Works for the holder, in any relation", "어떤 관계로든 허가 보유자를 위해 일합니다")
        }
        Predicate::HoldsPlace => {
            ("Holds a place: all places are taken", "정원이 찼으며, 이미 등록되어 있습니다")
        }
        _ => return None,
    })
}

fn with_values(lang: Lang, asks: &Predicate) -> String {
    let of = |en: &str, ko: &str, values: String| format!("{}: {values}", lang.pick(en, ko));
    let places = |en: &str, ko: &str, set: &Countries| of(en, ko, words::countries(lang, &set.0));
    match asks {
        Predicate::ActivityIn { activities: None } => {
            lang.pick("Every activity is reached", "모든 행위가 대상입니다").to_owned()
        }
        Predicate::ActivityIn { activities: Some(activities) } => {
            let list = words::join(activities, |activity| words::activity(lang, *activity).to_owned());
            of("The activity is one it reaches", "행위가 다음 가운데 하나입니다", list)
        }
        Predicate::EndUseReached { end_uses } | Predicate::EndUseSpared { end_uses } => {
            let list = words::join(end_uses, |end_use| words::end_use(lang, *end_use).to_owned());
            of("The end use is one of", "최종 용도가 다음 가운데 하나입니다", list)
        }
        Predicate::NationalOf { countries } => {
            places("National of one of", "다음 국가의 국적자입니다", countries)
        }
        Predicate::MostRecentNationality { countries } => places(
            "The most recent nationality is one of (15 CFR 734.13(b))",
            "최근 국적이 다음 가운데 하나입니다(15 CFR 734.13(b))",
            countries,
        ),
        Predicate::AnyCitizenship { countries } => {
            places("A current citizenship is one of", "현재 국적 가운데 하나가 다음에 듭니다", countries)
        }
        Predicate::EverCitizenship { countries } => places(
            "A citizenship, current or past, is one of",
            "현재나 과거의 국적 가운데 하나가 다음에 듭니다",
            countries,
        ),
        Predicate::LocatedIn { countries } | Predicate::SparedIn { countries } => {
            places("Located in one of", "다음 국가에 있습니다", countries)
        }
        Predicate::ParentSeatIn { countries } => places(
            "The employer's ultimate parent has its seat in one of",
            "고용주의 최종 모회사가 다음 국가에 있습니다",
            countries,
        ),
        Predicate::AllCitizenshipsIn { countries } => {
            places("Every current citizenship is one of", "현재 국적이 모두 다음에 듭니다", countries)
        }
        Predicate::NoCitizenshipOf { countries } => {
            places("No current citizenship is one of", "현재 국적이 다음 어느 것도 아닙니다", countries)
        }
        Predicate::ResidentOf { countries } => {
            places("Permanent resident of one of", "다음 국가의 영주권자입니다", countries)
        }
        other => named(lang, other),
    }
}

/// Conditions about firms, reliefs and questions.
fn named(lang: Lang, asks: &Predicate) -> String {
    match asks {
        Predicate::OwnedByListed { percent } => match lang {
            Lang::En => format!("Listed parties own {} % of the employer or more", percent.percent()),
            Lang::Ko => format!("명단 등재자가 고용주의 지분을 {} % 이상 가지고 있습니다", percent.percent()),
        },
        Predicate::EmployedByNamed { firms } => match lang {
            Lang::En => format!("Works for one of the firms the directive names ({firms})"),
            Lang::Ko => format!("지시에 적힌 회사({firms}곳)에서 일합니다"),
        },
        Predicate::Party { firms, persons } => match lang {
            Lang::En => format!("One of the parties it names ({firms} firms, {persons} persons)"),
            Lang::Ko => format!("문서에 적힌 당사자입니다(회사 {firms}곳, 사람 {persons}명)"),
        },
        Predicate::Works { firms, relations } => works(lang, *firms, relations.as_deref()),
        Predicate::WindowOpen { from, until } => window(lang, *from, *until),
        Predicate::Relief { id, kind, confidential } => {
            let secret = if *confidential { confidential_mark(lang) } else { "" };
            format!("{} {id}{secret}", capital(words::kind(lang, *kind)))
        }
        Predicate::Licence { id, .. } => {
            format!("{} {id}{}", lang.pick("Licence", "허가"), confidential_mark(lang))
        }
        Predicate::Licences { others, employer_known } => licences(lang, *others, *employer_known),
        Predicate::Question { question, recorded } => {
            let asked = words::question(lang, *question);
            match recorded {
                Some(choice) => format!(
                    "{}: {asked} {}",
                    lang.pick("Recorded reading", "기록된 해석"),
                    words::option(lang, *question, choice)
                ),
                None => format!("{}: {asked}", lang.pick("Open question", "미해결 쟁점")),
            }
        }
        Predicate::Under { question, option } => {
            format!("{}: {}", lang.pick("Under", "해석"), words::option(lang, *question, option))
        }
        _ => String::new(),
    }
}

fn confidential_mark(lang: Lang) -> &'static str {
    lang.pick(" (confidential: not for callers)", " (비밀: 이용자에게 알리지 않습니다)")
}

/// The word with a capital, for the start of a line.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn works(lang: Lang, firms: Option<usize>, relations: Option<&[Relation]>) -> String {
    let related =
        relations.map(|list| words::join(list, |relation| words::relation(lang, *relation).to_owned()));
    match (lang, firms, related) {
        (Lang::En, Some(firms), Some(related)) => {
            format!("Works for one of the firms it names ({firms}), as: {related}")
        }
        (Lang::En, Some(firms), None) => {
            format!("Works for one of the firms it names ({firms}), in any relation")
        }
        (Lang::En, None, Some(related)) => format!("Works for a firm, as: {related}"),
        (Lang::En, None, None) => "Works for a firm".to_owned(),
        (Lang::Ko, Some(firms), Some(related)) => {
            format!("문서에 적힌 회사({firms}곳)에서 다음 관계로 일합니다: {related}")
        }
        (Lang::Ko, Some(firms), None) => {
            format!("어떤 관계로든 문서에 적힌 회사({firms}곳)에서 일합니다")
        }
        (Lang::Ko, None, Some(related)) => format!("회사에서 다음 관계로 일합니다: {related}"),
        (Lang::Ko, None, None) => "회사에서 일합니다".to_owned(),
    }
}

fn window(lang: Lang, from: Option<Instant>, until: Option<Instant>) -> String {
    let (en, ko) = match (from, until) {
        (None, None) => ("always".to_owned(), "항상".to_owned()),
        (Some(from), None) => (format!("from {from}"), format!("{from}부터")),
        (None, Some(until)) => (format!("until {until}"), format!("{until} 전까지")),
        (Some(from), Some(until)) => {
            (format!("from {from} until {until}"), format!("{from}부터 {until} 전까지"))
        }
    };
    match lang {
        Lang::En => format!("Open at the instant of the request ({en})"),
        Lang::Ko => format!("요청 시점이 유효 기간 안입니다({ko})"),
    }
}

fn licences(lang: Lang, others: usize, employer_known: bool) -> String {
    let unknown = if employer_known {
        ""
    } else {
        lang.pick("; for whom the person works is not known", "; 누구를 위해 일하는지 알 수 없습니다")
    };
    match lang {
        Lang::En => format!(
            "A licence found under the person or the firm (others that lift this directive: {others}{unknown})"
        ),
        Lang::Ko => {
            format!("본인 또는 회사로 찾은 허가가 있습니다(이 지시를 푸는 다른 허가: {others}건{unknown})")
        }
    }
}
