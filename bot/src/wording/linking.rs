//! Words on linked accounts, and how a command is typed on the chat where they are read.

use breakglass_core::effect::Topic;
use breakglass_core::event::{Event, Record};
use breakglass_core::id::{PersonId, Platform};
use breakglass_core::link::{Account, Code, Link};
use breakglass_core::notice::{Answer, Notice};

use super::Teller;
use super::answer::said;

impl Teller<'_> {
    /// That an account was linked, or isn't any more: to its person by [`Topic::Linked`], else to security. `named` is how
    /// the account calls itself.
    pub fn linked(&self, record: &Record, topic: Topic, named: Option<&str>) -> Option<Notice> {
        let (Event::Linked { link } | Event::Unlinked { link }) = &record.event else {
            return None;
        };
        let who = self.person(&link.person).name;
        let (chat, from) = (link.linked.platform.title(), link.counts_at());
        let by = record.actor.person().filter(|by| **by != link.person);
        let by = by.map(|by| format!(", by {}", self.person(by).name));
        let by = by.unwrap_or_default();
        let is_linked = matches!(record.event, Event::Linked { .. });
        let (title, text) = match (is_linked, topic == Topic::Linked) {
            (true, true) => (
                "Account linked",
                format!(
                    "🔗 Your {chat} account is linked: what is done from it is done by you. Its approvals count from {from}. \
                     If that wasn't you, type /breakglass unlink here now, and tell security."
                ),
            ),
            (true, false) => (
                "Account linked",
                format!("🔗 {who} linked a {chat} account. Its approvals count from {from}."),
            ),
            (false, true) => (
                "Account unlinked",
                format!(
                    "✂️ Your {chat} account isn't linked any more{by}: I don't know you there now."
                ),
            ),
            (false, false) => (
                "Account unlinked",
                format!("✂️ {who}'s {chat} account isn't linked any more{by}."),
            ),
        };
        let named = named.map(|name| format!(" · “{name}”")).unwrap_or_default();
        let linked = format!("{}{named}", account(&link.linked));
        Some(Notice::House {
            title: title.to_owned(),
            text,
            facts: vec![
                (
                    "Person".to_owned(),
                    format!("{who} · {}", account(&link.listed)),
                ),
                ("Account".to_owned(), linked),
            ],
        })
    }

    /// To whoever entered the code: who they are now.
    pub fn welcome(&self, link: &Link) -> Answer {
        let text = format!(
            "You are {} here from now on ({}). You can ask and end at once; what you approve here counts from {}. \
             /breakglass unlink takes it back.",
            self.person(&link.person).name,
            account(&link.listed),
            link.counts_at(),
        );
        said("Linked", text)
    }

    /// To whoever took a link back.
    pub fn unlinked(&self, link: &Link, by: &PersonId) -> Answer {
        let whose = if *by == link.person {
            "Your".to_owned()
        } else {
            format!("{}:", self.person(&link.person).name)
        };
        let text = format!("{whose} {} isn't linked any more.", account(&link.linked));
        said("Unlinked", text)
    }
}

/// What to do with a code, on each of these chats.
pub fn offered(code: &Code, chats: &[Platform]) -> Answer {
    let ways: Vec<String> = chats
        .iter()
        .map(|chat| match chat {
            Platform::Discord => format!("on Discord, type /breakglass link code:{code}"),
            Platform::Slack | Platform::Cli | Platform::Http => {
                format!("on {}, type /breakglass link {code}", chat.title())
            }
        })
        .collect();
    let text = format!(
        "From your account {}, within 10 minutes. It works once; show it to nobody, since whoever enters it acts as you.",
        ways.join(", or ")
    );
    said("Link an account", text)
}

fn account(account: &Account) -> String {
    format!("{} account {}", account.platform.title(), account.account)
}
