//! Wakes people up: a page is worded when it is sent, and what came of it goes into the log.

use std::sync::Arc;

use breakglass_core::command::{Actor, Command};
use breakglass_core::effect::{STUCK_TRIES, Topic, Wakes};
use breakglass_core::event::{Difference, Event, Record};
use breakglass_core::fact::Facts;
use breakglass_core::id::{PagerId, RequestId};
use breakglass_core::notice::CardKind;
use breakglass_core::port::pager::PageKind;
use breakglass_core::state::Request;
use breakglass_store::crash::{CrashPoint, pass};
use breakglass_store::{StoreError, Waiting};

use super::delivery::{Delivered, channel};
use super::{Engine, SubmitError};
use crate::pagers::Message;

/// Sends a page, unless there is nobody to be called for it any more.
pub(super) async fn page(
    engine: &Arc<Engine>,
    waiting: &Waiting,
    by: &Wakes,
    (topic, id): (Topic, Option<RequestId>),
) -> Result<Delivered, StoreError> {
    let Wakes::Pager(pager) = by else {
        return Ok(Delivered::Done); // the store writes a row for each pager
    };
    let Some(message) = message(engine, waiting, (topic, id)).await? else {
        return Ok(Delivered::Done);
    };
    pass(CrashPoint::MessageToSend);
    let sent = engine.alarms().pagers().send(pager, &message).await;
    pass(CrashPoint::MessageSent);
    let tries = waiting.attempts + 1;
    match sent {
        Ok(()) => {
            report(engine, id, (pager, waiting), None).await?;
            Ok(Delivered::Done)
        }
        Err(error) => {
            if tries == STUCK_TRIES {
                let trouble = (error.to_string(), tries);
                report(engine, id, (pager, waiting), Some(trouble)).await?;
            }
            Ok(Delivered::Again(error.to_string()))
        }
    }
}

async fn report(
    engine: &Arc<Engine>,
    request: Option<RequestId>,
    (pager, waiting): (&PagerId, &Waiting),
    trouble: Option<(String, u32)>,
) -> Result<(), StoreError> {
    let command = Command::ReportPage {
        request,
        pager: pager.clone(),
        page: waiting.effect_id.clone(),
        trouble,
    };
    let reported = engine
        .submit(Actor::Worker, command, Facts::default())
        .await;
    match reported {
        Ok(_) => Ok(()),
        Err(SubmitError::Store(error)) => Err(error),
        Err(SubmitError::Refused(refusal)) => {
            tracing::error!(refusal = refusal.code(), %pager, "what came of a page was refused");
            Ok(())
        }
    }
}

/// The page in words; nothing, where it is decided or done meanwhile.
async fn message(
    engine: &Arc<Engine>,
    waiting: &Waiting,
    (topic, id): (Topic, Option<RequestId>),
) -> Result<Option<Message>, StoreError> {
    let Some(record) = engine.store.record(waiting.seq).await? else {
        return Ok(None);
    };
    let request = match id {
        Some(id) => engine.store.request(id).await?,
        None => None,
    };
    let now = engine.clock.now();
    let text = match &request {
        Some(request) => engine.tell_plainly(|teller| teller.page(topic, request, (&record, now))),
        None => about_house(&record),
    };
    let Some(text) = text else {
        return Ok(None);
    };
    let link = match &request {
        Some(request) => link(engine, topic, request).await?,
        None => None,
    };
    Ok(Some(Message {
        id: waiting.effect_id.clone(),
        at: record.at,
        kind: kind(topic, &record),
        request: id,
        text,
        link,
    }))
}

fn kind(topic: Topic, record: &Record) -> PageKind {
    match (topic, &record.event) {
        (Topic::AskedToAct, Event::Escalated { .. }) => PageKind::Escalation,
        (Topic::AskedToAct, _) => PageKind::Approval,
        _ => PageKind::Alarm,
    }
}

fn about_house(record: &Record) -> Option<String> {
    let Event::Reconciled {
        holding,
        difference: Difference::LeftoverKept { tries, .. },
    } = &record.event
    else {
        return None;
    };
    Some(format!(
        "Access NOT removed: {holding}, which no grant covers ({tries} tries; it is tried again until it is done)."
    ))
}

/// Where people act on it: the card, or its channel while it isn't drawn, on the chat where it was asked.
async fn link(
    engine: &Arc<Engine>,
    topic: Topic,
    request: &Request,
) -> Result<Option<String>, StoreError> {
    let kind = if topic == Topic::AskedToAct {
        CardKind::Approvers
    } else {
        CardKind::Security
    };
    let asked_on = engine.chat(request.asked.platform);
    let Some(chat) = asked_on.or_else(|| engine.chats.first()) else {
        return Ok(None);
    };
    let drawn = engine.store.card(chat.platform(), kind, request.id).await?;
    let channel = channel(engine, chat, kind, &request.asked.target);
    Ok(Some(chat.link(
        &channel,
        drawn.as_ref().map(|drawn| &drawn.message),
    )))
}
