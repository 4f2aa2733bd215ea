//! Lines, put together of pieces that each chat shows in its own way.

use crate::notice::{PersonView, WhoView};
use crate::text::clean;
use crate::time::Timestamp;

/// Characters of a text that people wrote, on a card.
const QUOTE_MAX: usize = 800;
/// As long as a text is kept.
const TYPED_MAX: usize = 2000;
/// Characters of one piece of a line.
const PIECE_MAX: usize = 1000;
/// Lines to be copied in one go.
const COPIED_LINES_MAX: usize = 20;
/// An instant further away than this is told with its day.
const NEAR_MILLIS: i64 = 12 * 3600 * 1000;
/// People mentioned one by one, where there is no group to mention.
pub const MENTIONS_MAX: usize = 20;

/// The text, cut to so many UTF-16 units at most, as chats count characters.
pub fn fit(text: &str, max: usize) -> String {
    if text.encode_utf16().count() <= max {
        return text.to_owned();
    }
    let mut units = 1; // the ellipsis
    let kept: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= max
        })
        .collect();
    format!("{}…", kept.trim_end())
}

/// A text that came from people or machines: on one line, without invisible characters, never empty.
pub fn inert(text: &str) -> String {
    let lines: Vec<String> = clean(text)
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    if lines.is_empty() {
        "–".to_owned()
    } else {
        lines.join(" ⏎ ")
    }
}

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// To be read.
    Plain,
    /// What somebody typed, set apart.
    Quote,
    /// To be copied.
    Code,
}

/// A piece of a line. Texts are on one line, without invisible characters; markup in them means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// Words that matter.
    Bold(String),
    /// Something to be typed or copied.
    Code(String),
    /// An instant, to be shown in the reader's zone.
    At(Timestamp),
    /// Somebody who is asked to act now, to be mentioned.
    Call(WhoView),
    /// The next line of several to be copied.
    Break,
}

/// A line, put together of pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is for.
    pub shape: Shape,
    /// What it says, in order.
    pub pieces: Vec<Piece>,
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

impl Line {
    /// An empty line to be read.
    pub const fn new() -> Self {
        Self {
            shape: Shape::Plain,
            pieces: Vec::new(),
        }
    }

    /// What somebody typed, set apart and inert.
    pub fn quote(typed: &str) -> Self {
        Self {
            shape: Shape::Quote,
            pieces: vec![Piece::Text(fit(&inert(typed), QUOTE_MAX))],
        }
    }

    /// What somebody typed and came to nothing: the same, and whole.
    pub fn typed(typed: &str) -> Self {
        Self {
            shape: Shape::Quote,
            pieces: vec![Piece::Text(fit(&inert(typed), TYPED_MAX))],
        }
    }

    /// A command to be copied.
    pub fn command(command: &str) -> Self {
        Self {
            shape: Shape::Code,
            pieces: vec![Piece::Text(fit(&inert(command), PIECE_MAX))],
        }
    }

    /// Several lines to be copied.
    pub fn copied(lines: &[String]) -> Self {
        let mut pieces = Vec::new();
        for (index, one) in lines.iter().take(COPIED_LINES_MAX).enumerate() {
            if index > 0 {
                pieces.push(Piece::Break);
            }
            pieces.push(Piece::Text(fit(&inert(one), PIECE_MAX)));
        }
        Self {
            shape: Shape::Code,
            pieces,
        }
    }

    /// A label with what stands behind it.
    pub fn fact(label: &'static str) -> Self {
        let label = Piece::Bold(label.to_owned());
        Self {
            shape: Shape::Plain,
            pieces: vec![label, Piece::Text("  ".to_owned())],
        }
    }

    /// Our own words.
    #[must_use]
    pub fn say(self, words: &'static str) -> Self {
        self.push(Piece::Text(words.to_owned()))
    }

    /// Words from elsewhere.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.push(Piece::Text(fit(&inert(text), PIECE_MAX)))
    }

    /// Words from elsewhere that matter.
    #[must_use]
    pub fn bold(self, text: &str) -> Self {
        self.push(Piece::Bold(fit(&inert(text), PIECE_MAX)))
    }

    /// Something to be typed or copied.
    #[must_use]
    pub fn code(self, text: &str) -> Self {
        self.push(Piece::Code(fit(&inert(text), PIECE_MAX)))
    }

    /// Words from elsewhere, in which instants are shown in the reader's zone.
    #[must_use]
    pub fn words(mut self, text: &str) -> Self {
        let text = fit(&inert(text), PIECE_MAX);
        let mut rest = text.as_str();
        while let Some((before, at, after)) = next_instant(rest) {
            if !before.is_empty() {
                self = self.push(Piece::Text(before.to_owned()));
            }
            self = self.at(at);
            rest = after;
        }
        if !rest.is_empty() {
            self = self.push(Piece::Text(rest.to_owned()));
        }
        self
    }

    /// A time of day in the reader's zone, with the day if it is far.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Self {
        self.push(Piece::At(at))
    }

    /// Somebody's name, without calling them.
    #[must_use]
    pub fn person(self, person: &PersonView) -> Self {
        self.bold(&person.name)
    }

    /// Calls those who are asked to act.
    #[must_use]
    pub fn call(mut self, who: &[WhoView]) -> Self {
        for (index, one) in who.iter().enumerate() {
            if index > 0 {
                self = self.say(" ");
            }
            self = self.push(Piece::Call(one.clone()));
        }
        self
    }

    fn push(mut self, piece: Piece) -> Self {
        self.pieces.push(piece);
        self
    }
}

/// Is the instant so near that its time of day tells it?
pub fn is_near(now: Timestamp, at: Timestamp) -> bool {
    at.millis_since(now).saturating_abs() < NEAR_MILLIS
}

/// The instant as people without a zone of their own read it: `14:07 UTC`, with the day if it is far.
pub fn utc(now: Timestamp, at: Timestamp) -> String {
    let format = if is_near(now, at) {
        "%H:%M UTC"
    } else {
        "%Y-%m-%d %H:%M UTC"
    };
    at.to_utc().format(format).to_string()
}

/// What stands before the first instant in a text, the instant, and what stands behind.
pub(super) fn next_instant(text: &str) -> Option<(&str, Timestamp, &str)> {
    const FORM: &[u8] = b"0000-00-00T00:00:00.000Z";
    let like = |window: &[u8]| {
        window.iter().zip(FORM).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        })
    };
    let windows = text.as_bytes().windows(FORM.len()).enumerate();
    let mut found = windows
        .filter(|(_, window)| like(window))
        .filter_map(|(start, _)| {
            let (before, rest) = text.split_at_checked(start)?;
            let (instant, after) = rest.split_at_checked(FORM.len())?;
            Some((before, instant.parse().ok()?, after))
        });
    found.next()
}
