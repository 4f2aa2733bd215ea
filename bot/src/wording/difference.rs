//! What a look at a whole target showed that no grant explains, in words for security.

use breakglass_core::event::{Difference, Seen};
use breakglass_core::id::HoldingId;
use breakglass_core::notice::Notice;
use breakglass_core::time::Timestamp;

/// The notice on a difference; `by_hand` is what a person would type at the target.
pub fn notice(
    holding: &HoldingId,
    difference: &Difference,
    at: Timestamp,
    by_hand: Option<String>,
) -> Option<Notice> {
    let alarm = |title: &str, text: String| Notice::Alarm {
        request: None,
        title: title.to_owned(),
        text,
        by_hand: None,
        loud: false,
        buttons: Vec::new(),
    };
    Some(match difference {
        Difference::Leftover => alarm(
            "Access without a grant",
            format!(
                "{holding}: we gave it, and no grant covers it (seen {at}). It is being taken away."
            ),
        ),
        Difference::LeftoverKept { why, tries, .. } => Notice::Alarm {
            request: None,
            title: "Access NOT removed".to_owned(),
            text: format!(
                "{holding}: no grant covers it. {why} ({tries} tries; it is tried again until it is done)."
            ),
            by_hand,
            loud: true,
            buttons: Vec::new(),
        },
        Difference::LeftoverTaken {
            seen,
            sessions_ended,
            remains,
        } => Notice::House {
            title: "Access without a grant".to_owned(),
            text: taken(holding, seen, *sessions_ended, remains),
            facts: Vec::new(),
        },
        Difference::Foreign { how } => alarm(
            "Access we did not give",
            format!("{holding}, {} (seen {at}). Not touched.", how.join(", ")),
        ),
        Difference::ForeignGone { .. } => return None,
    })
}

fn taken(holding: &HoldingId, seen: &Seen, sessions_ended: u32, remains: &[String]) -> String {
    let seen = match seen {
        Seen::Gone => "read back: it is gone",
        Seen::Unread | Seen::KeptBy(_) | Seen::Standing => "this target can't be read back",
    };
    let sessions = match sessions_ended {
        0 => String::new(),
        1 => " · 1 open session ended".to_owned(),
        n => format!(" · {n} open sessions ended"),
    };
    let remains = match remains {
        [] => String::new(),
        paths => format!(" · still held by other means: {}", paths.join(", ")),
    };
    format!("⚪ Taken away: {holding} · {seen}{sessions}{remains}")
}
