//! Modals: the request form, and the short forms that buttons open.

mod request;
mod short;

use breakglass_core::intent::Reply;
use breakglass_core::notice::{Field, FormView};
use breakglass_core::picture::Line;
use breakglass_core::time::Length;
use serde_json::{Value, json};
use slack_morphism::blocks::{
    SlackBlock, SlackBlockButtonElement, SlackBlockChoiceItem, SlackBlockId,
    SlackBlockPlainTextOnly, SlackBlockRadioButtonsElement, SlackBlockStaticSelectElement,
    SlackBlockText, SlackInputBlock, SlackInputBlockElement, SlackModalView, SlackView,
};
use slack_morphism::{SlackActionId, SlackCallbackId};

use super::block::{footer, lines, plain, row};
use super::memo::Memo;
use super::{Frame, action, answer};

/// Characters of a modal's title and its two buttons.
const TITLE_MAX: usize = 24;
/// Blocks of a modal.
const BLOCKS_MAX: usize = 100;
/// Characters of a field's label, hint, placeholder, and of a line to pick.
const LABEL_MAX: usize = 200;
const HINT_MAX: usize = 300;
const PLACEHOLDER_MAX: usize = 150;
const OPTION_MAX: usize = 75;
/// Characters of a block's id.
const BLOCK_ID_MAX: usize = 255;
/// Characters of a text field.
const TEXT_MAX: u64 = 3000;
/// Radio buttons in a group; more become a select.
const RADIOS_MAX: usize = 10;
/// Lines of a select.
const OPTIONS_MAX: usize = 100;

/// A form as a view; what is sent off from it answers where `reply` does.
pub(crate) fn form(frame: &Frame, reply: &Reply, form: &FormView) -> Value {
    let memo = Memo::answering(reply);
    let view = match form {
        FormView::Loading => {
            let waiting = Line::new().say("⏳ One moment, looking up what you may ask for…");
            modal(
                frame,
                "Break-glass access",
                vec![lines(frame, &[waiting])],
                &memo,
            )
        }
        FormView::Failed { why, typed } => {
            let memo = Memo {
                source: typed.source.clone(),
                again: typed.again,
                typed: Some((**typed).clone()),
                ..memo
            };
            let again = SlackBlockButtonElement::new(plain("Try again", OPTION_MAX))
                .with_action_id(SlackActionId(action::TRY_AGAIN.to_owned()));
            let mut blocks = vec![lines(frame, &[Line::new().say("⚠️ ").words(why)])];
            blocks.extend(row(vec![again.into()]));
            modal(frame, "Break-glass access", blocks, &memo)
        }
        FormView::Request(form) => request::view(frame, memo, form),
        FormView::Short {
            button,
            request,
            durations,
            text_min,
        } => short::view(
            frame,
            memo,
            &short::Short {
                button: *button,
                request,
                durations,
                text_min: *text_min,
            },
        ),
        FormView::Details { request, lists } => {
            let blocks = answer::lists(frame, lists, BLOCKS_MAX - 1);
            modal(frame, &request.id.to_string(), blocks, &memo)
        }
    };
    json!(SlackView::Modal(view))
}

/// A modal that can only be closed. A title has no room for TEST beside its words: it stands above all else.
fn modal(frame: &Frame, title: &str, mut blocks: Vec<SlackBlock>, memo: &Memo) -> SlackModalView {
    if frame.test {
        blocks.insert(0, footer("TEST · this is no real workspace"));
    }
    SlackModalView::new(plain(title, TITLE_MAX), blocks)
        .with_close(plain("Close", TITLE_MAX))
        .with_private_metadata(memo.clone().write())
}

/// A modal that can be sent off.
fn to_send(view: SlackModalView, submit: &str, callback: &str) -> SlackModalView {
    view.with_submit(plain(submit, TITLE_MAX))
        .with_close(plain("Cancel", TITLE_MAX))
        .with_callback_id(SlackCallbackId(callback.to_owned()))
}

/// A field with its label; its block's id begins with the field's name. Slack keeps what was filled in as long as the
/// id stays, so `version` is part of it where old values must go.
fn field(
    field: Field,
    version: &str,
    label: &str,
    element: SlackInputBlockElement,
) -> SlackInputBlock {
    let id = match version {
        "" => field.as_str().to_owned(),
        version => super::fit(&format!("{}:{version}", field.as_str()), BLOCK_ID_MAX),
    };
    SlackInputBlock::new(plain(label, LABEL_MAX), element).with_block_id(SlackBlockId(id))
}

fn name(field: Field) -> SlackActionId {
    SlackActionId(field.as_str().to_owned())
}

fn pick(value: &str, label: &str) -> SlackBlockChoiceItem<SlackBlockPlainTextOnly> {
    SlackBlockChoiceItem::new(plain(label, OPTION_MAX), value.to_owned())
}

/// Durations to pick from: buttons where they are few.
fn durations(all: &[Length], picked: Option<Length>) -> SlackInputBlockElement {
    let mut all: Vec<Length> = all.to_vec();
    all.extend(picked);
    all.sort_unstable();
    all.dedup();
    let item = |length: &Length| pick(&length.secs().to_string(), &length.to_string());
    if all.len() > RADIOS_MAX {
        all.truncate(OPTIONS_MAX);
        return SlackBlockStaticSelectElement::new()
            .with_action_id(name(Field::Duration))
            .with_options(all.iter().map(item).collect())
            .opt_initial_option(picked.as_ref().map(item))
            .into();
    }
    radios(
        Field::Duration,
        all.iter().map(item).collect(),
        picked.as_ref().map(item),
    )
}

type Item = SlackBlockChoiceItem<SlackBlockPlainTextOnly>;

fn radios(field: Field, items: Vec<Item>, picked: Option<Item>) -> SlackInputBlockElement {
    let text =
        |item: Item| SlackBlockChoiceItem::<SlackBlockText>::new(item.text.into(), item.value);
    SlackBlockRadioButtonsElement::new(items.into_iter().map(text).collect())
        .with_action_id(name(field))
        .opt_initial_option(picked.map(text))
        .into()
}
