//! What stands in the way of a request: the policy, too few words, and being unknown.

use std::sync::Arc;
use std::time::Duration;

use breakglass::demo::guild::INCIDENT;
use breakglass_sandbox::discord::Fault;
use serde_json::json;

use super::ASK;
use crate::company::discord::account;
use crate::company::hands::{Away, Call, Hands, Line, Place, Who};
use crate::scene::Scene;

pub(super) async fn a_contractor_is_told_by_the_policy_why_not(scene: &mut Scene) {
    let asked = scene.asked();
    asked.types(Who::Noor, &ASK).await;
    asked
        .reads(Who::Noor, "Contractors can't hold admin roles.")
        .await;
}

pub(super) async fn too_few_words_are_told_and_not_lost(scene: &mut Scene) {
    const BRIEF: Line<'_> = Line::Ask {
        target: "orders-db",
        role: "admin",
        duration: "2m",
        severity: 1,
        incident: Some("INC-2231"),
        why: "stuck",
    };
    let asked = scene.asked();
    asked.types(Who::Maya, &BRIEF).await;
    asked.opens(Who::Maya, "stuck").await;
    asked.fills(Who::Maya, &[]).await;
    asked
        .is_sent_back(Who::Maya, "Needs 10 characters, you gave 5", "stuck")
        .await;
    let why = "the replication slot is stuck";
    asked.fills(Who::Maya, &[("why", why)]).await;
    asked.reads(Who::Maya, "BG-1 waits for").await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, why).await;
    }
}

pub(super) async fn suggestions_wait_for_nobody(scene: &mut Scene) {
    let guild = scene.guild();
    scene.clock.forward(Duration::from_mins(20));
    guild.fail("GET /guilds/{guild_id}/members", 1_000, Fault::Hang);
    let typed = ("target", json!({ "target": "ord" }));
    let offered = guild
        .autocomplete(account(Who::Maya), INCIDENT, "/breakglass request", typed)
        .await
        .unwrap();
    let values: Vec<_> = offered.iter().map(|choice| &choice.value).collect();
    assert_eq!(values, ["orders-db"]);
    guild.heal();
}

/// How often somebody was made known to those who keep the policy.
fn made_known(chat: &Arc<dyn Hands>) -> usize {
    let said = chat.said(Place::Help);
    said.iter()
        .filter(|post| post.contains("[[person]]"))
        .count()
}

pub(super) async fn somebody_unknown_is_made_known_once_a_day(scene: &mut Scene) {
    let asked = scene.asked();
    asked.types(Who::Sam, &ASK).await;
    asked
        .reads(Who::Sam, "Sent to #access-help, ready to paste.")
        .await;
    let said = asked.finds(Place::Help, &asked.listed(Who::Sam)).await;
    for line in [
        "[[person]]",
        "id = \"sam-stranger\"",
        "name = \"Sam Stranger\"",
    ] {
        assert!(said.contains(line), "{said}");
    }
    asked.types(Who::Sam, &Line::Status).await;
    asked.reads(Who::Sam, "#access-help was told today").await;
    assert_eq!(made_known(&asked), 1);
    scene.clock.forward(Duration::from_hours(24));
    asked.types(Who::Sam, &ASK).await;
    asked.finds_all(Place::Help, "[[person]]", 2).await;
}

pub(super) async fn somebody_unknown_is_told_whom_to_ask_where_there_is_no_channel_for_help(
    scene: &mut Scene,
) {
    let asked = scene.asked();
    asked.types(Who::Sam, &ASK).await;
    asked.reads(Who::Sam, "Ask whoever keeps the policy").await;
    for chat in scene.chats() {
        assert_eq!(made_known(&chat), 0);
    }
}

pub(super) async fn nobody_is_said_to_be_told_who_was_not(scene: &mut Scene) {
    let asked = scene.asked();
    scene.is_announced().await;
    asked.fail(Call::Post, 1, Away::Fails);
    asked.types(Who::Sam, &ASK).await;
    asked.reads(Who::Sam, "Ask whoever keeps the policy").await;
    asked.types(Who::Sam, &ASK).await;
    asked.reads(Who::Sam, "Sent to #access-help").await;
    assert_eq!(made_known(&asked), 1);
}
