//! Buttons, selects, modals and shortcuts: <https://docs.slack.dev/reference/interaction-payloads>.

use breakglass_core::intent::{Act, Button, Reply, Typed};
use breakglass_core::port::chat::MessageRef;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::state::{self, View};
use super::{Origin, Reading, Unreadable, Wish, key_of, truth};
use crate::render::action;
use crate::verify::Envelope;

#[derive(Deserialize)]
struct Interaction {
    #[serde(rename = "type")]
    kind: String,
    api_app_id: Option<String>,
    team: Option<Team>,
    #[serde(default, deserialize_with = "truth")]
    is_enterprise_install: bool,
    user: User,
    trigger_id: Option<String>,
    response_url: Option<String>,
    channel: Option<Channel>,
    container: Option<Container>,
    message: Option<Message>,
    view: Option<View>,
    #[serde(default)]
    actions: Vec<Action>,
    callback_id: Option<String>,
    action_id: Option<String>,
    block_id: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Team {
    id: String,
    domain: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    team_id: Option<String>,
    #[serde(default)]
    is_bot: bool,
}

#[derive(Deserialize)]
struct Channel {
    id: String,
}

#[derive(Deserialize)]
struct Container {
    message_ts: Option<String>,
    channel_id: Option<String>,
    #[serde(default, deserialize_with = "truth")]
    is_ephemeral: bool,
}

#[derive(Deserialize)]
struct Message {
    ts: Option<String>,
    thread_ts: Option<String>,
    app_id: Option<String>,
    bot_id: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    action_id: Option<String>,
    value: Option<String>,
}

pub(super) fn read(payload: &Value, incident: &Regex) -> Result<Reading, Unreadable> {
    let interaction = Interaction::deserialize(payload)?;
    let wish = wish(&interaction, incident);
    Ok(Reading {
        envelope: envelope(&interaction),
        replay_key: replay_key(&interaction, payload),
        channel: channel(&interaction),
        reply: reply(&interaction),
        origin: origin(&interaction),
        blocks: interaction
            .view
            .as_ref()
            .map(View::blocks)
            .unwrap_or_default(),
        wish,
    })
}

fn envelope(interaction: &Interaction) -> Envelope {
    Envelope {
        app: interaction.api_app_id.clone(),
        team: interaction.team.as_ref().map(|team| team.id.clone()),
        enterprise_install: interaction.is_enterprise_install,
        user: interaction.user.id.clone(),
        user_team: interaction.user.team_id.clone(),
        bot: interaction.user.is_bot,
    }
}

fn replay_key(interaction: &Interaction, payload: &Value) -> String {
    let view = interaction.view.as_ref();
    match (&interaction.trigger_id, view.and_then(View::id_and_hash)) {
        (Some(trigger), _) => format!("trigger:{trigger}"),
        (None, Some((id, hash))) => format!("view:{id}:{hash}"),
        (None, None) => key_of(payload),
    }
}

fn channel(interaction: &Interaction) -> Option<String> {
    let container = || interaction.container.as_ref()?.channel_id.clone();
    let memo = || Some(interaction.view.as_ref()?.memo().message?.channel);
    let channel = interaction
        .channel
        .as_ref()
        .map(|channel| channel.id.clone());
    channel.or_else(container).or_else(memo)
}

/// What is sent off from a modal answers where the modal was opened from.
fn reply(interaction: &Interaction) -> Reply {
    let view = interaction.view.as_ref();
    let memo = view.map(View::memo).unwrap_or_default();
    Reply {
        url: interaction.response_url.clone().or(memo.url),
        trigger: interaction.trigger_id.clone(),
        message: message(interaction).or(memo.message),
        view: view
            .filter(|view| view.is_modal())
            .map(|view| view.id.clone()),
    }
}

/// The message whose button was pressed, unless only the sender sees it.
fn message(interaction: &Interaction) -> Option<MessageRef> {
    let container = interaction.container.as_ref()?;
    if container.is_ephemeral || interaction.view.is_some() {
        return None;
    }
    Some(MessageRef {
        channel: channel(interaction)?,
        message: container.message_ts.clone()?,
    })
}

fn origin(interaction: &Interaction) -> Origin {
    if let Some(view) = &interaction.view {
        return Origin::View {
            app: view.app_id.clone(),
        };
    }
    let ephemeral = interaction
        .container
        .as_ref()
        .is_some_and(|container| container.is_ephemeral);
    if interaction.kind != "block_actions" || ephemeral {
        return Origin::Own;
    }
    let message = interaction.message.as_ref();
    Origin::Message {
        app: message.and_then(|message| message.app_id.clone()),
        bot: message.and_then(|message| message.bot_id.clone()),
    }
}

fn wish(interaction: &Interaction, incident: &Regex) -> Wish {
    let view = interaction.view.as_ref();
    let sender = interaction.user.id.as_str();
    match interaction.kind.as_str() {
        "shortcut" | "message_action" => shortcut(interaction),
        "block_actions" => interaction
            .actions
            .iter()
            .find_map(|act| pressed(act, view, sender, incident))
            .unwrap_or(Wish::Nothing("an action we don't know")),
        "view_submission" => view.map_or(Wish::Nothing("a form without a view"), |view| {
            view.sent_off(sender, incident)
        }),
        "block_suggestion" => choices(interaction, incident),
        "view_closed" => Wish::Nothing("a closed form"),
        _ => Wish::Nothing("an interaction we don't know"),
    }
}

fn shortcut(interaction: &Interaction) -> Wish {
    let callback = interaction.callback_id.as_deref().unwrap_or_default();
    if !callback.starts_with(action::SHORTCUT) {
        return Wish::Nothing("a shortcut we don't know");
    }
    Wish::Act(Act::OpenForm(Typed {
        source: permalink(interaction),
        ..Typed::default()
    }))
}

/// The link to the message that a message shortcut was used on, put together as Slack does.
fn permalink(interaction: &Interaction) -> Option<String> {
    let plain = |text: &str, more: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        !text.is_empty() && text.chars().all(allowed)
    };
    let domain = interaction.team.as_ref()?.domain.as_deref()?;
    let channel = interaction.channel.as_ref()?.id.as_str();
    let message = interaction.message.as_ref()?;
    let ts = message.ts.as_deref()?;
    let known = plain(domain, "-") && plain(channel, "") && plain(ts, ".");
    let mut link = known.then(|| {
        let digits = ts.replace('.', "");
        format!("https://{domain}.slack.com/archives/{channel}/p{digits}")
    })?;
    if let Some(thread) = message
        .thread_ts
        .as_deref()
        .filter(|thread| plain(thread, "."))
    {
        link = format!("{link}?thread_ts={thread}&cid={channel}");
    }
    Some(link)
}

