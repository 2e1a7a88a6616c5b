//! The Fluent texts: one bundle per language, built once.

use std::sync::LazyLock;

use fluent::{FluentArgs, FluentError, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use crate::lang::Lang;

type Bundle = FluentBundle<FluentResource>;

static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::En));
static KO: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::Ko));

const fn source(lang: Lang) -> &'static str {
    match lang {
        Lang::En => include_str!("../i18n/en.ftl"),
        Lang::Ko => include_str!("../i18n/ko.ftl"),
    }
}

fn bundle(lang: Lang) -> Bundle {
    let tag: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // Isolation marks would be invisible characters in error messages that people copy and programs compare.
    bundle.set_use_isolating(false);
    // Both files are compiled in and tested to be free of errors; what does parse is used in any case.
    let resource = FluentResource::try_new(source(lang).to_owned()).unwrap_or_else(|(parsed, _)| parsed);
    bundle.add_resource_overriding(resource);
    bundle
}

fn bundle_of(lang: Lang) -> &'static Bundle {
    match lang {
        Lang::En => &EN,
        Lang::Ko => &KO,
    }
}

/// The text of a message, or of one of its attributes; `None` where there is no such text.
pub(crate) fn text(lang: Lang, id: &str, attribute: Option<&str>, args: &FluentArgs<'_>) -> Option<String> {
    format(lang, id, attribute, args, &mut Vec::new())
}

fn format(
    lang: Lang,
    id: &str,
    attribute: Option<&str>,
    args: &FluentArgs<'_>,
    errors: &mut Vec<FluentError>,
) -> Option<String> {
    let bundle = bundle_of(lang);
    let message = bundle.get_message(id)?;
    let pattern = match attribute {
        Some(name) => message.get_attribute(name)?.value(),
        None => message.value()?,
    };
    Some(bundle.format_pattern(pattern, Some(args), errors).into_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{code::Code, mode::Mode, refusal::FACT_NAMES};

    /// Message or `message.attribute`, with the variables its pattern uses.
    fn outline(lang: Lang) -> BTreeMap<String, BTreeSet<&'static str>> {
        let mut outline = BTreeMap::new();
        let mut message = "";
        for line in source(lang).lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let (key, pattern) =
                line.split_once(" = ").unwrap_or_else(|| panic!("one line per text: {line}"));
            let name = match key.trim_start().strip_prefix('.') {
                Some(attribute) => format!("{message}.{attribute}"),
                None => {
                    message = key;
                    key.to_owned()
                }
            };
            let variables = pattern.split("{ $").skip(1).map(|v| v.split_once(" }").unwrap().0).collect();
            assert!(outline.insert(name, variables).is_none(), "{line}");
        }
        outline
    }

    fn all_args() -> FluentArgs<'static> {
        let names = [
            "model",
            "facts",
            "param",
            "allow",
            "references",
            "until",
            "url",
            "other",
            "site",
            "number",
            "code",
            "mode",
            "person",
        ];
        names.into_iter().map(|name| (name, name.to_uppercase())).collect()
    }

    #[test]
    fn both_languages_have_the_same_texts_and_variables() {
        assert_eq!(outline(Lang::En), outline(Lang::Ko));
    }

    #[test]
    fn every_text_formats_without_errors_or_marks() {
        for lang in Lang::ALL {
            assert!(FluentResource::try_new(source(lang).to_owned()).is_ok());
            for (key, variables) in outline(lang) {
                let (id, attribute) = key.split_once('.').map_or((&*key, None), |(id, a)| (id, Some(a)));
                let mut errors = Vec::new();
                let text = format(lang, id, attribute, &all_args(), &mut errors).unwrap();
                assert!(errors.is_empty(), "{key}: {errors:?}");
                assert!(!text.contains(['\u{2068}', '\u{2069}', '{', '}']), "{key}: {text}");
                for variable in variables {
                    assert!(text.contains(&variable.to_uppercase()), "{key}: {text}");
                }
            }
        }
    }

    #[test]
    fn every_code_and_fact_has_its_texts() {
        for lang in Lang::ALL {
            for code in Code::ALL {
                for attribute in [None, Some("title"), Some("cure")] {
                    assert!(
                        text(lang, code.as_str(), attribute, &all_args()).is_some(),
                        "{code:?} {attribute:?}"
                    );
                }
            }
            for mode in Mode::ALL {
                let id = format!("mode_{}", mode.as_str());
                assert!(text(lang, &id, None, &all_args()).is_some(), "{mode:?}");
            }
            for fact in FACT_NAMES {
                assert!(text(lang, &format!("fact_{fact}"), None, &all_args()).is_some(), "{fact}");
            }
        }
    }

    #[test]
    fn no_text_speaks_of_confidential_matters() {
        let words = [
            "licen",
            "annex",
            "except",
            "exempt",
            "listed",
            "blocklist",
            "sanction",
            "guilty",
            "violat",
            "illegal",
            "면허",
            "허가",
            "부속",
            "예외",
            "면제",
            "제재",
            "위반",
            "불법",
        ];
        for lang in Lang::ALL {
            for line in source(lang).lines().filter(|l| !l.starts_with('#')) {
                assert!(!words.iter().any(|word| line.to_lowercase().contains(word)), "{line}");
            }
        }
    }
}
