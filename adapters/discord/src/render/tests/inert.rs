//! Whatever people type, it is shown as typed and nothing more; no message is too large.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use breakglass_core::intent::Button;
use breakglass_core::notice::{Answer, FormView, Notice, StateView};
use breakglass_core::picture::samples::{self, card, request, states};
use proptest::prelude::*;
use regex::Regex;
use serde_json::{Value, json};

use super::super::escape::escape;
use super::{DIRECT, frame};
use crate::render::{self, Where};

/// Texts full of what could be markup.
fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("@everyone @here".to_owned()),
        Just("<@200000000000000009> <@&300000000000000009> <#500000000000000009>".to_owned()),
        Just("[click](https://evil.example) <https://evil.example> http://evil.example".to_owned()),
        Just("**bold** *it* __u__ ~~no~~ ||spoiler|| `code` ```block```".to_owned()),
        Just("# heading\n- list\n1. one\n> quote\n>>> all\n-# small".to_owned()),
        Just("<t:0:R> <:evil:1> <a:evil:1> </evil:1> discord.gg/evil".to_owned()),
        Just("\u{202E}txet\u{2066}\u{200B}".to_owned()),
        Just("\\".to_owned()),
        "\\PC{0,40}",
        "[x*_~`<>&|!@#:/\\\\.\\-\\[\\]() ]{0,20}",
        "(long ){0,900}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// Escapes, code, and what only we write.
static OURS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)```.*?```|`[^`\n]*`|<t:\d+:[tfR]>|<@&?\d+>|\*\*|\\[!-/:-@\[-`{-~]").unwrap()
});
static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)```.*?```|`[^`\n]*`").unwrap());

fn check_read(text: &str) {
    let left = OURS.replace_all(text, "");
    for mark in ['*', '_', '~', '`', '|', '<', '[', '@', '\\'] {
        assert!(!left.contains(mark), "{mark} in {left:?} of {text:?}");
    }
    let text = CODE.replace_all(text, "");
    for address in ["://", ".gg/"] {
        assert!(!text.contains(address), "an address in {text:?}");
    }
    for line in text.lines() {
        let line = line.strip_prefix("> ").unwrap_or(line);
        let listed = line.trim_start_matches(|c: char| c.is_ascii_digit());
        assert!(
            !line.starts_with(['#', '-', '>', '+']),
            "{line:?} in {text:?}"
        );
        assert!(
            listed == line || !listed.starts_with('.'),
            "{line:?} in {text:?}"
        );
    }
}

fn units(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.encode_utf16().count())
}

fn check(message: &Value) {
    assert!(units(&message["content"]) <= 2000);
    check_read(message["content"].as_str().unwrap());
    let mut sum = 0;
    for embed in message["embeds"].as_array().unwrap() {
        let (title, description) = (&embed["title"], &embed["description"]);
        let footer = &embed["footer"]["text"];
        assert!(units(title) <= 256 && units(description) <= 4096 && units(footer) <= 2048);
        assert!(units(description) > 0);
        sum += units(title) + units(description) + units(footer);
        check_read(title.as_str().unwrap_or_default());
        check_read(description.as_str().unwrap());
    }
    assert!(sum <= 6000, "{sum} characters in embeds");
    assert!(units(&message["content"]) + sum > 0, "nothing in {message}");
    let rows = message["components"].as_array().unwrap();
    assert!(rows.len() <= 5);
    let mut names = BTreeSet::new();
    for button in rows
        .iter()
        .flat_map(|row| row["components"].as_array().unwrap())
    {
        assert!((1..=80).contains(&units(&button["label"])), "{button}");
        assert!(units(&button["custom_id"]) <= 100, "{button}");
        if let Some(name) = button["custom_id"].as_str() {
            assert!(names.insert(name.to_owned()), "{name} twice");
        }
    }
    assert_eq!(message["allowed_mentions"]["parse"], json!([]));
}

fn check_modal(modal: &Value) {
    assert!((1..=45).contains(&units(&modal["title"])));
    assert!((1..=100).contains(&units(&modal["custom_id"])));
    let rows = modal["components"].as_array().unwrap();
    assert!((1..=5).contains(&rows.len()));
    for row in rows {
        let input = &row["components"][0];
        assert!((1..=45).contains(&units(&input["label"])), "{input}");
        assert!(units(&input["placeholder"]) <= 100, "{input}");
        let most = usize::try_from(input["max_length"].as_u64().unwrap()).unwrap();
        assert!(most <= 4000 && units(&input["value"]) <= most, "{input}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn on_cards(text in typed()) {
        for state in states() {
            let mut card = card(state);
            card.request.justification = Some(text.clone());
            card.request.incident = Some(text.clone());
            card.request.requester.name.clone_from(&text);
            card.request.role_note = Some(text.clone());
            card.request.standing = vec![text.clone(); 5];
            if let StateView::Denied { reason, .. } = &mut card.state {
                reason.clone_from(&text);
            }
            check(&render::card(&frame(), &card));
        }
    }

    #[test]
    fn in_notices(text in typed()) {
        for mut notice in samples::notices() {
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
            check(&render::notice(&frame(), "1.0", &notice, Where::Guild));
            check(&render::notice(&frame(), "1.0", &notice, DIRECT));
        }
    }

    #[test]
    fn in_answers(text in typed(), title in typed()) {
        let answer = Answer::Said { typed: text.clone(), title, text, buttons: Vec::new() };
        check(&render::answer(&frame(), &answer));
    }

    #[test]
    fn in_forms(text in typed()) {
        let mut form = samples::request_form();
        form.typed.why.clone_from(&text);
        form.typed.incident = Some(text.clone());
        form.typed.beneficiary = Some(text.clone());
        form.faults[0].message.clone_from(&text);
        if let Some(target) = &mut form.target {
            target.value.clone_from(&text);
        }
        let mut view = request();
        view.justification = Some(text.clone());
        view.target.clone_from(&text);
        let short = |button| FormView::Short {
            button,
            request: Box::new(view.clone()),
            durations: Vec::new(),
            text_min: 5,
        };
        let mut forms: Vec<FormView> = Button::ALL.map(short).to_vec();
        forms.push(FormView::Failed { why: text, typed: Box::new(form.typed.clone()) });
        forms.push(FormView::Request(Box::new(form)));
        for form in forms {
            if let Some(modal) = render::modal(&frame(), &form) {
                check_modal(&modal);
            }
            check(&render::form_in_words(&frame(), &form, "0123"));
        }
    }

    #[test]
    fn an_escaped_text_reads_as_it_was_typed(text in "\\PC{0,60}") {
        let escapes = Regex::new(r"\\([!-/:-@\[-`{-~])").unwrap();
        let escaped = escape(&text);
        prop_assert_eq!(escapes.replace_all(&escaped, "$1").into_owned(), text);
    }
}
