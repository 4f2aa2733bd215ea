//! The people of a user group, ready to be pasted into the policy.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use breakglass_core::port::chat::ChatError;
use tokio::time::sleep;

use super::Client;
use super::calls::User;

/// Times a look-up is tried when Slack says "too much".
const TRIES_MAX: u8 = 5;

/// One person as `[[person]]`; `Display` writes the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Made of the name: `maya-lind`.
    pub id: String,
    /// `Maya Lind`
    pub name: String,
    /// Where the app may read it; our scopes don't.
    pub email: Option<String>,
    /// `U01MAYA`
    pub slack: String,
}

impl fmt::Display for PersonRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[[person]]")?;
        writeln!(f, "id = {}", quoted(&self.id))?;
        writeln!(f, "name = {}", quoted(&self.name))?;
        match &self.email {
            Some(email) => writeln!(f, "email = {}", quoted(email))?,
            None => writeln!(
                f,
                "# email = \"\"   # the app may not read it; needed where logins are made of it"
            )?,
        }
        writeln!(f, "slack = {}", quoted(&self.slack))
    }
}

/// A basic TOML string.
fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

impl Client {
    /// The active humans in a user group, sorted by name.
    pub(crate) async fn people_of(&self, group: &str) -> Result<Vec<PersonRow>, ChatError> {
        let members = self.group_members(group).await?;
        let mut users = Vec::new();
        for account in members.iter() {
            let user = self.patiently(account).await?;
            if !user.deleted && !user.is_bot {
                users.push(user);
            }
        }
        Ok(rows(users))
    }

    /// One account.
    pub(crate) async fn person_of(&self, account: &str) -> Result<PersonRow, ChatError> {
        let row = rows(vec![self.user(account).await?]).pop();
        row.ok_or_else(|| ChatError::Gone(format!("there is no account {account}")))
    }

    async fn patiently(&self, account: &str) -> Result<User, ChatError> {
        let mut tries = 1;
        loop {
            match self.user(account).await {
                Err(ChatError::Limited(secs)) if tries < TRIES_MAX => {
                    tries += 1;
                    sleep(Duration::from_secs(secs.into())).await;
                }
                result => return result,
            }
        }
    }
}

pub(super) fn rows(users: Vec<User>) -> Vec<PersonRow> {
    let mut taken = BTreeSet::new();
    let mut rows: Vec<PersonRow> = users
        .into_iter()
        .map(|user| {
            let name = [user.profile.real_name, user.real_name, Some(user.name)]
                .into_iter()
                .flatten()
                .find(|name| !name.trim().is_empty())
                .unwrap_or_else(|| user.id.clone());
            PersonRow {
                id: String::new(),
                name,
                email: user.profile.email.filter(|email| !email.is_empty()),
                slack: user.id,
            }
        })
        .collect();
    rows.sort_by(|a, b| (&a.name, &a.slack).cmp(&(&b.name, &b.slack)));
    for row in &mut rows {
        let base = id_of(&row.name).unwrap_or_else(|| row.slack.to_lowercase());
        let numbered = (2..).map(|n| format!("{base}-{n}"));
        let free = std::iter::once(base.clone())
            .chain(numbered)
            .find(|id| taken.insert(id.clone()));
        row.id = free.unwrap_or(base);
    }
    rows
}

/// `Maya Lind` → `maya-lind`, `Åsa Öberg` → `asa-oberg`; nothing for names without Latin letters.
fn id_of(name: &str) -> Option<String> {
    use unicode_normalization::UnicodeNormalization as _;
    let mut id = String::new();
    for c in name.nfd().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            id.push(c);
        } else if (c.is_whitespace() || matches!(c, '-' | '_' | '.'))
            && !id.is_empty()
            && !id.ends_with('-')
        {
            id.push('-');
        }
    }
    let id: String = id.chars().take(ID_CHARS_MAX).collect();
    let id = id.trim_end_matches('-').to_owned();
    (!id.is_empty()).then_some(id)
}

/// Leaves room for a number behind it in the 64 of an id.
const ID_CHARS_MAX: usize = 56;
