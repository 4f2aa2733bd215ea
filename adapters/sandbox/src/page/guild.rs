//! The guild as one person sees it, as JSON for its page, and what they do there.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::act::Told;
use super::picture::Reader;
use crate::discord::MessageId;
use crate::sandbox::Sandbox;

/// Everything that this person sees.
pub(super) async fn state(
    State(sandbox): State<Sandbox>,
    Query(reader): Query<Reader>,
) -> Json<Value> {
    let guild = sandbox.guild();
    let mut picture = guild.picture(&reader.user);
    picture["app"]["is_connected"] = guild.is_connected().into();
    picture["has_workspace"] = sandbox.has_workspace().into();
    Json(picture)
}

/// Who does something, and what.
#[derive(Debug, Deserialize)]
pub(super) struct Doing {
    #[serde(rename = "as")]
    user: String,
    #[serde(flatten)]
    act: Act,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Act {
    /// Plain words in a channel or thread.
    Say { channel: String, text: String },
    /// A command, with its options by name.
    Slash {
        channel: String,
        command: String,
        options: Value,
    },
    /// What an option can be completed to.
    Complete {
        channel: String,
        command: String,
        options: Value,
        focused: String,
    },
    /// A press or a choice in a message.
    Choose {
        channel: String,
        id: String,
        control: String,
        #[serde(default)]
        input: Value,
    },
    /// A form is sent, with what was entered by custom id.
    Submit { values: Value },
    /// A form is closed without being sent.
    Close,
}

/// Does what the page's reader does.
pub(super) async fn act(State(sandbox): State<Sandbox>, Json(doing): Json<Doing>) -> Told {
    let (guild, user) = (sandbox.guild(), &doing.user);
    match doing.act {
        Act::Say { channel, text } => drop(guild.say(user, &channel, &text)?),
        Act::Slash {
            channel,
            command,
            options,
        } => drop(guild.slash(user, &channel, &command, options).await?),
        Act::Complete {
            channel,
            command,
            options,
            focused,
        } => {
            let typing = (focused.as_str(), options);
            let choices = guild.autocomplete(user, &channel, &command, typing).await?;
            return Ok(Json(json!({"choices": choices})));
        }
        Act::Choose {
            channel,
            id,
            control,
            input,
        } => drop(
            guild
                .choose(user, MessageId { channel, id }, &control, input)
                .await?,
        ),
        Act::Submit { values } => drop(guild.submit_view(user, values).await?),
        Act::Close => guild.close_view(user)?,
    }
    Ok(Json(json!({})))
}
