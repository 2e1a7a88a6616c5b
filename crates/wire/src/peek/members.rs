//! The tables of member names.

use crate::mode::Mode;

/// Members that hold substitutes, in the spellings of the two APIs and of the gateways people put behind this one.
pub(super) fn substitutes(member: &str) -> Option<&'static str> {
    Some(match member {
        "fallbacks" => "fallbacks",
        "models" => "models",
        "context_window_fallbacks" => "context_window_fallbacks",
        "content_policy_fallbacks" => "content_policy_fallbacks",
        _ => return None,
    })
}

/// Members with which a body could send the operator's key to a place of its own choice.
pub(super) fn upstream_choice(member: &str) -> Option<&'static str> {
    Some(match member {
        "api_base" => "api_base",
        "api_key" => "api_key",
        "api_version" => "api_version",
        "base_url" => "base_url",
        "custom_api_base" => "custom_api_base",
        "custom_llm_provider" => "custom_llm_provider",
        "provider" => "provider",
        "vertex_location" => "vertex_location",
        _ => return None,
    })
}

/// Members of the outermost object that hold texts, schemas or the caller's own data, in which `model` is only a word.
pub(super) fn is_free(member: &str) -> bool {
    matches!(
        member,
        "client_metadata"
            | "function_call"
            | "instructions"
            | "logit_bias"
            | "metadata"
            | "output_config"
            | "output_format"
            | "practice"
            | "prediction"
            | "prompt_cache_options"
            | "reasoning"
            | "response_format"
            | "stop"
            | "stop_sequences"
            | "stream_options"
            | "system"
            | "text"
            | "thinking"
            | "tool_choice"
            | "user"
            | "web_search_options"
    )
}

/// Members of a tool definition that hold schemas, examples or data.
pub(super) fn is_free_in_tools(member: &str) -> bool {
    matches!(
        member,
        "cache_control"
            | "description"
            | "examples"
            | "filters"
            | "format"
            | "headers"
            | "input_examples"
            | "input_schema"
            | "metadata"
            | "output_schema"
            | "parameters"
            | "schema"
            | "user_location"
    )
}

/// What about a member asks for its mode.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Anything but `null`, `false` and what is empty.
    Given,
    /// An object; other values mean something else.
    AnObject,
    /// A list with this word.
    Lists(&'static str),
}

/// The members of the outermost object that ask for a mode.
pub(super) fn mode_of_member(member: &str) -> Option<(Mode, When)> {
    Some(match member {
        "store" | "previous_response_id" => (Mode::StoredResponses, When::Given),
        "background" => (Mode::Background, When::Given),
        "conversation" | "thread" => (Mode::Conversations, When::Given),
        "prompt" => (Mode::StoredPrompts, When::AnObject),
        "container" => (Mode::Containers, When::Given),
        "mcp_servers" => (Mode::RemoteTools, When::Given),
        "audio" => (Mode::Audio, When::Given),
        "modalities" => (Mode::Audio, When::Lists("audio")),
        "inference_geo" => (Mode::ServingPlace, When::Given),
        "access_programs" => (Mode::AccessPrograms, When::Given),
        _ => return None,
    })
}

/// The types of tools that ask for a mode. Dated versions of one tool are alike.
pub(super) fn mode_of_tool(tool_type: &str) -> Option<Mode> {
    Some(match tool_type {
        "file_search" => Mode::Files,
        "code_interpreter" | "shell" => Mode::Containers,
        "mcp" | "mcp_toolset" => Mode::RemoteTools,
        "image_generation" => Mode::Images,
        dated if dated.starts_with("code_execution_") => Mode::Containers,
        _ => return None,
    })
}
