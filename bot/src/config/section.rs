//! One section of the configuration, with getters that record what is wrong and where.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use breakglass_core::document::Table;
use secrecy::SecretString;

use super::layers::{Layers, variable};
use super::secret;

/// A section over all layers. Getters give `None` for what is absent and, after recording a fault, for what is
/// wrong.
pub(super) struct Section<'l, 'd> {
    layers: &'l Layers<'d>,
    name: &'static str,
    table: Option<Table<'d>>,
}

impl<'l, 'd> Section<'l, 'd> {
    pub(super) const fn new(
        layers: &'l Layers<'d>,
        name: &'static str,
        table: Option<Table<'d>>,
    ) -> Self {
        Self {
            layers,
            name,
            table,
        }
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let in_file = self
            .table
            .as_ref()
            .and_then(|table| table.get(key).string());
        let set_by = self.layers.set_by(self.name, key);
        in_file
            .or(set_by)
            .and_then(|_| self.layers.text(self.name, key))
    }

    /// A text that must be there.
    pub(super) fn need(&self, key: &str) -> Option<String> {
        if !self.is_present(key) {
            self.missing(key);
        }
        self.text(key)
    }

    /// What a text means to `T`, or the default.
    pub(super) fn parse_or<T>(&self, key: &str, default: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        if !self.is_present(key) {
            self.text(key);
            return default.parse().ok();
        }
        let setting = self.text(key)?;
        let parsed = setting.parse();
        parsed
            .map_err(|error| self.fault(key, format!("{setting:?}: {error}")))
            .ok()
    }

    /// `true` or `false`; absent is `false`.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        let in_file = self.table.as_ref().and_then(|table| table.get(key).bool());
        match self.layers.set_by(self.name, key) {
            None => in_file.or_else(|| (!self.is_present(key)).then_some(false)),
            Some(variable) => match self.layers.text(self.name, key).as_deref() {
                Some("true") => Some(true),
                Some("false") => Some(false),
                _ => {
                    self.layers
                        .variable_fault(&variable, "must be true or false");
                    None
                }
            },
        }
    }

    /// A path, or the default: of the file relative to it, of the environment relative to where we are.
    pub(super) fn path_or(&self, key: &str, default: &str) -> Option<PathBuf> {
        if !self.is_present(key) {
            self.text(key);
            return Some(self.layers.folder().join(default));
        }
        self.path(key)
    }

    /// A path that may be absent.
    pub(super) fn path(&self, key: &str) -> Option<PathBuf> {
        let setting = self.text(key)?;
        if setting.is_empty() {
            self.fault(key, "is empty");
            return None;
        }
        Some(self.place_beside(key, &setting))
    }

    /// A path that stands within the value of `key` or of its file, relative to the same folder as its own.
    pub(super) fn place_beside(&self, key: &str, path: &str) -> PathBuf {
        match self.layers.set_by(self.name, key) {
            None => self.layers.folder().join(path),
            Some(_) => PathBuf::from(path),
        }
    }

    /// A secret that may be absent: `key`, or the content of the file that `key_file` names.
    pub(super) fn secret(&self, key: &str) -> Option<SecretString> {
        let file_key = format!("{key}_file");
        let (given, file) = (self.text(key), self.path(&file_key));
        match (given, file) {
            (Some(_), Some(_)) => {
                self.fault(&file_key, format!("{key} is given too; keep one of them"));
                None
            }
            (Some(setting), None) => secret::of_text(setting)
                .map_err(|why| self.fault(key, why))
                .ok(),
            (None, Some(file)) => secret::of_file(&file)
                .map_err(|why| self.fault(&file_key, why))
                .ok(),
            (None, None) => None,
        }
    }

    /// A secret that must be there in one of its forms.
    pub(super) fn need_secret(&self, key: &str) -> Option<SecretString> {
        if !self.is_present(key) && !self.is_present(&format!("{key}_file")) {
            self.missing(key);
        }
        self.secret(key)
    }

    /// Is the key there in any layer, right or wrong?
    pub(super) fn is_present(&self, key: &str) -> bool {
        let in_file = self
            .table
            .as_ref()
            .is_some_and(|table| table.get(key).is_present());
        in_file || self.layers.set_by(self.name, key).is_some()
    }

    /// Records what is wrong with the key, at the layer that counts. The message must not have a secret in it.
    pub(super) fn fault(&self, key: &str, message: impl Into<String>) {
        match (self.layers.set_by(self.name, key), &self.table) {
            (Some(variable), _) => self.layers.variable_fault(&variable, message),
            (None, Some(table)) => table.get(key).fault(message),
            (None, None) => self
                .layers
                .root_fault(&format!("{}.{key}", self.name), message),
        }
    }

    fn missing(&self, key: &str) {
        let variable = variable(self.name, key);
        self.fault(
            key,
            format!("required key is missing (it can also be set as {variable})"),
        );
    }
}
