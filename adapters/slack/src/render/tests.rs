mod inert;
mod sketch;

use breakglass_core::intent::Reply;
use breakglass_core::notice::{Answer, FormView, HomeView, Notice, StateView};
use insta::assert_snapshot;
use serde_json::json;

use self::sketch::sketch;
use super::Frame;
use breakglass_core::picture::samples::{self as views, at, card, request, states};

fn frame() -> Frame {
    Frame {
        now: at("14:07"),
        test: false,
    }
}

#[test]
fn a_card_is_drawn_for_each_state() {
    let all: Vec<String> = states()
        .into_iter()
        .map(|state| sketch(&super::card(&frame(), &card(state))))
        .collect();
    assert_snapshot!(all.join("\n\n"));
}

#[test]
fn a_security_card_says_that_nobody_approved() {
    let all: Vec<String> = views::break_glass_cards()
        .iter()
        .map(|card| sketch(&super::card(&frame(), card)))
        .collect();
    assert_snapshot!(all.join("\n\n"));
}

#[test]
fn a_waiting_card_in_slack_s_own_terms() {
    let waiting = card(states().remove(0));
    let picture = super::card(&frame(), &waiting);
    let message = json!({ "text": picture.text, "blocks": picture.blocks });
    assert_snapshot!(serde_json::to_string_pretty(&message).unwrap());
}

#[test]
fn notices_are_drawn() {
    let all: Vec<String> = views::notices()
        .iter()
        .map(|notice| sketch(&super::notice(&frame(), "1042.1", notice)))
        .collect();
    assert_snapshot!(all.join("\n\n"));
}

#[test]
fn answers_are_drawn() {
    let all: Vec<String> = views::answers()
        .iter()
        .map(|answer| sketch(&super::answer(&frame(), answer)))
        .collect();
    assert_snapshot!(all.join("\n\n"));
}

#[test]
fn forms_are_drawn() {
    let reply = Reply {
        url: Some("https://hooks.slack.com/actions/1".to_owned()),
        ..Reply::default()
    };
    let all: Vec<String> = views::forms()
        .iter()
        .map(|form| sketch::view(&super::form(&frame(), &reply, form)))
        .collect();
    assert_snapshot!(all.join("\n\n"));
}

#[test]
fn the_request_form_in_slack_s_own_terms() {
    let form = FormView::Request(Box::new(views::request_form()));
    let view = super::form(&frame(), &Reply::default(), &form);
    assert_snapshot!(serde_json::to_string_pretty(&view).unwrap());
}

#[test]
fn the_home_page_is_drawn() {
    let mut home = HomeView {
        closed: None,
        lists: views::lists(),
    };
    let open = sketch::view(&super::home(&frame(), &home));
    home.closed = Some("Lockdown by Ines at 2026-03-02T14:00:00.000Z: \"token leak\"".to_owned());
    let closed = sketch::view(&super::home(&frame(), &home));
    assert_snapshot!(format!("{open}\n\n{closed}"));
}

#[test]
fn the_manifest_asks_for_no_more_than_is_used() {
    use super::manifest::{Reach, manifest};
    let socket = manifest(&Reach::Socket);
    let http = manifest(&Reach::Http("https://breakglass.example.com/".to_owned()));
    let both = json!({ "socket": socket, "http": http });
    assert_snapshot!(serde_json::to_string_pretty(&both).unwrap());
}

#[test]
fn in_a_test_every_picture_says_so() {
    let test = Frame {
        test: true,
        ..frame()
    };
    let marked = |text: &str, seen: &str| {
        assert!(text.starts_with("TEST"), "not marked: {text}");
        assert!(seen.contains("TEST"), "not marked: {seen}");
    };
    let of_request = Frame { ..frame() };
    for state in states() {
        let mut card = card(state);
        let picture = super::card(&test, &card);
        marked(&picture.text, &json!(picture.blocks).to_string());
        card.request.test = true;
        let picture = super::card(&of_request, &card);
        marked(&picture.text, &json!(picture.blocks).to_string());
    }
    for notice in views::notices() {
        let picture = super::notice(&test, "1.0", &notice);
        marked(&picture.text, &json!(picture.blocks).to_string());
    }
    for answer in views::answers() {
        let picture = super::answer(&test, &answer);
        marked(&picture.text, &json!(picture.blocks).to_string());
    }
    for form in views::forms() {
        let view = super::form(&test, &Reply::default(), &form).to_string();
        assert!(view.contains("TEST"), "not marked: {view}");
    }
}

#[test]
fn the_first_ninety_characters_tell_it() {
    let text = super::card(&frame(), &card(states().remove(0))).text;
    let start: String = text.chars().take(90).collect();
    assert_eq!(
        start,
        "🟡 Waiting · BG-4821 Maya: admin on orders-db, 30 min, SEV1. You can approve. 10 min left"
    );
}

#[test]
fn only_people_who_are_asked_are_called() {
    let called = |value: &serde_json::Value| {
        let text = value.to_string();
        text.contains("\"type\":\"user\"") || text.contains("\"type\":\"usergroup\"")
    };
    for state in states() {
        let asked = matches!(state, StateView::Waiting { .. });
        let picture = super::card(&frame(), &card(state));
        assert_eq!(called(&json!(picture.blocks)), asked, "{}", picture.text);
    }
    for notice in views::notices() {
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
        let picture = super::notice(&frame(), "1.0", &notice);
        assert_eq!(called(&json!(picture.blocks)), asked, "{}", picture.text);
    }
}

#[test]
fn a_card_ends_with_rule_policy_and_log() {
    for state in states() {
        let picture = super::card(&frame(), &card(state));
        let last = json!(picture.blocks.last()).to_string();
        let expected = "rule orders-db-two-people · policy 7f3a91c2 · log #1042 5be1c02d";
        assert!(last.contains(expected), "{last}");
    }
}

#[test]
fn button_values_are_read_back_or_not_at_all() {
    use super::action::{read_value, value};
    let id = request().id;
    assert_eq!(
        read_value(&value(id, "0123456789abcdef")),
        Some((id, "0123456789abcdef".to_owned()))
    );
    for wrong in [
        "",
        "BG-1",
        "1.0123456789abcdef",
        "BG-1.0123",
        "BG-1.0123456789ABCDEF",
        "BG-x.",
    ] {
        assert_eq!(read_value(wrong), None, "{wrong}");
    }
}

#[test]
fn long_lists_say_what_they_leave_out() {
    let mut lists = views::lists();
    let line = lists[0].lines[0].clone();
    lists[0].lines = vec![line; 200];
    let picture = super::answer(&frame(), &Answer::Lists(lists));
    assert_eq!(picture.blocks.len(), 50);
    assert!(json!(picture.blocks.last()).to_string().contains("more"));
}
