//! Trigger ids and response URLs: short-lived rights to answer somebody who acted.

use super::State;
use crate::message::MessageId;
use crate::mint;

/// How long a trigger id opens a modal.
/// <https://docs.slack.dev/interactivity/handling-user-interaction>
const TRIGGER_MS: i64 = 3_000;
/// How long an expired or used trigger is still told from one that never was.
const FORGOTTEN_AFTER_MS: i64 = 60_000;
/// How long and how often a response URL works. Same page.
const RESPONSE_URL_MS: i64 = 30 * 60 * 1000;
const RESPONSE_URL_USES: u32 = 5;

#[derive(Debug)]
pub(super) struct Trigger {
    user: String,
    expires_ms: i64,
    used: bool,
    origin: Origin,
}

/// Where somebody acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In a modal, so that another one can be opened on top of it.
    Modal,
    Elsewhere,
}

/// Why a trigger id opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriggerFault {
    Unknown,
    Expired,
    Used,
}

/// Where an answer to somebody's action goes.
#[derive(Clone, Debug)]
pub(crate) struct ResponseUrl {
    pub(crate) user: String,
    pub(crate) channel: String,
    /// The message they acted on, if it was one.
    pub(crate) source: Option<MessageId>,
    pub(crate) thread_ts: Option<String>,
    expires_ms: i64,
    uses_left: u32,
}

impl State {
    /// A trigger id for something that `user` just did, and where.
    pub(crate) fn new_trigger(&mut self, user: &str, origin: Origin, now_ms: i64) -> String {
        self.triggers
            .retain(|_, trigger| now_ms <= trigger.expires_ms + FORGOTTEN_AFTER_MS);
        let id = mint::trigger();
        let expires_ms = now_ms + TRIGGER_MS;
        let trigger = Trigger {
            user: user.to_owned(),
            expires_ms,
            used: false,
            origin,
        };
        self.triggers.insert(id.clone(), trigger);
        id
    }

    /// Uses a trigger id up: who acted, and where.
    pub(crate) fn take_trigger(
        &mut self,
        id: &str,
        now_ms: i64,
    ) -> Result<(String, Origin), TriggerFault> {
        let trigger = self.triggers.get_mut(id).ok_or(TriggerFault::Unknown)?;
        if trigger.used {
            return Err(TriggerFault::Used);
        }
        if now_ms > trigger.expires_ms {
            return Err(TriggerFault::Expired);
        }
        trigger.used = true;
        Ok((trigger.user.clone(), trigger.origin))
    }

    /// The secret part of a new response URL.
    pub(crate) fn new_response_url(
        &mut self,
        user: &str,
        channel: &str,
        source: Option<MessageId>,
        now_ms: i64,
    ) -> String {
        // An answer to a click in the channel stands in the channel, also below the head of a thread.
        let clicked = source.as_ref().and_then(|id| self.message(id));
        let reply = clicked.filter(|message| message.is_reply());
        let thread_ts = reply.and_then(|reply| reply.thread_ts.clone());
        self.response_urls
            .retain(|_, url| now_ms <= url.expires_ms + FORGOTTEN_AFTER_MS);
        let secret = mint::word(24);
        let url = ResponseUrl {
            user: user.to_owned(),
            channel: channel.to_owned(),
            source,
            thread_ts,
            expires_ms: now_ms + RESPONSE_URL_MS,
            uses_left: RESPONSE_URL_USES,
        };
        self.response_urls.insert(secret.clone(), url);
        secret
    }

    /// Uses a response URL once; the error code if it no longer works.
    pub(crate) fn take_response_url(
        &mut self,
        secret: &str,
        now_ms: i64,
    ) -> Result<ResponseUrl, &'static str> {
        let url = self.response_urls.get_mut(secret).ok_or("no_such_url")?;
        if now_ms > url.expires_ms {
            return Err("expired_url");
        }
        url.uses_left = url.uses_left.checked_sub(1).ok_or("used_url")?;
        Ok(url.clone())
    }
}
