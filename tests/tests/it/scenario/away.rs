//! A chat is away, the server is away, or too much comes at once: nothing is lost, and nobody is left without an answer.

use std::time::Duration;

use breakglass::engine::EngineDesk;
use breakglass_core::intent::{Act, Intent, Reply};
use breakglass_core::port::chat::{Desk as _, DeskError};

use super::ASK;
use crate::company::discord::account;
use crate::company::hands::{Away, Call, Line, Place, Who};
use crate::scene::Scene;

/// Until it is healed.
const ALWAYS: usize = 10_000;

pub(super) async fn what_is_asked_while_posts_fail_is_announced_after_a_restart(scene: &mut Scene) {
    is_announced_after_a_restart(scene, Away::Fails).await;
}

pub(super) async fn what_is_asked_while_the_chat_limits_us_is_announced_after_a_restart(
    scene: &mut Scene,
) {
    is_announced_after_a_restart(scene, Away::Limits).await;
}

pub(super) async fn what_is_asked_while_the_chat_hangs_is_announced_after_a_restart(
    scene: &mut Scene,
) {
    is_announced_after_a_restart(scene, Away::Hangs).await;
}

async fn is_announced_after_a_restart(scene: &mut Scene, how: Away) {
    scene.is_announced().await;
    for chat in scene.chats() {
        chat.fail(Call::Post, ALWAYS, how);
    }
    let asked = scene.asked();
    asked.types(Who::Maya, &ASK).await;
    asked.reads(Who::Maya, "BG-1 waits for").await;
    scene.stop().await;
    scene.start().await;
    for chat in scene.chats() {
        assert_eq!(chat.said(Place::Approvers), Vec::<String>::new());
        chat.heal();
    }
    is_announced_and_approved(scene).await;
}

pub(super) async fn what_went_out_unanswered_is_announced(scene: &mut Scene) {
    scene.is_announced().await;
    for chat in scene.chats() {
        chat.fail(Call::Post, 2, Away::LosesAnswers);
    }
    scene.asked().types(Who::Maya, &ASK).await;
    is_announced_and_approved(scene).await;
}

async fn is_announced_and_approved(scene: &mut Scene) {
    let asked = scene.asked();
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Waiting").await;
        chat.finds(Place::Security, "BG-1").await;
    }
    asked.finds(Place::Direct(Who::Maya), "BG-1").await;
    scene.both_approve().await;
    assert!(scene.orders.is_held().await);
}

/// Posted again, since nobody heard that it was there: the first one shows the decision once it is pressed.
pub(super) async fn a_card_that_nobody_knows_of_is_drawn_when_it_is_pressed(scene: &mut Scene) {
    scene.is_announced().await;
    let decided = scene.decided();
    // One for each: the approvers, security, and who asks.
    decided.fail(Call::Post, 3, Away::LosesAnswers);
    scene.asked().types(Who::Maya, &ASK).await;
    decided.finds_all(Place::Approvers, "Waiting", 2).await;
    scene.both_approve().await;
    let mut strays = decided.posts(Place::Approvers);
    strays.retain(|card| card.says("Waiting") || card.says("1 of 2"));
    assert!(!strays.is_empty(), "all of them are known");
    for stray in &strays {
        let press = decided.tries_to_press(Who::Bo, stray, "Approve");
        assert_eq!(press.await, Ok(()), "it still asks");
    }
    decided.reads(Who::Bo, "Too late").await;
    let times = strays.len() + 1;
    decided.finds_all(Place::Approvers, "Active", times).await;
}

pub(super) async fn what_waits_lives_through_a_restart(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    let mut cards = Vec::new();
    for chat in scene.chats() {
        cards.push(chat.finds_post(Place::Approvers, "1 of 2").await);
    }
    scene.stop().await;
    scene.start().await;
    // The same card, as it was drawn before.
    decided
        .presses(Who::Ines, Place::Approvers, "1 of 2", "Approve")
        .await;
    for (chat, card) in scene.chats().iter().zip(cards) {
        let active = chat.finds_post(Place::Approvers, "Active").await;
        assert_eq!(active.id, card.id, "it is drawn in place");
    }
    assert!(scene.orders.is_held().await);
}

pub(super) async fn a_late_click_on_a_card_that_could_not_be_drawn_again_is_answered(
    scene: &mut Scene,
) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "1 of 2").await;
        chat.fail(Call::Edit, ALWAYS, Away::Fails);
    }
    decided
        .presses(Who::Ines, Place::Approvers, "1 of 2", "Approve")
        .await;
    asked.finds(Place::Direct(Who::Maya), "Active").await;
    // The card still shows its buttons.
    for late in [Who::Lee, Who::Bo] {
        decided
            .presses(late, Place::Approvers, "1 of 2", "Approve")
            .await;
        decided.reads(late, "approved already").await;
    }
    for chat in scene.chats() {
        chat.heal();
        let buttons = chat.finds_post(Place::Approvers, "Active").await.buttons;
        let is_late = |button: &String| button.starts_with("Approve") || button == "Deny…";
        assert!(!buttons.iter().any(is_late), "{buttons:?}");
    }
}

pub(super) async fn clicks_that_were_lost_while_nobody_listened_are_spoken_of(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    decided.finds(Place::Approvers, "Waiting").await;
    scene.stop().await;
    scene.clock.forward(Duration::from_mins(3));
    scene.start().await;
    for chat in scene.chats() {
        let back = chat.finds(Place::Approvers, "Back after an outage").await;
        assert!(back.contains("please click again"), "{back}");
    }
    // A short while is nothing to speak of.
    scene.stop().await;
    scene.start().await;
    asked.types(Who::Tom, &ASK).await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "BG-2").await;
        let told = chat
            .finds_all(Place::Approvers, "Back after an outage", 1)
            .await;
        assert_eq!(told.len(), 1);
    }
}

