//! Answers: first or further, in place or below, as a modal or in words, in time or too late.

use breakglass_core::id::Platform;
use breakglass_core::intent::{Act, Button, Intent};
use breakglass_core::notice::{Answer as Said, FormView};
use breakglass_core::picture::samples;
use breakglass_core::port::chat::{Chat as _, Show};
use breakglass_sandbox::discord::{Answer, Fault, Guild, MessageId};
use serde_json::json;

use super::office::{APPROVERS, BO, MAYA, Office};
use crate::desk::PATIENCE;

fn words(text: &str) -> Said {
    Said::Said {
        title: "Counted".to_owned(),
        text: text.to_owned(),
        typed: String::new(),
        buttons: Vec::new(),
    }
}

async fn answer(office: &Office, intent: &Intent, text: &str, show: Show) {
    let (to, reply) = (&intent.sender, &intent.reply);
    let answered = office.chat.answer(to, reply, &words(text), show).await;
    answered.unwrap();
}

#[tokio::test]
async fn a_deferred_command_is_filled_then_followed() {
    let office = Office::open().await;
    let Answer::Deferred(waiting) = office.slash(MAYA, "status", json!({})).await.answer else {
        panic!("not deferred");
    };
    let intent = office.desk.nth(1).await;
    assert_eq!(intent.sender.platform, Platform::Discord);
    answer(&office, &intent, "one", Show::New).await;
    answer(&office, &intent, "two", Show::New).await;
    let first = office.told(MAYA, "one").await;
    assert_eq!(first.id, waiting.id, "it takes the deferral's place");
    assert_ne!(office.told(MAYA, "two").await.id, first.id);
    assert!(
        office.guild.complaints().is_empty(),
        "{:?}",
        office.guild.complaints()
    );
}

#[tokio::test]
async fn an_answer_on_a_card_leaves_the_card_alone() {
    let office = Office::open().await;
    let card = samples::card(samples::waiting());
    let posted = office.chat.post_card(APPROVERS, &card).await.unwrap();
    let id = MessageId {
        channel: posted.channel,
        id: posted.message,
    };
    let before = office.guild.message(id.clone()).unwrap();
    office.guild.press(BO, id.clone(), "Approve").await.unwrap();
    let intent = office.desk.nth(1).await;
    answer(&office, &intent, "still needed: 1", Show::InPlace).await;
    office.told(BO, "still needed: 1").await;
    assert_eq!(office.guild.message(id).unwrap().shown(), before.shown());
}

#[tokio::test]
async fn an_answer_s_own_button_puts_the_next_in_its_place() {
    let office = Office::open().await;
    office.slash(MAYA, "status", json!({})).await;
    let intent = office.desk.nth(1).await;
    let confirm = samples::answers().remove(3);
    let (to, reply) = (&intent.sender, &intent.reply);
    office
        .chat
        .answer(to, reply, &confirm, Show::New)
        .await
        .unwrap();
    let asked = office.told(MAYA, "Break the glass?").await;
    office
        .guild
        .press(MAYA, &asked, "Break the glass")
        .await
        .unwrap();
    let pressed = office.desk.nth(2).await;
    assert!(matches!(
        pressed.act,
        Act::Press {
            button: Button::BreakTheGlass,
            ..
        }
    ));
    assert_eq!(pressed.reply.message, None);
    answer(&office, &pressed, "Granting.", Show::InPlace).await;
    assert_eq!(office.told(MAYA, "Granting.").await.id, asked.id);
}

