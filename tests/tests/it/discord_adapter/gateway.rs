//! Gateway mode: what people do arrives once, is answered, and survives what goes wrong.

use breakglass_core::intent::{Act, Button};
use breakglass_core::notice::{Choice, Field};
use breakglass_core::picture::samples;
use breakglass_core::port::chat::Chat as _;
use breakglass_sandbox::discord::{Answer, Fault, Guild, MessageId};
use serde_json::json;

use super::office::{APPROVERS, BO, LOUNGE, MAYA, Office, options, said};
use crate::desk::{Mood, PATIENCE};

#[tokio::test]
async fn a_command_is_written_down_and_acknowledged() {
    let office = Office::open().await;
    let asked = json!({
        "target": "orders-db", "role": "admin", "duration": "30m", "severity": 1,
        "incident": "inc-7", "for": BO, "why": "replication slot stuck",
    });
    let answered = office.slash(MAYA, "request", asked).await;
    assert!(
        matches!(answered.answer, Answer::Deferred(_)),
        "{answered:?}"
    );
    let intent = office.desk.nth(1).await;
    assert_eq!(intent.sender.account, MAYA);
    assert_eq!(intent.channel.as_deref(), Some(APPROVERS));
    let Act::Ask(typed) = intent.act else {
        panic!("{:?}", intent.act);
    };
    assert_eq!(typed.incident.as_deref(), Some("INC-7"));
    assert_eq!(typed.beneficiary.as_deref(), Some(BO));
}

#[tokio::test]
async fn what_can_be_picked_is_offered() {
    let office = Office::open().await;
    *office.desk.choices.lock().unwrap() = vec![Choice {
        value: "admin".to_owned(),
        label: "admin · Admin".to_owned(),
    }];
    let so_far = ("role", json!({ "target": "orders-db", "role": "ad" }));
    let offered = office
        .guild
        .autocomplete(MAYA, APPROVERS, "/breakglass request", so_far)
        .await
        .unwrap();
    assert_eq!(offered[0].name, "admin · Admin");
    let asked = office.desk.asked.lock().unwrap().remove(0);
    assert_eq!((asked.0, asked.1.as_str()), (Field::Role, "ad"));
    assert_eq!(asked.2.target.as_deref(), Some("orders-db"));
}

#[tokio::test]
async fn a_button_on_our_card_counts() {
    let office = Office::open().await;
    let card = samples::card(samples::waiting());
    let posted = office.chat.post_card(APPROVERS, &card).await.unwrap();
    let id = MessageId {
        channel: posted.channel.clone(),
        id: posted.message.clone(),
    };
    let answered = office.guild.press(BO, id, "Approve").await.unwrap();
    assert_eq!(answered.answer, Answer::DeferredUpdate);
    let intent = office.desk.nth(1).await;
    let expected = Act::Press {
        button: Button::Approve,
        request: card.request.id,
        digest: card.request.digest,
    };
    assert_eq!(intent.act, expected);
    assert_eq!(intent.reply.message, Some(posted));
}

#[tokio::test]
async fn a_card_where_we_never_post_decides_nothing() {
    let office = Office::open().await;
    let card = samples::card(samples::waiting());
    let posted = office.chat.post_card(LOUNGE, &card).await.unwrap();
    let id = MessageId {
        channel: posted.channel,
        id: posted.message,
    };
    let answered = office.guild.press(BO, id, "Approve").await.unwrap();
    assert!(said(&answered).contains("isn't on a card of mine"));
    assert!(office.desk.taken().is_empty());
}

#[tokio::test]
async fn who_may_not_act_here_is_told_so() {
    let office = Office::open().await;
    for (changes, words) in [
        (json!({ "application_id": "1" }), "another app"),
        (json!({ "guild_id": "1" }), "isn't for this server"),
        (
            json!({ "member": { "user": { "bot": true } } }),
            "Bots can't",
        ),
        (
            json!({ "member": { "communication_disabled_until": "2999-01-01T00:00:00+00:00" } }),
            "timed out",
        ),
    ] {
        office.guild.doctor_next(changes.clone());
        let answered = office.slash(MAYA, "status", json!({})).await;
        assert!(said(&answered).contains(words), "{changes}: {answered:?}");
    }
    assert!(office.desk.taken().is_empty());
}

#[tokio::test]
async fn what_cannot_be_written_down_is_said_at_once() {
    let office = Office::open().await;
    for (mood, words) in [
        (Mood::CannotWrite, "couldn't record that"),
        (Mood::Busy, "I'm busy"),
        (Mood::Hangs, "couldn't record that"),
    ] {
        office.desk.is(mood);
        let answered = office.slash(MAYA, "status", json!({})).await;
        assert!(said(&answered).contains(words), "{mood:?}: {answered:?}");
    }
}

#[tokio::test]
async fn a_panic_at_the_desk_costs_only_that_act() {
    let office = Office::open().await;
    office.desk.is(Mood::Panics);
    let card = samples::card(samples::waiting());
    let posted = office.chat.post_card(APPROVERS, &card).await.unwrap();
    let id = MessageId {
        channel: posted.channel,
        id: posted.message,
    };
    let (guild, pressed) = (office.guild.clone(), id.clone());
    let lost = tokio::spawn(async move { guild.press(BO, pressed, "Approve").await });
    office.desk.is(Mood::Good);
    office.slash(MAYA, "list", json!({})).await;
    lost.abort();
    assert!(office.desk.acts().contains(&Act::List));
}

