//! The queries of the routes that take any.

use super::{RouteError, is_plain};
use crate::{limits, models::ModelsPage};

#[derive(Default)]
pub(super) struct Query {
    pub(super) beta: bool,
    pub(super) page: ModelsPage,
    pub(super) stream: bool,
    pub(super) starting_after: Option<u64>,
}

impl Query {
    pub(super) fn read(query: &str, served: &[&str]) -> Result<Self, RouteError> {
        let mut read = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in query.split('&').filter(|s| !s.is_empty()).map(name_and_value) {
            if !served.contains(&name) || seen.contains(&name) || value.is_empty() {
                return Err(RouteError::QueryNotServed);
            }
            seen.push(name);
            read.take(name, value)?;
        }
        Ok(read)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), RouteError> {
        match name {
            "beta" => self.beta = value.parse().map_err(|_| RouteError::QueryNotServed)?,
            "limit" => self.page.limit = page_limit(value)?,
            "after_id" => self.page.after_id = Some(model_id(value)?),
            "before_id" => self.page.before_id = Some(model_id(value)?),
            "stream" => self.stream = value.parse().map_err(|_| RouteError::QueryNotServed)?,
            "starting_after" => {
                self.starting_after = Some(value.parse().map_err(|_| RouteError::QueryNotServed)?);
            }
            _ => return Err(RouteError::QueryNotServed),
        }
        Ok(())
    }
}

fn name_and_value(pair: &str) -> (&str, &str) {
    pair.split_once('=').unwrap_or((pair, ""))
}

fn page_limit(value: &str) -> Result<usize, RouteError> {
    let limit = value.parse().map_err(|_| RouteError::QueryNotServed)?;
    if (1..=limits::PAGE_MODELS_MAX).contains(&limit) { Ok(limit) } else { Err(RouteError::QueryNotServed) }
}

/// A model id in a query; clients escape the colon and the slash there, where they cannot change the route.
fn model_id(value: &str) -> Result<String, RouteError> {
    let id = value.replace("%3A", ":").replace("%3a", ":").replace("%2F", "/").replace("%2f", "/");
    let plain = id.len() <= limits::MODEL_BYTES && id.bytes().all(|b| is_plain(b) || b == b'/');
    if plain { Ok(id) } else { Err(RouteError::QueryNotServed) }
}
