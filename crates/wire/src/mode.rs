//! Modes of the two APIs that are not served unless an operator widens the table: what can be fetched later, what runs
//! somewhere else than the decision was made for, and what the gateway has no form for.
//!
//! | mode | asked for by | can be allowed |
//! |---|---|---|
//! | `stored_responses` | `store: true` (and, for `/v1/responses`, `store` left out, which means true there), `previous_response_id`, an `item_reference` among `input`, `/v1/responses/{id}`, `/v1/chat/completions/{id}` | yes |
//! | `background` | `background: true` | yes |
//! | `conversations` | `conversation`, `thread`, `/v1/conversations` | body only |
//! | `stored_prompts` | `prompt` as an object | body only |
//! | `files` | a `file_id` in the content of a message, tools of type `file_search`, `/v1/files`, `/v1/uploads`, `/v1/vector_stores` | body only |
//! | `containers` | `container`, tools of type `code_interpreter`, `code_execution_*`, `shell`, `/v1/containers` | body only |
//! | `remote_tools` | `mcp_servers`, tools of type `mcp` and `mcp_toolset` | body only |
//! | `images` | tools of type `image_generation`, `/v1/images` | body only |
//! | `audio` | `audio`, `modalities` with `audio`, `/v1/audio` | body only |
//! | `serving_place` | `inference_geo` | body only |
//! | `access_programs` | `access_programs` | body only |
//! | `batches`, `fine_tuning`, `assistants`, `agents`, `realtime`, `videos`, `evaluations`, `moderations`, `legacy_completions`, `administration` | routes | no |
//!
//! Members that are `null`, `false` or an empty list ask for nothing.

use std::str::FromStr;

/// One mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Answers kept by the provider, to be fetched or continued later.
    StoredResponses,
    /// Answers made after the request has ended.
    Background,
    /// Dialogues kept by the provider.
    Conversations,
    /// Prompts kept by the provider, whose text and model nobody here has seen.
    StoredPrompts,
    /// Files kept by the provider under the operator's key.
    Files,
    /// Code run by the provider.
    Containers,
    /// Tools that the provider calls at an address of the caller's choice.
    RemoteTools,
    /// Pictures.
    Images,
    /// Speech.
    Audio,
    /// A choice of the country in which the model runs.
    ServingPlace,
    /// A choice of what the model is unlocked for.
    AccessPrograms,
    /// Many requests in one file.
    Batches,
    /// Training.
    FineTuning,
    /// Assistants, threads and runs.
    Assistants,
    /// Agents, sessions and environments kept by the provider.
    Agents,
    /// Live sessions and websockets.
    Realtime,
    /// Films.
    Videos,
    /// Evaluations and graders.
    Evaluations,
    /// Classification of texts.
    Moderations,
    /// Text completion of the older kind.
    LegacyCompletions,
    /// Keys, projects, members and usage of the operator's own account.
    Administration,
}

impl Mode {
    /// Every mode, in the order of the table.
    pub const ALL: [Self; 21] = [
        Self::StoredResponses,
        Self::Background,
        Self::Conversations,
        Self::StoredPrompts,
        Self::Files,
        Self::Containers,
        Self::RemoteTools,
        Self::Images,
        Self::Audio,
        Self::ServingPlace,
        Self::AccessPrograms,
        Self::Batches,
        Self::FineTuning,
        Self::Assistants,
        Self::Agents,
        Self::Realtime,
        Self::Videos,
        Self::Evaluations,
        Self::Moderations,
        Self::LegacyCompletions,
        Self::Administration,
    ];

