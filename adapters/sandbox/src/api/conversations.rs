//! conversations.info, .list, .members and .open.

use serde_json::{Value, json};

use super::args::Args;
use super::users::page;
use super::{Answer, ApiError, auth};
use crate::options::{ChannelKind, Sharing};
use crate::state::Room;
use crate::workspace::Workspace;

/// <https://docs.slack.dev/reference/methods/conversations.info>
pub(crate) fn info(workspace: &Workspace, args: &Args) -> Answer {
    let id = args.text("channel").unwrap_or_default();
    let with_count = args.flag("include_num_members")?;
    visible(workspace, &id, |room| {
        let mut channel = object(workspace, room);
        if with_count {
            channel["num_members"] = room.channel.members.len().into();
        }
        Ok(json!({"channel": channel}))
    })
}

/// <https://docs.slack.dev/reference/methods/conversations.members>
pub(crate) fn members(workspace: &Workspace, args: &Args) -> Answer {
    let id = args.text("channel").unwrap_or_default();
    visible(workspace, &id, |room| {
        let (members, next_cursor) = page(args, &room.channel.members, 100)?;
        Ok(json!({"members": members, "response_metadata": {"next_cursor": next_cursor}}))
    })
}

/// <https://docs.slack.dev/reference/methods/conversations.list>
pub(crate) fn list(workspace: &Workspace, args: &Args) -> Answer {
    let types = args
        .list("types")
        .unwrap_or_else(|| vec!["public_channel".into()]);
    let mut kinds = Vec::new();
    for name in types.iter().filter(|name| !name.is_empty()) {
        match name.as_str() {
            "public_channel" => kinds.push(ChannelKind::Public),
            "private_channel" => kinds.push(ChannelKind::Private),
            "im" => kinds.push(ChannelKind::Direct),
            "mpim" => auth::require(workspace, &["mpim:read"])?,
            _ => return Err(ApiError::new("invalid_types")),
        }
    }
    let scopes: Vec<&str> = kinds.iter().map(|kind| scope(*kind)).collect();
    auth::require(workspace, &scopes)?;
    let skip_archived = args.flag("exclude_archived")?;
    let channels: Vec<Value> = workspace.read(|state| {
        let rooms = state.rooms.iter().filter(|room| {
            kinds.contains(&room.channel.kind)
                && is_visible(workspace, room)
                && !(skip_archived && room.channel.archived)
        });
        rooms.map(|room| object(workspace, room)).collect()
    });
    let (page, next_cursor) = page(args, &channels, 100)?;
    Ok(json!({"channels": page, "response_metadata": {"next_cursor": next_cursor}}))
}

/// <https://docs.slack.dev/reference/methods/conversations.open>
pub(crate) fn open(workspace: &Workspace, args: &Args) -> Answer {
    let users = args
        .list("users")
        .ok_or_else(|| ApiError::new("users_list_not_supplied"))?;
    let in_full = args.flag("return_im")?;
    let [user] = users.as_slice() else {
        return Err(ApiError::missing_scope(
            "mpim:write",
            &workspace.options.app.scopes,
        ));
    };
    let bot = &workspace.options.app.bot_user;
    workspace.change(|state| {
        let person = state
            .person(user)
            .ok_or_else(|| ApiError::new("user_not_found"))?;
        if person.standing == crate::options::Standing::Deactivated {
            return Err(ApiError::new("user_disabled"));
        }
        let (id, was_open) = state.direct(user, bot);
        let channel = match state.room(&id) {
            Some(room) if in_full => object(workspace, room),
            _ => json!({"id": id}),
        };
        Ok(json!({"no_op": was_open, "already_open": was_open, "channel": channel}))
    })
}

/// The scope for looking at a kind of conversation.
fn scope(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Public => "channels:read",
        ChannelKind::Private => "groups:read",
        ChannelKind::Direct => "im:read",
    }
}

/// Public channels can be seen by all, others only by their members.
fn is_visible(workspace: &Workspace, room: &Room) -> bool {
    let is_public = room.channel.kind == ChannelKind::Public;
    is_public || room.has_member(&workspace.options.app.bot_user)
}

fn visible(workspace: &Workspace, id: &str, look: impl FnOnce(&Room) -> Answer) -> Answer {
    workspace.read(|state| {
        let room = state.room(id).filter(|room| is_visible(workspace, room));
        let room = room.ok_or_else(|| ApiError::new("channel_not_found"))?;
        auth::require(workspace, &[scope(room.channel.kind)])?;
        look(room)
    })
}

/// <https://docs.slack.dev/reference/objects/conversation-object>
fn object(workspace: &Workspace, room: &Room) -> Value {
    let channel = &room.channel;
    let bot = &workspace.options.app.bot_user;
    if let Some(user) = &room.with {
        return json!({
            "id": channel.id,
            "created": 0,
            "is_im": true,
            "is_archived": false,
            "is_org_shared": false,
            "user": user,
            "is_user_deleted": false,
            "priority": 0,
        });
    }
    let is_ext_shared = channel.sharing == Sharing::External;
    let is_org_shared = channel.sharing == Sharing::Organisation;
    json!({
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": true,
        "is_group": false,
        "is_im": false,
        "is_mpim": false,
        "is_private": channel.kind == ChannelKind::Private,
        "is_archived": channel.archived,
        "is_general": false,
        "is_shared": is_ext_shared || is_org_shared,
        "is_ext_shared": is_ext_shared,
        "is_org_shared": is_org_shared,
        "is_pending_ext_shared": channel.sharing == Sharing::PendingExternal,
        "is_member": room.has_member(bot),
        "created": 0,
        "creator": bot,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
        "context_team_id": workspace.options.team.id,
    })
}
