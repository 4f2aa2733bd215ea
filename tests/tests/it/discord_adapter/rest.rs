//! What we post: once, where it belongs, and what becomes of it when something is gone or closed.

use std::time::Duration;

use breakglass_core::notice::Notice;
use breakglass_core::picture::samples;
use breakglass_core::port::chat::{Chat as _, ChatError, MessageRef, Place};
use breakglass_discord::Registered;
use breakglass_sandbox::discord::{Fault, Message, MessageId};

use super::office::{APPROVERS, MAYA, Office, SECURITY, options};

const POST: &str = "POST /channels/{channel_id}/messages";

async fn office() -> Office {
    Office::quiet(options()).await
}

fn progress() -> Notice {
    let mut all = samples::notices().into_iter();
    let progress = all
        .find(|notice| matches!(notice, Notice::Progress { mention, .. } if !mention.is_empty()));
    progress.unwrap()
}

async fn card(office: &Office) -> MessageRef {
    let card = samples::card(samples::waiting());
    office.chat.post_card(APPROVERS, &card).await.unwrap()
}

fn id(message: &MessageRef) -> MessageId {
    MessageId {
        channel: message.channel.clone(),
        id: message.message.clone(),
    }
}

fn in_channel(office: &Office, channel: &str) -> Vec<Message> {
    office.guild.messages(channel)
}

#[tokio::test]
async fn what_was_posted_is_not_posted_again() {
    let office = office().await;
    let place = Place::Channel(SECURITY.to_owned());
    // Carried out, but the answer is lost: it is tried again, as the engine does.
    office.guild.fail(POST, 1, Fault::Dropped);
    let lost = office.chat.post(&place, "1042.1", &progress()).await;
    assert!(matches!(lost, Err(ChatError::Unavailable(_))), "{lost:?}");
    let again = office
        .chat
        .post(&place, "1042.1", &progress())
        .await
        .unwrap();
    let posted = in_channel(&office, SECURITY);
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].id, again.message);
    office
        .chat
        .post(&place, "1042.2", &progress())
        .await
        .unwrap();
    assert_eq!(in_channel(&office, SECURITY).len(), 2);
}

#[tokio::test]
async fn a_long_limit_is_told_and_kept_to() {
    let office = office().await;
    let place = Place::Channel(SECURITY.to_owned());
    let limited = Fault::RateLimited {
        retry_after_secs: 64.57,
    };
    office.guild.fail(POST, 1, limited);
    let refused = office.chat.post(&place, "1.0", &progress()).await;
    assert_eq!(refused.unwrap_err(), ChatError::Limited(65));
    let calls = office.guild.calls().len();
    // Not even asked again, as long as Discord said; other channels aren't meant.
    let refused = office.chat.post(&place, "1.0", &progress()).await;
    assert!(
        matches!(refused, Err(ChatError::Limited(60..=65))),
        "{refused:?}"
    );
    assert_eq!(office.guild.calls().len(), calls);
    card(&office).await;
}

#[tokio::test]
async fn a_global_limit_is_for_everything() {
    let office = office().await;
    let limited = Fault::GloballyLimited {
        retry_after_secs: 30.0,
    };
    office.guild.fail(POST, 1, limited);
    let card = samples::card(samples::waiting());
    let refused = office.chat.post_card(APPROVERS, &card).await;
    assert_eq!(refused.unwrap_err(), ChatError::Limited(30));
    let refused = office.chat.account(MAYA).await;
    assert!(matches!(refused, Err(ChatError::Limited(_))), "{refused:?}");
}

#[tokio::test]
async fn a_short_limit_is_waited_for() {
    let mut options = options();
    options.bucket.limit = 2;
    options.bucket.window = Duration::from_millis(300);
    let office = Office::quiet(options).await;
    let place = Place::Channel(SECURITY.to_owned());
    for number in 0..5 {
        let effect = format!("{number}.0");
        office
            .chat
            .post(&place, &effect, &progress())
            .await
            .unwrap();
    }
    let calls = office.guild.calls();
    assert!(
        calls.iter().all(|call| call.status != 429),
        "a limit was run into"
    );
}

#[tokio::test]
async fn discord_being_away_is_worth_another_try() {
    let office = office().await;
    let place = Place::Channel(SECURITY.to_owned());
    for fault in [Fault::ServerError, Fault::Unavailable, Fault::Hang] {
        office.guild.fail(POST, 1, fault);
        let away = office.chat.post(&place, "1.0", &progress()).await;
        assert!(
            matches!(away, Err(ChatError::Unavailable(_))),
            "{fault:?}: {away:?}"
        );
    }
}

#[tokio::test]
async fn a_thread_is_started_under_the_card_and_posted_to() {
    let office = office().await;
    let card = card(&office).await;
    let place = Place::Thread(card.clone());
    for effect in ["1.0", "1.1"] {
        office.chat.post(&place, effect, &progress()).await.unwrap();
    }
    assert_eq!(office.guild.thread(id(&card)).len(), 2);
    let name = office.guild.channel(&card.message).unwrap()["name"].to_string();
    assert!(name.contains("BG-4821"), "{name}");
}

