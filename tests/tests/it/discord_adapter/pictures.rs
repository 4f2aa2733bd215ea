//! Every kind of view is taken by a guild as strict as Discord.

use breakglass_core::picture::samples;
use breakglass_core::port::chat::{Chat as _, Place, Show};
use serde_json::json;

use super::office::{APPROVERS, MAYA, Office, SECURITY};

#[tokio::test]
async fn cards_and_notices_are_taken() {
    let office = Office::open().await;
    let chat = &office.chat;
    let waiting = samples::card(samples::waiting());
    let first = chat.post_card(APPROVERS, &waiting).await.unwrap();
    for state in samples::states() {
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
    for (number, notice) in samples::notices().iter().enumerate() {
        for place in &places {
            chat.post(place, &format!("{number}.1"), notice)
                .await
                .unwrap();
        }
    }
    assert!(
        office.guild.complaints().is_empty(),
        "{:?}",
        office.guild.complaints()
    );
}

#[tokio::test]
async fn answers_and_forms_in_words_are_taken() {
    let office = Office::open().await;
    office.slash(MAYA, "status", json!({})).await;
    let intent = office.desk.nth(1).await;
    for answer in samples::answers() {
        let answered = office
            .chat
            .answer(&intent.sender, &intent.reply, &answer, Show::New);
        answered.await.unwrap();
    }
    for form in samples::forms() {
        office.chat.open_form(&intent.reply, &form).await.unwrap();
    }
    assert!(
        office.guild.messages(MAYA).is_empty(),
        "something went to a direct message"
    );
    assert!(
        office.guild.complaints().is_empty(),
        "{:?}",
        office.guild.complaints()
    );
}

#[tokio::test]
async fn forms_are_taken() {
    let office = Office::open().await;
    let forms = samples::forms();
    let modals: Vec<_> = (2..=8).map(|index| &forms[index]).collect();
    for (number, form) in modals.into_iter().enumerate() {
        let office = &office;
        let typing = office.slash(MAYA, "request", json!({}));
        let opening = async {
            let intent = office.desk.nth(number + 1).await;
            office.chat.open_form(&intent.reply, form).await.unwrap();
        };
        tokio::join!(typing, opening);
        assert!(office.guild.view(MAYA).is_some(), "{form:?}");
        office.guild.close_view(MAYA).unwrap();
    }
}
