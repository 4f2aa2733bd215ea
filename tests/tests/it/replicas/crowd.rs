//! Those who ask, and those who decide, all at the same time.

use std::time::Duration;

use breakglass::demo::workspace;
use breakglass_sandbox::{Message, Sandbox};
use futures_util::future::join_all;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Chance;
use super::firm::{APPROVERS, ASKABLE, Firm, WORK, account};

/// Approvers press what asks for a decision again and again.
const PRESSED_WITHIN: Duration = Duration::from_secs(30);

/// A form opens within that, or what was clicked came to nothing.
const FORM_WITHIN: Duration = Duration::from_secs(2);

/// Everybody asks until so many requests are there. Gives how many lines were typed.
pub(super) async fn ask(firm: &Firm, seed: u32, requests: u32) -> u32 {
    let enough = CancellationToken::new();
    // However many they are, they type some four lines a second.
    let rests = 500 * firm.people;
    let typing = (0..firm.people).map(|person| {
        let (sandbox, enough) = (firm.sandbox.clone(), enough.clone());
        let chance = Chance::of(seed, 1_000 + person);
        tokio::spawn(async move {
            let mut typed = 0;
            let who = account(person);
            let asking = types(&sandbox, (&who, rests), chance, &mut typed);
            enough.run_until_cancelled(asking).await;
            typed
        })
    });
    let typing: Vec<_> = typing.collect();
    while firm.requests().await < requests {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    enough.cancel();
    join_all(typing).await.into_iter().map(Result::unwrap).sum()
}

/// Asks again and again, takes some of it back, and gives some of it back.
async fn types(sandbox: &Sandbox, (who, rests): (&str, u32), mut chance: Chance, typed: &mut u32) {
    loop {
        tokio::time::sleep(chance.millis(100, rests)).await;
        let line = match chance.below(10) {
            0 => "withdraw".to_owned(),
            1 => "end".to_owned(),
            _ => {
                let (target, role) = ASKABLE[usize::try_from(chance.below(4)).unwrap()];
                let secs = 1 + chance.below(5);
                format!("{target} {role} {secs}s sev1 the queue is stuck")
            }
        };
        *typed += 1;
        // What a replica doesn't acknowledge is typed again, as people do.
        while sandbox
            .slash(who, WORK, "/breakglass", &line)
            .await
            .is_err()
        {
            *typed += 1;
            tokio::time::sleep(chance.millis(100, 1_000)).await;
        }
    }
}

/// Approvers click for as long as this lives.
pub(super) fn decide(firm: &Firm, seed: u32) -> JoinSet<()> {
    let mut deciding = JoinSet::new();
    for (place, who) in APPROVERS.into_iter().enumerate() {
        let chance = Chance::of(seed, 2_000 + u32::try_from(place).unwrap());
        deciding.spawn(clicks(firm.sandbox.clone(), who, chance));
    }
    deciding
}

async fn clicks(sandbox: Sandbox, who: &'static str, mut chance: Chance) {
    loop {
        tokio::time::sleep(chance.millis(50, 400)).await;
        let mut waiting = sandbox.messages(workspace::APPROVERS);
        waiting.retain(waits);
        let Ok(many @ 1..) = u32::try_from(waiting.len()) else {
            continue;
        };
        let card = &waiting[usize::try_from(chance.below(many)).unwrap()];
        // A click that isn't acknowledged is made again, as long as the card says so.
        if chance.below(12) == 0 {
            drop(sandbox.press(who, card, "Deny…").await);
            let form = sandbox
                .wait_for(FORM_WITHIN, |sandbox| sandbox.view(who))
                .await;
            let Some(form) = form else { continue };
            let why = serde_json::json!({ "text": "use the runbook first" });
            drop(sandbox.submit_view(who, &form.id, why).await);
        } else {
            drop(sandbox.press(who, card, "Approve").await);
        }
    }
}

/// Waits until no card asks for a decision, whoever posted it and died over it.
pub(super) async fn nothing_asks(firm: &Firm) -> bool {
    let none_waits = |sandbox: &Sandbox| {
        let cards = sandbox.messages(workspace::APPROVERS);
        (!cards.iter().any(waits)).then_some(())
    };
    let asked = firm.sandbox.wait_for(PRESSED_WITHIN, none_waits);
    asked.await.is_some()
}

/// Does a card ask for a decision?
fn waits(card: &Message) -> bool {
    card.buttons().iter().any(|button| button == "Approve")
}
