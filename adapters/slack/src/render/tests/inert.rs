//! Whatever people type, it is shown as typed and nothing more.

use breakglass_core::intent::Reply;
use breakglass_core::notice::{Answer, FormView, Notice, StateView};
use breakglass_core::picture::samples::{self as views, card, request, states};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::frame;
use crate::render;

/// Texts full of what could be markup.
fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<!channel>".to_owned()),
        Just("<@U0EVIL>".to_owned()),
        Just("<https://evil.example|click>".to_owned()),
        Just("*bold* _it_ ~no~ `code`".to_owned()),
        Just("@here :rotating_light: #general".to_owned()),
        Just("\u{202E}txet\u{2066}\u{200B}".to_owned()),
        Just("\n\n🟢 Approved by Ines\n".to_owned()),
        Just("2026-03-02T14:07:00.000Z".to_owned()),
        "\\PC{0,40}",
        "[x*_~`<>&|!@#:\\n ]{0,20}",
        "(long ){0,900}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// No markup is read anywhere, no text is empty or too long, nobody is called who was not asked.
fn check(value: &Value) {
    match value {
        Value::Object(fields) => {
            let kind = fields
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default();
            assert_ne!(kind, "mrkdwn", "markup is read in {value}");
            assert!(
                !matches!(kind, "link" | "user" | "broadcast" | "channel" | "emoji"),
                "{value}"
            );
            if let Some(Value::String(text)) = fields.get("text") {
                let length = text.encode_utf16().count();
                assert!((1..=3000).contains(&length), "{length} characters");
                // Between lines to be copied.
                let text = if text == "\n" { "" } else { text };
                let hidden = |c: char| c.is_control() || ('\u{202A}'..='\u{202E}').contains(&c);
                assert!(!text.chars().any(hidden), "{text:?}");
            }
            if kind == "plain_text" {
                assert_eq!(fields.get("emoji"), Some(&json!(false)), "{value}");
            }
            for (name, most) in [("action_id", 255), ("value", 2000), ("block_id", 255)] {
                if let Some(text) = fields.get(name).and_then(Value::as_str) {
                    assert!(
                        text.encode_utf16().count() <= most,
                        "{name} is too long: {text}"
                    );
                }
            }
            fields.values().for_each(check);
        }
        Value::Array(items) => items.iter().for_each(check),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The text for notifications is read as markup: nothing in it may be.
fn check_spoken(text: &str) {
    assert!(!text.is_empty());
    for mark in ['<', '>', '*', '~', '`'] {
        assert!(!text.contains(mark), "{text}");
    }
    for (at, _) in text.match_indices('&') {
        let rest = &text[at..];
        let known = ["&amp;", "&lt;", "&gt;"]
            .iter()
            .any(|entity| rest.starts_with(entity));
        assert!(known, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn on_cards(text in typed()) {
        for state in states() {
            let asked = matches!(state, StateView::Waiting { .. });
            let mut card = card(state);
            card.request.justification = Some(text.clone());
            card.request.incident = Some(text.clone());
            card.request.requester.name.clone_from(&text);
            card.request.role_note = Some(text.clone());
            if let StateView::Denied { reason, .. } = &mut card.state {
                reason.clone_from(&text);
            }
            let picture = render::card(&frame(), &card);
            check_spoken(&picture.text);
            if !asked {
                check(&json!(picture.blocks));
            }
        }
    }

    #[test]
    fn in_notices(text in typed()) {
        for mut notice in views::notices() {
            if let Notice::Progress { quote, line, mention, .. } = &mut notice {
                *quote = Some(text.clone());
                line.clone_from(&text);
                mention.clear();
            }
            if let Notice::Alarm { text: words, by_hand, .. } = &mut notice {
                words.clone_from(&text);
                *by_hand = Some(text.clone());
            }
            if let Notice::House { text: words, facts, .. } = &mut notice {
                words.clone_from(&text);
                *facts = vec![(text.clone(), text.clone()); 40];
            }
            if let Notice::Digest { lines } = &mut notice {
                for line in lines {
                    line.text.clone_from(&text);
                }
            }
            if let Notice::Stranger { listing, account, .. } = &mut notice {
                *listing = vec![text.clone(); 30];
                account.clone_from(&text);
            }
            if let Notice::ReviewDue { reviewers, .. } = &mut notice {
                reviewers.clear();
            }
            let picture = render::notice(&frame(), "1.0", &notice);
            check_spoken(&picture.text);
            check(&json!(picture.blocks));
        }
    }

    #[test]
    fn in_answers(text in typed(), title in typed()) {
        let answer = Answer::Said { typed: text.clone(), title, text, buttons: Vec::new() };
        let picture = render::answer(&frame(), &answer);
        check_spoken(&picture.text);
        check(&json!(picture.blocks));
    }

    #[test]
    fn in_forms(text in typed()) {
        let mut form = views::request_form();
        form.typed.why.clone_from(&text);
        form.typed.incident = Some(text.clone());
        form.typed.beneficiary = Some(text.clone());
        form.preview = Some(text.clone());
        form.faults[0].message.clone_from(&text);
        let mut view = request();
        view.justification = Some(text.clone());
        let forms = [
            FormView::Failed { why: text, typed: Box::new(form.typed.clone()) },
            FormView::Request(Box::new(form)),
            FormView::Details { request: Box::new(view), lists: views::lists() },
        ];
        for form in forms {
            let view = render::form(&frame(), &Reply::default(), &form);
            check(&view);
            let memo = view["private_metadata"].as_str().unwrap();
            prop_assert!(memo.encode_utf16().count() <= 3000);
        }
    }

    #[test]
    fn a_cut_text_fits(text in "\\PC{0,80}", most in 1_usize..40) {
        let cut = render::fit(&text, most);
        prop_assert!(cut.encode_utf16().count() <= most.max(1));
    }
}
