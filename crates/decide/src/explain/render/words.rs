//! Single words and short phrases, English and Korean.

use super::Lang;
use crate::explain::step::{Kind, Truth};
use crate::explain::trace::BindingState;
use crate::verdict::{Flag, Outcome};
use law::Form;
use terms::{
    Activity, Country, CountrySet, EndUse, Level, MissingFact, PartyMatch, Question, Relation, SubjectKind,
    UsStatus,
};

/// Countries named in full at most; more are given as codes.
const NAMED: u32 = 4;

pub(super) fn outcome(lang: Lang, outcome: Outcome) -> &'static str {
    let (en, ko) = match outcome {
        Outcome::Permit => ("permit", "허용"),
        Outcome::Deny => ("deny", "거부"),
        Outcome::VerifyFirst => ("verify first", "확인 필요"),
        Outcome::Depends => ("depends on an open reading", "해석 필요"),
    };
    lang.pick(en, ko)
}

pub(super) fn truth(lang: Lang, truth: Truth) -> &'static str {
    let (en, ko) = match truth {
        Truth::Yes => ("yes", "예"),
        Truth::No => ("no", "아니요"),
        Truth::Open => ("open", "미확정"),
    };
    lang.pick(en, ko)
}

/// Where a directive puts the subject.
pub(super) fn side(lang: Lang, truth: Truth) -> &'static str {
    let (en, ko) = match truth {
        Truth::Yes => ("inside: the directive holds the subject", "적용: 지시가 요청자에게 적용됩니다"),
        Truth::No => (
            "outside: the directive does not hold the subject",
            "비적용: 지시가 요청자에게 적용되지 않습니다",
        ),
        Truth::Open => ("undecided", "미확정"),
    };
    lang.pick(en, ko)
}

pub(super) fn level(lang: Lang, level: Level) -> &'static str {
    let (en, ko) = match level {
        Level::None => ("none", "증빙 없음"),
        Level::Ip => ("network address", "네트워크 주소"),
        Level::SelfDeclared => ("own word", "본인 진술"),
        Level::Employer => ("employer's word", "고용주 확인"),
        Level::Document => ("document", "문서"),
        Level::Credential => ("government credential", "정부 발급 자격증명"),
    };
    lang.pick(en, ko)
}

pub(super) fn fact(lang: Lang, fact: MissingFact) -> &'static str {
    let (en, ko) = match fact {
        MissingFact::UsStatus => ("status under US law", "미국 체류 신분"),
        MissingFact::Citizenships => ("all citizenships", "보유한 모든 국적"),
        MissingFact::AcquisitionDates => ("dates on which citizenships were acquired", "국적 취득일"),
        MissingFact::ProofOfLoss => ("proof that a citizenship was lost", "국적 상실의 증명"),
        MissingFact::Location => ("place", "소재지"),
        MissingFact::EndUse => ("end use", "최종 용도"),
        MissingFact::Employment => ("employer and relation", "고용주와 고용 관계"),
        MissingFact::Ownership => ("owners of the employer", "고용주의 소유자와 지분"),
        MissingFact::EmployerUltimateParent => {
            ("seat of the employer's ultimate parent", "고용주의 최종 모회사 소재지")
        }
        MissingFact::NaturalPerson => ("the natural person behind the key", "API 키를 쓰는 자연인"),
        MissingFact::PartyIdentity => ("whether the listed party is meant", "명단 등재자와 동일한지 여부"),
        MissingFact::Screening => ("screening against restricted-party lists", "제한 당사자 명단 대조"),
    };
    lang.pick(en, ko)
}

pub(super) fn question(lang: Lang, question: Question) -> &'static str {
    let ko = match question {
        Question::DestinationLimb => "이 지시는 누구인지와 관계없이 미국 밖에 있는 모든 사람에게도 미칩니까?",
        Question::ForeignNationalMeans => "정의가 없는 \"foreign national\"은 무엇을 뜻합니까?",
        Question::HostedInferenceIsExport => "호스팅 추론은 수출입니까?",
        Question::NationalityRule => "최근 국적, 보유 국적, 전력 국적 가운데 어느 국적이 기준입니까?",
        Question::CitizenshipDate => "취득일로 볼 수 있는 날짜가 둘인 국적은 어느 날짜가 기준입니까?",
        Question::StatelessCountry => "무국적자는 어느 나라에 속하는 것으로 봅니까?",
        Question::EmployeeMeans => "\"직원\"에 계약직이 포함됩니까?",
        Question::HongKongIsCn => "\"중국\"에 홍콩이 포함됩니까?",
        Question::RemoteLocationUnit => "원격 접근의 기준은 다른 시설입니까, 다른 나라입니까?",
        Question::LocalTimeFold => "두 번 오는 현지 시각은 어느 시점을 뜻합니까?",
    };
    lang.pick(question.in_words(), ko)
}

