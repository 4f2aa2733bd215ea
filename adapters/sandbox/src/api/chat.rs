//! chat.postMessage, .postEphemeral, .update, .delete and .getPermalink.

use serde_json::{Value, json};

use super::args::Args;
use super::{Answer, ApiError};
use crate::blocks;
use crate::message::{Message, MessageId};
use crate::options::ChannelKind;
use crate::state::State;
use crate::workspace::Workspace;

/// A text longer than this is refused.
/// <https://docs.slack.dev/reference/methods/chat.postMessage>
const TEXT_CHARS_MAX: usize = 40_000;

/// <https://docs.slack.dev/reference/methods/chat.postMessage>
pub(crate) fn post(workspace: &Workspace, args: &Args) -> Answer {
    for flag in ["unfurl_links", "unfurl_media", "mrkdwn", "link_names"] {
        args.flag(flag)?;
    }
    let broadcast = args.flag("reply_broadcast")?;
    let thread_ts = thread(args)?;
    let metadata = metadata(args)?;
    workspace.change(|state| {
        let channel = destination(workspace, state, args)?;
        let (text, blocks) = content(args)?;
        if let Some(head) = &thread_ts {
            let id = MessageId {
                channel: channel.clone(),
                ts: head.clone(),
            };
            let head = state
                .message(&id)
                .ok_or_else(|| ApiError::new("thread_not_found"))?;
            if head.is_reply() || head.only_for.is_some() {
                return Err(ApiError::new("cannot_reply_to_message"));
            }
        }
        let draft = Message::draft(state, workspace, &channel, text, blocks.unwrap_or_default());
        let message = Message {
            thread_ts,
            broadcast,
            metadata,
            ..draft
        };
        state.post(message.clone());
        let json = message.to_json(&workspace.options);
        Ok(json!({"channel": channel, "ts": message.ts, "message": json}))
    })
}

/// <https://docs.slack.dev/reference/methods/chat.postEphemeral>
pub(crate) fn post_ephemeral(workspace: &Workspace, args: &Args) -> Answer {
    let user = args.required("user")?;
    let thread_ts = thread(args)?;
    workspace.change(|state| {
        let channel = destination(workspace, state, args)?;
        if !state
            .room(&channel)
            .is_some_and(|room| room.has_member(&user))
        {
            return Err(ApiError::new("user_not_in_channel"));
        }
        let (text, blocks) = content(args)?;
        let draft = Message::draft(state, workspace, &channel, text, blocks.unwrap_or_default());
        let message = Message {
            thread_ts,
            only_for: Some(user),
            ..draft
        };
        state.post(message.clone());
        Ok(json!({"message_ts": message.ts}))
    })
}

/// <https://docs.slack.dev/reference/methods/chat.update>
pub(crate) fn update(workspace: &Workspace, args: &Args) -> Answer {
    let ts = args.required("ts")?;
    let metadata = metadata(args)?;
    let channel = args.required("channel")?;
    workspace.change(|state| {
        let id = own(workspace, state, &channel, ts, "cant_update_message")?;
        let (text, blocks) = content(args)?;
        let edited_ts = state.next_ts(workspace.now_ms());
        let message = state
            .message_mut(&id)
            .ok_or_else(|| ApiError::new("message_not_found"))?;
        // A message with blocks is not marked as edited; blocks that are not sent stay.
        message.edited_ts = blocks.is_none().then_some(edited_ts);
        message.blocks = blocks.unwrap_or_else(|| std::mem::take(&mut message.blocks));
        message.metadata = metadata.or_else(|| message.metadata.take());
        if args.text("text").is_some() {
            message.text = text;
        }
        let message = message.clone();
        let json = message.to_json(&workspace.options);
        Ok(json!({"channel": id.channel, "ts": id.ts, "text": message.text, "message": json}))
    })
}

/// <https://docs.slack.dev/reference/methods/chat.delete>
pub(crate) fn delete(workspace: &Workspace, args: &Args) -> Answer {
    let ts = args.required("ts")?;
    let channel = args.required("channel")?;
    workspace.change(|state| {
        let id = own(workspace, state, &channel, ts, "cant_delete_message")?;
        state.delete(&id);
        Ok(json!({"channel": id.channel, "ts": id.ts}))
    })
}