#[tokio::test]
async fn posts_at_the_same_time_share_a_thread_that_was_not_there() {
    let office = office().await;
    let card = card(&office).await;
    let place = Place::Thread(card.clone());
    let (notice, chat) = (progress(), &office.chat);
    let (one, two, three) = tokio::join!(
        chat.post(&place, "1.0", &notice),
        chat.post(&place, "1.1", &notice),
        chat.post(&place, "1.2", &notice),
    );
    for posted in [one, two, three] {
        assert_eq!(posted.unwrap().channel, card.message);
    }
}

#[tokio::test]
async fn an_archived_thread_is_posted_to_and_a_locked_one_opened_or_left() {
    for lock in [false, true] {
        let office = office().await;
        let card = card(&office).await;
        let place = Place::Thread(card.clone());
        office.chat.post(&place, "1.0", &progress()).await.unwrap();
        if lock {
            office.guild.lock_thread(&card.message);
        } else {
            office.guild.archive_thread(&card.message);
        }
        let posted = office.chat.post(&place, "1.1", &progress()).await.unwrap();
        let at = if posted.channel == card.message {
            "its thread"
        } else {
            assert_eq!(posted.channel, APPROVERS);
            "the channel"
        };
        assert!(
            lock || at == "its thread",
            "an archived thread is posted to in {at}"
        );
    }
}

#[tokio::test]
async fn what_belongs_under_a_deleted_card_is_posted_in_its_channel() {
    let office = office().await;
    let card = card(&office).await;
    office.guild.delete_message(id(&card));
    let place = Place::Thread(card);
    let posted = office.chat.post(&place, "1.0", &progress()).await.unwrap();
    assert_eq!(posted.channel, APPROVERS);
}

#[tokio::test]
async fn a_card_deleted_by_hand_is_gone_and_can_be_posted_anew() {
    let office = office().await;
    let posted = card(&office).await;
    office.guild.delete_message(id(&posted));
    let mut changed = samples::card(samples::active());
    changed.request.log_seq += 1;
    let gone = office.chat.update_card(&posted, &changed).await;
    assert!(matches!(gone, Err(ChatError::Gone(_))), "{gone:?}");
    let anew = office.chat.post_card(APPROVERS, &changed).await.unwrap();
    assert_ne!(anew, posted);
    assert!(office.guild.message(id(&anew)).is_some());
}

#[tokio::test]
async fn a_deleted_channel_is_gone() {
    let office = office().await;
    let posted = card(&office).await;
    office.guild.delete_channel(APPROVERS);
    let card = samples::card(samples::active());
    let gone = office.chat.update_card(&posted, &card).await;
    assert!(matches!(gone, Err(ChatError::Gone(_))), "{gone:?}");
    let gone = office.chat.post_card(APPROVERS, &card).await;
    assert!(matches!(gone, Err(ChatError::Gone(_))), "{gone:?}");
    let place = Place::Thread(posted);
    let gone = office.chat.post(&place, "1.0", &progress()).await;
    assert!(matches!(gone, Err(ChatError::Gone(_))), "{gone:?}");
}

#[tokio::test]
async fn a_bot_that_was_kicked_says_what_to_do() {
    let office = office().await;
    office.guild.kick_app();
    let card = samples::card(samples::waiting());
    let refused = office.chat.post_card(APPROVERS, &card).await;
    let Err(ChatError::Refused(why)) = refused else {
        panic!("{refused:?}");
    };
    assert!(why.contains("let the bot"), "{why}");
    assert!(office.chat.group_members(super::office::DBA).await.is_err());
    office.guild.add_app();
    office.chat.post_card(APPROVERS, &card).await.unwrap();
}

#[tokio::test]
async fn closed_direct_messages_are_told_as_closed() {
    let office = office().await;
    let place = Place::Account {
        account: MAYA.to_owned(),
        card: None,
    };
    office.chat.post(&place, "1.0", &progress()).await.unwrap();
    assert_eq!(in_channel(&office, MAYA).len(), 1);
    office.guild.close_direct_messages(MAYA);
    let closed = office.chat.post(&place, "1.1", &progress()).await;
    assert!(matches!(closed, Err(ChatError::Closed(_))), "{closed:?}");
}

#[tokio::test]
async fn the_command_is_declared_once() {
    let office = office().await;
    assert_eq!(office.chat.register().await.unwrap(), Registered::Changed);
    assert_eq!(office.chat.register().await.unwrap(), Registered::Unchanged);
    let commands = office.guild.commands();
    assert_eq!(commands.len(), 1);
    assert_eq!(commands[0]["name"], "breakglass");
}

#[tokio::test]
async fn people_are_listed_by_their_role() {
    let office = office().await;
    let rows = office.chat.people_of(super::office::DBA).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].id.as_str(), rows[0].name.as_str()),
        ("bo", "Bo Ek")
    );
    let listing = office.chat.listing(MAYA).await.unwrap();
    assert!(
        listing.contains("discord = \"200000000000000001\""),
        "{listing}"
    );
}
