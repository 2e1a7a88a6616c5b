//! Every bound in one place.

/// Characters in an identifier.
pub const ID_CHARS: usize = 128;
/// Bytes of a request body the gateway reads.
pub const BODY_BYTES: usize = 32 << 20;
/// Bytes of request head the gateway reads.
pub const HEAD_BYTES: usize = 64 << 10;
/// Bytes of one law file.
pub const LAW_FILE_BYTES: usize = 4 << 20;
/// Instruments of one regime.
pub const INSTRUMENTS: usize = 200_000;
/// Directives of one regime.
pub const DIRECTIVES: usize = 16_384;
/// Directives that can reach one model: what a set of them, held in place, has bits for.
pub const DIRECTIVES_PER_MODEL: usize = 1_024;
/// Models in a catalogue.
pub const MODELS: usize = 4_096;
/// Names in one exception or licence list.
pub const NAMES_PER_LIST: usize = 100_000;
/// Citizenships of one person.
pub const CITIZENSHIPS: usize = 16;
/// Bytes of one roster row.
pub const ROSTER_ROW_BYTES: usize = 16 << 10;
/// Possible worlds looked at for one verdict before it closes: beyond, the answer is a refusal.
pub const WORLDS: usize = 1 << 18;
/// Judgements (worlds times directives) made for one verdict before it closes.
pub const JUDGEMENTS: usize = 1 << 20;
/// Clock error beyond which restricted models close, microseconds.
pub const CLOCK_UNCERTAINTY_US: i64 = 5_000_000;

const _: () = assert!(HEAD_BYTES < BODY_BYTES && LAW_FILE_BYTES < BODY_BYTES);
