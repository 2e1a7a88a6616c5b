//! Whether the model that served is the model decided on.

use std::collections::BTreeMap;

/// How names of the same model may differ, as the operator sets it. By default a dated snapshot counts as its model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameModel {
    dated: bool,
    also: BTreeMap<String, Vec<String>>,
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// The same name.
    Exact,
    /// The name decided on, with a date behind it: `m` and `m-2026-05-01` or `m-20260501`.
    Dated,
    /// A name the operator lists for the model decided on.
    Listed,
    /// Another model.
    Other,
}

impl Same {
    /// Whether it counts as the model decided on.
    #[must_use]
    pub const fn is_same(self) -> bool {
        !matches!(self, Self::Other)
    }
}

/// The rule cannot be used. The operator's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no model name")]
pub struct SameModelError(String);

impl Default for SameModel {
    fn default() -> Self {
        Self { dated: true, also: BTreeMap::new() }
    }
}

impl SameModel {
    /// A rule that takes dated snapshots for their model if `dated`, and the names listed for a model as that model.
    ///
    /// # Errors
    /// [`SameModelError`] for a name that is none.
    pub fn new(dated: bool, also: BTreeMap<String, Vec<String>>) -> Result<Self, SameModelError> {
        let names = also.iter().flat_map(|(decided, served)| std::iter::once(decided).chain(served));
        match names.into_iter().find(|name| !crate::peek::is_model_name(name)) {
            Some(name) => Err(SameModelError(name.clone())),
            None => Ok(Self { dated, also }),
        }
    }

    /// Compares the name decided on, as written to the upstream, with the name it says it served. A date is only taken
    /// from the end of the name served: whoever decided on a snapshot gets that snapshot.
    #[must_use]
    pub fn compare(&self, decided: &str, served: &str) -> Same {
        if decided == served {
            return Same::Exact;
        }
        if self.also.get(decided).is_some_and(|names| names.iter().any(|name| name == served)) {
            return Same::Listed;
        }
        let date = served.strip_prefix(decided).and_then(|rest| rest.strip_prefix('-'));
        if self.dated && date.is_some_and(is_date) { Same::Dated } else { Same::Other }
    }
}

/// `2026-05-01` or `20260501`, with a month and a day that exist.
fn is_date(text: &str) -> bool {
    let digits: String = match text.split('-').map(str::len).collect::<Vec<_>>().as_slice() {
        [8] => text.to_owned(),
        [4, 2, 2] => text.split('-').collect(),
        _ => return false,
    };
    let number = |range| digits.get(range).and_then(|part: &str| part.parse::<u32>().ok()).unwrap_or(0);
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && number(0..4) >= 2_000
        && (1..=12).contains(&number(4..6))
        && (1..=31).contains(&number(6..8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(decided: &str, served: &str, expected: Same) {
        assert_eq!(SameModel::default().compare(decided, served), expected, "{decided} {served}");
    }

    #[test]
    fn a_dated_snapshot_is_its_model() {
        check("m", "m", Same::Exact);
        check("m", "m-2026-05-01", Same::Dated);
        check("m-5", "m-5-20260501", Same::Dated);
        for served in [
            "M",
            "m-",
            "m-5",
            "m-2026",
            "m-2026-13-01",
            "m-2026-00-01",
            "m-2026-05-32",
            "m-20260501x",
            "m20260501",
            "m-mini-2026-05-01",
            "m-0026-05-01",
            "m-2026-5-001",
            "m-+2026051",
            "mm-2026-05-01",
            "",
            "m-２０２６０５０１",
        ] {
            check("m", served, Same::Other);
        }
        check("m-2026-05-01", "m", Same::Other);
        check("m-2026-05-01", "m-2026-06-01", Same::Other);
    }

    #[test]
    fn the_rule_is_data() {
        let also = BTreeMap::from([("m".to_owned(), vec!["vendor/m@1".to_owned()])]);
        let rule = SameModel::new(false, also).unwrap();
        assert_eq!(rule.compare("m", "vendor/m@1"), Same::Listed);
        assert_eq!(rule.compare("vendor/m@1", "m"), Same::Other);
        assert_eq!(rule.compare("m", "m-2026-05-01"), Same::Other);
        let wrong = BTreeMap::from([("m".to_owned(), vec![String::new()])]);
        assert_eq!(SameModel::new(true, wrong), Err(SameModelError(String::new())));
    }
}
