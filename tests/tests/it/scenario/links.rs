//! One person with an account on each chat: linked, taken back, and told of each thing once.

use std::time::Duration;

use breakglass::demo;

use super::{ALONE, ASK};
use crate::company::hands::{Away, Call, Line, Place, Who};
use crate::company::{Setting, discord};
use crate::scene::Scene;

pub(super) async fn an_account_is_linked_and_approves_a_day_later(scene: &mut Scene) {
    scene.unlist(Who::Bo).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Bo, &Line::Link).await;
    let code = scene.code(Who::Bo).await;
    decided.types(Who::Bo, &Line::Enter("AAAA-AAAA-AAAA")).await;
    decided.reads(Who::Bo, "No code like this waits").await;
    decided.types(Who::Bo, &Line::Enter(&code)).await;
    decided
        .reads(Who::Bo, "You are Bo Chen here from now on")
        .await;
    asked
        .finds(Place::Direct(Who::Bo), "account is linked")
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Security, "Bo Chen linked a").await;
    }
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    decided
        .reads(Who::Bo, "account counts for approvals from")
        .await;
    asked.types(Who::Maya, &Line::Withdraw(None)).await;
    decided.finds(Place::Approvers, "Withdrawn").await;
    scene.clock.forward(Duration::from_hours(24));
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    decided.reads(Who::Bo, "Your approval counts").await;
    asked
        .presses(Who::Bo, Place::Approvers, "1 of 2", "Approve")
        .await;
    asked.reads(Who::Bo, "is counted already").await;
}

pub(super) async fn a_link_is_taken_back(scene: &mut Scene) {
    scene.unlist(Who::Maya).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &Line::Link).await;
    let code = scene.code(Who::Maya).await;
    decided.types(Who::Maya, &Line::Enter(&code)).await;
    decided
        .reads(Who::Maya, "You are Maya Lind here from now on")
        .await;
    decided.types(Who::Maya, &ASK).await;
    decided.reads(Who::Maya, "BG-1 waits for").await;
    asked.types(Who::Maya, &Line::Unlink).await;
    asked.reads(Who::Maya, "isn't linked any more").await;
    decided.types(Who::Maya, &ASK).await;
    decided.reads(Who::Maya, "I don't know you here yet").await;
}

pub(super) async fn security_takes_a_link_back(scene: &mut Scene) {
    scene.unlist(Who::Maya).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &Line::Link).await;
    let code = scene.code(Who::Maya).await;
    decided.types(Who::Maya, &Line::Enter(&code)).await;
    decided.reads(Who::Maya, "You are Maya Lind here").await;
    decided.types(Who::Tom, &Line::UnlinkOf(Who::Maya)).await;
    decided.reads(Who::Tom, "You can't take the link").await;
    decided.types(Who::Lee, &Line::UnlinkOf(Who::Maya)).await;
    decided.reads(Who::Lee, "Maya Lind: ").await;
    let direct = Place::Direct(Who::Maya);
    asked
        .finds(direct, "isn't linked any more, by Lee Park")
        .await;
    for chat in scene.chats() {
        let told = chat.finds(Place::Security, ", by Lee Park").await;
        assert!(told.contains("Maya Lind's"), "{told}");
    }
    assert_eq!(scene.recorded("unlinked").await, 1);
    decided.types(Who::Maya, &ASK).await;
    decided.reads(Who::Maya, "I don't know you here yet").await;
}

pub(super) async fn each_hears_of_it_once(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    asked.finds(Place::Direct(Who::Maya), "BG-1").await;
    decided
        .presses(Who::Ines, Place::Approvers, "Waiting", "Deny…")
        .await;
    decided
        .fills(Who::Ines, &[("text", "not during the freeze")])
        .await;
    asked
        .finds(Place::Direct(Who::Maya), "not during the freeze")
        .await;
    scene.everything_is_told().await;
    assert_eq!(decided.said(Place::Direct(Who::Maya)), Vec::<String>::new());
}

pub(super) async fn who_takes_no_direct_messages_is_called_in_the_thread(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    scene
        .guild()
        .close_direct_messages(discord::account(Who::Maya));
    asked.types(Who::Maya, &ASK).await;
    asked
        .finds(
            Place::ApproversThreads,
            "You take no direct messages from me",
        )
        .await;
    for (who, state) in [(Who::Bo, "Waiting"), (Who::Ines, "1 of 2")] {
        decided
            .presses(who, Place::Approvers, state, "Approve")
            .await;
        decided
            .finds(
                Place::Approvers,
                if who == Who::Bo { "1 of 2" } else { "Active" },
            )
            .await;
    }
    asked
        .finds(Place::ApproversThreads, "You have admin on orders-db until")
        .await;
    scene.everything_is_told().await;
    let calls = scene.guild().messages(demo::guild::APPROVERS);
    let called = calls.iter().flat_map(|card| scene.guild().thread(card));
    let maya = discord::account(Who::Maya).to_owned();
    assert_eq!(
        called.filter(|post| post.mentions.contains(&maya)).count(),
        2
    );
    for chat in scene.chats() {
        assert_eq!(chat.said(Place::Direct(Who::Maya)), Vec::<String>::new());
    }
}

pub(super) async fn one_goes_on_while_the_other_is_away(scene: &mut Scene) {
    let asked = scene.asked();
    asked.types(Who::Maya, &ALONE).await;
    asked.reads(Who::Maya, "Break the glass?").await;
    // What was looked up there is too old by then.
    scene.clock.forward(Duration::from_mins(16));
    scene.decided().fail(Call::Any, 1_000_000, Away::Fails);
    asked.types(Who::Maya, &ASK).await;
    asked.reads(Who::Maya, "waits for").await;
    asked
        .presses(Who::Ines, Place::Approvers, "Waiting", "Approve")
        .await;
    asked.finds(Place::Approvers, "1 of 2").await;
    scene.decided().heal();
    scene.decided().finds(Place::Approvers, "1 of 2").await;
}

/// What isn't about a request has no thread.
#[tokio::test]
async fn who_takes_no_direct_messages_on_one_chat_hears_of_their_link_on_the_other() {
    let scene = Scene::open(Setting::ASKED_ON_DISCORD).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    scene.unlist(Who::Bo).await;
    scene
        .guild()
        .close_direct_messages(discord::account(Who::Bo));
    asked.types(Who::Bo, &Line::Link).await;
    let code = scene.code(Who::Bo).await;
    decided.types(Who::Bo, &Line::Enter(&code)).await;
    decided
        .finds(Place::Direct(Who::Bo), "account is linked")
        .await;
    scene.close().await;
}
