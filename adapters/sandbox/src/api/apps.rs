//! apps.connections.open, auth.test, bots.info and team.info.

use serde_json::json;

use super::args::Args;
use super::{Answer, ApiError};
use crate::options::Delivery;
use crate::workspace::Workspace;

/// <https://docs.slack.dev/reference/methods/apps.connections.open>
pub(crate) fn connect(workspace: &Workspace, _: &Args) -> Answer {
    if workspace.options.delivery != Delivery::Socket {
        return Err(ApiError::new("socket_mode_not_enabled"));
    }
    let ticket = workspace.sockets.new_ticket();
    let app = &workspace.options.app.id;
    let url = format!(
        "ws://{}/link/?ticket={ticket}&app_id={app}",
        workspace.address
    );
    Ok(json!({"url": url}))
}

/// <https://docs.slack.dev/reference/methods/auth.test>
#[expect(clippy::unnecessary_wraps, reason = "every method has the same type")]
pub(crate) fn auth_test(workspace: &Workspace, _: &Args) -> Answer {
    let (team, app) = (&workspace.options.team, &workspace.options.app);
    Ok(json!({
        "url": workspace.url("/"),
        "team": team.name,
        "user": app.name,
        "team_id": team.id,
        "user_id": app.bot_user,
        "bot_id": app.bot_id,
        "is_enterprise_install": false,
    }))
}

/// <https://docs.slack.dev/reference/methods/bots.info>
pub(crate) fn bots_info(workspace: &Workspace, args: &Args) -> Answer {
    let app = &workspace.options.app;
    if args.text("bot").is_some_and(|bot| bot != app.bot_id) {
        return Err(ApiError::new("bot_not_found"));
    }
    Ok(json!({"bot": {
        "id": app.bot_id,
        "app_id": app.id,
        "user_id": app.bot_user,
        "name": app.name,
        "deleted": false,
        "updated": 0,
    }}))
}

/// <https://docs.slack.dev/reference/methods/team.info>
pub(crate) fn team_info(workspace: &Workspace, args: &Args) -> Answer {
    let team = &workspace.options.team;
    if args.text("team").is_some_and(|asked| asked != team.id) {
        return Err(ApiError::new("team_not_found"));
    }
    Ok(json!({"team": {"id": team.id, "name": team.name, "domain": team.domain}}))
}
