//! Every kind of view, as the adapter's own tests draw it, is taken by a workspace as strict as Slack.

use breakglass_core::id::Platform;
use breakglass_core::intent::{Reply, Sender};
use breakglass_core::notice::{FormView, HomeView};
use breakglass_core::picture::samples;
use breakglass_core::port::chat::{Chat as _, Place, Show};

use super::office::{APPROVERS, MAYA, Office, SECURITY};

#[tokio::test]
async fn cards_and_notices_are_taken() {
    let office = Office::open().await;
    let chat = &office.chat;
    let states = samples::states();
    let first = chat
        .post_card(APPROVERS, &samples::card(states[0].clone()))
        .await
        .unwrap();
    for state in states {
        chat.update_card(&first, &samples::card(state))
            .await
            .unwrap();
    }
    for card in samples::break_glass_cards() {
        chat.post_card(SECURITY, &card).await.unwrap();
    }
    let places = [
        Place::Channel(SECURITY.to_owned()),
        Place::Thread(first.clone()),
        Place::Account {
            account: MAYA.to_owned(),
            card: Some(first),
        },
    ];
    for notice in samples::notices() {
        for place in &places {
            chat.post(place, "1042.1", &notice).await.unwrap();
        }
    }
    assert_eq!(office.sandbox.complaints(), Vec::<String>::new());
    assert_eq!(
        office.sandbox.messages(MAYA).len(),
        samples::notices().len()
    );
    let group = samples::group("dba").groups;
    assert!(group.contains_key(&Platform::Slack));
}

#[tokio::test]
async fn answers_are_taken() {
    let office = Office::open().await;
    for (index, answer) in samples::answers().into_iter().enumerate() {
        office.slash(MAYA, "status").await;
        let asked = office.desk.nth(index + 1).await;
        office
            .chat
            .answer(&asked.sender, &asked.reply, &answer, Show::New)
            .await
            .unwrap();
    }
    assert_eq!(
        office.sandbox.ephemerals(MAYA).len(),
        samples::answers().len()
    );
    // Without a place to answer it is a direct message.
    let maya = Sender {
        platform: Platform::Slack,
        account: MAYA.to_owned(),
        workspace: "T0SANDBOX".to_owned(),
    };
    for answer in samples::answers() {
        let nowhere = Reply::default();
        office
            .chat
            .answer(&maya, &nowhere, &answer, Show::InPlace)
            .await
            .unwrap();
    }
    assert_eq!(
        office.sandbox.messages(MAYA).len(),
        samples::answers().len()
    );
    assert_eq!(office.sandbox.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn forms_and_home_are_taken() {
    let office = Office::open().await;
    for (index, form) in samples::forms().into_iter().enumerate() {
        office.slash(MAYA, "").await;
        let asked = office.desk.nth(index + 1).await;
        let view = office
            .chat
            .open_form(&asked.reply, &FormView::Loading)
            .await
            .unwrap();
        office
            .chat
            .update_form(&view, &asked.reply, &form)
            .await
            .unwrap();
        office.sandbox.close_view(MAYA, &view).await.unwrap();
    }
    let home = HomeView {
        closed: Some("Lockdown".to_owned()),
        lists: samples::lists(),
    };
    office.chat.publish_home(MAYA, &home).await.unwrap();
    assert!(office.sandbox.home(MAYA).is_some());
    assert_eq!(office.sandbox.complaints(), Vec::<String>::new());
}

/// A card that waits for approval.
pub(super) fn waiting_card() -> breakglass_core::notice::Card {
    samples::card(samples::waiting())
}

/// Some refusal.
pub(super) fn an_answer() -> breakglass_core::notice::Answer {
    samples::answers().remove(0)
}
