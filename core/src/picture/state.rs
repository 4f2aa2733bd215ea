//! Where a request stands, in words.

use crate::notice::{PersonView, RequestView, SlotView, StateView, WhoView};
use crate::time::Timestamp;

use super::line::Line;
use super::words;

/// The state as lines of a card or message.
pub(super) fn lines(request: &RequestView, state: &StateView) -> Vec<Line> {
    let line = || Line::new();
    let settled = |what, by: &_, at| {
        let by = words::actor(by);
        line().say(what).text(&by).say(" ").at(at)
    };
    match state {
        StateView::Waiting {
            answer_by,
            slots,
            asked,
            trouble,
        } => {
            let mut all = waiting(slots, asked, *answer_by);
            all.extend(
                trouble
                    .as_ref()
                    .map(|trouble| line().say("⚠️ ").words(trouble)),
            );
            all
        }
        StateView::Unconfirmed { confirm_by } => {
            vec![
                line()
                    .say("Not confirmed yet. It can be until ")
                    .at(*confirm_by)
                    .say("."),
            ]
        }
        StateView::Granting {
            approved_by,
            trouble,
            tries,
            until,
        } => {
            let still = still_granting(trouble.as_deref(), *tries, *until);
            approved(line().say("Approved by "), approved_by)
                .into_iter()
                .chain([still])
                .collect()
        }
        StateView::Active { until, approved_by } => {
            let active = line().say("Active until ").at(*until);
            let approved = approved(active.clone().say(", approved by "), approved_by);
            vec![approved.unwrap_or_else(|| active.say(", without approval."))]
        }
        StateView::Ending {
            why,
            trouble,
            tries,
        } => {
            vec![ending(why, trouble.as_deref(), *tries)]
        }
        StateView::Ended { .. } => ended(request, state),
        StateView::NotGranted { at, why } => {
            let line = line().say("Not granted ").at(*at).say(": ").words(why);
            vec![line.say(". Nothing was changed.")]
        }
        StateView::Denied { by, at, reason } => {
            vec![settled("Denied by ", by, *at).say(":"), Line::quote(reason)]
        }
        StateView::Withdrawn { by, at } => vec![settled("Withdrawn by ", by, *at).say(".")],
        StateView::Lapsed { at } => {
            vec![
                line()
                    .say("Nobody answered by ")
                    .at(*at)
                    .say(". Nothing was granted."),
            ]
        }
    }
}

fn approved(line: Line, by: &[(PersonView, Timestamp)]) -> Option<Line> {
    (!by.is_empty()).then(|| words::approvers(line, by))
}

fn waiting(slots: &[SlotView], asked: &[WhoView], answer_by: Timestamp) -> Vec<Line> {
    let filled: usize = slots.iter().map(|slot| slot.filled.len()).sum();
    let needed: usize = slots.iter().map(|slot| usize::from(slot.count)).sum();
    let mut line = Line::fact("Approvals").text(&format!("{filled} of {needed}:"));
    for (index, slot) in slots.iter().enumerate() {
        line = line
            .say(if index > 0 { ", " } else { " " })
            .text(&slot.from.label)
            .say(" ");
        line = if slot.filled.is_empty() {
            line.say("–")
        } else {
            words::approvers(line, &slot.filled)
        };
        if slot.count > 1 {
            line = line
                .say(" ")
                .text(&format!("({} of {})", slot.filled.len(), slot.count));
        }
    }
    let mut waiting = vec![line];
    if !asked.is_empty() {
        waiting.push(Line::fact("Asked").call(asked));
    }
    waiting.push(Line::fact("Answer by").at(answer_by));
    waiting
}

fn still_granting(trouble: Option<&str>, tries: u32, until: Timestamp) -> Line {
    let line = Line::new();
    match trouble {
        Some(trouble) => line
            .say("Not granted yet: ")
            .words(trouble)
            .say(" (")
            .text(&count(tries, "try", "tries"))
            .say("). No access so far. Still trying until ")
            .at(until)
            .say("."),
        None => line
            .say("Being granted, until ")
            .at(until)
            .say(" at the latest."),
    }
}

fn ending(why: &str, trouble: Option<&str>, tries: u32) -> Line {
    let line = Line::new();
    match trouble {
        Some(trouble) => line
            .say("Access NOT removed yet (")
            .words(why)
            .say("): ")
            .words(trouble)
            .say(" (")
            .text(&count(tries, "try", "tries"))
            .say("). It is tried until it works."),
        None => line.say("Being taken away: ").words(why).say("."),
    }
}

fn ended(request: &RequestView, state: &StateView) -> Vec<Line> {
    let StateView::Ended {
        at,
        why,
        read_back,
        sessions_ended,
        remains,
    } = state
    else {
        return Vec::new();
    };
    let line = Line::new().say("Ended ").at(*at).say(" ").words(why);
    let mut line = line.say(" · read back: ").words(read_back);
    if *sessions_ended > 0 {
        let ended = count(*sessions_ended, "open session ended", "open sessions ended");
        line = line.say(" · ").text(&ended);
    }
    let mut ended = vec![line.say(" · log ").text(&format!("#{}", request.log_seq))];
    for path in remains {
        let line = Line::new().say("⚠️ The same access remains by another path: ");
        ended.push(line.words(path));
    }
    ended
}

fn count(number: u32, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}
