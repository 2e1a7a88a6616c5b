//! Every bound of the ledger, in one place.

/// Longest leaf in bytes: tlog-tiles prefixes an entry with a 16-bit length.
pub const LEAF_BYTES: usize = 65_535;
/// Longest identifier in a leaf, in bytes.
pub const IDENT_BYTES: usize = 128;
/// Most items in one list of a leaf (deciding instruments, missing facts).
pub const LIST_ITEMS: usize = 64;
/// Largest integer in a leaf: what every JSON reader can hold exactly (RFC 8785, 2^53 - 1).
pub const INTEGER: u64 = (1 << 53) - 1;
/// Entries that may wait for the writer; one more is refused as busy.
pub const QUEUE_ENTRIES: usize = 16_384;
/// Entries written under one sync.
pub const BATCH_ENTRIES: usize = 1_024;
/// Size in bytes past which a new segment is begun.
pub const SEGMENT_BYTES: u64 = 64 << 20;
/// Largest segment size an operator may choose, in bytes (offsets inside a segment are 32 bits).
pub const SEGMENT_BYTES_MAX: u64 = 1 << 30;
/// Most hashes in one proof: a tree of 2^63 leaves has paths of 63; one more for consistency.
pub const PROOF_HASHES: usize = 64;
/// Longest signed note in bytes (32 post-quantum cosignatures fit).
pub const NOTE_BYTES: usize = 256 << 10;
/// Most signature lines read in one note (the specification asks for at least 16).
pub const NOTE_SIGNATURES: usize = 64;
/// Longest receipt in bytes: a note, a leaf in base64 and a path.
pub const RECEIPT_BYTES: usize = NOTE_BYTES + (128 << 10);
/// Longest opening kept for a commitment, in bytes.
pub const OPENING_BYTES: usize = 1 << 20;
/// How far a leaf's time may lie before the latest time already in the log, in microseconds.
pub const BACKSTEP_US: u64 = 2_000_000;
/// Problems listed in a report; the rest are only counted.
pub const REPORT_PROBLEMS: usize = 100;