/// An answer, in words where the word alone does not say it; the word used in files follows in brackets.
pub(super) fn option(lang: Lang, question: Question, option: &'static str) -> String {
    let (en, ko) = match (question, option) {
        (Question::DestinationLimb, "apply") => ("it also reaches destinations", "목적지에도 미침"),
        (Question::DestinationLimb, _) => ("persons only", "사람에게만 미침"),
        (Question::ForeignNationalMeans, "ear_772_1") => {
            ("foreign person as in 15 CFR 772.1", "15 CFR 772.1의 외국인")
        }
        (Question::ForeignNationalMeans, _) => {
            ("whoever is neither US citizen nor national", "미국 시민도 미국 국민도 아닌 사람")
        }
        (Question::NationalityRule, "most_recent") => ("the most recent", "최근 국적"),
        (Question::NationalityRule, "any_held") => ("any held", "보유 국적"),
        (Question::NationalityRule, _) => ("any ever held", "전력 국적"),
        (Question::CitizenshipDate, "origin") => ("origin", "원래 취득한 날"),
        (Question::CitizenshipDate, _) => ("registration", "등록한 날"),
        (Question::StatelessCountry, "residence") => ("the country lived in", "거주하는 나라"),
        (Question::StatelessCountry, _) => ("no country", "어느 나라에도 속하지 않음"),
        (Question::EmployeeMeans, "payroll_only") => ("payroll only", "급여를 받는 직원만"),
        (Question::EmployeeMeans, _) => ("contractors too", "계약직 포함"),
        (Question::RemoteLocationUnit, "site") => ("site", "시설"),
        (Question::RemoteLocationUnit, _) => ("country", "나라"),
        (Question::LocalTimeFold, "first") => ("the first instant", "첫 번째 시점"),
        (Question::LocalTimeFold, _) => ("the second instant", "두 번째 시점"),
        (Question::HostedInferenceIsExport | Question::HongKongIsCn, "yes") => ("yes", "예"),
        (Question::HostedInferenceIsExport | Question::HongKongIsCn, _) => ("no", "아니요"),
    };
    let said = lang.pick(en, ko);
    if said == option { said.to_owned() } else { format!("{said} ({option})") }
}

pub(super) fn flag(lang: Lang, flag: Flag) -> &'static str {
    let (en, ko) = match flag {
        Flag::AuthorityScopeExceedsCitation => (
            "a cited provision lists countries and not the whole scope",
            "인용된 법적 근거의 국가 목록이 적용 범위 전체를 포함하지 않습니다",
        ),
        Flag::AuthorityNotEnacted => {
            ("a bill would apply; it is not law", "법안이 관련되나 아직 법률이 아닙니다")
        }
        Flag::DirectiveUpcoming => {
            ("a directive that applies takes effect later", "적용될 지시가 앞으로 효력을 발생합니다")
        }
    };
    lang.pick(en, ko)
}

pub(super) fn activity(lang: Lang, activity: Activity) -> &'static str {
    let (en, ko) = match activity {
        Activity::HostedInference => ("hosted inference", "호스팅 추론"),
        Activity::WeightsDownload => ("download of weights", "가중치 내려받기"),
        Activity::SourceCode => ("access to source code", "소스 코드 접근"),
    };
    lang.pick(en, ko)
}

pub(super) fn end_use(lang: Lang, end_use: EndUse) -> &'static str {
    let (en, ko) = match end_use {
        EndUse::Civil => ("civil", "민간"),
        EndUse::DefensiveCyber => ("defensive cyber", "사이버 방어"),
        EndUse::MilitaryIntelligence => ("military intelligence", "군사 정보"),
        EndUse::Unknown => ("unknown", "알 수 없음"),
    };
    lang.pick(en, ko)
}

pub(super) fn status(lang: Lang, status: UsStatus) -> &'static str {
    let (en, ko) = match status {
        UsStatus::Citizen => ("US citizen", "미국 시민"),
        UsStatus::National => ("US national", "미국 국민(시민 아님)"),
        UsStatus::Lpr => ("permanent resident", "영주권자"),
        UsStatus::ConditionalLpr => ("conditional permanent resident", "조건부 영주권자"),
        UsStatus::LprNaturalisationLapsed => {
            ("permanent resident who let the naturalisation period pass", "귀화 신청 기간을 넘긴 영주권자")
        }
        UsStatus::Refugee => ("refugee", "난민"),
        UsStatus::Asylee => ("asylee", "망명 허가자"),
        UsStatus::TemporaryResident => {
            ("temporary resident (8 USC 1160, 1255a)", "임시 거주자(8 USC 1160, 1255a)")
        }
        UsStatus::UsPerson => ("US person, which kind is not said", "미국인(구체적 신분은 밝혀지지 않음)"),
        UsStatus::None => ("none of the protected statuses", "보호 대상 신분 없음"),
        UsStatus::Unknown => ("unknown", "알 수 없음"),
    };
    lang.pick(en, ko)
}

