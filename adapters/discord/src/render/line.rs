//! Lines as Discord's markdown.

use std::collections::BTreeSet;

use breakglass_core::id::Platform;
use breakglass_core::notice::WhoView;
use breakglass_core::picture::{Frame, Line, MENTIONS_MAX, Piece, Shape, fit, inert, is_near};
use breakglass_core::time::Timestamp;

use super::escape::{code, escape};

/// Characters of a piece where there is no room for the whole.
const SHORT_PIECE_MAX: usize = 60;

/// Who is mentioned, so that exactly these may be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Mentioned {
    pub(super) roles: BTreeSet<String>,
    pub(super) users: BTreeSet<String>,
}

/// Lines below each other, at most so many UTF-16 units: first pieces are cut, then lines left out, and that is said.
pub(super) fn lines(frame: &Frame, lines: &[Line], max: usize) -> String {
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        // Room for saying what was left out.
        let room = max.saturating_sub(units(&out) + 20);
        let whole = one(frame, line, usize::MAX);
        let drawn = if units(&whole) <= room {
            whole
        } else {
            one(frame, line, SHORT_PIECE_MAX)
        };
        if units(&drawn) > room {
            let more = format!("\n… and {} more", lines.len() - index);
            out.push_str(&more);
            break;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&drawn);
    }
    out
}

/// UTF-16 units, as which the greatest of Discord's counts counts.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// One line; its pieces are cut to so many units.
fn one(frame: &Frame, line: &Line, piece_max: usize) -> String {
    let within = |draw: fn(&str) -> String| {
        line.pieces
            .iter()
            .map(|piece| self::piece(frame, piece, piece_max, draw))
            .collect::<String>()
    };
    match line.shape {
        Shape::Plain => within(escape),
        Shape::Quote => format!("> {}", within(escape)),
        Shape::Code => format!("```\n{}\n```", within(code)),
    }
}

fn piece(frame: &Frame, piece: &Piece, max: usize, draw: fn(&str) -> String) -> String {
    match piece {
        Piece::Text(text) => draw(&fit(text, max)),
        Piece::Bold(text) => format!("**{}**", draw(&fit(text, max))),
        Piece::Code(text) => format!("`{}`", code(&fit(text, max))),
        Piece::Break => "\n".to_owned(),
        Piece::At(at) => instant(frame, *at),
        Piece::Call(who) => match &mentions(who, &mut Mentioned::default())[..] {
            [] => format!("**{}**", escape(&inert(&who.label))),
            some => some.join(" "),
        },
    }
}

/// A time of day in the reader's zone, with the day if it is far; how long it is until then counts down by itself.
pub(super) fn instant(frame: &Frame, at: Timestamp) -> String {
    let seconds = at.seconds();
    if at < frame.now {
        let style = if is_near(frame.now, at) { "t" } else { "f" };
        format!("<t:{seconds}:{style}>")
    } else if is_near(frame.now, at) {
        format!("<t:{seconds}:t> (<t:{seconds}:R>)")
    } else {
        format!("<t:{seconds}:f>")
    }
}

/// Mentions of those who are asked to act: their role where Discord has one, else one by one.
pub(super) fn mentions(who: &WhoView, mentioned: &mut Mentioned) -> Vec<String> {
    let known = |id: &&String| is_snowflake(id);
    let roles = who.groups.get(&Platform::Discord);
    let roles: Vec<&String> = roles.into_iter().flatten().filter(known).collect();
    if !roles.is_empty() {
        mentioned.roles.extend(roles.iter().map(|id| (*id).clone()));
        return roles.iter().map(|id| format!("<@&{id}>")).collect();
    }
    let accounts = who
        .people
        .iter()
        .filter_map(|one| one.accounts.get(&Platform::Discord));
    let accounts: Vec<&String> = accounts.filter(known).take(MENTIONS_MAX).collect();
    mentioned
        .users
        .extend(accounts.iter().map(|id| (*id).clone()));
    accounts.iter().map(|id| format!("<@{id}>")).collect()
}

/// Is it an id as Discord writes them?
pub(crate) fn is_snowflake(id: &str) -> bool {
    (1..=20).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_digit())
        && id.parse::<u64>().is_ok_and(|number| number > 0)
}
