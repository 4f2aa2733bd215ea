//! Blocks and lines within Slack's limits: <https://docs.slack.dev/reference/block-kit>.

use breakglass_core::id::Platform;
use breakglass_core::notice::{PersonView, WhoView};
use breakglass_core::text::clean;
use breakglass_core::time::Timestamp;
use slack_morphism::blocks::{
    SlackActionBlockElement, SlackActionsBlock, SlackBlock, SlackBlockPlainText,
    SlackBlockPlainTextOnly, SlackContextBlock, SlackHeaderBlock, SlackRichTextBlock,
    SlackRichTextDate, SlackRichTextElement, SlackRichTextInlineElement, SlackRichTextPreformatted,
    SlackRichTextQuote, SlackRichTextSection, SlackRichTextText, SlackRichTextUser,
    SlackRichTextUserGroup,
};
use slack_morphism::{SlackDateTime, SlackTs, SlackUserGroupId, SlackUserId};

use super::Frame;

/// Characters of a header.
const HEADER_MAX: usize = 150;
/// Characters of a text that people wrote, on a card.
const QUOTE_MAX: usize = 800;
/// Characters of one piece of a line.
const PIECE_MAX: usize = 1000;
/// Lines to be copied in one go.
const COPIED_LINES_MAX: usize = 20;
/// Characters of a context element that can still be read.
const FOOTER_MAX: usize = 300;
/// Elements in a row of buttons.
const ROW_MAX: usize = 25;
/// People mentioned one by one, where there is no group to mention.
const MENTIONS_MAX: usize = 20;
/// An instant further away than this is told with its day.
const NEAR_MILLIS: i64 = 12 * 3600 * 1000;

/// The text, cut to so many characters as Slack counts them at most.
pub(crate) fn fit(text: &str, max: usize) -> String {
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
pub(super) fn inert(text: &str) -> String {
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

/// A plain text, in which `:names:` of emoji stay as they are.
pub(super) fn plain(text: &str, max: usize) -> SlackBlockPlainTextOnly {
    SlackBlockPlainText::new(fit(&inert(text), max))
        .with_emoji(false)
        .into()
}

/// A title.
pub(super) fn header(frame: &Frame, text: &str) -> SlackBlock {
    SlackHeaderBlock::new(plain(&frame.mark(text), HEADER_MAX)).into()
}

/// Small print.
pub(super) fn footer(text: &str) -> SlackBlock {
    let text = SlackBlockPlainText::new(fit(&inert(text), FOOTER_MAX)).with_emoji(false);
    SlackContextBlock::new(vec![text.into()]).into()
}

/// A row of buttons or selects; none, if there are none.
pub(super) fn row(mut elements: Vec<SlackActionBlockElement>) -> Option<SlackBlock> {
    elements.truncate(ROW_MAX);
    (!elements.is_empty()).then(|| SlackActionsBlock::new(elements).into())
}

/// Lines below each other.
pub(super) fn lines(lines: Vec<Line>) -> SlackBlock {
    SlackRichTextBlock::new(lines.into_iter().map(Line::into_element).collect()).into()
}

/// Which kind of line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Section,
    Quote,
    Code,
}

/// A line, put together of pieces.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    frame: Frame,
    shape: Shape,
    pieces: Vec<SlackRichTextInlineElement>,
}

impl Line {
    pub(super) fn new(frame: &Frame) -> Self {
        Self {
            frame: *frame,
            shape: Shape::Section,
            pieces: Vec::new(),
        }
    }

    /// What somebody typed, set apart and inert.
    pub(super) fn quote(frame: &Frame, typed: &str) -> Self {
        let mut line = Self::new(frame);
        line.shape = Shape::Quote;
        line.push(SlackRichTextText::new(fit(&inert(typed), QUOTE_MAX)));
        line
    }

    /// A command to be copied.
    pub(super) fn command(frame: &Frame, command: &str) -> Self {
        let mut line = Self::new(frame);
        line.shape = Shape::Code;
        line.push(SlackRichTextText::new(fit(&inert(command), PIECE_MAX)));
        line
    }

    /// Several lines to be copied.
    pub(super) fn copied(frame: &Frame, lines: &[String]) -> Self {
        let mut line = Self::new(frame);
        line.shape = Shape::Code;
        for (index, one) in lines.iter().take(COPIED_LINES_MAX).enumerate() {
            if index > 0 {
                line = line.say("\n");
            }
            line.push(SlackRichTextText::new(fit(&inert(one), PIECE_MAX)));
        }
        line
    }

