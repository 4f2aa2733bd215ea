//! Accounts that people linked themselves, beside those that the policy lists.

use crate::id::Platform;
use crate::link::{Link, Links};

use super::Policy;

impl Policy {
    /// Does it uphold this link? It does while it lists the account that was given the code as that person's, and neither
    /// lists the linked account nor another of that person's on the same chat: what is listed always wins.
    pub fn upholds(&self, link: &Link) -> bool {
        let (listed, linked) = (&link.listed, &link.linked);
        let person = self.person_by(listed.platform, &listed.account);
        Platform::CHATS.contains(&linked.platform)
            && person.is_some_and(|person| {
                person.id == link.person && person.account_on(linked.platform).is_none()
            })
            && self.person_by(linked.platform, &linked.account).is_none()
    }

    /// The same policy, and the same hash, that also knows the linked accounts it upholds: for looking people up. A
    /// decision goes by the policy without them, and by the links that the house has.
    #[must_use]
    pub fn with_links(&self, links: &Links) -> Self {
        let mut with = self.clone();
        for link in links.upheld(self) {
            let Some(person) = with.people.get_mut(&link.person) else {
                continue;
            };
            let account = Some(link.linked.account.clone());
            match link.linked.platform {
                Platform::Slack => person.slack = account,
                Platform::Discord => person.discord = account,
                Platform::Cli | Platform::Http => continue,
            }
            let key = (link.linked.platform, link.linked.account.clone());
            with.accounts.insert(key, link.person.clone());
        }
        with
    }
}
