//! What only the sender of an act sees, and the lines that are offered while they type.

use breakglass_core::notice::{Answer, Choice, FormView, ListView, RequestForm};
use breakglass_core::picture::{self, Line, Picture, Press, fit, inert, row};
use serde_json::{Value, json};

use super::escape::code;
use super::line::lines;
use super::message::{CONTENT_MAX, DESCRIPTION_MAX, embed, rows};
use super::{Frame, custom_id};

/// Only the sender sees it.
const EPHEMERAL: u32 = 64;
/// Choices offered while typing.
const CHOICES_MAX: usize = 25;
/// Characters of a choice's name and value.
const CHOICE_MAX: usize = 100;
/// Buttons of a message.
const BUTTONS_MAX: usize = 25;

/// An answer as a message.
pub(crate) fn answer(frame: &Frame, answer: &Answer) -> Value {
    message(frame, &picture::answer(frame, answer))
}

/// A sentence of our own as a message.
pub(crate) fn plain(frame: &Frame, text: &str) -> Value {
    message(frame, &picture::plain(frame, text))
}

/// A form that can't be opened as one, in words: after a modal, or for views that are only shown. `kept` is the name under
/// which the typed words wait for another try.
pub(crate) fn form_in_words(frame: &Frame, form: &FormView, kept: &str) -> Value {
    match form {
        FormView::Loading => plain(frame, "One moment, please."),
        FormView::Failed { why, .. } => plain(frame, why),
        FormView::Request(form) => faults(frame, form, kept),
        FormView::Short {
            button, request, ..
        } => {
            let frame = &picture::about(frame, request);
            let digest = request.digest.clone();
            let text = frame.mark("Press the button to go on.");
            let picture = Picture {
                lines: vec![Line::new().text(&text)],
                buttons: row(&[(*button, request.id, digest)]),
                ..Picture::default()
            };
            message(frame, &picture)
        }
        FormView::Details { request, lists } => {
            let frame = &picture::about(frame, request);
            let picture = Picture {
                lists: lists.clone(),
                ..Picture::default()
            };
            message(frame, &picture)
        }
    }
}

/// What is wrong with a request form, what was typed, and a way back into it.
fn faults(frame: &Frame, form: &RequestForm, kept: &str) -> Value {
    let mut told: Vec<Line> = form
        .faults
        .iter()
        .map(|fault| Line::new().say("⚠️ ").words(&fault.message))
        .collect();
    if told.is_empty() {
        told.push(Line::new().say("Something is still missing."));
    }
    let mut answer = not_sent(frame, told, &form.typed.why);
    let open = json!({
        "type": 2,
        "style": 1,
        "label": "Open the form again",
        "custom_id": custom_id::again(kept),
    });
    answer["components"] = json!([{ "type": 1, "components": [open] }]);
    answer
}

/// That a field can't be understood, with what was typed elsewhere.
pub(crate) fn unclear(frame: &Frame, how: &str, typed: &str) -> Value {
    not_sent(frame, vec![Line::new().say("⚠️ ").words(how)], typed)
}

/// What is wrong, and the typed words whole, to be copied.
fn not_sent(frame: &Frame, told: Vec<Line>, typed: &str) -> Value {
    let mut answer = message(
        frame,
        &Picture {
            title: Some(frame.mark("Not sent yet")),
            lines: told,
            ..Picture::default()
        },
    );
    if !typed.is_empty() {
        let typed = fit(&code(typed), CONTENT_MAX - "```\n\n```".len());
        answer["content"] = json!(format!("```\n{typed}\n```"));
    }
    answer
}

fn message(frame: &Frame, picture: &Picture) -> Value {
    let nothing = picture.lines.is_empty() && picture.lists.is_empty() && picture.title.is_none();
    let (mut content, mut embeds) = (String::new(), Vec::new());
    if nothing {
        content = frame.mark("Nothing.");
    } else if !picture.lists.is_empty() {
        let listed: Vec<Line> = picture.lists.iter().flat_map(list).collect();
        embeds.push(json!({ "description": lines(frame, &listed, DESCRIPTION_MAX) }));
        content = if frame.test {
            "TEST".to_owned()
        } else {
            content
        };
    } else if picture.title.is_some() {
        embeds.push(embed(frame, picture));
    } else {
        content = lines(frame, &picture.lines, DESCRIPTION_MAX);
        if content.encode_utf16().count() > CONTENT_MAX {
            embeds.push(json!({ "description": std::mem::take(&mut content) }));
        }
    }
    let listed = picture.lists.iter().flat_map(|list| &list.lines);
    let listed: Vec<_> = listed.flat_map(|line| line.buttons.clone()).collect();
    let mut presses: Vec<Press> = picture.buttons.clone();
    presses.extend(row(&listed));
    presses.truncate(BUTTONS_MAX);
    json!({
        "content": content,
        "embeds": embeds,
        "components": rows(&presses),
        "allowed_mentions": { "parse": [] },
        "flags": EPHEMERAL,
    })
}

fn list(list: &ListView) -> Vec<Line> {
    let mut drawn = vec![Line::new().bold(&list.heading)];
    if list.lines.is_empty() {
        drawn.push(Line::new().text(&list.empty));
    }
    drawn.extend(list.lines.iter().map(|view| {
        let line = Line::new().words(&view.text);
        match &view.at {
            Some((word, at)) => line.say(" · ").text(word).say(" ").at(*at),
            None => line,
        }
    }));
    drawn
}

/// What is offered while somebody types.
pub(crate) fn choices(choices: &[Choice]) -> Value {
    let fits = |choice: &&Choice| {
        !choice.value.is_empty() && choice.value.encode_utf16().count() <= CHOICE_MAX
    };
    let offered: Vec<Value> = choices
        .iter()
        .filter(fits)
        .take(CHOICES_MAX)
        .map(|choice| json!({ "name": fit(&inert(&choice.label), CHOICE_MAX), "value": choice.value }))
        .collect();
    json!({ "choices": offered })
}
