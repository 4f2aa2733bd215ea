//! Direct messages: each goes to one chat only, and elsewhere if its person takes none there.

use std::sync::Arc;

use breakglass_core::effect::{Effect, Topic};
use breakglass_core::event::{Event, Record};
use breakglass_core::id::{PersonId, Platform, RequestId};
use breakglass_core::notice::CardKind;
use breakglass_core::port::chat::{Chat, Place};
use breakglass_store::{StoreError, Waiting};

use super::{Engine, Worded};
use crate::wording::Teller;

/// Where somebody can be told something: first on `told_on`, where what it is about was begun, if they have an account there.
pub(in crate::engine) fn places(
    engine: &Engine,
    person: &PersonId,
    told_on: Option<Platform>,
) -> Vec<(Arc<dyn Chat>, Place)> {
    let policy = engine.policy();
    let Some(person) = policy.person(person) else {
        return Vec::new();
    };
    let place = |chat: &Arc<dyn Chat>| {
        let account = person.account_on(chat.platform())?;
        let place = Place::Account {
            account: account.to_owned(),
            card: None,
        };
        Some((chat.clone(), place))
    };
    let mut places: Vec<_> = engine.chats.iter().filter_map(place).collect();
    places.sort_by_key(|(chat, _)| Some(chat.platform()) != told_on);
    places
}

/// The same with the way to the card of what a direct message is about.
pub(super) async fn with_card(
    engine: &Engine,
    (platform, place): (Platform, Place),
    request: Option<RequestId>,
) -> Result<Place, StoreError> {
    let (Place::Account { account, .. }, Some(request)) = (&place, request) else {
        return Ok(place);
    };
    let card = engine
        .store
        .card(platform, CardKind::Approvers, request)
        .await?;
    Ok(Place::Account {
        account: account.clone(),
        card: card.map(|drawn| drawn.message),
    })
}

/// The chat where whoever's account was linked is listed.
pub(super) const fn listed_on(record: &Record) -> Option<Platform> {
    if let Event::Linked { link } | Event::Unlinked { link } = &record.event {
        Some(link.listed.platform)
    } else {
        None
    }
}

/// Tries until a request's card should have been drawn.
const CARD_TRIES: u32 = 4;

/// Where it goes if the person takes no direct messages: into the request's thread, with a mention; where there is none, to
/// another chat. Nothing: to neither, for now.
pub(super) async fn elsewhere(
    engine: &Arc<Engine>,
    waiting: &Waiting,
    worded: Worded,
    person: &PersonId,
) -> Result<Option<Worded>, StoreError> {
    let platform = worded.chat.platform();
    // Nobody else sees a request that isn't confirmed.
    let hidden = matches!(
        &waiting.effect,
        Effect::Post {
            topic: Topic::ConfirmNeeded,
            ..
        }
    );
    let shown = waiting.effect.request().filter(|_| !hidden);
    if let Some(id) = shown {
        let card = engine.store.card(platform, CardKind::Approvers, id).await?;
        let request = engine.store.request(id).await?;
        if let (Some(card), Some(request)) = (&card, request) {
            let told = |teller: &Teller<'_>| teller.in_thread(&request, person, &worded.notice);
            let notice = engine.tell(&request, told).await?;
            return Ok(Some(Worded {
                place: Place::Thread(card.message.clone()),
                notice,
                ..worded
            }));
        }
        if waiting.attempts < CARD_TRIES {
            return Ok(None);
        }
    }
    let others = places(engine, person, None).into_iter();
    let mut others = others.filter(|(chat, _)| chat.platform() != platform);
    let Some((chat, place)) = others.next() else {
        return Ok(None);
    };
    let place = (chat.platform(), place);
    let place = with_card(engine, place, waiting.effect.request()).await?;
    Ok(Some(Worded {
        chat,
        place,
        ..worded
    }))
}
