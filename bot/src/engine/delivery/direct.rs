//! Direct messages: each goes to one chat only, and elsewhere if its person takes none there.

use std::sync::Arc;

use breakglass_core::event::{Event, Record};
use breakglass_core::id::{PersonId, Platform, RequestId};
use breakglass_core::notice::CardKind;
use breakglass_core::port::chat::{Chat, Place};
use breakglass_store::StoreError;

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
        Some((chat.clone(), Place::Account(account.to_owned())))
    };
    let mut places: Vec<_> = engine.chats.iter().filter_map(place).collect();
    places.sort_by_key(|(chat, _)| Some(chat.platform()) != told_on);
    places
}

/// The chat where whoever's account was linked is listed.
pub(super) const fn listed_on(record: &Record) -> Option<Platform> {
    if let Event::Linked { link } | Event::Unlinked { link } = &record.event {
        Some(link.listed.platform)
    } else {
        None
    }
}

/// Where it goes if the person takes no direct messages: into the request's thread, with a mention; where there is none, to
/// another chat. Nothing: to neither.
pub(super) async fn elsewhere(
    engine: &Arc<Engine>,
    worded: Worded,
    person: &PersonId,
    id: Option<RequestId>,
) -> Result<Option<Worded>, StoreError> {
    let platform = worded.chat.platform();
    if let Some(id) = id
        && let Some(card) = engine.store.card(platform, CardKind::Approvers, id).await?
        && let Some(request) = engine.store.request(id).await?
    {
        let told = |teller: &Teller<'_>| teller.in_thread(&request, person, &worded.notice);
        let notice = engine.tell(&request, told).await?;
        let place = Place::Thread(card.message);
        return Ok(Some(Worded {
            place,
            notice,
            ..worded
        }));
    }
    let others = places(engine, person, None);
    let other = others
        .into_iter()
        .find(|(chat, _)| chat.platform() != platform);
    Ok(other.map(|(chat, place)| Worded {
        chat,
        place,
        ..worded
    }))
}