fn pressed(act: &Action, view: Option<&View>, sender: &str, incident: &Regex) -> Option<Wish> {
    // Buttons of one kind in one row are told apart by a number behind a colon.
    let (name, _) = act
        .action_id
        .as_deref()?
        .split_once(':')
        .unwrap_or((act.action_id.as_deref()?, ""));
    if let Some(button) = Button::from_action(name) {
        let value = act.value.as_deref().unwrap_or_default();
        return Some(match action::read_value(value) {
            Some((request, digest)) => Wish::Act(Act::Press {
                button,
                request,
                digest,
            }),
            None => Wish::Nothing("a button whose value isn't ours"),
        });
    }
    match (name, view) {
        (action::REQUEST, _) => Some(Wish::Act(Act::OpenForm(Typed::default()))),
        (action::TRY_AGAIN, Some(view)) => {
            let typed = view.memo().typed.unwrap_or_default();
            Some(Wish::Act(Act::OpenForm(typed)))
        }
        (name, Some(view)) if state::field(name).is_some() && view.is_modal() => {
            Some(Wish::Act(Act::OpenForm(view.typed(sender, incident))))
        }
        _ => None,
    }
}

fn choices(interaction: &Interaction, incident: &Regex) -> Wish {
    let field = interaction.action_id.as_deref().and_then(state::field);
    let (Some(field), Some(view)) = (field, interaction.view.as_ref()) else {
        return Wish::Nothing("a select we don't know");
    };
    let mut form = view.typed(&interaction.user.id, incident);
    if form.target.is_none() {
        // The role's block is named after the target it was drawn for.
        let block = interaction.block_id.as_deref().unwrap_or_default();
        form.target = block
            .split_once(':')
            .map(|(_, target)| target.to_owned())
            .filter(|target| !target.is_empty());
    }
    Wish::Choices {
        field,
        typed: interaction.value.clone().unwrap_or_default(),
        form,
    }
}
