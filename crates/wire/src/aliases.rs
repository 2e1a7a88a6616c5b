//! Other names for models. They are resolved before the decision, so that what is decided is the model itself.

use std::collections::BTreeMap;

use crate::limits;

/// Every alias with the model it stands for, however long the chain between them was written.
///
/// ```
/// use wire::aliases::Aliases;
/// let aliases = Aliases::new([("latest", "large"), ("large", "m-large-2")])?;
/// assert_eq!(aliases.resolve("latest"), "m-large-2");
/// assert_eq!(aliases.resolve("Latest"), "Latest");
/// # Ok::<(), wire::aliases::AliasError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aliases {
    models: BTreeMap<String, String>,
}

/// Why a list of aliases cannot be used. All are the operator's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AliasError {
    /// Two entries for one name.
    #[error("the alias {alias:?} is given twice")]
    Twice {
        /// The name.
        alias: String,
    },
    /// Following the names leads back to this one.
    #[error("the alias {alias:?} leads back to itself")]
    Cycle {
        /// The first name of the cycle, in order of the alphabet.
        alias: String,
    },
    /// More than [`limits::ALIAS_STEPS`] names follow one another.
    #[error("the alias {alias:?} needs more than {} steps to its model", limits::ALIAS_STEPS)]
    TooLong {
        /// The name at which the chain begins.
        alias: String,
    },
    /// A name that no request could carry.
    #[error("{name:?} is no model name: 1 to {} bytes without control characters", limits::MODEL_BYTES)]
    NameInvalid {
        /// The name.
        name: String,
    },
    /// More than [`limits::ALIASES`].
    #[error("more than {} aliases", limits::ALIASES)]
    TooMany,
}

impl Aliases {
    /// Reads alias and target pairs; a target may be an alias itself.
    ///
    /// # Errors
    /// [`AliasError`], the first in order of the alphabet.
    pub fn new<A: Into<String>, T: Into<String>>(
        pairs: impl IntoIterator<Item = (A, T)>,
    ) -> Result<Self, AliasError> {
        let mut targets = BTreeMap::new();
        for (alias, target) in pairs {
            let (alias, target) = (checked(alias.into())?, checked(target.into())?);
            if targets.len() >= limits::ALIASES {
                return Err(AliasError::TooMany);
            }
            if targets.insert(alias.clone(), target).is_some() {
                return Err(AliasError::Twice { alias });
            }
        }
        let end = |alias: &String| Ok((alias.clone(), follow(&targets, alias)?.to_owned()));
        Ok(Self { models: targets.keys().map(end).collect::<Result<_, AliasError>>()? })
    }

    /// The model a name stands for; a name that is no alias stands for itself. Names are compared byte by byte.
    #[must_use]
    pub fn resolve<'n>(&'n self, name: &'n str) -> &'n str {
        self.models.get(name).map_or(name, String::as_str)
    }

    /// Every alias with its model, in order of the alphabet.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.models.iter().map(|(alias, model)| (alias.as_str(), model.as_str()))
    }
}

fn checked(name: String) -> Result<String, AliasError> {
    if crate::peek::is_model_name(&name) { Ok(name) } else { Err(AliasError::NameInvalid { name }) }
}

fn follow<'t>(targets: &'t BTreeMap<String, String>, alias: &'t str) -> Result<&'t str, AliasError> {
    let (mut name, mut passed) = (alias, Vec::new());
    while let Some(next) = targets.get(name) {
        passed.push(name);
        if passed.contains(&next.as_str()) {
            return Err(AliasError::Cycle { alias: next.clone() });
        }
        if passed.len() > limits::ALIAS_STEPS {
            return Err(AliasError::TooLong { alias: alias.to_owned() });
        }
        name = next;
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)], expected: Result<&[(&str, &str)], AliasError>) {
        let read = Aliases::new(pairs.iter().copied());
        let read = read.as_ref().map(|aliases| aliases.iter().collect::<Vec<_>>());
        assert_eq!(read, expected.as_ref().map(|pairs| pairs.to_vec()), "{pairs:?}");
    }

    #[test]
    fn chains_are_followed_to_their_end() {
        check(&[], Ok(&[]));
        check(&[("a", "m"), ("b", "a"), ("c", "b")], Ok(&[("a", "m"), ("b", "m"), ("c", "m")]));
    }

    #[test]
    fn cycles_are_refused() {
        for (pairs, alias) in [
            (&[("a", "a")][..], "a"),
            (&[("a", "b"), ("b", "a")], "a"),
            (&[("x", "a"), ("a", "b"), ("b", "c"), ("c", "a")], "a"),
            (&[("0", "b"), ("b", "c"), ("c", "b")], "b"),
        ] {
            check(pairs, Err(AliasError::Cycle { alias: alias.into() }));
        }
    }

    #[test]
    fn chains_have_a_bounded_length() {
        let chain = |steps: usize| (0..steps).map(|i| (format!("a{i}"), format!("a{}", i + 1)));
        let whole = Aliases::new(chain(limits::ALIAS_STEPS)).unwrap();
        assert_eq!(whole.resolve("a0"), format!("a{}", limits::ALIAS_STEPS));
        let error = Aliases::new(chain(limits::ALIAS_STEPS + 1));
        assert_eq!(error, Err(AliasError::TooLong { alias: "a0".into() }));
    }

    #[test]
    fn entries_are_checked() {
        check(&[("a", "m"), ("a", "n")], Err(AliasError::Twice { alias: "a".into() }));
        check(&[("a", "")], Err(AliasError::NameInvalid { name: String::new() }));
        check(&[("a\n", "m")], Err(AliasError::NameInvalid { name: "a\n".into() }));
        let many = (0..=limits::ALIASES).map(|i| (format!("{i}"), "m"));
        assert_eq!(Aliases::new(many), Err(AliasError::TooMany));
    }

    #[test]
    fn variants_of_a_name_are_other_names() {
        let aliases = Aliases::new([("m", "target")]).unwrap();
        for name in ["M", "m ", "\u{ff4d}", "m\u{301}", "mm", ""] {
            assert_eq!(aliases.resolve(name), name);
        }
    }
}
