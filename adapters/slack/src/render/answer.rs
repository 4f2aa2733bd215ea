//! What only the sender of an act sees: refusals, confirmations, lists; and the lines of selects.

use breakglass_core::id::RequestId;
use breakglass_core::intent::Button;
use breakglass_core::notice::{Answer, Choice, LineView, ListView, RequestView, WhoView};
use breakglass_core::time::{Length, Timestamp};
use serde_json::{Value, json};
use slack_morphism::blocks::{SlackActionBlockElement, SlackBlock};

use super::block::{Line, fit, header, inert, lines, row};
use super::card::{self, about, element};
use super::{Frame, Picture, action, fallback, words};

/// Blocks of a message.
const BLOCKS_MAX: usize = 50;
/// Lines of a select.
const CHOICES_MAX: usize = 100;
/// Characters of a select's line.
const CHOICE_MAX: usize = 75;
/// Characters of a select's value.
const CHOICE_VALUE_MAX: usize = 150;

/// An answer as a message.
pub(crate) fn answer(frame: &Frame, answer: &Answer) -> Picture {
    match answer {
        Answer::Said {
            title,
            text,
            buttons,
        } => said(frame, title, text, buttons),
        Answer::ConfirmBreakGlass {
            request,
            confirm_by,
            skipped,
            reviewers,
            review_within,
            ask_instead,
            buttons,
        } => {
            let frame = &about(frame, request);
            let cost = Cost {
                confirm_by: *confirm_by,
                skipped: *skipped,
                reviewers,
                review_within: *review_within,
            };
            confirm(frame, request, &cost, ask_instead, buttons)
        }
        Answer::Shown(shown) => card::card(frame, shown),
        Answer::Lists(all) => Picture {
            text: frame.mark(&listed(frame, all)),
            blocks: lists(frame, all, BLOCKS_MAX),
        },
    }
}

/// A sentence of our own.
pub(crate) fn plain(frame: &Frame, text: &str) -> Picture {
    let marked = frame.mark(text);
    Picture {
        text: fallback::words(frame, &marked),
        blocks: vec![lines(vec![Line::new(frame).words(&marked)])],
    }
}

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

fn said(
    frame: &Frame,
    title: &str,
    text: &str,
    buttons: &[(Button, RequestId, String)],
) -> Picture {
    let line = Line::new(frame)
        .bold(&frame.mark(title))
        .say("  ")
        .words(text);
    let mut blocks = vec![lines(vec![line])];
    blocks.extend(row_of(buttons));
    let spoken = format!(
        "{}: {}",
        fallback::words(frame, title),
        fallback::words(frame, text)
    );
    Picture {
        text: frame.mark(&spoken),
        blocks,
    }
}

/// Buttons about requests; with the request's id where there are several.
fn row_of(buttons: &[(Button, RequestId, String)]) -> Option<SlackBlock> {
    let named = buttons.windows(2).any(|pair| pair[0].1 != pair[1].1);
    let elements = buttons
        .iter()
        .enumerate()
        .map(|(index, (button, request, digest))| {
            let label = if named {
                format!("{} {request}", button.label())
            } else {
                button.label().to_owned()
            };
            // Within a row each needs a name of its own.
            let again = buttons[..index]
                .iter()
                .any(|(before, _, _)| before == button);
            let name = if again {
                format!("{}:{index}", button.as_str())
            } else {
                button.as_str().to_owned()
            };
            element(*button, &label, name, action::value(*request, digest)).into()
        });
    row(elements.collect::<Vec<SlackActionBlockElement>>())
}

/// What access without approval costs.
struct Cost<'a> {
    confirm_by: Timestamp,
    skipped: u32,
    reviewers: &'a [WhoView],
    review_within: Length,
}

