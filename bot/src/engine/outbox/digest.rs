//! Many posts as one: each becomes a line with its own id, in the channel where it would have gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use breakglass_core::dispatch::Job;
use breakglass_core::effect::Effect;
use breakglass_core::id::Platform;
use breakglass_core::notice::{DigestLine, Notice};
use breakglass_core::port::chat::Place;
use breakglass_core::time::Timestamp;
use breakglass_store::{Claimed, StoreError};
use tracing::{Instrument as _, info_span};

use super::super::Engine;
use super::super::delivery::{Delivered, Worded, send, word};
use super::{Came, Done, claim, finish, told};
use crate::wording::notice::in_short;

/// What goes into one channel: each with its words.
type Channels = BTreeMap<(Platform, String), Vec<(Claimed, Worded)>>;

/// Claims them all, posts one digest for each channel, settles each.
pub(super) async fn carry_out(engine: &Arc<Engine>, jobs: &[Job]) -> Came {
    let mut rest = None;
    let mut channels = Channels::new();
    for job in jobs {
        match claim(engine, job).await {
            Ok(Some(claimed)) => rest = rest.max(sort(engine, claimed, &mut channels).await),
            Ok(None) => {}
            Err(until) => rest = rest.max(Some(until)),
        }
    }
    for ((_, channel), posts) in channels {
        rest = rest.max(post(engine, channel, posts).await);
    }
    Came::back(rest)
}

/// Puts one into its channel's digest, or settles it where there is nothing to say. Gives until when the lane is to rest.
async fn sort(
    engine: &Arc<Engine>,
    claimed: Claimed,
    channels: &mut Channels,
) -> Option<Timestamp> {
    let waiting = &claimed.waiting;
    let Effect::Post { to, topic, request } = &waiting.effect else {
        return finish(engine, claimed.hold, Done::NotOurs).await.rest_until;
    };
    let worded = match word(engine, waiting, to, (*topic, *request)).await {
        Ok(Some(worded)) => worded,
        Ok(None) => {
            let done = told(waiting, Ok(Delivered::Done));
            return finish(engine, claimed.hold, done).await.rest_until;
        }
        Err(error) => {
            let done = told(waiting, Err(error));
            return finish(engine, claimed.hold, done).await.rest_until;
        }
    };
    let channel = match &worded.place {
        Place::Channel(channel) => channel.clone(),
        Place::Account { account, .. } => account.clone(),
        Place::Thread(message) => message.channel.clone(),
    };
    let key = (worded.chat.platform(), channel);
    channels.entry(key).or_default().push((claimed, worded));
    None
}

/// One message for all of them; alone in its channel, one goes where it would have gone. Gives the same.
async fn post(
    engine: &Arc<Engine>,
    channel: String,
    posts: Vec<(Claimed, Worded)>,
) -> Option<Timestamp> {
    let [(first, worded), others @ ..] = posts.as_slice() else {
        return None;
    };
    let effect = &first.waiting.effect_id;
    let sent = if others.is_empty() {
        send(worded, effect).await
    } else {
        let digest = Worded {
            chat: worded.chat.clone(),
            place: Place::Channel(channel),
            notice: Notice::Digest {
                lines: posts.iter().map(line).collect(),
            },
        };
        send(&digest, effect).await
    };
    let delivered = Delivered::from(sent);
    let mut rest = None;
    for (claimed, _) in &posts {
        let request = claimed.waiting.effect.request().map(|id| id.to_string());
        let settle = async {
            let done = told(&claimed.waiting, Ok::<_, StoreError>(delivered.clone()));
            finish(engine, claimed.hold, done).await
        };
        let settled = settle.instrument(info_span!("tell", request)).await;
        rest = rest.max(settled.rest_until);
    }
    rest
}

fn line((claimed, worded): &(Claimed, Worded)) -> DigestLine {
    DigestLine {
        effect: claimed.waiting.effect_id.clone(),
        request: claimed.waiting.effect.request(),
        text: in_short(&worded.notice),
    }
}