pub(super) async fn what_waited_for_chat_becomes_a_digest_and_an_alarm_does_not(scene: &mut Scene) {
    const REQUESTS: u32 = 25;
    let (asked, decided) = (scene.asked(), scene.decided());
    scene.is_announced().await;
    for chat in scene.chats() {
        chat.fail(Call::Post, ALWAYS, Away::Limits);
    }
    for number in 1..=REQUESTS {
        let request = format!("BG-{number}");
        asked.types(Who::Maya, &ASK).await;
        asked
            .reads(Who::Maya, &format!("{request} waits for"))
            .await;
        asked
            .types(Who::Maya, &Line::Withdraw(Some(&request)))
            .await;
        asked
            .reads(Who::Maya, &format!("{request} is taken back"))
            .await;
    }
    let lockdown = Line::Lockdown("the token may have leaked");
    decided.types(Who::Lee, &lockdown).await;
    decided.reads(Who::Lee, "All granting is stopped").await;
    for chat in scene.chats() {
        chat.heal();
    }
    for chat in scene.chats() {
        let alarm = chat.finds(Place::Security, "the token may have leaked");
        let alarm = alarm.await;
        assert!(!alarm.contains("things happened"), "{alarm}");
        chat.finds(Place::Security, "things happened").await;
    }
    scene.everything_is_told().await;
    for chat in scene.chats() {
        let mut posts = chat.said(Place::Security);
        posts.retain(|post| post.contains("things happened"));
        let in_a_digest: usize = posts
            .iter()
            .map(|post| post.matches(" · id ").count())
            .sum();
        assert!(in_a_digest > 20, "{posts:#?}");
        posts.extend(chat.said(Place::SecurityThreads));
        for number in 1..=REQUESTS {
            let request = format!("BG-{number} ");
            let says_so = |line: &str| {
                line.replace('*', "").contains(&request) && line.contains("Withdrawn by Maya Lind")
            };
            let mut lines = posts.iter().flat_map(|post| post.lines());
            assert!(lines.any(says_so), "{request}: {posts:#?}");
        }
    }
}

pub(super) async fn after_a_restart_a_direct_message_leads_to_its_card(scene: &mut Scene) {
    let chat = scene.asked();
    chat.types(Who::Maya, &ASK).await;
    chat.presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    let card = chat.finds_post(Place::Approvers, "1 of 2").await;
    scene.stop().await;
    // Nothing that is drawn now tells where the card stands.
    chat.fail(Call::Edit, ALWAYS, Away::Fails);
    scene.start().await;
    chat.presses(Who::Ines, Place::Approvers, "1 of 2", "Approve")
        .await;
    chat.finds(Place::Direct(Who::Maya), "Active").await;
    let told = scene.guild().messages(account(Who::Maya));
    let link = &told.last().unwrap().components[0]["components"][0]["url"];
    let place = format!("/{}/{}", card.channel, card.id);
    assert!(link.as_str().unwrap().ends_with(&place), "{link}");
    chat.heal();
}

pub(super) async fn nobody_waits_while_chat_hangs_on_another(scene: &mut Scene) {
    let asked = scene.asked();
    asked.fail(Call::Form, 1, Away::LosesAnswers);
    asked.types(Who::Maya, &Line::Nothing).await;
    asked.opens(Who::Maya, "").await;
    asked.types(Who::Noor, &ASK).await;
    asked
        .reads(Who::Noor, "Contractors can't hold admin roles.")
        .await;
    let answers = asked.said(Place::Own(Who::Maya));
    assert!(
        answers.is_empty(),
        "Maya's act hung all the while: {answers:?}"
    );
}

/// After a start the policy rules what waits again, when nobody is known yet.
pub(super) async fn what_waits_is_not_denied_since_nobody_can_be_looked_up(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    decided.finds(Place::Approvers, "Waiting").await;
    scene.stop().await;
    for chat in scene.chats() {
        chat.fail(Call::People, ALWAYS, Away::Fails);
    }
    scene.start().await;
    let engine = scene.engine().clone();
    assert!(!engine.rule_again_now().await.unwrap(), "somebody is known");
    assert_eq!(scene.recorded("denied_by_policy").await, 0);
    for chat in scene.chats() {
        chat.heal();
    }
    assert!(engine.rule_again_now().await.unwrap());
    scene.both_approve().await;
    assert!(scene.orders.is_held().await);
}

pub(super) async fn a_click_while_too_much_waits_is_answered(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    decided.finds(Place::Approvers, "Waiting").await;
    // Nobody is known any more, nor can be asked for.
    scene.stop().await;
    decided.fail(Call::People, ALWAYS, Away::Hangs);
    scene.start().await;
    let desk = EngineDesk(scene.engine().clone());
    let status = |number: u32| Intent {
        replay_key: format!("status-{number}"),
        sender: decided.sender(Who::Tom),
        channel: None,
        reply: Reply::default(),
        act: Act::Status,
    };
    let mut taken = 0;
    let full = loop {
        match desk.take(status(taken)).await {
            Ok(()) => taken += 1,
            Err(full) => break full,
        }
    };
    assert_eq!(full, DeskError::Busy);
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    decided.reads(Who::Bo, "I'm busy, nothing changed").await;
    assert_eq!(scene.recorded("approval_given").await, 0);
    scene.kept.meddle("DELETE FROM inbox").await;
    decided.heal();
}
