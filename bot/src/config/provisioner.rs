//! `[[provisioner]]`: a target system, and how people are called there.

use std::collections::BTreeSet;
use std::path::Path;

use breakglass_core::document::{Field, Table};
use breakglass_core::id::ProvisionerId;
use breakglass_provisioners::Kind;

use super::layers::Layers;

/// What a login is made of unless the configuration says otherwise.
const LOGIN_DEFAULT: &str = "{id}";

/// What a login template may have in braces.
const PARTS: [&str; 3] = ["id", "email", "email_local"];

/// One `[[provisioner]]`.
#[derive(Debug, Clone)]
pub struct ProvisionerConfig {
    /// As targets of the policy name it.
    pub id: ProvisionerId,
    /// A person's login there, with `{id}`, `{email}` or `{email_local}` of the policy in it.
    pub login: String,
    /// What it is, with the keys of its kind.
    pub kind: Kind,
}

impl ProvisionerConfig {
    pub(super) fn read_all(layers: &Layers<'_>) -> Option<Vec<Self>> {
        let mut ids = BTreeSet::new();
        let read: Vec<_> = layers
            .tables("provisioner")
            .iter()
            .map(|table| Self::read(table, layers, &mut ids))
            .collect();
        read.into_iter().collect()
    }

    fn read(
        table: &Table<'_>,
        layers: &Layers<'_>,
        ids: &mut BTreeSet<ProvisionerId>,
    ) -> Option<Self> {
        let id: Option<ProvisionerId> = table.need("id").parse();
        if let Some(id) = &id
            && !ids.insert(id.clone())
        {
            table.get("id").fault("another [[provisioner]] has this id");
        }
        let login = login(&table.get("login"));
        let kind = Kind::read(table, here(layers.folder()));
        Some(Self {
            id: id?,
            login: login?,
            kind: kind?,
        })
    }

    /// Where it connects to, without secrets.
    pub fn host(&self) -> String {
        self.kind.clone().build().host()
    }
}

/// The folder of a file that was named without one: programs run there, and can't run in nothing.
pub(super) fn here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}

fn login(field: &Field<'_>) -> Option<String> {
    if !field.is_present() {
        return Some(LOGIN_DEFAULT.to_owned());
    }
    let login = field.string()?;
    let mut parts = login.split('{');
    let plain = parts.next().is_some_and(|before| !before.contains('}'));
    let known = |part: &str| {
        part.split_once('}')
            .is_some_and(|(name, after)| PARTS.contains(&name) && !after.contains('}'))
    };
    if login.contains('{') && plain && parts.all(known) {
        return Some(login);
    }
    field.fault("write a person's login with {id}, {email} or {email_local} in it");
    None
}
