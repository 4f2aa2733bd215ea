//! The guild's members, remembered for minutes and kept up by what the gateway tells.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use breakglass_core::port::chat::{AccountStatus, ChatError};
use breakglass_core::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serenity::http::Route;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Client, id};

/// Members of a page; fewer mean that it is the last.
const PAGE: usize = 1000;
/// Pages read at most: half a million members.
const PAGES_MAX: usize = 500;

/// What we read of a member.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Member {
    pub(super) user: User,
    pub(super) nick: Option<String>,
    #[serde(default)]
    roles: BTreeSet<String>,
    communication_disabled_until: Option<String>,
    /// Has not agreed to the guild's rules yet.
    #[serde(default)]
    pending: bool,
}

/// What we read of an account.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    #[serde(default)]
    pub(super) username: String,
    pub(super) global_name: Option<String>,
    #[serde(default)]
    pub(super) bot: bool,
    #[serde(default)]
    system: bool,
}

impl Member {
    fn status(&self, now: Timestamp) -> AccountStatus {
        // One that can't be read is for ever.
        let silenced = self
            .communication_disabled_until
            .as_deref()
            .is_some_and(|until| until.parse().unwrap_or(Timestamp::from_millis(i64::MAX)) > now);
        AccountStatus {
            active: !silenced,
            guest: self.pending,
            bot: self.user.bot || self.user.system,
        }
    }
}

/// The members by account, and when they were looked up.
pub(super) struct Members {
    list: Mutex<Option<(Instant, BTreeMap<String, Member>)>>,
    fresh: Duration,
    usable: Duration,
}

impl Members {
    pub(super) const fn new(fresh: Duration, usable: Duration) -> Self {
        Self {
            list: Mutex::const_new(None),
            fresh,
            usable,
        }
    }
}

impl Client {
    /// What Discord says of an account, from the last minutes.
    pub(crate) async fn account(&self, account: &str) -> Result<AccountStatus, ChatError> {
        let now = (self.config.clock)();
        let listed = self.with_members(|all| all.get(account).map(|member| member.status(now)));
        match listed.await {
            Ok(Some(status)) => Ok(status),
            // Not listed: perhaps they came just now. Nobody, or left: as good as deactivated.
            Ok(None) | Err(ChatError::Refused(_)) => self.account_now(account).await,
            Err(error) => Err(error),
        }
    }

    /// The same, as Discord says now.
    pub(crate) async fn account_now(&self, account: &str) -> Result<AccountStatus, ChatError> {
        match self.member(account).await {
            Ok(member) => Ok(member.status((self.config.clock)())),
            Err(ChatError::Gone(_)) => Ok(AccountStatus {
                active: false,
                guest: false,
                bot: false,
            }),
            Err(error) => Err(error),
        }
    }

    /// The human members with a role.
    pub(crate) async fn group_members(&self, role: &str) -> Result<BTreeSet<String>, ChatError> {
        if role == self.config.guild {
            let why = "@everyone is nobody's group: name a role of its own".to_owned();
            return Err(ChatError::Refused(why));
        }
        let with_role = |all: &BTreeMap<String, Member>| {
            let with_role = all.values().filter(|one| one.roles.contains(role));
            let humans = with_role.filter(|one| !one.user.bot);
            humans.map(|one| one.user.id.clone()).collect()
        };
        self.with_members(with_role).await
    }

    /// One member, as Discord says now.
    pub(super) async fn member(&self, account: &str) -> Result<Member, ChatError> {
        let route = Route::GuildMember {
            guild_id: self.guild,
            user_id: id(account)?,
        };
        self.rest.get("member", route, Vec::new()).await
    }

    /// Takes in that a member joined, changed or left. True: what was looked up of people is old.
    pub(crate) async fn heard(&self, event: &str, data: &Value) -> bool {
        let ours = data.get("guild_id").and_then(Value::as_str) == Some(&self.config.guild);
        let mut list = self.members.list.lock().await;
        match event {
            _ if !ours => false,
            "GUILD_MEMBER_ADD" | "GUILD_MEMBER_UPDATE" => {
                match (Member::deserialize(data), &mut *list) {
                    (Ok(member), Some((_, all))) => {
                        all.insert(member.user.id.clone(), member);
                    }
                    (Ok(_), None) => {}
                    (Err(_), _) => *list = None,
                }
                true
            }
            "GUILD_MEMBER_REMOVE" => {
                let gone = data.pointer("/user/id").and_then(Value::as_str);
                if let (Some(gone), Some((_, all))) = (gone, &mut *list) {
                    all.remove(gone);
                }
                true
            }
            "GUILD_ROLE_CREATE" | "GUILD_ROLE_UPDATE" | "GUILD_ROLE_DELETE" => {
                *list = None;
                true
            }
            _ => false,
        }
    }

    /// Events may have been missed: the members are looked up again.
    pub(crate) async fn forget_members(&self) {
        *self.members.list.lock().await = None;
    }

    /// Looks something up among the members, from the last minutes.
    pub(super) async fn with_members<T>(
        &self,
        find: impl FnOnce(&BTreeMap<String, Member>) -> T,
    ) -> Result<T, ChatError> {
        let mut list = self.members.list.lock().await;
        let now = Instant::now();
        let old = |limit| move |(at, _): &(Instant, _)| now.saturating_duration_since(*at) >= limit;
        if list.as_ref().is_none_or(old(self.members.fresh)) {
            match self.all_members().await {
                Ok(all) => *list = Some((now, all)),
                // Only when Discord doesn't answer is the old good enough.
                Err(error @ (ChatError::Limited(_) | ChatError::Unavailable(_))) => {
                    if list.as_ref().is_none_or(old(self.members.usable)) {
                        return Err(error);
                    }
                }
                Err(error) => {
                    *list = None;
                    return Err(error);
                }
            }
        }
        match &*list {
            Some((_, all)) => Ok(find(all)),
            None => Err(ChatError::Unavailable(
                "the members aren't known".to_owned(),
            )),
        }
    }

    async fn all_members(&self) -> Result<BTreeMap<String, Member>, ChatError> {
        let mut all = BTreeMap::new();
        let mut after = "0".to_owned();
        for _ in 0..PAGES_MAX {
            let route = Route::GuildMembers {
                guild_id: self.guild,
            };
            let query = vec![("limit", PAGE.to_string()), ("after", after.clone())];
            let page: Vec<Member> = self.rest.get("members", route, query).await?;
            let count = page.len();
            let highest = page
                .iter()
                .filter_map(|one| one.user.id.parse::<u64>().ok())
                .max();
            all.extend(page.into_iter().map(|one| (one.user.id.clone(), one)));
            match highest {
                Some(highest) if count >= PAGE => after = highest.to_string(),
                _ => return Ok(all),
            }
        }
        Err(ChatError::Refused(
            "the guild has too many members to be listed".to_owned(),
        ))
    }
}
