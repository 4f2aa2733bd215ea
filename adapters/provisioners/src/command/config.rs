//! The keys of `kind = "command"`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use breakglass_core::document::{Field, Table};
use breakglass_core::port::provisioner::Capabilities;
use breakglass_core::time::Length;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use crate::secret;

/// How long a run may take unless the config says otherwise.
const TIMEOUT: Length = Length::from_secs(10);
/// The longest that may be configured: a claim outlives a call three times over.
const TIMEOUT_MAX: Length = Length::from_secs(30);
/// The longest a target may take to show a change.
const SETTLE_MAX: Length = Length::from_mins(5);
/// Runs at the same time unless the config says otherwise.
const PARALLEL: u8 = 4;

/// One `[[provisioner]]` of this kind.
#[derive(Debug, Clone)]
pub struct Config {
    /// The program's file.
    pub program: PathBuf,
    /// Its first arguments; the verb comes after them.
    pub arguments: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
    /// How long a run may take.
    pub timeout: Length,
    /// All that it has in its environment besides `PATH`.
    pub environment: BTreeMap<String, SecretString>,
    /// What the operator says it can do.
    pub capabilities: Capabilities,
    /// What a person would do instead, with `{account}` and `{entitlement}`.
    pub by_hand: Option<String>,
}

impl Config {
    /// Reads the table; `None` after recording faults.
    pub fn read(table: &Table<'_>, directory: &Path) -> Option<Self> {
        let program = read_program(&table.need("program"), directory);
        let run_in = table.get("directory").string();
        let second = Length::from_secs(1);
        let config = Self {
            arguments: Vec::new(),
            program: PathBuf::new(),
            directory: run_in.map_or_else(|| directory.to_owned(), |path| directory.join(path)),
            timeout: table
                .get("timeout")
                .length_in(second..=TIMEOUT_MAX)
                .unwrap_or(TIMEOUT),
            environment: read_environment(table, directory),
            capabilities: read_capabilities(table),
            by_hand: table.get("by_hand").string(),
        };
        let (program, arguments) = program?;
        Some(Self {
            program,
            arguments,
            ..config
        })
    }

    /// Every effective setting by its key, without values of the environment, and what the program's file has in it.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let variables: Vec<_> = self.environment.keys().map(String::as_str).collect();
        let file = std::fs::read(&self.program).map(|bytes| hex::encode(Sha256::digest(bytes)));
        vec![
            ("program", self.program.display().to_string()),
            ("program_sha256", file.unwrap_or_default()),
            ("arguments", format!("{:?}", self.arguments)),
            ("directory", self.directory.display().to_string()),
            ("environment", variables.join(" ")),
            ("timeout", self.timeout.to_string()),
            ("capabilities", format!("{:?}", self.capabilities)),
            ("by_hand", self.by_hand.clone().unwrap_or_default()),
        ]
    }
}

/// A program and its arguments, `["/path/to/program", "argument"]`; a relative path is relative to `directory`.
pub fn read_program(field: &Field<'_>, directory: &Path) -> Option<(PathBuf, Vec<String>)> {
    let words = field.list::<String>()?;
    let Some((program, arguments)) = words
        .split_first()
        .filter(|(program, _)| !program.is_empty())
    else {
        field.fault("names no program; write [\"/path/to/program\", \"argument\"]");
        return None;
    };
    if words.iter().any(|word| word.contains('\0')) {
        field.fault("has a NUL character, which no program can be given");
        return None;
    }
    Some((directory.join(program), arguments.to_vec()))
}

fn read_environment(table: &Table<'_>, directory: &Path) -> BTreeMap<String, SecretString> {
    let mut environment = BTreeMap::new();
    let mut add = |key: &str, field: &Field<'_>, value: Option<SecretString>| {
        if key.is_empty() || key.contains(['=', '\0']) {
            field.fault("is no name for a variable");
        } else if let Some(value) = value
            && environment.insert(key.to_owned(), value).is_some()
        {
            field.fault("is in env too");
        }
    };
    if let Some(plain) = table.get("env").table() {
        for key in plain.keys() {
            let field = plain.get(key);
            add(key, &field, field.string().map(Into::into));
        }
    }
    if let Some(files) = table.get("env_file").table() {
        for key in files.keys() {
            let field = files.get(key);
            add(key, &field, secret::read_file(&field, directory));
        }
    }
    environment
}

fn read_capabilities(table: &Table<'_>) -> Capabilities {
    let no_time = Length::from_secs(0);
    let capabilities = Capabilities {
        reads_back: table.get("reads_back").bool().unwrap_or(true),
        ends_sessions: table.get("ends_sessions").bool().unwrap_or(false),
        lists: table.get("lists").bool().unwrap_or(false),
        expires_by_itself: table.get("expires_by_itself").bool().unwrap_or(false),
        settle: table
            .get("settle")
            .length_in(no_time..=SETTLE_MAX)
            .unwrap_or(no_time),
        parallel_max: table
            .get("parallel_max")
            .integer(1..=64)
            .unwrap_or(PARALLEL),
    };
    if capabilities.lists && !capabilities.reads_back {
        let why = "needs reads_back: what is listed is looked at again before anything follows";
        table.get("lists").fault(why);
    }
    capabilities
}
