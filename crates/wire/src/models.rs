//! `GET /v1/models` in both dialects.

use serde::Serialize;

use crate::{dialect::Dialect, limits, problem::json_bytes};

/// A model the caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelEntry {
    /// The name to ask for.
    pub id: String,
    /// The name for people.
    pub display_name: String,
    /// When it was released, in seconds since 1970-01-01T00:00:00Z; 0 when unknown.
    pub created_unix_s: u64,
    /// Whose model it is.
    pub owned_by: String,
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
}

/// Where a model is in its life (Anthropic's `lifecycle`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifecycle {
    /// In use.
    #[default]
    Active,
    /// In use, with its end announced.
    Deprecated,
    /// No longer served.
    Retired,
}

/// Which part of a list is asked for (Anthropic's `limit`, `after_id`, `before_id`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelsPage {
    /// Most models on the page, from 1 to [`limits::PAGE_MODELS_MAX`].
    pub limit: usize,
    /// Only models behind this one.
    pub after_id: Option<String>,
    /// Only models before this one, the nearest of them.
    pub before_id: Option<String>,
}

impl Default for ModelsPage {
    fn default() -> Self {
        Self { limit: limits::PAGE_MODELS_DEFAULT, after_id: None, before_id: None }
    }
}

/// The list of `models` as the dialect writes it. OpenAI lists are whole; an Anthropic list is cut to `page`. A cursor
/// that names no model of the list gives an empty page.
#[must_use]
pub fn models_list(dialect: Dialect, models: &[ModelEntry], page: &ModelsPage) -> Vec<u8> {
    match dialect {
        Dialect::OpenAi => {
            json_bytes(&OpenAiList { object: "list", data: models.iter().map(OpenAiModel::from).collect() })
        }
        Dialect::Anthropic => json_bytes(&AnthropicList::of(models, page)),
    }
}

/// One model as the dialect writes it.
#[must_use]
pub fn one_model(dialect: Dialect, model: &ModelEntry) -> Vec<u8> {
    match dialect {
        Dialect::OpenAi => json_bytes(&OpenAiModel::from(model)),
        Dialect::Anthropic => json_bytes(&AnthropicModel::from(model)),
    }
}

#[derive(Serialize)]
struct OpenAiList<'m> {
    object: &'static str,
    data: Vec<OpenAiModel<'m>>,
}

#[derive(Serialize)]
struct OpenAiModel<'m> {
    id: &'m str,
    object: &'static str,
    created: u64,
    owned_by: &'m str,
}

impl<'m> From<&'m ModelEntry> for OpenAiModel<'m> {
    fn from(model: &'m ModelEntry) -> Self {
        Self { id: &model.id, object: "model", created: model.created_unix_s, owned_by: &model.owned_by }
    }
}

#[derive(Serialize)]
struct AnthropicList<'m> {
    data: Vec<AnthropicModel<'m>>,
    has_more: bool,
    first_id: Option<&'m str>,
    last_id: Option<&'m str>,
}

impl<'m> AnthropicList<'m> {
    fn of(models: &'m [ModelEntry], page: &ModelsPage) -> Self {
        let (shown, has_more) = cut_page(models, page);
        Self {
            data: shown.iter().map(AnthropicModel::from).collect(),
            has_more,
            first_id: shown.first().map(|model| &*model.id),
            last_id: shown.last().map(|model| &*model.id),
        }
    }
}

#[derive(Serialize)]
struct AnthropicModel<'m> {
    r#type: &'static str,
    id: &'m str,
    display_name: &'m str,
    created_at: String,
    lifecycle: Lifecycle,
}

impl<'m> From<&'m ModelEntry> for AnthropicModel<'m> {
    fn from(model: &'m ModelEntry) -> Self {
        Self {
            r#type: "model",
            id: &model.id,
            display_name: &model.display_name,
            created_at: rfc3339(model.created_unix_s),
            lifecycle: model.lifecycle,
        }
    }
}

/// The models of a page, and whether more follow in the direction of paging.
fn cut_page<'m>(models: &'m [ModelEntry], page: &ModelsPage) -> (&'m [ModelEntry], bool) {
    let place = |id: &String| models.iter().position(|model| model.id == *id);
    if let Some(id) = &page.before_id {
        let before = place(id).and_then(|at| models.get(..at)).unwrap_or_default();
        let skipped = before.len().saturating_sub(page.limit);
        return (before.get(skipped..).unwrap_or_default(), skipped > 0);
    }
    let rest = match &page.after_id {
        Some(id) => place(id).and_then(|at| models.get(at.saturating_add(1)..)).unwrap_or_default(),
        None => models,
    };
    (rest.get(..page.limit).unwrap_or(rest), rest.len() > page.limit)
}

/// Seconds since 1970 as RFC 3339 in UTC, up to the end of the year 9999.
fn rfc3339(unix_s: u64) -> String {
    let unix_s = unix_s.min(253_402_300_799);
    let (days, second) = (unix_s / 86_400, unix_s % 86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60)
}

/// Year, month and day of a day since 1970-01-01 in the Gregorian calendar (Hinnant, `civil_from_days`).
#[expect(
    clippy::arithmetic_side_effects,
    reason = "days <= 2,932,896, so every term fits with room to spare"
)]
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str) -> ModelEntry {
        ModelEntry {
            id: id.into(),
            display_name: id.to_uppercase(),
            created_unix_s: 1_780_000_000,
            owned_by: "maker".into(),
            lifecycle: Lifecycle::Active,
        }
    }

    fn check(limit: usize, after: Option<&str>, before: Option<&str>, expected: &[&str], has_more: bool) {
        let models = ["a", "b", "c", "d"].map(entry);
        let page = ModelsPage { limit, after_id: after.map(Into::into), before_id: before.map(Into::into) };
        let (shown, more) = cut_page(&models, &page);
        let shown: Vec<_> = shown.iter().map(|model| &*model.id).collect();
        assert_eq!((&*shown, more), (expected, has_more), "{page:?}");
    }

    #[test]
    fn pages() {
        check(20, None, None, &["a", "b", "c", "d"], false);
        check(4, None, None, &["a", "b", "c", "d"], false);
        check(3, None, None, &["a", "b", "c"], true);
        check(2, Some("b"), None, &["c", "d"], false);
        check(2, Some("a"), None, &["b", "c"], true);
        check(2, None, Some("d"), &["b", "c"], true);
        check(2, None, Some("c"), &["a", "b"], false);
        check(2, None, Some("a"), &[], false);
        check(2, Some("gone"), None, &[], false);
    }

    #[test]
    fn instants() {
        for (unix_s, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_781_299_260, "2026-06-12T21:21:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(unix_s), expected);
        }
    }
}
