//! An interaction as Discord sends it: <https://docs.discord.com/developers/interactions/receiving-and-responding>.

use breakglass_core::intent::Act;
use breakglass_core::port::chat::MessageRef;
use breakglass_core::time::Timestamp;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::options::{self, Given};
use super::submitted::{Filling, Part};
use super::{Origin, Reading, Unreadable, Wish};
use crate::render::command;
use crate::render::custom_id::{self, CustomId};
use crate::verify::Envelope;

/// Message flag: only one person sees it.
const EPHEMERAL: u64 = 64;

#[derive(Deserialize)]
struct Interaction {
    id: String,
    application_id: String,
    #[serde(rename = "type")]
    kind: u8,
    #[serde(default)]
    token: String,
    guild_id: Option<String>,
    channel_id: Option<String>,
    member: Option<Member>,
    user: Option<User>,
    message: Option<Message>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Member {
    user: Option<User>,
    communication_disabled_until: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    #[serde(default)]
    bot: bool,
    #[serde(default)]
    system: bool,
}

#[derive(Deserialize)]
struct Message {
    id: String,
    channel_id: Option<String>,
    author: User,
    #[serde(default)]
    flags: u64,
}

#[derive(Deserialize)]
struct Data {
    name: Option<String>,
    #[serde(default)]
    options: Vec<Given>,
    custom_id: Option<String>,
    #[serde(default)]
    components: Vec<Part>,
}

/// Reads an interaction; `incident` is how an incident's id looks.
pub(crate) fn read(payload: &Value, incident: &Regex) -> Result<Reading, Unreadable> {
    let interaction = Interaction::deserialize(payload)?;
    let id: u64 = interaction
        .id
        .parse()
        .map_err(|_| Unreadable("an id that isn't a number".to_owned()))?;
    let envelope = envelope(&interaction);
    let wish = wish(&interaction, &envelope.user, incident);
    Ok(Reading {
        id,
        origin: origin(&interaction),
        channel: interaction.channel_id,
        token: interaction.token,
        envelope,
        form: interaction.kind == 5,
        wish,
    })
}

fn envelope(interaction: &Interaction) -> Envelope {
    let member = interaction.member.as_ref();
    let user = member
        .and_then(|member| member.user.as_ref())
        .or(interaction.user.as_ref());
    let silenced = member.and_then(|member| member.communication_disabled_until.as_deref());
    Envelope {
        application: interaction.application_id.clone(),
        guild: interaction.guild_id.clone(),
        user: user.map(|user| user.id.clone()).unwrap_or_default(),
        member: member.is_some_and(|member| member.user.is_some()),
        bot: user.is_none_or(|user| user.bot || user.system),
        // One that can't be read is for ever.
        silenced_until: silenced
            .map(|until| until.parse().unwrap_or(Timestamp::from_millis(i64::MAX))),
    }
}

fn origin(interaction: &Interaction) -> Option<Origin> {
    let message = interaction.message.as_ref()?;
    let channel = message
        .channel_id
        .as_ref()
        .or(interaction.channel_id.as_ref())?;
    Some(Origin {
        message: MessageRef {
            channel: channel.clone(),
            message: message.id.clone(),
        },
        author: message.author.id.clone(),
        ephemeral: message.flags & EPHEMERAL != 0,
    })
}

fn wish(interaction: &Interaction, sender: &str, incident: &Regex) -> Wish {
    let Some(data) = &interaction.data else {
        return match interaction.kind {
            1 => Wish::Ping,
            _ => Wish::Nothing("an interaction without data"),
        };
    };
    let ours = data.name.as_deref() == Some(command::NAME);
    match interaction.kind {
        1 => Wish::Ping,
        2 if ours => options::command(&data.options, sender, incident),
        3 => pressed(data),
        4 if ours => options::choices(&data.options, sender, incident),
        5 => sent_off(data, sender, incident),
        _ => Wish::Nothing("an interaction we don't know"),
    }
}

fn pressed(data: &Data) -> Wish {
    match data.custom_id.as_deref().and_then(custom_id::read) {
        Some(CustomId::Press {
            button,
            request,
            digest,
        }) => Wish::Act(Act::Press {
            button,
            request,
            digest,
        }),
        Some(CustomId::Again(kept)) => Wish::Again(kept),
        Some(CustomId::Short { .. } | CustomId::Request(_)) | None => {
            Wish::Nothing("a button that isn't ours")
        }
    }
}

fn sent_off(data: &Data, sender: &str, incident: &Regex) -> Wish {
    let filling = Filling::of(&data.components);
    match data.custom_id.as_deref().and_then(custom_id::read) {
        Some(CustomId::Request(remembered)) => filling.request(remembered, sender, incident),
        Some(CustomId::Short {
            button,
            request,
            digest,
        }) => filling.short(button, request, digest),
        Some(CustomId::Press { .. } | CustomId::Again(_)) | None => {
            Wish::Nothing("a form that isn't ours")
        }
    }
}
