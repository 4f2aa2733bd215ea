mod inert;
mod sketch;

use breakglass_core::intent::Typed;
use breakglass_core::notice::{Answer, Choice, FormView, Notice, StateView};
use breakglass_core::picture::samples::{self, at, card, states};
use insta::assert_snapshot;
use serde_json::{Value, json};

use self::sketch::sketch;
use super::custom_id::{self, CustomId};
use super::{Frame, Where};

fn frame() -> Frame {
    Frame {
        now: at("14:07"),
        test: false,
    }
}

const DIRECT: Where<'_> = Where::Direct {
    card: "https://discord.com/channels/4/5/6",
};

fn joined(all: impl IntoIterator<Item = Value>) -> String {
    let all: Vec<String> = all.into_iter().map(|message| sketch(&message)).collect();
    all.join("\n\n")
}

#[test]
fn a_card_is_drawn_for_each_state() {
    let all = states()
        .into_iter()
        .map(|state| super::card(&frame(), &card(state)));
    assert_snapshot!(joined(all));
}

#[test]
fn a_security_card_says_that_nobody_approved() {
    let cards = samples::break_glass_cards();
    assert_snapshot!(joined(cards.iter().map(|card| super::card(&frame(), card))));
}

#[test]
fn a_waiting_card_in_discord_s_own_terms() {
    let message = super::card(&frame(), &card(states().remove(0)));
    assert_snapshot!(serde_json::to_string_pretty(&message).unwrap());
}

#[test]
fn notices_are_drawn() {
    let notices = samples::notices();
    let drawn = |notice| super::notice(&frame(), "1042.1", notice, Where::Guild);
    assert_snapshot!(joined(notices.iter().map(drawn)));
}

#[test]
fn direct_messages_name_the_command_and_link_to_the_card() {
    let notices = samples::notices();
    let drawn = |notice| super::notice(&frame(), "1042.1", notice, DIRECT);
    assert_snapshot!(joined(notices.iter().take(7).map(drawn)));
}

#[test]
fn answers_are_drawn() {
    let answers = samples::answers();
    assert_snapshot!(joined(
        answers.iter().map(|answer| super::answer(&frame(), answer))
    ));
}

#[test]
fn forms_are_drawn() {
    let all: Vec<String> = samples::forms()
        .iter()
        .map(|form| match super::modal(&frame(), form) {
            Some(modal) => sketch::modal(&modal),
            None => sketch(&super::form_in_words(&frame(), form, "0123")),
        })
        .collect();
    assert_snapshot!(all.join("\n\n"));
}

#[test]
fn what_is_wrong_with_a_form_is_told_with_the_words() {
    let form = FormView::Request(Box::new(samples::request_form()));
    assert_snapshot!(sketch(&super::form_in_words(&frame(), &form, "0123")));
}

#[test]
fn typed_words_come_back_whole() {
    let words = "word and ".repeat(220);
    let message = super::unclear(&frame(), "“soon” isn't a duration.", words.trim());
    let content = message["content"].as_str().unwrap();
    assert_eq!(content, format!("```\n{}\n```", words.trim()));
    assert!(message["embeds"][0].to_string().contains("soon"));
}

#[test]
fn the_request_form_in_discord_s_own_terms() {
    let form = FormView::Request(Box::new(samples::request_form()));
    let modal = super::modal(&frame(), &form).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&modal).unwrap());
}

#[test]
fn the_command_is_declared() {
    assert_snapshot!(serde_json::to_string_pretty(&super::command::commands()).unwrap());
}

#[test]
fn in_a_test_every_message_says_so() {
    let test = Frame {
        test: true,
        ..frame()
    };
    let marked = |message: Value| assert!(message.to_string().contains("TEST"), "{message}");
    let first = |message: &Value| {
        let content = message["content"].as_str().unwrap();
        assert!(content.starts_with("TEST"), "not marked: {content}");
    };
    for state in states() {
        let message = super::card(&test, &card(state.clone()));
        first(&message);
        let mut of_test = card(state);
        of_test.request.test = true;
        first(&super::card(&frame(), &of_test));
    }
    for notice in samples::notices() {
        first(&super::notice(&test, "1.0", &notice, Where::Guild));
        first(&super::notice(&test, "1.0", &notice, DIRECT));
    }
    for answer in samples::answers() {
        marked(super::answer(&test, &answer));
    }
    for form in samples::forms() {
        if let Some(modal) = super::modal(&test, &form) {
            marked(modal);
        }
        marked(super::form_in_words(&test, &form, "0123"));
    }
}

