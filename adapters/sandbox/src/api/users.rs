//! users.info and users.list.

use serde_json::{Value, json};

use super::args::Args;
use super::{Answer, ApiError};
use crate::options::{Options, Person, Standing};
use crate::workspace::Workspace;

/// <https://docs.slack.dev/reference/methods/users.info>
pub(crate) fn info(workspace: &Workspace, args: &Args) -> Answer {
    let id = args
        .text("user")
        .ok_or_else(|| ApiError::new("user_not_found"))?;
    let options = &workspace.options;
    if id == options.app.bot_user {
        return Ok(json!({"user": bot(options)}));
    }
    let user = workspace.read(|state| state.person(&id).map(|person| user(options, person)));
    Ok(json!({"user": user.ok_or_else(|| ApiError::new("user_not_found"))?}))
}

/// <https://docs.slack.dev/reference/methods/users.list>
pub(crate) fn list(workspace: &Workspace, args: &Args) -> Answer {
    let options = &workspace.options;
    let mut users: Vec<Value> = workspace.read(|state| {
        state
            .people
            .iter()
            .map(|person| user(options, person))
            .collect()
    });
    users.push(bot(options));
    let (page, next_cursor) = page(args, &users, 0)?;
    Ok(json!({
        "members": page,
        "cache_ts": options.clock.now_secs(),
        "response_metadata": {"next_cursor": next_cursor},
    }))
}

/// One page of `all`, and the cursor of the next; `default` 0 means all at once.
pub(crate) fn page<T: Clone>(
    args: &Args,
    all: &[T],
    default: usize,
) -> Result<(Vec<T>, String), ApiError> {
    let default = if default == 0 { usize::MAX } else { default };
    let limit = args.limit(default, 1000)?;
    let start = match args.text("cursor").filter(|cursor| !cursor.is_empty()) {
        None => 0,
        Some(cursor) => cursor
            .strip_prefix("next:")
            .and_then(|start| start.parse::<usize>().ok())
            .filter(|start| *start <= all.len())
            .ok_or_else(|| ApiError::new("invalid_cursor"))?,
    };
    let page: Vec<T> = all.iter().skip(start).take(limit).cloned().collect();
    let end = start + page.len();
    let next = if end < all.len() {
        format!("next:{end}")
    } else {
        String::new()
    };
    Ok((page, next))
}

/// A user object. <https://docs.slack.dev/reference/objects/user-object>
fn user(options: &Options, person: &Person) -> Value {
    let standing = &person.standing;
    let team = person.foreign_team().unwrap_or(&options.team.id);
    let mut profile = json!({
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.display_name,
        "display_name_normalized": person.display_name,
        "title": person.title,
        "team": team,
    });
    if options
        .app
        .scopes
        .iter()
        .any(|scope| scope == "users:read.email")
    {
        profile["email"] = person.email.clone().into();
    }
    let mut user = json!({
        "id": person.id,
        "team_id": team,
        "name": person.handle,
        "real_name": person.real_name,
        "deleted": *standing == Standing::Deactivated,
        "is_bot": *standing == Standing::Bot,
        "is_app_user": false,
        "updated": 0,
        "profile": profile,
    });
    // Slack leaves these out for people who have left.
    if *standing != Standing::Deactivated {
        let is_single = *standing == Standing::SingleChannelGuest;
        user["tz"] = person.tz.clone().into();
        user["is_admin"] = false.into();
        user["is_owner"] = false.into();
        user["is_primary_owner"] = false.into();
        user["is_restricted"] = (is_single || *standing == Standing::Guest).into();
        user["is_ultra_restricted"] = is_single.into();
    }
    if person.foreign_team().is_some() {
        user["is_stranger"] = true.into();
    }
    user
}

fn bot(options: &Options) -> Value {
    let app = &options.app;
    let person = Person {
        standing: Standing::Bot,
        ..Person::member(&app.bot_user, &app.name, &app.name)
    };
    let mut user = user(options, &person);
    user["profile"]["bot_id"] = app.bot_id.clone().into();
    user["profile"]["api_app_id"] = app.id.clone().into();
    user
}
