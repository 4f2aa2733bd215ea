//! views.open, .push, .update and .publish.

use serde_json::{Value, json};

use super::args::Args;
use super::{Answer, ApiError};
use crate::blocks;
use crate::state::{Origin, STACK_MAX, State, TriggerFault};
use crate::view::View;
use crate::workspace::Workspace;

/// <https://docs.slack.dev/reference/methods/views.open>
pub(crate) fn open(workspace: &Workspace, args: &Args) -> Answer {
    let content = content(args, blocks::modal)?;
    let (now_ms, now_secs) = (workspace.now_ms(), workspace.options.clock.now_secs());
    workspace.change(|state| {
        let (user, _) = trigger(state, args, now_ms)?;
        unique(state, &content, None)?;
        Ok(answer(
            workspace,
            &state.open_view(&user, content, now_secs),
        ))
    })
}

/// <https://docs.slack.dev/reference/methods/views.push>
pub(crate) fn push(workspace: &Workspace, args: &Args) -> Answer {
    let content = content(args, blocks::modal)?;
    let (now_ms, now_secs) = (workspace.now_ms(), workspace.options.clock.now_secs());
    workspace.change(|state| {
        let (user, origin) = trigger(state, args, now_ms)?;
        let depth = state.stacks.get(&user).map_or(0, Vec::len);
        if origin != Origin::Modal || depth == 0 {
            return Err(ApiError::new("not_found"));
        }
        if depth >= STACK_MAX {
            return Err(ApiError::new("push_limit_reached"));
        }
        unique(state, &content, None)?;
        Ok(answer(
            workspace,
            &state.push_view(&user, content, now_secs),
        ))
    })
}

/// <https://docs.slack.dev/reference/methods/views.update>
pub(crate) fn update(workspace: &Workspace, args: &Args) -> Answer {
    let now_secs = workspace.options.clock.now_secs();
    workspace.change(|state| {
        let by_id = args.text("view_id").and_then(|id| state.views.get(&id));
        let by_name = || state.view_by_external_id(&args.text("external_id")?);
        let view = by_id
            .or_else(by_name)
            .ok_or_else(|| ApiError::new("not_found"))?;
        let id = view.id.clone();
        let is_home = view.content["type"] == "home";
        fresh(args, view)?;
        let content = content(args, if is_home { blocks::home } else { blocks::modal })?;
        unique(state, &content, Some(&id))?;
        let view = state.replace_view(&id, content, now_secs);
        Ok(answer(
            workspace,
            &view.ok_or_else(|| ApiError::new("not_found"))?,
        ))
    })
}

/// <https://docs.slack.dev/reference/methods/views.publish>
pub(crate) fn publish(workspace: &Workspace, args: &Args) -> Answer {
    let user = args.required("user_id")?;
    let content = content(args, blocks::home)?;
    let now_secs = workspace.options.clock.now_secs();
    workspace.change(|state| {
        state
            .person(&user)
            .ok_or_else(|| ApiError::argument("no such user: user_id"))?;
        let published = state.homes.get(&user).and_then(|id| state.views.get(id));
        if let Some(view) = published {
            fresh(args, view)?;
        }
        let id = published.map(|view| view.id.clone());
        unique(state, &content, id.as_deref())?;
        Ok(answer(
            workspace,
            &state.publish_home(&user, content, now_secs),
        ))
    })
}

fn answer(workspace: &Workspace, view: &View) -> Value {
    json!({"view": view.to_json(&workspace.options)})
}

fn content(
    args: &Args,
    check: fn(&Value) -> Result<Value, blocks::Problems>,
) -> Result<Value, ApiError> {
    let view = args.json("view", "invalid_arguments")?;
    let view = view.ok_or_else(|| ApiError::argument("missing required field: view"))?;
    if view.to_string().len() > blocks::VIEW_BYTES_MAX {
        return Err(ApiError::new("view_too_large"));
    }
    check(view).map_err(|problems| {
        ApiError::with_messages("invalid_arguments", problems.into_messages("/view"))
    })
}

fn trigger(state: &mut State, args: &Args, now_ms: i64) -> Result<(String, Origin), ApiError> {
    let id = args.required("trigger_id")?;
    state.take_trigger(&id, now_ms).map_err(|fault| {
        ApiError::new(match fault {
            TriggerFault::Unknown => "invalid_trigger_id",
            TriggerFault::Expired => "expired_trigger_id",
            TriggerFault::Used => "exchanged_trigger_id",
        })
    })
}

/// Checks that the caller saw the newest version, if it says which it saw.
fn fresh(args: &Args, view: &View) -> Result<(), ApiError> {
    let seen = args.text("hash").filter(|hash| !hash.is_empty());
    let is_fresh = seen.is_none_or(|hash| hash == view.hash);
    is_fresh
        .then_some(())
        .ok_or_else(|| ApiError::new("hash_conflict"))
}

/// Checks that no other view has the same external id.
fn unique(state: &State, content: &Value, own: Option<&str>) -> Result<(), ApiError> {
    let external_id = content["external_id"].as_str().filter(|id| !id.is_empty());
    let other = external_id.and_then(|id| state.view_by_external_id(id));
    let is_taken = other.is_some_and(|other| Some(other.id.as_str()) != own);
    if is_taken {
        Err(ApiError::new("duplicate_external_id"))
    } else {
        Ok(())
    }
}
