//! Groups of people, written down or kept in chat.

use std::collections::BTreeSet;

use crate::document::Table;
use crate::id::{GroupId, PagerId, PersonId, Platform};

use super::draft::{Draft, Mention, Placed, line};
use super::paging;

/// A group. Its members are those written here and, of the listed people, those that chat tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// As used in `group:ID`.
    pub id: GroupId,
    /// Written in the policy.
    pub members: BTreeSet<PersonId>,
    /// The Slack user group whose members count too.
    pub slack_usergroup: Option<String>,
    /// The Discord role whose members count too.
    pub discord_role: Option<String>,
    /// The Slack user group of those who are on call now.
    pub on_call_usergroup: Option<String>,
    /// The Discord role of those who are on call now.
    pub on_call_role: Option<String>,
    /// The pagers that wake it up when it is asked to decide.
    pub page: Vec<PagerId>,
}

impl Group {
    /// Can it have members that aren't written in the policy?
    pub const fn is_kept_in_chat(&self) -> bool {
        self.slack_usergroup.is_some() || self.discord_role.is_some()
    }

    /// Where chat tells who is in it, beside those whom the policy lists.
    pub fn member_lists(&self) -> impl Iterator<Item = (Platform, &str)> {
        let slack = self.slack_usergroup.as_deref();
        let discord = self.discord_role.as_deref();
        let slack = slack.map(|id| (Platform::Slack, id));
        slack
            .into_iter()
            .chain(discord.map(|id| (Platform::Discord, id)))
    }

    /// Where chat tells who of it is on call now.
    pub fn on_call_lists(&self) -> impl Iterator<Item = (Platform, &str)> {
        let slack = self.on_call_usergroup.as_deref();
        let discord = self.on_call_role.as_deref();
        let slack = slack.map(|id| (Platform::Slack, id));
        slack
            .into_iter()
            .chain(discord.map(|id| (Platform::Discord, id)))
    }

    pub(super) fn read(table: &Table<'_>, draft: &mut Draft) -> Option<Placed<Self>> {
        let id: Option<GroupId> = table.need("id").parse();
        let mut members = BTreeSet::new();
        for item in table.get("members").items().unwrap_or_default() {
            if let Some(person) = item.parse::<PersonId>() {
                draft
                    .mentions
                    .push((item.place(), Mention::Person(person.clone())));
                members.insert(person);
            }
        }
        let slack_usergroup = line(&table.get("slack_usergroup"));
        let discord_role = line(&table.get("discord_role"));
        let on_call_usergroup = line(&table.get("on_call_usergroup"));
        let on_call_role = line(&table.get("on_call_role"));
        let page = paging::read(&table.get("page"));
        let id = id?;
        draft.group_ids.insert(id.clone());
        let value = Self {
            id,
            members,
            slack_usergroup,
            discord_role,
            on_call_usergroup,
            on_call_role,
            page,
        };
        Some(Placed {
            value,
            place: table.place(),
        })
    }
}
