//! What a failed call means: wait, try again, gone, or something that a person must mend.

use breakglass_core::port::chat::ChatError;
use serde::Deserialize;

/// What to wait when Discord says "too much" and not how long.
const WAIT_SECS: u32 = 30;
/// No wait is longer, whatever Discord says.
const WAIT_SECS_MAX: u32 = 3600;

/// What Discord says of a failure; its own words may quote what was sent, so they aren't passed on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    /// <https://docs.discord.com/developers/topics/opcodes-and-status-codes>
    #[serde(default)]
    pub(super) code: u64,
    /// For how many seconds nothing is taken.
    retry_after: Option<f64>,
    /// Nothing at all is taken.
    #[serde(default)]
    pub(super) global: bool,
}

impl Said {
    /// How many seconds to wait, as told here or in the header.
    pub(super) fn wait(&self, header: Option<f64>) -> u32 {
        let Some(secs) = self.retry_after.or(header).filter(|secs| secs.is_finite()) else {
            return WAIT_SECS;
        };
        let whole = std::time::Duration::try_from_secs_f64(secs.max(0.0).ceil());
        let whole = whole.map_or(u64::from(WAIT_SECS_MAX), |wait| wait.as_secs());
        u32::try_from(whole)
            .unwrap_or(WAIT_SECS_MAX)
            .clamp(1, WAIT_SECS_MAX)
    }
}

/// Sorts an answer that isn't a success; `what` names the call, whose address may hold a token.
pub(super) fn sort(what: &str, status: u16, said: &Said, header: Option<f64>) -> ChatError {
    let code = said.code;
    let numbered = match code {
        0 => String::new(),
        code => format!(" ({code})"),
    };
    let told = format!("discord answered {what} with {status}{numbered}");
    match (status, code) {
        (429, _) => ChatError::Limited(said.wait(header)),
        (500.., _) => ChatError::Unavailable(told),
        (_, CLOSED) => ChatError::Closed("they take no direct messages from us".to_owned()),
        (_, ANSWERED | UNKNOWN_TOKEN) | (404, _) => ChatError::Gone(told),
        _ => ChatError::Refused(format!("{told}: {}", mend(status, code))),
    }
}

/// An interaction was answered before.
const ANSWERED: u64 = 40060;
/// The token of an interaction is older than 15 minutes.
const UNKNOWN_TOKEN: u64 = 50027;
/// Direct messages are closed.
const CLOSED: u64 = 50007;

/// What a person would do about it.
fn mend(status: u16, code: u64) -> &'static str {
    match (status, code) {
        (401, _) => "set discord.token to the bot's token, or make a new one",
        (_, 50001) => "let the bot see the channel; for members, switch Server Members Intent on",
        (_, 50013) => {
            "give the bot View Channel, Send Messages, Embed Links, Create Public Threads, Send Messages in Threads there"
        }
        (_, 50083 | 160_005 | 160_006) => "unlock the thread, or let the bot manage threads",
        (_, 20_012) => "application_id and token belong to different applications",
        (403, _) => "look whether the bot is in the server, and may do that there",
        _ => "look the code up in Discord's documentation",
    }
}
