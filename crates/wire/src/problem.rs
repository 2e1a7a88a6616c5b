//! The body of a refusal and of a cut: problem details (RFC 9457) joined with the dialect's error object.

use fluent::FluentArgs;
use serde::Serialize;

use crate::{
    code::Code,
    dialect::Dialect,
    lang::Lang,
    mode::Mode,
    refusal::{CureStep, Have, Level, Refusal, Way},
    texts,
};

/// Whether an answer had begun.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    BeforeAnswer,
    /// With the number of the event where the form numbers them, which is the sign of responses.
    AmidAnswer {
        sequence_number: Option<u64>,
    },
}

impl When {
    const fn sequence_number(self) -> Option<u64> {
        match self {
            Self::BeforeAnswer => None,
            Self::AmidAnswer { sequence_number } => sequence_number,
        }
    }
}

pub(crate) fn body(refusal: &Refusal, dialect: Dialect, lang: Lang, when: When) -> Vec<u8> {
    let words = Words::of(refusal, lang, when);
    let problem_type = format!("urn:douane:problem:{}", refusal.code.as_str());
    let is_openai = dialect == Dialect::OpenAi;
    let sequence_number = when.sequence_number();
    let is_plain = is_openai && sequence_number.is_none();
    let message = words.message();
    json_bytes(&Body {
        r#type: if is_plain { &problem_type } else { "error" },
        sequence_number,
        message: sequence_number.map(|_| &*message),
        param: sequence_number.and(refusal.param()),
        error: error_object(refusal, dialect, &message),
        request_id: (!is_openai && !refusal.instance.is_empty()).then_some(&*refusal.instance),
        problem_type: (!is_plain).then_some(&*problem_type),
        title: &words.title,
        status: refusal.code.status(),
        detail: &words.detail,
        instance: (!refusal.instance.is_empty()).then(|| format!("urn:douane:receipt:{}", refusal.instance)),
        code: refusal.code.as_str(),
        mode: refusal.mode.map(Mode::as_str),
        model: (!refusal.model.is_empty()).then_some(&*refusal.model),
        references: &refusal.references,
        missing_facts: &refusal.missing,
        required_level: refusal.required_level.map(Level::as_str),
        cure: CureBody { text: &words.cure, url: refusal.cure.as_ref().and_then(|cure| cure.url.as_deref()) },
        until: refusal.until.as_deref(),
        evidence_code: refusal.shown.as_ref().map(|shown| shown.code),
        asks: asks(refusal),
        have: &refusal.have,
        cures: &refusal.ways,
        alternatives: refusal
            .alternatives
            .iter()
            .map(|model| Alternative { model, permitted_now: true })
            .collect(),
        appeal: refusal.appeal.as_deref(),
    })
}

/// Serialisation of plain data into memory cannot fail; an empty object keeps the function total.
pub(crate) fn json_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_else(|_| b"{}".to_vec())
}

#[derive(Serialize)]
struct Body<'r> {
    r#type: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'r str>,
    error: ErrorObject<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem_type: Option<&'r str>,
    title: &'r str,
    status: u16,
    detail: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    code: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'r str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    references: &'r [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    missing_facts: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    required_level: Option<&'r str>,
    cure: CureBody<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence_code: Option<&'r str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    asks: Vec<Ask<'r>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    have: &'r [Have],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cures: &'r [Way],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<Alternative<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appeal: Option<&'r str>,
}

/// One question and how well its answer must be supported.
#[derive(Serialize)]
struct Ask<'r> {
    predicate: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_strength: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age_s: Option<u32>,
}

#[derive(Serialize)]
struct Alternative<'r> {
    model: &'r str,
    permitted_now: bool,
}

/// The questions in the words of the identity profile. Only where the caller can answer: there are ways then.
fn asks(refusal: &Refusal) -> Vec<Ask<'_>> {
    if refusal.ways.is_empty() {
        return Vec::new();
    }
    let ask = |fact| Ask {
        predicate: predicate(fact),
        min_strength: refusal.required_level.map(Level::strength),
        max_age_s: refusal.max_age_s,
    };
    refusal.missing.iter().map(|fact| ask(fact)).collect()
}

/// A missing fact in the words of the identity profile.
#[must_use]
pub fn predicate(fact: &str) -> &str {
    match fact {
        "us_status" => "us_person",
        "citizenships" => "nationalities",
        other => other,
    }
}

