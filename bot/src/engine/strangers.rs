//! People whom the policy doesn't list: made known, once a day each, to those who keep it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use breakglass_core::id::Platform;
use breakglass_core::intent::{Act, Intent};
use breakglass_core::notice::Notice;
use breakglass_core::port::chat::{ChatError, Place};
use breakglass_core::time::Timestamp;

use super::Engine;

/// The same account is made known again after this many milliseconds.
const AGAIN_MILLIS: i64 = 24 * 3600 * 1000;

/// So many are made known in that time at most, so that a crowd doesn't flood the channel.
const KNOWN_MAX: usize = 50;

/// Who was made known lately. A restart forgets it, which costs one more post each.
#[derive(Debug, Default)]
pub(super) struct Strangers(Mutex<BTreeMap<(Platform, String), Timestamp>>);

/// Is somebody to be made known?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Now,
    Told,
    Crowded,
}

impl Strangers {
    fn turn(&self, platform: Platform, account: &str, now: Timestamp) -> Turn {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, at| (0..AGAIN_MILLIS).contains(&now.millis_since(*at)));
        let key = (platform, account.to_owned());
        if known.contains_key(&key) {
            Turn::Told
        } else if known.len() >= KNOWN_MAX {
            Turn::Crowded
        } else {
            known.insert(key, now);
            Turn::Now
        }
    }

    fn forget(&self, platform: Platform, account: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&(platform, account.to_owned()));
    }
}

impl Engine {
    /// Makes the sender known to those who keep the policy, and says what came of it.
    pub(super) async fn make_known(&self, intent: &Intent) -> String {
        let (platform, account) = (intent.sender.platform, &intent.sender.account);
        let who = format!("I don't know you here yet ({platform} {account}).");
        let ask = format!("{who} Ask whoever keeps the policy to list your account.");
        // A look at the home page asks for nothing.
        if matches!(intent.act, Act::HomeOpened) {
            return ask;
        }
        let turn = self.strangers.turn(platform, account, self.clock.now());
        if turn == Turn::Crowded {
            tracing::warn!(%platform, "too many unknown people today: one isn't made known");
            return ask;
        }
        let outcome = self.show_stranger(platform, account, turn).await;
        if turn == Turn::Now && !matches!(outcome, Ok(Some(_))) {
            self.strangers.forget(platform, account);
        }
        match (outcome, turn) {
            (Ok(Some(name)), Turn::Told) => {
                format!("{who} {name} was told today, with what to paste into the policy.")
            }
            (Ok(Some(name)), _) => format!("{who} Sent to {name}, ready to paste."),
            (Ok(None), _) => ask,
            (Err(error), _) => {
                tracing::warn!(%error, "somebody unknown couldn't be made known");
                ask
            }
        }
    }

    /// The name of the channel that knows now, if there is one.
    async fn show_stranger(
        &self,
        platform: Platform,
        account: &str,
        turn: Turn,
    ) -> Result<Option<String>, ChatError> {
        let Some(chat) = self.chat(platform) else {
            return Ok(None);
        };
        let Some((channel, name)) = chat.help_channel().await? else {
            return Ok(None);
        };
        if turn == Turn::Now {
            let listing = chat.listing(account).await?;
            let notice = Notice::Stranger {
                platform,
                account: account.to_owned(),
                listing: listing.lines().map(str::to_owned).collect(),
            };
            let effect = format!("stranger.{}", self.clock.now().millis());
            chat.post(&Place::Channel(channel), &effect, &notice)
                .await?;
        }
        Ok(Some(name))
    }
}
