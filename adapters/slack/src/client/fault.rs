//! What a failed call means: wait, try again, gone, or something that a person must mend.

use breakglass_core::port::chat::ChatError;
use slack_morphism::errors::SlackClientError;

/// What to wait when Slack says "too much" and not how long.
const WAIT_SECS: u32 = 30;
/// No wait is longer, whatever the header says.
const WAIT_SECS_MAX: u32 = 3600;

/// Sorts a failure of the library. Its own texts quote whole bodies: they are never passed on.
pub(super) fn sort(method: &str, error: &SlackClientError) -> ChatError {
    match error {
        SlackClientError::RateLimitError(limit) => {
            let secs = limit.retry_after.map_or(WAIT_SECS, |wait| {
                u32::try_from(wait.as_secs()).unwrap_or(WAIT_SECS_MAX)
            });
            ChatError::Limited(secs.clamp(1, WAIT_SECS_MAX))
        }
        SlackClientError::ApiError(api) => {
            let needed = api.http_response_body.as_deref().and_then(needed_scope);
            sort_code(method, &api.code, needed.as_deref())
        }
        SlackClientError::HttpError(http) => sort_status(method, http.status_code.as_u16()),
        SlackClientError::HttpProtocolError(_)
        | SlackClientError::EndOfStream(_)
        | SlackClientError::SystemError(_) => {
            ChatError::Unavailable(format!("slack can't be reached for {method}"))
        }
        SlackClientError::ProtocolError(_) | SlackClientError::SocketModeProtocolError(_) => {
            ChatError::Unavailable(format!("slack's answer to {method} can't be read"))
        }
    }
}

/// Sorts a status that came without an answer of the API.
pub(super) fn sort_status(method: &str, status: u16) -> ChatError {
    match status {
        429 => ChatError::Limited(WAIT_SECS),
        404 | 410 => ChatError::Gone(format!("slack answered {method} with {status}")),
        400..=499 => ChatError::Refused(format!("slack answered {method} with {status}")),
        _ => ChatError::Unavailable(format!("slack answered {method} with {status}")),
    }
}

/// Sorts an error code of the API: <https://docs.slack.dev/tools/error-codes> and each method's page.
pub(super) fn sort_code(method: &str, code: &str, needed: Option<&str>) -> ChatError {
    match code {
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => ChatError::Limited(WAIT_SECS),
        "internal_error"
        | "fatal_error"
        | "service_unavailable"
        | "request_timeout"
        | "team_added_to_org"
        | "org_login_required"
        | "accesslimited" => ChatError::Unavailable(format!("slack answered {method} with {code}")),
        "message_not_found"
        | "thread_not_found"
        | "view_not_found"
        | "not_found"
        | "expired_trigger_id"
        | "trigger_expired"
        | "exchanged_trigger_id"
        | "trigger_exchanged"
        | "invalid_trigger_id"
        | "hash_conflict"
        | "user_not_found"
        | "users_not_found"
        | "cant_update_message"
        | "expired_url"
        | "used_url" => ChatError::Gone(format!("slack answered {method} with {code}")),
        _ => ChatError::Refused(format!(
            "slack answered {method} with {code}: {}",
            mend(code, needed)
        )),
    }
}

/// What a person would do about an error code.
pub(super) fn mend(code: &str, needed: Option<&str>) -> String {
    match code {
        "invalid_auth" | "not_authed" | "token_revoked" | "token_expired" | "account_inactive" => {
            "install the app again and set slack.bot_token to the new token".to_owned()
        }
        "not_allowed_token_type" => {
            "bot_token must begin with xoxb-, app_token with xapp-".to_owned()
        }
        "missing_scope" | "no_permission" => format!(
            "add the scope {} to the app and install it again",
            needed.unwrap_or("that `breakglass slack manifest` lists")
        ),
        "channel_not_found" | "is_private" => {
            "check the channel's id; if it is private, invite the bot there".to_owned()
        }
        "not_in_channel" => "invite the bot to the channel".to_owned(),
        "is_archived" => "unarchive the channel or choose another".to_owned(),
        "restricted_action" | "restricted_action_read_only_channel" => {
            "let the bot post in that channel".to_owned()
        }
        "no_such_subteam" | "subteam_not_found" => "check the user group's id".to_owned(),
        _ => "look the code up in Slack's documentation of that method".to_owned(),
    }
}

/// Slack names the missing scope in the answer's body.
fn needed_scope(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    body.get("needed")?.as_str().map(str::to_owned)
}