fn confirm(
    frame: &Frame,
    request: &RequestView,
    cost: &Cost<'_>,
    ask_instead: &[WhoView],
    buttons: &[Button],
) -> Picture {
    let names = |who: &[WhoView]| {
        let labels: Vec<String> = who.iter().map(|who| inert(&who.label)).collect();
        labels.join(" and ")
    };
    let mut what = Line::new(frame).bold(&words::access(request));
    if request.beneficiary.id != request.requester.id {
        what = what.say(" for ").person(&request.beneficiary);
    }
    let what = what
        .say(" for ")
        .bold(&request.duration.to_string())
        .say(", now, without approval.");
    let skipped = match cost.skipped {
        1 => "1 skipped approver is told".to_owned(),
        more => format!("{more} skipped approvers are told"),
    };
    let reviewers = match cost.reviewers {
        [] => "it is reviewed".to_owned(),
        [only] => format!("{} reviews it", inert(&only.label)),
        more => format!("{} review it", names(more)),
    };
    let told = if request.break_glass {
        Line::new(frame).say("Security is alarmed, ").text(&skipped)
    } else {
        Line::new(frame).say("It is planned work, which security sees")
    };
    let told = if request.break_glass || !cost.reviewers.is_empty() {
        told.say(", ")
            .text(&reviewers)
            .say(" within ")
            .text(&cost.review_within.to_string())
    } else {
        told
    };
    let told = told.say(".");
    let (mark, asked) = if request.break_glass {
        ("🚨", "Break the glass?")
    } else {
        ("🟡", "Get access now?")
    };
    let valid = Line::new(frame)
        .say("This can be confirmed once, until ")
        .at(cost.confirm_by)
        .say(".");
    let body = vec![what, card::justification(frame, request), told, valid];
    let elements = buttons.iter().map(|button| {
        let label = match (button, ask_instead) {
            (Button::AskForApproval, [_, ..]) => format!("Ask {}", names(ask_instead)),
            _ => words::label(request, *button).to_owned(),
        };
        let value = action::value(request.id, &request.digest);
        element(*button, &label, button.as_str().to_owned(), value).into()
    });
    let mut blocks = vec![header(frame, &format!("{mark} {asked}")), lines(body)];
    blocks.extend(row(elements.collect::<Vec<SlackActionBlockElement>>()));
    let left = fallback::left(frame, cost.confirm_by);
    Picture {
        text: frame.mark(&format!(
            "{mark} {asked} {} Now, without approval. {left} left to confirm",
            fallback::subject(request)
        )),
        blocks,
    }
}

/// Lists as blocks, at most so many.
pub(super) fn lists(frame: &Frame, all: &[ListView], blocks_max: usize) -> Vec<SlackBlock> {
    let mut blocks = Vec::new();
    let mut dropped = 0;
    for list in all {
        let mut drawn = vec![header(frame, &list.heading)];
        if list.lines.is_empty() {
            drawn.push(lines(vec![Line::new(frame).text(&list.empty)]));
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
        blocks.push(lines(vec![Line::new(frame).text(&more)]));
    }
    if blocks.is_empty() {
        blocks.push(lines(vec![Line::new(frame).text(&frame.mark("Nothing."))]));
    }
    blocks
}

fn one_line(frame: &Frame, view: &LineView) -> Vec<SlackBlock> {
    let mut line = Line::new(frame).words(&view.text);
    if let Some((word, at)) = &view.at {
        line = line.say(" · ").text(word).say(" ").at(*at);
    }
    let mut blocks = vec![lines(vec![line])];
    blocks.extend(row_of(&view.buttons));
    blocks
}

fn listed(frame: &Frame, all: &[ListView]) -> String {
    if all.is_empty() {
        return "Nothing.".to_owned();
    }
    let counts: Vec<String> = all
        .iter()
        .map(|list| match list.lines.as_slice() {
            [] => format!("{}: {}", list.heading, list.empty),
            [only] => format!("{}: {}", list.heading, only.text),
            more => format!("{}: {}", list.heading, more.len()),
        })
        .collect();
    fallback::words(frame, &counts.join(" · "))
}
