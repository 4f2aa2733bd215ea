//! The methods we use, with no more of each answer than we need.

use std::collections::BTreeSet;
use std::sync::Arc;

use breakglass_core::port::chat::{AccountStatus, ChatError, MessageRef};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Client;
use crate::render::Picture;
use crate::verify::Ours;

#[derive(Deserialize)]
struct Posted {
    channel: String,
    ts: String,
}

#[derive(Deserialize)]
struct Opened {
    view: OpenedView,
}

#[derive(Deserialize)]
struct OpenedView {
    id: String,
}

#[derive(Deserialize)]
struct Direct {
    channel: DirectChannel,
}

#[derive(Deserialize)]
struct DirectChannel {
    id: String,
}

#[derive(Deserialize)]
struct ChannelInfo {
    channel: NamedChannel,
}

#[derive(Deserialize)]
struct NamedChannel {
    name: String,
}

#[derive(Deserialize)]
struct Auth {
    #[serde(rename = "team_id")]
    team: String,
    #[serde(rename = "user_id")]
    user: String,
    #[serde(rename = "bot_id")]
    bot: Option<String>,
}

#[derive(Deserialize)]
struct BotInfo {
    bot: Bot,
}

#[derive(Deserialize)]
struct Bot {
    app_id: String,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    users: BTreeSet<String>,
}

#[derive(Deserialize)]
struct UserInfo {
    user: User,
}

/// What we read of an account.
#[derive(Debug, Clone, Default, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "Slack's own flags")]
pub(super) struct User {
    pub(super) id: String,
    #[serde(default)]
    team_id: Option<String>,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) real_name: Option<String>,
    #[serde(default)]
    pub(super) deleted: bool,
    #[serde(default)]
    pub(super) is_bot: bool,
    #[serde(default)]
    is_restricted: bool,
    #[serde(default)]
    is_ultra_restricted: bool,
    #[serde(default)]
    is_stranger: bool,
    #[serde(default)]
    pub(super) profile: Profile,
}

/// What we read of a profile.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Profile {
    #[serde(default)]
    pub(super) real_name: Option<String>,
    #[serde(default)]
    pub(super) email: Option<String>,
}

impl Client {
    /// Posts a message, under another if `thread` is given.
    pub(crate) async fn post_message(
        &self,
        channel: &str,
        thread: Option<&str>,
        picture: &Picture,
    ) -> Result<MessageRef, ChatError> {
        let mut body = json!({
            "channel": channel,
            "text": picture.text,
            "blocks": picture.blocks,
            "unfurl_links": false,
            "unfurl_media": false,
        });
        if let Some(thread) = thread {
            body["thread_ts"] = json!(thread);
        }
        let posted: Posted = self.post("chat.postMessage", &body).await?;
        Ok(MessageRef {
            channel: posted.channel,
            message: posted.ts,
        })
    }

    pub(crate) async fn update_message(
        &self,
        message: &MessageRef,
        picture: &Picture,
    ) -> Result<(), ChatError> {
        let body = json!({
            "channel": message.channel,
            "ts": message.message,
            "text": picture.text,
            "blocks": picture.blocks,
        });
        self.post::<Value>("chat.update", &body).await.map(|_| ())
    }

    /// The direct channel with an account.
    pub(crate) async fn direct_channel(&self, account: &str) -> Result<String, ChatError> {
        let open = async {
            let body = json!({ "users": account });
            let direct: Direct = self.post("conversations.open", &body).await?;
            Ok(direct.channel.id)
        };
        self.direct.get(account, Instant::now(), open).await
    }

    pub(crate) async fn open_view(&self, trigger: &str, view: &Value) -> Result<String, ChatError> {
        let body = json!({ "trigger_id": trigger, "view": view });
        let opened: Opened = self.post("views.open", &body).await?;
        Ok(opened.view.id)
    }

    pub(crate) async fn update_view(&self, id: &str, view: &Value) -> Result<(), ChatError> {
        let body = json!({ "view_id": id, "view": view });
        self.post::<Value>("views.update", &body).await.map(|_| ())
    }

    pub(crate) async fn publish_view(&self, account: &str, view: &Value) -> Result<(), ChatError> {
        let body = json!({ "user_id": account, "view": view });
        self.post::<Value>("views.publish", &body).await.map(|_| ())
    }

    /// What Slack says of an account, from the last minutes.
    pub(crate) async fn account(&self, account: &str) -> Result<AccountStatus, ChatError> {
        let look_up = self.account_now(account);
        self.accounts.get(account, Instant::now(), look_up).await
    }

    /// The same, as Slack says now.
    pub(crate) async fn account_now(&self, account: &str) -> Result<AccountStatus, ChatError> {
        match self.user(account).await {
            Ok(user) => Ok(self.status(&user)),
            // Nobody: as good as deactivated.
            Err(ChatError::Gone(_)) => Ok(AccountStatus {
                active: false,
                guest: false,
                bot: false,
            }),
            Err(error) => Err(error),
        }
    }

    fn status(&self, user: &User) -> AccountStatus {
        let ours = user.team_id.as_ref().is_none_or(|team| team == self.team());
        AccountStatus {
            active: !user.deleted && ours,
            guest: user.is_restricted || user.is_ultra_restricted || user.is_stranger || !ours,
            bot: user.is_bot || user.id == "USLACKBOT",
        }
    }

    pub(super) async fn user(&self, account: &str) -> Result<User, ChatError> {
        let info: UserInfo = self.get("users.info", &[("user", account)]).await?;
        Ok(info.user)
    }

    /// What a channel is called now.
    pub(crate) async fn channel_name(&self, channel: &str) -> Result<String, ChatError> {
        let look_up = async {
            let info: ChannelInfo = self
                .get("conversations.info", &[("channel", channel)])
                .await?;
            Ok(info.channel.name)
        };
        self.channels.get(channel, Instant::now(), look_up).await
    }

    /// The members of a user group, from the last minutes.
    pub(crate) async fn group_members(
        &self,
        group: &str,
    ) -> Result<Arc<BTreeSet<String>>, ChatError> {
        let look_up = async {
            let parameters = [("usergroup", group)];
            let group: Group = self.get("usergroups.users.list", &parameters).await?;
            Ok(Arc::new(group.users))
        };
        self.groups.get(group, Instant::now(), look_up).await
    }

    /// Asks which bot the token is for, and which app the bot belongs to.
    pub(super) async fn find_ours(&self) -> Result<Ours, ChatError> {
        let auth: Auth = self.post("auth.test", &json!({})).await?;
        if auth.team != self.team() {
            return Err(ChatError::Refused(format!(
                "the bot token is for {}, slack.team says {}",
                auth.team,
                self.team()
            )));
        }
        let bot = auth.bot.ok_or_else(|| {
            ChatError::Refused("the token isn't a bot's: it must begin with xoxb-".to_owned())
        })?;
        let info: Result<BotInfo, ChatError> = self.get("bots.info", &[("bot", &bot)]).await;
        let app = match (info, self.greeted_as.get()) {
            (Ok(info), _) => info.bot.app_id,
            // The sockets know it, too.
            (Err(_), Some(app)) => app.clone(),
            (Err(error), None) => return Err(error),
        };
        Ok(Ours {
            app,
            team: auth.team,
            bot,
            bot_user: auth.user,
        })
    }
}