#[test]
fn the_first_ninety_characters_tell_it() {
    let message = super::card(&frame(), &card(states().remove(0)));
    let start = "🟡 Waiting · BG-4821 Maya: admin on orders-db, 30 min, SEV1. You can approve. 10 min left\n";
    let content = message["content"].as_str().unwrap();
    assert!(
        start.chars().count() <= 90 && content.starts_with(start),
        "{content}"
    );
}

#[test]
fn only_people_who_are_asked_are_called() {
    let called = |message: &Value| {
        let allowed = &message["allowed_mentions"];
        assert_eq!(allowed["parse"], json!([]), "{message}");
        let content = message["content"].as_str().unwrap();
        let mut ids = Vec::new();
        for kind in ["roles", "users"] {
            let all = allowed[kind].as_array().unwrap().iter();
            ids.extend(all.map(|id| id.as_str().unwrap().to_owned()));
        }
        for id in &ids {
            assert!(content.contains(id), "{id} isn't mentioned in {content}");
        }
        !ids.is_empty()
    };
    for state in states() {
        let asked = matches!(state, StateView::Waiting { .. });
        let message = super::card(&frame(), &card(state));
        assert_eq!(called(&message), asked, "{message}");
    }
    for notice in samples::notices() {
        let asked = match &notice {
            Notice::Progress { mention, .. } => !mention.is_empty(),
            Notice::ReviewDue { reviewers, .. } => !reviewers.is_empty(),
            Notice::Received { .. }
            | Notice::GlassOffered { .. }
            | Notice::Decided { .. }
            | Notice::EndingSoon { .. }
            | Notice::Ended { .. }
            | Notice::Skipped { .. }
            | Notice::Digest { .. }
            | Notice::Stranger { .. }
            | Notice::Alarm { .. }
            | Notice::House { .. } => false,
        };
        let message = super::notice(&frame(), "1.0", &notice, Where::Guild);
        assert_eq!(called(&message), asked, "{message}");
    }
}

#[test]
fn direct_messages_have_no_button_that_acts() {
    for notice in samples::notices() {
        let message = super::notice(&frame(), "1.0", &notice, DIRECT);
        assert!(!message.to_string().contains("custom_id"), "{message}");
    }
}

#[test]
fn what_travels_in_a_form_s_name_comes_back() {
    let typed = Typed {
        target: Some("orders-db".to_owned()),
        role: Some("admin".to_owned()),
        severity: Some(1),
        beneficiary: Some("200000000000000002".to_owned()),
        again: true,
        ..Typed::default()
    };
    for typed in [typed, Typed::default()] {
        let name = custom_id::request(&typed).unwrap();
        assert_eq!(custom_id::read(&name), Some(CustomId::Request(typed)));
    }
}

#[test]
fn names_too_long_to_travel_get_their_fields() {
    let mut form = samples::request_form();
    let long = |name: &str| {
        Some(Choice {
            value: name.repeat(10),
            label: name.repeat(10),
        })
    };
    form.target = long("target");
    form.role = long("role-x");
    let modal = super::modal(&frame(), &FormView::Request(Box::new(form))).unwrap();
    let drawn = modal.to_string();
    assert!(drawn.contains(&"target".repeat(10)), "{drawn}");
    assert!(drawn.contains(&"role-x".repeat(10)), "{drawn}");
    assert!(
        drawn.contains("\"why\"") && drawn.contains("\"incident\""),
        "{drawn}"
    );
    assert_eq!(modal["components"].as_array().unwrap().len(), 5);
}

#[test]
fn an_effect_s_nonce_is_short_and_its_own() {
    assert_eq!(super::nonce("1042.1"), "1042.1");
    let long = |end: &str| super::nonce(&format!("{}{end}", "9".repeat(30)));
    assert_eq!(long("1").len(), 25);
    assert_ne!(long("1"), long("2"));
}

#[test]
fn long_lists_say_what_they_leave_out() {
    let mut lists = samples::lists();
    let line = lists[0].lines[0].clone();
    lists[0].lines = vec![line; 200];
    let message = super::answer(&frame(), &Answer::Lists(lists));
    let description = message["embeds"][0]["description"].as_str().unwrap();
    assert!(description.contains("more"), "{description}");
    assert_eq!(message["components"].as_array().unwrap().len(), 5);
}
