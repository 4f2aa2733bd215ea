//! Lists that only the sender of an act sees, and the lines of selects.

use breakglass_core::notice::{Choice, LineView, ListView};
use breakglass_core::picture::{self, Frame, Line, fit, inert};
use serde_json::{Value, json};
use slack_morphism::blocks::SlackBlock;

use super::block::{buttons, header, lines};

/// Lines of a select.
const CHOICES_MAX: usize = 100;
/// Characters of a select's line.
const CHOICE_MAX: usize = 75;
/// Characters of a select's value.
const CHOICE_VALUE_MAX: usize = 150;

/// The lines of a select, as the acknowledgement carries them.
pub(crate) fn choices(choices: &[Choice]) -> Value {
    let fits = |choice: &&Choice| {
        !choice.value.is_empty() && choice.value.encode_utf16().count() <= CHOICE_VALUE_MAX
    };
    let options: Vec<Value> = choices
        .iter()
        .filter(fits)
        .take(CHOICES_MAX)
        .map(|choice| {
            json!({
                "text": {
                    "type": "plain_text",
                    "text": fit(&inert(&choice.label), CHOICE_MAX),
                    "emoji": false,
                },
                "value": choice.value,
            })
        })
        .collect();
    json!({ "options": options })
}

/// Lists as blocks, at most so many.
pub(super) fn lists(frame: &Frame, all: &[ListView], blocks_max: usize) -> Vec<SlackBlock> {
    let mut blocks = Vec::new();
    let mut dropped = 0;
    for list in all {
        let mut drawn = vec![header(&frame.mark(&list.heading))];
        if list.lines.is_empty() {
            drawn.push(lines(frame, &[Line::new().text(&list.empty)]));
        }
        // The heading needs its line, and the last block says what was left out.
        if blocks.len() + drawn.len() + 2 > blocks_max {
            dropped += list.lines.len();
            continue;
        }
        blocks.append(&mut drawn);
        for line in &list.lines {
            let mut drawn = one_line(frame, line);
            if blocks.len() + drawn.len() + 1 > blocks_max {
                dropped += 1;
            } else {
                blocks.append(&mut drawn);
            }
        }
    }
    if dropped > 0 {
        let more = format!("… and {dropped} more");
        blocks.push(lines(frame, &[Line::new().text(&more)]));
    }
    if blocks.is_empty() {
        blocks.push(lines(frame, &[Line::new().text(&frame.mark("Nothing."))]));
    }
    blocks
}

fn one_line(frame: &Frame, view: &LineView) -> Vec<SlackBlock> {
    let mut line = Line::new().words(&view.text);
    if let Some((word, at)) = &view.at {
        line = line.say(" · ").text(word).say(" ").at(*at);
    }
    let mut blocks = vec![lines(frame, &[line])];
    blocks.extend(buttons(frame, &picture::row(&view.buttons)));
    blocks
}