#[derive(Serialize)]
struct CureBody<'r> {
    text: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'r str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ErrorObject<'r> {
    OpenAi { message: String, r#type: &'r str, param: Option<&'r str>, code: &'r str },
    Anthropic { r#type: &'r str, message: String, details: Details<'r> },
}

#[derive(Serialize)]
struct Details<'r> {
    error_code: &'r str,
}

fn error_object<'r>(refusal: &'r Refusal, dialect: Dialect, message: &str) -> ErrorObject<'r> {
    let (r#type, message) = (refusal.code.sdk_type(dialect), message.to_owned());
    let code = refusal.code.as_str();
    match dialect {
        Dialect::OpenAi => ErrorObject::OpenAi { message, r#type, param: refusal.param(), code },
        Dialect::Anthropic => {
            ErrorObject::Anthropic { r#type, message, details: Details { error_code: code } }
        }
    }
}

/// The texts of one refusal in one language.
struct Words {
    title: String,
    detail: String,
    cure: String,
}

impl Words {
    fn of(refusal: &Refusal, lang: Lang, when: When) -> Self {
        let args = args(refusal, lang);
        let say = |id, attribute| texts::text(lang, id, attribute, &args).unwrap_or_default();
        let code = refusal.code.as_str();
        let mut detail = String::new();
        if matches!(when, When::AmidAnswer { .. }) {
            add(&mut detail, &say("cut", None));
        }
        let names_mode = refusal.mode.is_some() && refusal.code == Code::RouteNotServed;
        add(&mut detail, &say(code, names_mode.then_some("mode")));
        if let Some(shown) = &refusal.shown {
            add(&mut detail, shown.text(lang));
        }
        if let Some(reason) = refusal.house_reason.text(lang) {
            add(&mut detail, reason);
        }
        if !refusal.references.is_empty() {
            add(&mut detail, &say("references", None));
        }
        if refusal.until.is_some() && refusal.code == Code::LegalRestriction {
            add(&mut detail, &say("until", None));
        }
        let (id, attribute) = cure_key(refusal);
        Self { title: say(code, Some("title")), detail, cure: say(id, attribute) }
    }

    /// What an SDK shows: everything in one text.
    fn message(&self) -> String {
        let mut message = self.detail.clone();
        add(&mut message, &self.cure);
        message
    }
}

fn add(text: &mut String, sentence: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(sentence);
}

fn cure_key(refusal: &Refusal) -> (&str, Option<&'static str>) {
    let Some(cure) = &refusal.cure else { return (refusal.code.as_str(), Some("cure")) };
    let id = match cure.step {
        CureStep::Verify => "cure_verify",
        CureStep::Administrator => "cure_administrator",
        CureStep::OtherModel(_) => "cure_other_model",
        CureStep::Wait if refusal.until.is_some() => "cure_wait",
        CureStep::Wait => return (refusal.code.as_str(), Some("cure")),
    };
    (id, cure.url.is_none().then_some("plain"))
}

fn args<'r>(refusal: &'r Refusal, lang: Lang) -> FluentArgs<'r> {
    let mut args = FluentArgs::with_capacity(8);
    args.set("model", refusal.model.as_str());
    args.set("facts", facts(&refusal.missing, lang));
    args.set("param", refusal.param().unwrap_or_default());
    args.set("allow", refusal.allow.unwrap_or_default());
    args.set("references", refusal.references.join("; "));
    args.set("mode", mode(refusal.mode, lang));
    args.set("until", refusal.until.as_deref().unwrap_or_default());
    if let Some(cure) = &refusal.cure {
        args.set("url", cure.url.as_deref().unwrap_or_default());
        if let CureStep::OtherModel(other) = &cure.step {
            args.set("other", other.as_str());
        }
    }
    args
}

/// A mode in words.
fn mode(mode: Option<Mode>, lang: Lang) -> String {
    let id = mode.map(|mode| format!("mode_{}", mode.as_str()));
    id.and_then(|id| texts::text(lang, &id, None, &FluentArgs::new())).unwrap_or_default()
}

/// Missing facts in words; a name without words stands for itself.
fn facts(missing: &[String], lang: Lang) -> String {
    let say = |id: &str| texts::text(lang, id, None, &FluentArgs::new());
    if missing.is_empty() {
        return say("facts_unnamed").unwrap_or_default();
    }
    let words = |name: &String| say(&format!("fact_{name}")).unwrap_or_else(|| name.clone());
    missing.iter().map(words).collect::<Vec<_>>().join("; ")
}
