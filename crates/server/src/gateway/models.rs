//! `/v1/models`: what this caller may use.

use super::answer;
use super::caller::Voice;
use super::relay::GateBody;
use super::verdicts::Case;
use crate::catalogue::Entry;
use crate::directory::Credential;
use crate::house::House;
use decide::Outcome;
use http::Response;
use wire::code::Code;
use wire::models::{Lifecycle, ModelEntry, ModelsPage, models_list, one_model};

/// The list, in the caller's dialect.
pub(super) fn list(
    house: &House,
    credential: &Credential,
    voice: Voice,
    page: &ModelsPage,
) -> Response<GateBody> {
    let open: Vec<ModelEntry> = open_to(house, credential, voice).map(line).collect();
    answer::json(models_list(voice.dialect, &open, page))
}

/// One model; one the caller may not use is answered like one that is not there.
pub(super) fn one(house: &House, credential: &Credential, voice: Voice, id: &str) -> Response<GateBody> {
    match open_to(house, credential, voice).find(|entry| entry.model.id.as_str() == id) {
        Some(entry) => answer::json(one_model(voice.dialect, &line(entry))),
        None => answer::unserved(Code::ModelNotInCatalogue, None, voice),
    }
}

fn open_to<'a>(
    house: &'a House,
    credential: &'a Credential,
    voice: Voice,
) -> impl Iterator<Item = &'a Entry> {
    let law = house.law.load_full();
    let clock = house.clock.read();
    // A bylaw may tell streams from whole answers: the model is open to whoever may use it either way.
    let open = move |entry: &&Entry| {
        let case = |streaming| Case { house, law: &law, credential, entry, streaming, clock };
        let permits = |streaming| case(streaming).judge().verdict.outcome == Outcome::Permit;
        permits(false) || (house.rules.is_some() && permits(true))
    };
    house.catalogue.entries().iter().filter(move |entry| entry.speaks(voice.dialect) && open(entry))
}

fn line(entry: &Entry) -> ModelEntry {
    let model = &entry.model;
    let name = if model.display_name.is_empty() { model.id.as_str() } else { &model.display_name };
    ModelEntry {
        id: model.id.to_string(),
        display_name: name.to_owned(),
        created_unix_s: u64::try_from(model.created_unix_s).unwrap_or(0),
        owned_by: model.owned_by.clone(),
        lifecycle: Lifecycle::Active,
    }
}
