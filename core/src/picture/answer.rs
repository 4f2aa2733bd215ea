//! What only the sender of an act sees: refusals, confirmations, lists.

use super::card::card;
use super::line::{Line, inert};
use super::{Frame, Picture, Press, card as cards, spoken, words};
use crate::id::RequestId;
use crate::intent::Button;
use crate::notice::{Answer, ListView, RequestView, WhoView};
use crate::time::{Length, Timestamp};

/// An answer.
pub fn answer(frame: &Frame, answer: &Answer) -> Picture {
    match answer {
        Answer::Said {
            title,
            text,
            typed,
            buttons,
        } => {
            let mut picture = said(frame, title, text, buttons);
            if !typed.is_empty() {
                picture.lines.push(Line::typed(typed));
            }
            picture
        }
        Answer::ConfirmBreakGlass {
            request,
            confirm_by,
            skipped,
            reviewers,
            review_within,
            ask_instead,
            buttons,
        } => {
            let frame = &cards::about(frame, request);
            let cost = Cost {
                confirm_by: *confirm_by,
                skipped: *skipped,
                reviewers,
                review_within: *review_within,
            };
            confirm(frame, request, &cost, ask_instead, buttons)
        }
        Answer::Shown(shown) => card(frame, shown),
        Answer::Lists(all) => Picture {
            spoken: frame.mark(&listed(frame, all)),
            lists: all.clone(),
            ..Picture::default()
        },
    }
}

/// A sentence of our own.
pub fn plain(frame: &Frame, text: &str) -> Picture {
    let marked = frame.mark(text);
    Picture {
        spoken: spoken::shorten(frame, &marked),
        lines: vec![Line::new().words(&marked)],
        ..Picture::default()
    }
}

fn said(
    frame: &Frame,
    title: &str,
    text: &str,
    buttons: &[(Button, RequestId, String)],
) -> Picture {
    let line = Line::new().bold(&frame.mark(title)).say("  ").words(text);
    let spoken = format!(
        "{}: {}",
        spoken::shorten(frame, title),
        spoken::shorten(frame, text)
    );
    Picture {
        spoken: frame.mark(&spoken),
        lines: vec![line],
        buttons: row(buttons),
        ..Picture::default()
    }
}

/// Buttons about requests; with the request's id where there are several.
pub fn row(buttons: &[(Button, RequestId, String)]) -> Vec<Press> {
    let named = buttons.windows(2).any(|pair| pair[0].1 != pair[1].1);
    let press = |(button, request, digest): &(Button, RequestId, String)| Press {
        button: *button,
        label: if named {
            format!("{} {request}", button.label())
        } else {
            button.label().to_owned()
        },
        request: *request,
        digest: digest.clone(),
        confirm: None,
    };
    buttons.iter().map(press).collect()
}

/// What access without approval costs.
pub(in crate::picture) struct Cost<'a> {
    pub(in crate::picture) confirm_by: Timestamp,
    pub(in crate::picture) skipped: u32,
    pub(in crate::picture) reviewers: &'a [WhoView],
    pub(in crate::picture) review_within: Length,
}

pub(in crate::picture) fn confirm(
    frame: &Frame,
    request: &RequestView,
    cost: &Cost<'_>,
    ask_instead: &[WhoView],
    buttons: &[Button],
) -> Picture {
    let mut what = Line::new().bold(&words::access(request));
    if request.beneficiary.id != request.requester.id {
        what = what.say(" for ").person(&request.beneficiary);
    }
    let what = what
        .say(" for ")
        .bold(&request.duration.to_string())
        .say(", now, without approval.");
    let valid = Line::new()
        .say("This can be confirmed once, until ")
        .at(cost.confirm_by)
        .say(".");
    let (mark, asked) = if request.break_glass {
        ("🚨", "Break the glass?")
    } else {
        ("🟡", "Get access now?")
    };
    let mut row = cards::presses(request, buttons);
    for press in &mut row {
        if press.button == Button::AskForApproval && !ask_instead.is_empty() {
            press.label = format!("Ask {}", names(ask_instead));
        }
    }
    let left = spoken::left(frame, cost.confirm_by);
    Picture {
        spoken: frame.mark(&format!(
            "{mark} {asked} {} Now, without approval. {left} left to confirm",
            spoken::subject(request)
        )),
        title: Some(frame.mark(&format!("{mark} {asked}"))),
        lines: vec![
            what,
            cards::justification(request),
            told(request, cost),
            valid,
        ],
        buttons: row,
        ..Picture::default()
    }
}

/// Who is told, and who reviews it.
fn told(request: &RequestView, cost: &Cost<'_>) -> Line {
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
        Line::new().say("Security is alarmed, ").text(&skipped)
    } else {
        Line::new().say("It is planned work, which security sees")
    };
    let told = if request.break_glass || !cost.reviewers.is_empty() {
        told.say(", ")
            .text(&reviewers)
            .say(" within ")
            .text(&cost.review_within.to_string())
    } else {
        told
    };
    told.say(".")
}

fn names(who: &[WhoView]) -> String {
    let labels: Vec<String> = who.iter().map(|who| inert(&who.label)).collect();
    labels.join(" and ")
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
    spoken::shorten(frame, &counts.join(" · "))
}
