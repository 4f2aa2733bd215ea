//! The people of a role, ready to be pasted into the policy.

use std::collections::BTreeSet;
use std::fmt;

use breakglass_core::port::chat::ChatError;

use super::Client;
use super::members::Member;

/// One person as `[[person]]`; `Display` writes the table. Discord tells no e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Made of the account's name, which has Latin letters, digits, `_` and `.` only: `maya-lind`.
    pub id: String,
    /// As shown in the guild: `Maya Lind`.
    pub name: String,
    /// `200000000000000001`
    pub discord: String,
}

impl fmt::Display for PersonRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[[person]]")?;
        writeln!(f, "id = {}", quoted(&self.id))?;
        writeln!(f, "name = {}", quoted(&self.name))?;
        writeln!(f, "# email = \"\"   # needed where logins are made of it")?;
        writeln!(f, "discord = {}", quoted(&self.discord))
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
    /// The human members with a role, sorted by name.
    pub(crate) async fn people_of(&self, role: &str) -> Result<Vec<PersonRow>, ChatError> {
        let ids = self.group_members(role).await?;
        let listed = self.with_members(|all| {
            let members = ids.iter().filter_map(|id| all.get(id));
            members.cloned().collect::<Vec<_>>()
        });
        Ok(rows(listed.await?))
    }

    /// One member.
    pub(crate) async fn person_of(&self, account: &str) -> Result<PersonRow, ChatError> {
        let row = rows(vec![self.member(account).await?]).pop();
        row.ok_or_else(|| ChatError::Gone(format!("there is no member {account}")))
    }
}

pub(super) fn rows(members: Vec<Member>) -> Vec<PersonRow> {
    let mut rows: Vec<PersonRow> = members
        .into_iter()
        .map(|member| {
            let user = member.user;
            let name = [member.nick, user.global_name, Some(user.username.clone())]
                .into_iter()
                .flatten()
                .find(|name| !name.trim().is_empty());
            PersonRow {
                id: id_of(&user.username),
                name: name.unwrap_or_else(|| user.id.clone()),
                discord: user.id,
            }
        })
        .collect();
    rows.sort_by(|a, b| (&a.name, &a.discord).cmp(&(&b.name, &b.discord)));
    let mut taken = BTreeSet::new();
    for row in &mut rows {
        // Old accounts share names.
        if row.id.is_empty() || !taken.insert(row.id.clone()) {
            let numbered = format!("{}-{}", row.id, row.discord);
            numbered.trim_start_matches('-').clone_into(&mut row.id);
        }
    }
    rows
}

/// `maya.lind` → `maya-lind`
fn id_of(username: &str) -> String {
    let plain = username.to_lowercase().replace(['.', '_', ' '], "-");
    let parts = plain.split('-').map(|part| {
        let kept = part.chars().filter(char::is_ascii_alphanumeric);
        kept.collect::<String>()
    });
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("-").chars().take(40).collect()
}
