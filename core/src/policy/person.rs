//! The people that are listed: nobody else can ask or decide.

use std::collections::BTreeMap;

use crate::document::Table;
use crate::id::{PersonId, Platform, ProvisionerId};
use crate::ruling::Employment;

use super::draft::{Draft, Placed, line};

/// A listed person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Never reused.
    pub id: PersonId,
    /// As shown to others; the id if none is given.
    pub name: String,
    /// Work address.
    pub email: Option<String>,
    /// Slack's immutable user id.
    pub slack: Option<String>,
    /// Discord's immutable user id.
    pub discord: Option<String>,
    /// Employee, unless said otherwise.
    pub employment: Employment,
    /// A guest of our workspace: may ask and end, never decides.
    pub guest: bool,
    /// Logins that differ from the provisioner's template.
    pub accounts: BTreeMap<ProvisionerId, String>,
}

impl Person {
    /// The account on a chat platform; the others know people by other means.
    pub fn account_on(&self, platform: Platform) -> Option<&str> {
        match platform {
            Platform::Slack => self.slack.as_deref(),
            Platform::Discord => self.discord.as_deref(),
            Platform::Cli | Platform::Http => None,
        }
    }

    pub(super) fn read(table: &Table<'_>, draft: &mut Draft) -> Option<Placed<Self>> {
        let id: Option<PersonId> = table.need("id").parse();
        let name = line(&table.get("name"));
        let email = email(table);
        let slack = platform_id(table, "slack", |c| {
            c.is_ascii_uppercase() || c.is_ascii_digit()
        });
        let discord = platform_id(table, "discord", |c| c.is_ascii_digit());
        let kinds =
            [Employment::Employee, Employment::Contractor].map(|kind| (kind.as_str(), kind));
        let employment = table.get("employment").one_of(&kinds).unwrap_or_default();
        let guest = table.get("guest").bool().unwrap_or_default();
        let mut accounts = BTreeMap::new();
        if let Some(logins) = table.get("accounts").table() {
            for key in logins.keys() {
                let field = logins.get(key);
                match key.parse() {
                    Ok(provisioner) => {
                        accounts.extend(line(&field).map(|login| (provisioner, login)));
                    }
                    Err(_) => field.fault("is not the id of a provisioner"),
                }
            }
        }
        let id = id?;
        draft.person_ids.insert(id.clone());
        let name = name.unwrap_or_else(|| id.to_string());
        let value = Self {
            id,
            name,
            email,
            slack,
            discord,
            employment,
            guest,
            accounts,
        };
        Some(Placed {
            value,
            place: table.place(),
        })
    }
}

fn email(table: &Table<'_>) -> Option<String> {
    let field = table.get("email");
    let email = line(&field)?;
    let whole = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !email.contains(char::is_whitespace)
    });
    if !whole {
        field.fault("must be an address like maya@example.com");
    }
    whole.then_some(email)
}

fn platform_id(table: &Table<'_>, key: &str, allowed: fn(char) -> bool) -> Option<String> {
    let field = table.get(key);
    let id = field.string()?;
    if id.is_empty() || id.len() > 32 || !id.chars().all(allowed) {
        field.fault("must be the account's immutable id, not a name");
        return None;
    }
    Some(id)
}

/// Why a person has no account at a provisioner. `Display` is for operators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The template asks for an address, and the person has none.
    #[error("{0} has no e-mail address, which the login of {1} is made of")]
    NoEmail(PersonId, ProvisionerId),
    /// The template has something else in braces.
    #[error("the login of {0} may use {{id}}, {{email}} and {{email_local}} only")]
    Template(ProvisionerId),
}

/// The person's own account at a provisioner: the override in their `accounts`, else the provisioner's login
/// template with `{id}`, `{email}` and `{email_local}` (what stands before the `@`) filled in.
pub fn account(
    person: &Person,
    provisioner: &ProvisionerId,
    template: &str,
) -> Result<String, AccountError> {
    if let Some(login) = person.accounts.get(provisioner) {
        return Ok(login.clone());
    }
    let mut login = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| AccountError::Template(provisioner.clone()))?;
        let email = || {
            let none = || AccountError::NoEmail(person.id.clone(), provisioner.clone());
            person.email.as_deref().ok_or_else(none)
        };
        let value = match name {
            "id" => person.id.as_str(),
            "email" => email()?,
            "email_local" => email()?.split('@').next().unwrap_or_default(),
            _ => return Err(AccountError::Template(provisioner.clone())),
        };
        login.push_str(before);
        login.push_str(value);
        rest = after;
    }
    login.push_str(rest);
    Ok(login)
}
