//! Every bound of this crate, in one place.

/// Longest model name accepted, in bytes of its decoded text.
pub const MODEL_BYTES: usize = 256;

/// Most members accepted in the outermost object of a request body.
pub const BODY_MEMBERS: usize = 128;

/// Most models a body may name besides `model`.
pub const OTHER_MODELS: usize = 32;

/// Deepest nesting accepted in a request body; the outermost object counts as one.
///
/// This is the bound that `serde_json` itself keeps, so a body within it can be read by any later parser of ours.
pub const BODY_DEPTH: usize = 127;

/// Longest number accepted in a request body, in bytes: enough for the greatest double written without exponent.
pub const NUMBER_BYTES: usize = 320;

/// Longest chain of aliases, counted in steps from the first name to the model.
pub const ALIAS_STEPS: usize = 8;

/// Most aliases in one configuration.
pub const ALIASES: usize = 10_000;

/// Models remembered of one answer; what is named beyond is only counted as a surprise.
pub const SERVED_MODELS: usize = 16;

/// Longest value kept while an answer is read in passing, in bytes.
pub const PROBED_VALUE_BYTES: usize = 512;

/// Bytes of an upstream's error body that are looked at.
pub const ERROR_BODY_BYTES: usize = 64 * 1_024;

/// Longest body that is translated between the dialects, in bytes.
pub const TRANSLATED_BYTES: usize = 32 * 1_024 * 1_024;

/// Longest event of a stream that is translated between the dialects, in bytes.
pub const TRANSLATED_EVENT_BYTES: usize = 1_024 * 1_024;

/// Most tool calls in one streamed answer that is translated.
pub const TRANSLATED_TOOL_CALLS: usize = 128;

/// Longest request target (path and query) accepted, in bytes.
pub const TARGET_BYTES: usize = 2_048;

/// Bytes of one unfinished stream event that are held back before the splitter passes them on.
pub const HELD_EVENT_BYTES: usize = 64 * 1_024;

/// Language ranges read from one `Accept-Language` header; what follows is ignored.
pub const LANGUAGE_RANGES: usize = 16;

/// Models on one page of a list when the caller names no `limit`.
pub const PAGE_MODELS_DEFAULT: usize = 20;

/// Most models on one page of a list.
pub const PAGE_MODELS_MAX: usize = 1_000;

/// Most text chunks the practice model sends.
pub const PRACTICE_CHUNKS_MAX: u32 = 100_000;

/// Longest pause between two chunks of the practice model, in milliseconds.
pub const PRACTICE_INTERVAL_MS_MAX: u32 = 60_000;

/// Longest pause before the practice model's first byte, in milliseconds.
pub const PRACTICE_DELAY_MS_MAX: u32 = 600_000;

/// Longest seed of the practice model, in bytes.
pub const PRACTICE_SEED_BYTES: usize = 64;
