//! The only place that reads the process environment; everything else is handed what it needs.

use std::collections::BTreeMap;

/// The variables that mean something to breakglass.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// What our variables begin with.
const PREFIX: &str = "BREAKGLASS_";

impl Environment {
    /// The variables of this process that are ours. Ones that aren't Unicode are left out.
    pub fn of_process() -> Self {
        let pairs = std::env::vars_os();
        let readable = pairs.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self::of(readable)
    }

    /// These variables, as far as they are ours.
    pub fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(
            pairs
                .into_iter()
                .filter(|(name, _)| name.starts_with(PREFIX))
                .collect(),
        )
    }

    /// The value of one variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All variables that begin with `prefix`.
    pub fn starting_with<'e>(
        &'e self,
        prefix: &'e str,
    ) -> impl Iterator<Item = (&'e str, &'e str)> {
        let pairs = self
            .0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(move |(name, _)| name.starts_with(prefix))
    }
}

impl std::fmt::Debug for Environment {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
