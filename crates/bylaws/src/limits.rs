//! Every bound in one place.

/// Longest file of bylaws, bytes.
pub const FILE_BYTES: usize = 1 << 20;
/// Most bylaws a gateway enforces.
pub const BYLAWS: usize = 1_024;
/// Longest bylaw, bytes.
pub const BYLAW_BYTES: usize = 16 << 10;
/// Deepest nesting of brackets, braces and parentheses in a bylaw.
pub const DEPTH: usize = 64;
/// Most signs of operators (`! . + - * & |`) and `if`s in a bylaw; `a || b` has two. Each may nest the rest of the text
/// one deeper, and Cedar reads nested text by recursion.
pub const OPERATORS: usize = 512;
/// Longest id, bytes; with the prefix of the record it is an identifier there.
pub const ID_BYTES: usize = 64;
/// Longest text shown to a caller, bytes.
pub const REASON_BYTES: usize = 1_024;