    /// A label with what stands behind it.
    pub(super) fn fact(frame: &Frame, label: &'static str) -> Self {
        let mut line = Self::new(frame);
        line.push(SlackRichTextText::new(label.to_owned()).bold());
        line.say("  ")
    }

    /// Our own words.
    pub(super) fn say(mut self, words: &'static str) -> Self {
        self.push(SlackRichTextText::new(words.to_owned()));
        self
    }

    /// Words from elsewhere.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.push(SlackRichTextText::new(fit(&inert(text), PIECE_MAX)));
        self
    }

    /// Words from elsewhere that matter.
    pub(super) fn bold(mut self, text: &str) -> Self {
        self.push(SlackRichTextText::new(fit(&inert(text), PIECE_MAX)).bold());
        self
    }

    /// Something to be typed or copied.
    pub(super) fn code(mut self, text: &str) -> Self {
        self.push(SlackRichTextText::new(fit(&inert(text), PIECE_MAX)).code());
        self
    }

    /// Words from elsewhere, in which instants are shown in the reader's zone.
    pub(super) fn words(mut self, text: &str) -> Self {
        let text = fit(&inert(text), PIECE_MAX);
        let mut rest = text.as_str();
        while let Some((before, at, after)) = next_instant(rest) {
            if !before.is_empty() {
                self.push(SlackRichTextText::new(before.to_owned()));
            }
            self = self.at(at);
            rest = after;
        }
        if !rest.is_empty() {
            self.push(SlackRichTextText::new(rest.to_owned()));
        }
        self
    }

    /// A time of day in the reader's zone, with the day if it is far.
    pub(super) fn at(mut self, at: Timestamp) -> Self {
        let near = at.millis_since(self.frame.now).saturating_abs() < NEAR_MILLIS;
        let format = if near {
            "{time}"
        } else {
            "{date_short_pretty} {time}"
        };
        let fallback = utc(&self.frame, at);
        // The library's only way to an instant is by way of a message's time stamp.
        match SlackTs(at.seconds().to_string()).to_date_time_opt() {
            Some(instant) => self.pieces.push(
                SlackRichTextDate::new(SlackDateTime(instant), format.to_owned())
                    .with_fallback(fallback)
                    .into(),
            ),
            None => self.push(SlackRichTextText::new(fallback)),
        }
        self
    }

    /// Somebody's name, without calling them.
    pub(super) fn person(self, person: &PersonView) -> Self {
        self.bold(&person.name)
    }

    /// Calls those who are asked to act: their group where Slack knows one, else one by one, else by name.
    pub(super) fn call(mut self, who: &[WhoView]) -> Self {
        for (index, one) in who.iter().enumerate() {
            if index > 0 {
                self = self.say(" ");
            }
            self = self.call_one(one);
        }
        self
    }

    fn call_one(mut self, who: &WhoView) -> Self {
        let groups = who
            .groups
            .get(&Platform::Slack)
            .map(Vec::as_slice)
            .unwrap_or_default();
        if !groups.is_empty() {
            for (index, group) in groups.iter().enumerate() {
                if index > 0 {
                    self = self.say(" ");
                }
                self.pieces
                    .push(SlackRichTextUserGroup::new(SlackUserGroupId(group.clone())).into());
            }
            return self;
        }
        let accounts = who
            .people
            .iter()
            .filter_map(|one| one.accounts.get(&Platform::Slack));
        let accounts: Vec<&String> = accounts.take(MENTIONS_MAX).collect();
        if accounts.is_empty() {
            return self.bold(&who.label);
        }
        for (index, account) in accounts.into_iter().enumerate() {
            if index > 0 {
                self = self.say(" ");
            }
            self.pieces
                .push(SlackRichTextUser::new(SlackUserId(account.clone())).into());
        }
        self
    }

    fn push(&mut self, text: SlackRichTextText) {
        if !text.text.is_empty() {
            self.pieces.push(text.into());
        }
    }

    fn into_element(self) -> SlackRichTextElement {
        match self.shape {
            Shape::Section => SlackRichTextSection::new(self.pieces).into(),
            Shape::Quote => SlackRichTextQuote::new(self.pieces).into(),
            Shape::Code => SlackRichTextPreformatted::new(self.pieces).into(),
        }
    }
}

/// The instant as people without a zone of their own read it: `14:07 UTC`, with the day if it is far.
pub(super) fn utc(frame: &Frame, at: Timestamp) -> String {
    let near = at.millis_since(frame.now).saturating_abs() < NEAR_MILLIS;
    let format = if near {
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
