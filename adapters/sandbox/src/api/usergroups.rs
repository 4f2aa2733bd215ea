//! usergroups.list and usergroups.users.list.

use serde_json::{Value, json};

use super::args::Args;
use super::{Answer, ApiError};
use crate::options::{Options, Usergroup};
use crate::workspace::Workspace;

/// <https://docs.slack.dev/reference/methods/usergroups.list>
pub(crate) fn list(workspace: &Workspace, args: &Args) -> Answer {
    let with_users = args.flag("include_users")?;
    let options = &workspace.options;
    let object = |group: &Usergroup| {
        let mut object = object(options, group);
        if with_users {
            object["users"] = group.members.clone().into();
        }
        object
    };
    let groups: Vec<Value> = workspace.read(|state| state.usergroups.iter().map(object).collect());
    Ok(json!({"usergroups": groups}))
}

/// <https://docs.slack.dev/reference/methods/usergroups.users.list>
pub(crate) fn users(workspace: &Workspace, args: &Args) -> Answer {
    let id = args.required("usergroup")?;
    let users = workspace.read(|state| {
        let group = state.usergroups.iter().find(|group| group.id == id);
        group.map(|group| group.members.clone())
    });
    Ok(json!({"users": users.ok_or_else(|| ApiError::new("no_such_subteam"))?}))
}

/// <https://docs.slack.dev/reference/objects/usergroup-object>
fn object(options: &Options, group: &Usergroup) -> Value {
    json!({
        "id": group.id,
        "team_id": options.team.id,
        "is_usergroup": true,
        "is_subteam": true,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": false,
        "date_create": 0,
        "date_update": 0,
        "date_delete": 0,
        "auto_type": null,
        "created_by": options.app.bot_user,
        "updated_by": options.app.bot_user,
        "deleted_by": null,
        "prefs": {"channels": [], "groups": []},
        "user_count": group.members.len(),
    })
}
