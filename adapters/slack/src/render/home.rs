//! The home page of one person: what they hold, what waits for them, what they review.

use breakglass_core::notice::HomeView;
use breakglass_core::picture::Line;
use serde_json::{Value, json};
use slack_morphism::SlackActionId;
use slack_morphism::blocks::{
    SlackBlockButtonElement, SlackBlockButtonStyle, SlackHomeView, SlackView,
};

use super::block::{header, lines, plain, row};
use super::{Frame, action, answer};

/// Blocks of a view.
const BLOCKS_MAX: usize = 100;

/// The page as a view.
pub(crate) fn home(frame: &Frame, home: &HomeView) -> Value {
    let mut blocks = Vec::new();
    if let Some(closed) = &home.closed {
        blocks.push(header(&frame.mark("⚠️ Granting is stopped")));
        blocks.push(lines(frame, &[Line::new().words(closed)]));
    }
    let ask = SlackBlockButtonElement::new(plain("Ask for access", 75))
        .with_action_id(SlackActionId(action::REQUEST.to_owned()))
        .with_style(SlackBlockButtonStyle::Primary);
    blocks.extend(row(vec![ask.into()]));
    let room = BLOCKS_MAX - blocks.len();
    blocks.extend(answer::lists(frame, &home.lists, room));
    json!(SlackView::Home(SlackHomeView::new(blocks)))
}