/// <https://docs.slack.dev/reference/methods/chat.getPermalink>
pub(crate) fn permalink(workspace: &Workspace, args: &Args) -> Answer {
    let id = MessageId {
        channel: args.required("channel")?,
        ts: args.required("message_ts")?,
    };
    workspace.read(|state| {
        state
            .room(&id.channel)
            .ok_or_else(|| ApiError::new("channel_not_found"))?;
        state
            .message(&id)
            .ok_or_else(|| ApiError::new("message_not_found"))?;
        let path = format!("/archives/{}/p{}", id.channel, id.ts.replace('.', ""));
        Ok(json!({"channel": id.channel, "permalink": workspace.url(&path)}))
    })
}

/// The channel to post in: by channel id, or a person, whose direct message is opened.
fn destination(workspace: &Workspace, state: &mut State, args: &Args) -> Result<String, ApiError> {
    let bot = &workspace.options.app.bot_user;
    let mut channel = args.text("channel").unwrap_or_default();
    if let Some(person) = state.person(&channel) {
        if !person.can_act() {
            return Err(ApiError::new("channel_not_found"));
        }
        channel = state.direct(&channel, bot).0;
    }
    let room = state
        .room(&channel)
        .ok_or_else(|| ApiError::new("channel_not_found"))?;
    if !room.has_member(bot) {
        // A private channel doesn't even exist for those who are not in it.
        let is_public = room.channel.kind == ChannelKind::Public;
        return Err(ApiError::new(if is_public {
            "not_in_channel"
        } else {
            "channel_not_found"
        }));
    }
    if room.channel.archived {
        return Err(ApiError::new("is_archived"));
    }
    Ok(channel)
}

/// Text and blocks of a message; absent blocks are told from empty ones.
pub(crate) fn content(args: &Args) -> Result<(String, Option<Vec<Value>>), ApiError> {
    let text = args.text("text").unwrap_or_default();
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(ApiError::new("msg_too_long"));
    }
    if args.json("attachments", "invalid_attachments")?.is_some() {
        return Err(ApiError::argument(
            "attachments are legacy and not part of the sandbox",
        ));
    }
    let blocks = match args.json("blocks", "invalid_blocks_format")? {
        None => None,
        Some(blocks) => Some(blocks::message(blocks).map_err(|problems| {
            ApiError::with_messages("invalid_blocks", problems.into_messages("/blocks"))
        })?),
    };
    if text.is_empty() && blocks.as_ref().is_none_or(Vec::is_empty) {
        return Err(ApiError::new("no_text"));
    }
    Ok((text, blocks))
}

fn thread(args: &Args) -> Result<Option<String>, ApiError> {
    let ts = args.text("thread_ts").filter(|ts| !ts.is_empty());
    let is_ts = |ts: &str| {
        ts.split_once('.').is_some_and(|(secs, rest)| {
            rest.len() == 6
                && [secs, rest]
                    .concat()
                    .bytes()
                    .all(|byte| byte.is_ascii_digit())
        })
    };
    match ts {
        Some(ts) if !is_ts(&ts) => Err(ApiError::new("invalid_thread_ts")),
        ts => Ok(ts),
    }
}

/// <https://docs.slack.dev/messaging/message-metadata>
fn metadata(args: &Args) -> Result<Option<Value>, ApiError> {
    let Some(metadata) = args.json("metadata", "invalid_metadata_format")? else {
        return Ok(None);
    };
    let is_valid = metadata["event_type"].is_string() && metadata["event_payload"].is_object();
    is_valid
        .then(|| Some(metadata.clone()))
        .ok_or_else(|| ApiError::new("invalid_metadata_format"))
}

/// A message of the app's own that everybody sees; `refused` for somebody else's.
fn own(
    workspace: &Workspace,
    state: &State,
    channel: &str,
    ts: String,
    refused: &str,
) -> Result<MessageId, ApiError> {
    let bot = &workspace.options.app.bot_user;
    let room = state
        .room(channel)
        .ok_or_else(|| ApiError::new("channel_not_found"))?;
    if room.channel.kind != ChannelKind::Public && !room.has_member(bot) {
        return Err(ApiError::new("channel_not_found"));
    }
    if room.channel.archived {
        return Err(ApiError::new("is_archived"));
    }
    let id = MessageId {
        channel: channel.to_owned(),
        ts,
    };
    let message = state
        .message(&id)
        .filter(|message| message.only_for.is_none());
    let message = message.ok_or_else(|| ApiError::new("message_not_found"))?;
    if message.author == *bot {
        Ok(id)
    } else {
        Err(ApiError::new(refused))
    }
}
