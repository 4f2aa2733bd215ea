//! Cards that nobody knows of, since whoever posted them didn't live to write it down, or never heard that they are there: a
//! press on one is as good as any, and draws it as its request is by then.

use std::sync::Arc;

use breakglass_core::intent::{Act, Button, Intent};
use breakglass_core::notice::CardKind;
use breakglass_store::StoreError;

use super::Engine;

/// Buttons that only the approvers' card has.
const DECIDING: [Button; 3] = [Button::Approve, Button::ApproveForLess, Button::Deny];

/// Draws the card whose button was pressed, if it is such a one.
pub(super) async fn draw_again(engine: &Arc<Engine>, intent: &Intent) {
    if let Err(error) = draw(engine, intent).await {
        tracing::warn!(%error, "a card that was pressed couldn't be looked up");
    }
}

async fn draw(engine: &Arc<Engine>, intent: &Intent) -> Result<(), StoreError> {
    let Act::Press {
        button, request, ..
    } = &intent.act
    else {
        return Ok(());
    };
    if !DECIDING.contains(button) {
        return Ok(());
    }
    let platform = intent.sender.platform;
    let (Some(message), Some(chat)) = (&intent.reply.message, engine.chat(platform)) else {
        return Ok(());
    };
    if engine.store.card_at(platform, message).await?.is_some() {
        return Ok(());
    }
    let Some(request) = engine.store.request(*request).await? else {
        return Ok(());
    };
    let card = engine
        .tell(&request, |teller| {
            teller.card(CardKind::Approvers, &request)
        })
        .await?;
    if let Err(error) = chat.update_card(message, &card).await {
        tracing::warn!(%error, request = %request.id, "a stray card couldn't be drawn");
    }
    Ok(())
}
