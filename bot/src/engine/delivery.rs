//! What people see: cards drawn from the state as it is now, notices worded from the event that caused them.

mod direct;

use std::collections::BTreeMap;
use std::sync::Arc;

use breakglass_core::effect::Topic;
use breakglass_core::event::{Event, Record};
use breakglass_core::id::{Platform, RequestId, TargetId};
use breakglass_core::notice::{Audience, CardKind, ListView, Notice, RequestView};
use breakglass_core::port::chat::{Chat, ChatError, MessageRef, Place};
use breakglass_core::state::Request;
use breakglass_store::crash::{CrashPoint, pass};
use breakglass_store::{DrawnCard, StoreError, Waiting};

pub(super) use direct::places;

use super::Engine;
use crate::wording::notice::TargetTalk;
use crate::wording::{Teller, difference, texts_of};

/// What came of it.
#[derive(Debug, Clone)]
pub(super) enum Delivered {
    /// It is there, or there is nobody to show it to.
    Done,
    /// The chat asks us to wait, in seconds.
    Limited(u32),
    /// Try again; why.
    Again(String),
}

/// Draws a card: posts it, or updates it in place. One that was deleted by hand is posted anew.
pub(super) async fn draw(
    engine: &Arc<Engine>,
    waiting: &Waiting,
    kind: CardKind,
    id: RequestId,
) -> Result<Delivered, StoreError> {
    let Some(chat) = waiting.platform.and_then(|platform| engine.chat(platform)) else {
        return Ok(Delivered::Done);
    };
    loop {
        let Some(request) = engine.store.request(id).await? else {
            return Ok(Delivered::Done);
        };
        if engine.keeper.steady.now() >= waiting.claimed_until {
            return Ok(Delivered::Again("somebody else draws it by now".to_owned()));
        }
        if let Err(error) = draw_once(engine, chat, kind, &request).await? {
            return Ok(Err(error).into());
        }
        let stands = engine.store.card(chat.platform(), kind, id).await?;
        // Whoever slept since it was read may have drawn over a newer picture.
        if stands.is_none_or(|stands| stands.drawn <= request.newest_seq) {
            return Ok(Delivered::Done);
        }
    }
}

