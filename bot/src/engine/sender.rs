//! The listed person behind a sender, or how somebody is turned away.

use breakglass_core::command::Actor;
use breakglass_core::intent::Intent;
use breakglass_core::policy::{Person, Policy};
use breakglass_core::refusal::Refusal;

use super::Engine;
use super::act::answer;
use crate::resolve::person;
use crate::wording::answer::said;

/// Says why they can't act here, and notes that they tried.
pub(super) async fn turn_away(engine: &Engine, intent: &Intent, refusal: &Refusal) {
    let sender = &intent.sender;
    let stranger = Actor::Stranger {
        platform: sender.platform,
        account: sender.account.clone(),
    };
    engine.note_refusal(&stranger, "act", None, refusal).await;
    let words = refusal.words();
    let text = if *refusal == Refusal::UnknownPerson {
        engine.make_known(intent).await
    } else {
        format!("{} ({} {})", words.text, sender.platform, sender.account)
    };
    answer(engine, intent, &said(words.title, text)).await;
}

/// The listed person behind a sender, if their account may act here at all.
pub(super) async fn who(
    engine: &Engine,
    policy: &Policy,
    intent: &Intent,
) -> Result<Person, Refusal> {
    let sender = &intent.sender;
    let listed = person(policy, sender);
    let status = engine
        .roster
        .account(sender.platform, &sender.account)
        .await;
    let Some(listed) = listed else {
        return Err(match status {
            Some(status) if status.bot || !status.active => Refusal::Inactive,
            Some(status) if status.guest => Refusal::Guest,
            Some(_) | None => Refusal::UnknownPerson,
        });
    };
    match status {
        Some(status) if status.bot || !status.active => Err(Refusal::Inactive),
        Some(status) if status.guest && !listed.guest => Err(Refusal::Guest),
        Some(_) => Ok(listed.clone()),
        None => Err(Refusal::Unsure),
    }
}