#[tokio::test]
async fn an_act_delivered_twice_is_written_down_once() {
    let office = Office::open().await;
    office.guild.deliver_twice(1);
    office.slash(MAYA, "status", json!({})).await;
    office.slash(MAYA, "list", json!({})).await;
    assert_eq!(office.desk.acts(), [Act::Status, Act::List]);
}

/// Whatever happens to the connection, the next act arrives.
async fn survives(happens: fn(&Guild)) {
    let office = Office::open().await;
    let before = office.guild.connections_ever();
    happens(&office.guild);
    let anew = |guild: &Guild| {
        (guild.connections_ever() > before && guild.connections() == 1).then_some(())
    };
    let back = office.guild.wait_for(PATIENCE * 3, anew).await;
    back.expect("a new connection in time");
    office.slash(MAYA, "status", json!({})).await;
    assert_eq!(office.desk.nth(1).await.act, Act::Status);
}

#[tokio::test]
async fn a_dropped_connection_is_resumed() {
    survives(Guild::drop_connections).await;
}

#[tokio::test]
async fn a_connection_closed_for_a_reason_is_resumed() {
    survives(|guild| guild.close_connections(4000)).await;
}

#[tokio::test]
async fn a_reconnect_that_is_asked_for_is_made() {
    survives(Guild::ask_to_reconnect).await;
}

#[tokio::test]
async fn an_invalid_session_is_begun_anew() {
    survives(Guild::invalidate_sessions).await;
}

#[tokio::test]
async fn a_session_that_was_forgotten_is_begun_anew() {
    survives(Guild::forget_sessions).await;
}

#[tokio::test]
async fn what_happened_meanwhile_is_heard_after_a_resume() {
    let office = Office::open().await;
    let before = *office.desk.changes.borrow();
    office.chat.group_members(super::office::DBA).await.unwrap();
    office.guild.drop_connections();
    office.guild.give_role(MAYA, super::office::DBA);
    let mut changes = office.desk.changes.subscribe();
    let heard = changes.wait_for(|now| *now > before);
    tokio::time::timeout(PATIENCE * 3, heard)
        .await
        .expect("in time")
        .unwrap();
    let members = office.chat.group_members(super::office::DBA).await.unwrap();
    assert!(members.contains(MAYA), "{members:?}");
}

#[tokio::test]
async fn a_silent_connection_is_given_up() {
    let office = Office::with(breakglass_sandbox::discord::Options {
        heartbeat_every: std::time::Duration::from_millis(300),
        ..options()
    })
    .await;
    let before = office.guild.connections_ever();
    office.guild.ignore_heartbeats(1);
    let anew = |guild: &Guild| {
        (guild.connections_ever() > before && guild.connections() == 1).then_some(())
    };
    let back = office.guild.wait_for(PATIENCE * 3, anew).await;
    back.expect("a new connection in time");
}

#[tokio::test]
async fn without_an_answer_the_gateway_is_asked_for_again() {
    let office = Office::quiet(options()).await;
    office.guild.fail("GET /gateway/bot", 2, Fault::Unavailable);
    let office = office.listening();
    office.connected().await;
    let asked = office.guild.calls();
    let asked = asked.iter().filter(|call| call.path == "/gateway/bot");
    assert_eq!(asked.count(), 3);
}

#[tokio::test]
async fn without_the_members_intent_it_stays_closed() {
    let mut options = options();
    options.app.has_members_intent = false;
    let office = Office::quiet(options).await.listening();
    let tried = |guild: &Guild| (guild.connections_ever() >= 2).then_some(());
    office
        .guild
        .wait_for(PATIENCE, tried)
        .await
        .expect("tried again");
    assert_eq!(office.chat.lines().borrow().open, 0);
    assert_eq!(office.chat.lines().borrow().wanted, 1);
}

#[tokio::test]
async fn nothing_is_left_when_it_stops() {
    let mut office = Office::open().await;
    office.stop().await;
    let gone = |guild: &Guild| (guild.connections() == 0).then_some(());
    office.guild.wait_for(PATIENCE, gone).await.expect("closed");
    assert_eq!(
        *office.chat.lines().borrow(),
        breakglass_core::port::chat::Lines::default()
    );
    let before = office.guild.connections_ever();
    office.guild.drop_connections();
    assert_eq!(office.guild.connections_ever(), before);
}

#[tokio::test]
async fn members_who_lose_a_role_lose_it_at_once() {
    let office = Office::open().await;
    let role = super::office::DBA;
    assert!(office.chat.group_members(role).await.unwrap().contains(BO));
    assert!(office.chat.account(BO).await.unwrap().active);
    let before = *office.desk.changes.borrow();
    let heard = |more| {
        let mut changes = office.desk.changes.subscribe();
        async move {
            let heard = changes.wait_for(|now| *now >= before + more);
            let heard = tokio::time::timeout(PATIENCE, heard).await;
            heard.expect("in time").unwrap();
        }
    };
    office.guild.take_role(BO, role);
    heard(1).await;
    assert!(!office.chat.group_members(role).await.unwrap().contains(BO));
    office
        .guild
        .time_out(MAYA, Some(i64::from(u32::MAX) * 1000));
    heard(2).await;
    assert!(!office.chat.account(MAYA).await.unwrap().active);
    office.guild.leave(BO);
    heard(3).await;
    assert!(!office.chat.account(BO).await.unwrap().active);
    assert!(office.chat.account(super::office::ROBOT).await.unwrap().bot);
}

#[tokio::test]
async fn everyone_is_nobody_s_group() {
    let office = Office::open().await;
    let members = office.chat.group_members(super::office::GUILD).await;
    assert!(members.is_err(), "{members:?}");
}
