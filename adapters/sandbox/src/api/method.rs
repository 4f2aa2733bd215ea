//! The table of methods: the token and scopes that each needs.

use super::args::Args;
use super::{Answer, apps, chat, conversations, usergroups, users, views};
use crate::workspace::Workspace;

/// A method of the Web API.
pub(crate) struct Method {
    name: &'static str,
    pub(crate) token: Token,
    pub(crate) scopes: &'static [&'static str],
    pub(crate) run: fn(&Workspace, &Args) -> Answer,
}

/// Which token a method takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// `xoxb-…`
    Bot,
    /// `xapp-…`
    App,
}

/// The method called `name`.
pub(crate) fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

const fn bot(
    name: &'static str,
    scopes: &'static [&'static str],
    run: fn(&Workspace, &Args) -> Answer,
) -> Method {
    Method {
        name,
        token: Token::Bot,
        scopes,
        run,
    }
}

/// What conversations.* need depends on the kind of conversation, so they check it themselves.
/// <https://docs.slack.dev/reference/methods>
const METHODS: &[Method] = &[
    Method {
        name: "apps.connections.open",
        token: Token::App,
        scopes: &["connections:write"],
        run: apps::connect,
    },
    bot("auth.test", &[], apps::auth_test),
    bot("bots.info", &["users:read"], apps::bots_info),
    bot("chat.delete", &["chat:write"], chat::delete),
    bot("chat.getPermalink", &[], chat::permalink),
    bot("chat.postEphemeral", &["chat:write"], chat::post_ephemeral),
    bot("chat.postMessage", &["chat:write"], chat::post),
    bot("chat.update", &["chat:write"], chat::update),
    bot("conversations.info", &[], conversations::info),
    bot("conversations.list", &[], conversations::list),
    bot("conversations.members", &[], conversations::members),
    bot("conversations.open", &["im:write"], conversations::open),
    bot("team.info", &["team:read"], apps::team_info),
    bot("usergroups.list", &["usergroups:read"], usergroups::list),
    bot(
        "usergroups.users.list",
        &["usergroups:read"],
        usergroups::users,
    ),
    bot("users.info", &["users:read"], users::info),
    bot("users.list", &["users:read"], users::list),
    bot("views.open", &[], views::open),
    bot("views.publish", &[], views::publish),
    bot("views.push", &[], views::push),
    bot("views.update", &[], views::update),
];