#[tokio::test]
async fn a_form_comes_first_and_its_words_come_back() {
    let office = Office::open().await;
    let opened = {
        let office = &office;
        let typing = office.slash(MAYA, "request", json!({ "target": "orders-db" }));
        let opening = async {
            let intent = office.desk.nth(1).await;
            let form = FormView::Request(Box::new(samples::request_form()));
            office.chat.open_form(&intent.reply, &form).await.unwrap();
        };
        tokio::join!(typing, opening).0
    };
    assert!(matches!(opened.answer, Answer::Modal(_)), "{opened:?}");
    let typed = json!({ "why": "replication slot stuck", "severity": "2", "incident": "INC-9" });
    let sent = office.guild.submit_view(MAYA, typed).await.unwrap();
    assert!(matches!(sent.answer, Answer::Deferred(_)), "{sent:?}");
    let intent = office.desk.nth(2).await;
    let Act::Ask(typed) = &intent.act else {
        panic!("{:?}", intent.act);
    };
    assert_eq!(typed.role.as_deref(), Some("admin"));
    assert_eq!(
        (typed.severity, typed.why.as_str()),
        (Some(2), "replication slot stuck")
    );
    // A modal can't follow a modal: what is wrong is told with the words, and the form opens again by a button.
    let form = FormView::Request(Box::new(samples::request_form()));
    office.chat.open_form(&intent.reply, &form).await.unwrap();
    let told = office.told(MAYA, "needs 20 characters, you gave 5").await;
    assert!(told.shown().contains("stuck"), "{}", told.shown());
    let pressed = {
        let office = &office;
        let pressing = office.guild.press(MAYA, &told, "Open the form again");
        let opening = async {
            let intent = office.desk.nth(3).await;
            let Act::OpenForm(typed) = &intent.act else {
                panic!("{:?}", intent.act);
            };
            assert_eq!(*typed, samples::request_form().typed);
            office.chat.open_form(&intent.reply, &form).await.unwrap();
        };
        tokio::join!(pressing, opening).0
    };
    assert!(matches!(pressed.unwrap().answer, Answer::Modal(_)));
}

#[tokio::test]
async fn a_short_form_is_opened_by_its_button() {
    let office = Office::open().await;
    let card = samples::card(samples::waiting());
    let posted = office.chat.post_card(APPROVERS, &card).await.unwrap();
    let id = MessageId {
        channel: posted.channel,
        id: posted.message,
    };
    let deny = samples::forms().remove(4);
    let opened = {
        let office = &office;
        let pressing = office.guild.press(BO, id, "Deny…");
        let opening = async {
            let intent = office.desk.nth(1).await;
            office.chat.open_form(&intent.reply, &deny).await.unwrap();
        };
        tokio::join!(pressing, opening).0
    };
    assert!(matches!(opened.unwrap().answer, Answer::Modal(_)));
    let typed = json!({ "text": "use the read replica" });
    office.guild.submit_view(BO, typed).await.unwrap();
    let Act::Form { button, filled, .. } = office.desk.nth(2).await.act else {
        panic!("no form");
    };
    assert_eq!(
        (button, filled.text.as_str()),
        (Button::Deny, "use the read replica")
    );
}

#[tokio::test]
async fn details_are_shown_as_a_message() {
    let office = Office::open().await;
    let card = samples::card(samples::waiting());
    let posted = office.chat.post_card(APPROVERS, &card).await.unwrap();
    let id = MessageId {
        channel: posted.channel,
        id: posted.message,
    };
    office.guild.press(BO, id, "Details").await.unwrap();
    let intent = office.desk.nth(1).await;
    let details = samples::forms().pop().unwrap();
    office
        .chat
        .open_form(&intent.reply, &details)
        .await
        .unwrap();
    office.told(BO, "My grants").await;
}

#[tokio::test]
async fn what_comes_too_late_goes_to_a_direct_message() {
    let office = Office::open().await;
    office.slash(MAYA, "status", json!({})).await;
    let mut intent = office.desk.nth(1).await;
    // As after a night in the inbox: Discord knows the interaction no more (10062, 10015).
    let gone = intent
        .reply
        .url
        .as_ref()
        .unwrap()
        .replace("later/", "now/7");
    intent.reply.url = Some(gone + "x");
    answer(&office, &intent, "You hold nothing.", Show::New).await;
    let told = |guild: &Guild| {
        let all = guild.messages(MAYA);
        all.into_iter()
            .find(|message| message.shown().contains("You hold nothing."))
    };
    let told = office.guild.wait_for(PATIENCE, told).await;
    assert!(told.unwrap().components.is_empty());
}

#[tokio::test]
async fn an_answer_waits_for_the_deferral() {
    let office = Office::open().await;
    let route = "POST /interactions/{interaction_id}/{interaction_token}/callback";
    office.guild.fail(route, 1, Fault::Dropped);
    let office = &office;
    let typing = office.slash(MAYA, "status", json!({}));
    let answering = async {
        let intent = office.desk.nth(1).await;
        answer(office, &intent, "You hold nothing.", Show::New).await;
    };
    tokio::join!(typing, answering);
    office.told(MAYA, "You hold nothing.").await;
}
