//! The layers of the configuration, merged: a variable hides the file's key of the same name.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use breakglass_core::document::{Document, Place, Table, nearest};
use config::{FileFormat, Map};

use super::Section;
use super::fault::VariableFault;
use crate::environment::Environment;

/// What the variables that set keys begin with; the rest is `SECTION__KEY`.
const PREFIX: &str = "BREAKGLASS__";

/// The strict document beside the merged values.
pub(super) struct Layers<'d> {
    document: &'d Document<'d>,
    root: Table<'d>,
    merged: config::Config,
    variables: BTreeSet<String>,
    asked: RefCell<BTreeSet<String>>,
    faults: RefCell<Vec<VariableFault>>,
    folder: PathBuf,
}

impl<'d> Layers<'d> {
    pub(super) fn new(
        document: &'d Document<'d>,
        file: &Path,
        text: &str,
        environment: &Environment,
    ) -> Self {
        let variables: Map<_, _> = environment
            .starting_with(PREFIX)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let layer = config::Environment::with_prefix("BREAKGLASS")
            .prefix_separator("__")
            .separator("__")
            .source(Some(variables.clone()));
        let both = config::Config::builder()
            .add_source(config::File::from_str(text, FileFormat::Toml))
            .add_source(layer.clone())
            .build();
        // A file that isn't TOML has its faults in the document; the variables are checked all the same.
        let merged = both.or_else(|_| config::Config::builder().add_source(layer).build());
        Self {
            document,
            root: document.root(),
            merged: merged.unwrap_or_default(),
            variables: variables.into_keys().collect(),
            asked: RefCell::default(),
            faults: RefCell::default(),
            folder: file.parent().map(Path::to_owned).unwrap_or_default(),
        }
    }

    /// A section, which may be absent from all layers.
    pub(super) fn section(&self, name: &'static str) -> Section<'_, 'd> {
        Section::new(self, name, self.root.get(name).table())
    }

    /// Does any layer say something of this section?
    pub(super) fn present(&self, name: &str) -> bool {
        let prefix = variable(name, "");
        self.root.get(name).is_present()
            || self.variables.iter().any(|name| name.starts_with(&prefix))
    }

    /// The lists of tables of this name, which the environment has no part in.
    pub(super) fn tables(&self, name: &str) -> Vec<Table<'d>> {
        self.root.get(name).tables()
    }

    /// The merged value as text.
    pub(super) fn text(&self, section: &str, key: &str) -> Option<String> {
        self.merged.get_string(&format!("{section}.{key}")).ok()
    }

    /// The variable that sets this key, if it does.
    pub(super) fn set_by(&self, section: &str, key: &str) -> Option<String> {
        let name = variable(section, key);
        self.asked.borrow_mut().insert(name.clone());
        self.variables.contains(&name).then_some(name)
    }

    /// The folder that relative paths of the file start at.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Records what is wrong with something the file doesn't have.
    pub(super) fn root_fault(&self, key: &str, message: impl Into<String>) {
        let place = Place {
            key: key.to_owned(),
            ..self.root.place()
        };
        self.document.record(place.fault(message));
    }

    /// Records what is wrong with a variable.
    pub(super) fn variable_fault(&self, variable: &str, message: impl Into<String>) {
        let variable = variable.to_owned();
        self.faults.borrow_mut().push(VariableFault {
            variable,
            message: message.into(),
            suggestion: None,
        });
    }

    /// What is wrong with the variables, unknown ones among it. The file's faults stay in the document.
    pub(super) fn finish(self) -> Vec<VariableFault> {
        let asked = self.asked.into_inner();
        let unknown = self.variables.difference(&asked).map(|name| {
            let free = asked.difference(&self.variables).map(String::as_str);
            VariableFault {
                variable: name.clone(),
                message: "sets no key that exists (keys in lists can't be set here)".to_owned(),
                suggestion: nearest(name, free).map(str::to_owned),
            }
        });
        let mut faults: Vec<_> = self
            .faults
            .into_inner()
            .into_iter()
            .chain(unknown)
            .collect();
        faults.sort();
        faults.dedup();
        faults
    }
}

/// The variable for a key: `BREAKGLASS__SERVER__ADMIN_LISTEN`.
pub(super) fn variable(section: &str, key: &str) -> String {
    format!(
        "{PREFIX}{}__{}",
        section.to_ascii_uppercase(),
        key.to_ascii_uppercase()
    )
}
