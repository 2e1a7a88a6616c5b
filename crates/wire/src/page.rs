//! The words of the pages on which callers show what is missing.

use fluent::FluentArgs;

use crate::lang::Lang;
use crate::texts;

/// The text with this name in this language, filled in; empty where there is none. It is plain text: whoever puts it
/// into HTML escapes it.
///
/// ```
/// use wire::{lang::Lang, page::say};
/// assert_eq!(say(Lang::En, "page_gone", &[]), "This link has been used or is too old.");
/// ```
#[must_use]
pub fn say(lang: Lang, id: &str, args: &[(&str, &str)]) -> String {
    let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, *value)).collect();
    texts::text(lang, id, None, &args).unwrap_or_default()
}

/// A missing fact in words; a name without words stands for itself.
#[must_use]
pub fn fact(lang: Lang, name: &str) -> String {
    texts::text(lang, &format!("fact_{name}"), None, &FluentArgs::new()).unwrap_or_else(|| name.to_owned())
}