async fn draw_once(
    engine: &Arc<Engine>,
    chat: &Arc<dyn Chat>,
    kind: CardKind,
    request: &Request,
) -> Result<Result<(), ChatError>, StoreError> {
    let card = engine
        .tell(request, |teller| teller.card(kind, request))
        .await?;
    let (platform, id) = (chat.platform(), request.id);
    let drawn = engine.store.card(platform, kind, id).await?;
    pass(CrashPoint::MessageToSend);
    let outcome = match &drawn {
        Some(drawn) => match chat.update_card(&drawn.message, &card).await {
            Err(ChatError::Gone(_)) => {
                engine.store.forget_card(drawn).await?;
                chat.post_card(&channel(engine, chat, kind, &request.asked.target), &card)
                    .await
            }
            updated => updated.map(|()| drawn.message.clone()),
        },
        None => {
            chat.post_card(&channel(engine, chat, kind, &request.asked.target), &card)
                .await
        }
    };
    pass(CrashPoint::MessageSent);
    match outcome {
        Ok(message) => {
            let drawn = DrawnCard {
                platform,
                kind,
                request: id,
                message,
                drawn: request.newest_seq,
            };
            engine.store.keep_card(&drawn).await?;
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// The channel that a card of this request goes to.
pub(super) fn channel(
    engine: &Engine,
    chat: &Arc<dyn Chat>,
    kind: CardKind,
    target: &TargetId,
) -> String {
    let policy = engine.policy();
    let target = policy.target(target);
    let named = target.and_then(|target| target.approvers_channel_on(chat.platform()));
    match kind {
        CardKind::Approvers => named.map_or_else(|| chat.approvers_channel(), str::to_owned),
        CardKind::Security => chat.security_channel(),
    }
}

/// A post in words, and where it goes.
#[derive(Debug)]
pub(super) struct Worded {
    pub(super) chat: Arc<dyn Chat>,
    pub(super) place: Place,
    pub(super) notice: Notice,
}

/// Posts a notice.
pub(super) async fn post(
    engine: &Arc<Engine>,
    waiting: &Waiting,
    to: &Audience,
    about: (Topic, Option<RequestId>),
) -> Result<Delivered, StoreError> {
    let Some(worded) = word(engine, waiting, to, about).await? else {
        return Ok(Delivered::Done);
    };
    let sent = send(&worded, &waiting.effect_id).await;
    match (sent, to) {
        (Err(ChatError::Closed(why)), Audience::Person(person)) => {
            let Some(other) = direct::elsewhere(engine, waiting, worded, person).await? else {
                return Ok(Delivered::Again(why));
            };
            Ok(send(&other, &waiting.effect_id).await.into())
        }
        (sent, _) => Ok(sent.into()),
    }
}

/// Hands a notice to its chat.
pub(super) async fn send(worded: &Worded, effect: &str) -> Result<(), ChatError> {
    pass(CrashPoint::MessageToSend);
    let posted = worded
        .chat
        .post(&worded.place, effect, &worded.notice)
        .await;
    pass(CrashPoint::MessageSent);
    posted.map(|_| ())
}

/// Puts a post into words; nothing, where there is nothing to say any more, or nobody to say it to on this chat.
pub(super) async fn word(
    engine: &Arc<Engine>,
    waiting: &Waiting,
    to: &Audience,
    (topic, id): (Topic, Option<RequestId>),
) -> Result<Option<Worded>, StoreError> {
    let Some(chat) = waiting.platform.and_then(|platform| engine.chat(platform)) else {
        return Ok(None);
    };
    let Some(record) = engine.store.record(waiting.seq).await? else {
        return Ok(None);
    };
    let request = match id {
        None => None,
        Some(id) => match engine.store.request(id).await? {
            Some(request) => Some(request),
            None => return Ok(None),
        },
    };
    let offer = request.as_ref().and_then(|request| request.offer.as_ref());
    let is_over = offer.is_some_and(|offer| offer.until <= engine.clock.now());
    if topic == Topic::GlassOffered && is_over {
        return Ok(None);
    }
    let told_on = match &request {
        Some(request) => Some(request.asked.platform),
        None => direct::listed_on(&record),
    };
    let Some(place) = place(engine, chat, to, told_on).await? else {
        return Ok(None);
    };
    let place = direct::with_card(engine, (chat.platform(), place), id).await?;
    let notice = match &request {
        None => engine.tell_house(&record, topic).await?,
        Some(request) => {
            let talk = engine.target_talk(request);
            let word = |teller: &Teller<'_>| teller.notice(topic, request, &record, talk.as_ref());
            engine.tell_about(request, Some(&record), word).await?
        }
    };
    Ok(notice.map(|notice| Worded {
        chat: chat.clone(),
        place,
        notice,
    }))
}

/// Where it goes on this chat; nowhere, for a person who is told on another.
async fn place(
    engine: &Engine,
    chat: &Arc<dyn Chat>,
    to: &Audience,
    told_on: Option<Platform>,
) -> Result<Option<Place>, StoreError> {
    let thread = |kind, request| async move {
        let drawn = engine.store.card(chat.platform(), kind, request).await?;
        Ok::<Option<MessageRef>, StoreError>(drawn.map(|drawn| drawn.message))
    };
    Ok(match to {
        Audience::Person(person) => places(engine, person, told_on)
            .into_iter()
            .next()
            .filter(|(one, _)| one.platform() == chat.platform())
            .map(|(_, place)| place),
        Audience::ApproversThread(id) => thread(CardKind::Approvers, *id).await?.map(Place::Thread),
        Audience::SecurityThread(id) => {
            let thread = thread(CardKind::Security, *id).await?;
            // What security must see isn't lost with a card that isn't there.
            Some(thread.map_or_else(|| Place::Channel(chat.security_channel()), Place::Thread))
        }
        Audience::Security => Some(Place::Channel(chat.security_channel())),
    })
}

impl From<Result<(), ChatError>> for Delivered {
    fn from(sent: Result<(), ChatError>) -> Self {
        match sent {
            Ok(()) => Self::Done,
            Err(ChatError::Limited(secs)) => Self::Limited(secs),
            Err(
                ChatError::Unavailable(why)
                | ChatError::Gone(why)
                | ChatError::Refused(why)
                | ChatError::Closed(why),
            ) => Self::Again(why),
        }
    }
}

impl Engine {
    /// Puts a request into words.
    pub(super) async fn tell<T>(
        &self,
        request: &Request,
        words: impl FnOnce(&Teller<'_>) -> T,
    ) -> Result<T, StoreError> {
        self.tell_about(request, None, words).await
    }

    async fn tell_about<T>(
        &self,
        request: &Request,
        record: Option<&Record>,
        words: impl FnOnce(&Teller<'_>) -> T,
    ) -> Result<T, StoreError> {
        let texts = self.texts(&texts_of(request, record)).await?;
        let (log_seq, log_hash) = self.store.status().borrow().mark.clone();
        let policy = self.policy();
        Ok(words(&Teller {
            policy: &policy,
            texts: &texts,
            log: (log_seq, &log_hash),
            test: self.test,
        }))
    }

    async fn tell_house(
        &self,
        record: &Record,
        topic: Topic,
    ) -> Result<Option<Notice>, StoreError> {
        let mut hashes = Vec::new();
        if let Event::LockdownStarted { reason, .. } | Event::LockdownEnded { reason } =
            &record.event
        {
            hashes.push(reason.clone());
        }
        let texts = self.texts(&hashes).await?;
        let policy = self.policy();
        let teller = Teller {
            policy: &policy,
            texts: &texts,
            log: (0, ""),
            test: self.test,
        };
        if let Event::Linked { link } | Event::Unlinked { link } = &record.event {
            let named = self.name_on(&link.linked).await;
            return Ok(teller.linked(record, topic, named.as_deref()));
        }
        if let Event::Reconciled {
            holding,
            difference,
        } = &record.event
        {
            let target = self.targets.get(&holding.provisioner);
            let by_hand = target.map(|target| target.provisioner.by_hand(holding));
            return Ok(difference::notice(holding, difference, record.at, by_hand));
        }
        Ok(teller.house(record))
    }

    /// Words that no free text stands in.
    pub(super) fn tell_plainly<T>(&self, words: impl FnOnce(&Teller<'_>) -> T) -> T {
        let policy = self.policy();
        words(&Teller {
            policy: &policy,
            texts: &BTreeMap::new(),
            log: (0, ""),
            test: self.test,
        })
    }

    /// A request as messages show it.
    pub(super) async fn view(&self, request: &Request) -> Result<RequestView, StoreError> {
        self.tell(request, |teller| teller.request(request)).await
    }

    /// A request and all there is to know of it.
    pub(super) async fn details(
        &self,
        request: &Request,
    ) -> Result<(RequestView, Vec<ListView>), StoreError> {
        self.tell(request, |teller| {
            (teller.request(request), teller.details(request))
        })
        .await
    }

    fn target_talk(&self, request: &Request) -> Option<TargetTalk> {
        let holding = &request.asked.holding;
        let target = self.targets.get(&holding.provisioner)?;
        Some(TargetTalk {
            capabilities: target.provisioner.capabilities(),
            by_hand: target.provisioner.by_hand(holding),
        })
    }
}