    /// The name used in configuration, in refusals and in records. Its spelling never changes once shipped.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StoredResponses => "stored_responses",
            Self::Background => "background",
            Self::Conversations => "conversations",
            Self::StoredPrompts => "stored_prompts",
            Self::Files => "files",
            Self::Containers => "containers",
            Self::RemoteTools => "remote_tools",
            Self::Images => "images",
            Self::Audio => "audio",
            Self::ServingPlace => "serving_place",
            Self::AccessPrograms => "access_programs",
            Self::Batches => "batches",
            Self::FineTuning => "fine_tuning",
            Self::Assistants => "assistants",
            Self::Agents => "agents",
            Self::Realtime => "realtime",
            Self::Videos => "videos",
            Self::Evaluations => "evaluations",
            Self::Moderations => "moderations",
            Self::LegacyCompletions => "legacy_completions",
            Self::Administration => "administration",
        }
    }

    /// Whether an operator may allow it. The others have no form here that could be decided on.
    #[must_use]
    pub const fn can_be_allowed(self) -> bool {
        (self as u32) < (Self::Batches as u32)
    }

    /// Whether what is asked for can be fetched later, by somebody else or under another law, so that it is to be
    /// decided anew then.
    #[must_use]
    pub const fn is_fetched_later(self) -> bool {
        matches!(self, Self::StoredResponses | Self::Background | Self::Conversations | Self::Files)
    }

    const fn bit(self) -> u32 {
        1_u32.wrapping_shl(self as u32)
    }
}

/// A name that stands for no mode, or for one that cannot be allowed. The operator's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModeError {
    /// No mode of that name.
    #[error("there is no mode named {0:?}; the table is in the module `wire::mode`")]
    Unknown(String),
    /// The gateway has no form for this mode.
    #[error("the mode {} cannot be allowed: this gateway has no form for it", .0.as_str())]
    NeverServed(Mode),
}

impl FromStr for Mode {
    type Err = ModeError;

    fn from_str(name: &str) -> Result<Self, ModeError> {
        let found = Self::ALL.into_iter().find(|mode| mode.as_str() == name);
        found.ok_or_else(|| ModeError::Unknown(name.to_owned()))
    }
}

/// The modes an operator has allowed; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowed(u32);

impl Allowed {
    /// No mode at all.
    pub const NONE: Self = Self(0);

    /// Reads the operator's list.
    ///
    /// ```
    /// use wire::mode::{Allowed, Mode};
    /// let allowed = Allowed::from_names(["containers", "files"])?;
    /// assert!(allowed.has(Mode::Files) && !allowed.has(Mode::Background));
    /// assert!(Allowed::from_names(["batches"]).is_err());
    /// # Ok::<(), wire::mode::ModeError>(())
    /// ```
    ///
    /// # Errors
    /// [`ModeError`] for the first name that cannot be allowed.
    pub fn from_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, ModeError> {
        names.into_iter().try_fold(Self::NONE, |allowed, name| allowed.with(name.parse()?))
    }

    /// These and one more.
    ///
    /// # Errors
    /// [`ModeError::NeverServed`].
    pub const fn with(self, mode: Mode) -> Result<Self, ModeError> {
        if mode.can_be_allowed() { Ok(Self(self.0 | mode.bit())) } else { Err(ModeError::NeverServed(mode)) }
    }

    /// Whether the mode is allowed.
    #[must_use]
    pub const fn has(self, mode: Mode) -> bool {
        self.0 & mode.bit() != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_modes_are_one_to_one() {
        for (at, mode) in Mode::ALL.into_iter().enumerate() {
            assert_eq!(mode as usize, at, "{mode:?}");
            assert_eq!(mode.as_str().parse(), Ok(mode));
            let allowed = Allowed::NONE.with(mode);
            assert_eq!(allowed.is_ok(), mode.can_be_allowed());
            if let Ok(allowed) = allowed {
                assert!(Mode::ALL.into_iter().all(|other| allowed.has(other) == (other == mode)));
            }
        }
        assert_eq!(Mode::Administration as usize + 1, Mode::ALL.len());
        assert_eq!("Files".parse::<Mode>(), Err(ModeError::Unknown("Files".into())));
    }

    #[test]
    fn the_table_above_names_every_mode() {
        let table = include_str!("mode.rs").split("use std").next().unwrap();
        for mode in Mode::ALL {
            assert!(table.contains(&format!("`{}`", mode.as_str())), "{mode:?}");
        }
    }
}