pub(super) fn relation(lang: Lang, relation: Relation) -> &'static str {
    let (en, ko) = match relation {
        Relation::Employee => ("employee", "직원"),
        Relation::Contractor => ("contractor", "계약직"),
        Relation::Unknown => ("relation unknown", "관계를 알 수 없음"),
    };
    lang.pick(en, ko)
}

pub(super) fn party(lang: Lang, party: PartyMatch) -> &'static str {
    let (en, ko) = match party {
        PartyMatch::None => ("no match", "일치 없음"),
        PartyMatch::Possible => ("possible match", "일치 가능성 있음"),
        PartyMatch::Confirmed => ("confirmed match", "일치 확인됨"),
        PartyMatch::Unscreened => ("not screened", "대조하지 않음"),
    };
    lang.pick(en, ko)
}

pub(super) fn subject(lang: Lang, kind: SubjectKind) -> &'static str {
    let (en, ko) = match kind {
        SubjectKind::Person => ("a natural person", "자연인"),
        SubjectKind::SharedKey => ("a shared key", "공유 키"),
        SubjectKind::Service => ("a service", "서비스"),
    };
    lang.pick(en, ko)
}

pub(super) fn form(lang: Lang, form: Form) -> &'static str {
    let (en, ko) = match form {
        Form::IsInformedLetter => ("is-informed letter", "개별 통지서"),
        Form::Rule => ("rule", "규칙"),
        Form::Statute => ("statute", "법률"),
        Form::CourtOrder => ("court order", "법원 명령"),
        Form::Oral => ("oral notice", "구두 통지"),
    };
    lang.pick(en, ko)
}

pub(super) fn binding(lang: Lang, state: BindingState) -> &'static str {
    let (en, ko) = match state {
        BindingState::InForce => ("in force", "시행 중"),
        BindingState::NotYet => ("not in force yet", "아직 시행 전"),
        BindingState::Ended => ("ended", "종료됨"),
        BindingState::Bill => ("a bill: never enforced", "법안: 집행하지 않습니다"),
        BindingState::AddressedElsewhere => (
            "addressed to somebody else, and no choice to enforce it is recorded",
            "수신인이 다르며, 집행하기로 한 기록이 없습니다",
        ),
        BindingState::FoldOpen => {
            ("open: its local time occurs twice", "미확정: 두 번 오는 현지 시각으로 적혀 있습니다")
        }
    };
    lang.pick(en, ko)
}

pub(super) fn kind(lang: Lang, kind: Kind) -> &'static str {
    let (en, ko) = match kind {
        Kind::Exception => ("exception", "예외"),
        Kind::Stay => ("stay", "집행정지"),
        Kind::Licence => ("licence", "허가"),
    };
    lang.pick(en, ko)
}

pub(super) fn country(lang: Lang, country: Country) -> String {
    format!("{} ({})", lang.pick(country.name_en(), country.name_ko()), country.code())
}

/// A set of countries, by what is shorter: its members or what it leaves out.
pub(super) fn countries(lang: Lang, set: &CountrySet) -> String {
    // A territory of the United States is that country as a place and no nationality.
    let all: CountrySet = Country::all().filter(|country| country.as_place() == *country).collect();
    let rest = all.difference(set);
    match (set.is_empty(), rest.is_empty()) {
        (true, _) => lang.pick("no country", "해당하는 나라 없음").to_owned(),
        (_, true) => lang.pick("every country", "모든 나라").to_owned(),
        _ if rest.len() < set.len() => match lang {
            Lang::En => format!("every country but {}", list(lang, &rest)),
            Lang::Ko => format!("다음을 뺀 모든 나라: {}", list(lang, &rest)),
        },
        _ => list(lang, set),
    }
}

fn list(lang: Lang, set: &CountrySet) -> String {
    let few = set.len() <= NAMED;
    let words = set.iter().map(|one| if few { country(lang, one) } else { one.code().to_owned() });
    words.collect::<Vec<_>>().join(", ")
}

pub(super) fn join<T>(items: &[T], word: impl Fn(&T) -> String) -> String {
    items.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// The same with semicolons, for items that hold commas.
pub(super) fn join_long<T>(items: &[T], word: impl Fn(&T) -> String) -> String {
    items.iter().map(word).collect::<Vec<_>>().join("; ")
}
