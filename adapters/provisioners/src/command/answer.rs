//! What the program's exit code and output mean.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use breakglass_core::port::provisioner::{
    Deprovisioned, Listing, Observation, Place, Presence, ProvisionError, Provisioned,
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Config;
use super::run::{NoRun, Run};

/// `provision`: the person holds it already, not from us.
const ALREADY_HELD: i32 = 10;
/// It will not work without a person mending something.
const REFUSED: i32 = 20;
/// `provision`: `begin_by` has passed.
const TOO_LATE: i32 = 30;
/// Try again; `EX_TEMPFAIL` of sysexits.h.
const UNAVAILABLE: i32 = 75;

/// What is shown of a line that the program wrote.
const LINE_CHARS_MAX: usize = 300;
/// Shorter values of the environment are words like `eu`, not secrets.
const SECRET_BYTES_MIN: usize = 6;
/// How many ways of standing access are told.
const FOREIGN_MAX: usize = 20;

/// What a run of `provision` came to.
pub(super) fn provisioned(
    config: &Config,
    run: Result<Run, NoRun>,
) -> Result<Provisioned, ProvisionError> {
    let run = run.map_err(|failure| not_run(config, "provision", &failure))?;
    match run.status.code() {
        Some(0) => Ok(Provisioned::Done),
        Some(ALREADY_HELD) => {
            let first = run.stdout.lines().map(clean).find(|line| !line.is_empty());
            Ok(Provisioned::AlreadyHeld {
                how: first.unwrap_or_else(|| "as the target says".into()),
            })
        }
        Some(TOO_LATE) => Err(ProvisionError::TooLate),
        _ => Err(failed(config, "provision", &run)),
    }
}

/// What a run of `deprovision` came to.
pub(super) fn deprovisioned(
    config: &Config,
    run: Result<Run, NoRun>,
) -> Result<Deprovisioned, ProvisionError> {
    #[derive(Deserialize)]
    struct Told {
        sessions_ended: u32,
    }
    let run = run.map_err(|failure| not_run(config, "deprovision", &failure))?;
    if !run.status.success() {
        return Err(failed(config, "deprovision", &run));
    }
    let told = serde_json::from_str::<Told>(&run.stdout);
    Ok(Deprovisioned {
        sessions_ended: told.map_or(0, |told| told.sessions_ended),
    })
}

/// What a run of `inspect` came to.
pub(super) fn observed(
    config: &Config,
    run: Result<Run, NoRun>,
) -> Result<Observation, ProvisionError> {
    #[derive(Deserialize)]
    struct Told {
        ours: Presence,
        #[serde(default)]
        foreign: Vec<String>,
    }
    let told: Told = parsed(config, "inspect", run)?;
    let foreign = told
        .foreign
        .iter()
        .take(FOREIGN_MAX)
        .map(|how| clean(how))
        .collect();
    Ok(Observation {
        ours: told.ours,
        foreign,
    })
}

/// What a run of `list` came to.
pub(super) fn listed(config: &Config, run: Result<Run, NoRun>) -> Result<Listing, ProvisionError> {
    #[derive(Deserialize)]
    struct Told {
        ours: Vec<One>,
        #[serde(default)]
        foreign: Vec<One>,
    }
    #[derive(Deserialize)]
    struct One {
        account: String,
        entitlement: String,
        #[serde(default)]
        how: String,
    }
    let told: Told = parsed(config, "list", run)?;
    let place = |one: One| Place {
        account: one.account,
        entitlement: one.entitlement,
    };
    let mut foreign: BTreeMap<Place, BTreeSet<String>> = BTreeMap::new();
    for one in told.foreign {
        let how = clean(&one.how);
        foreign.entry(place(one)).or_default().insert(how);
    }
    Ok(Listing {
        ours: told.ours.into_iter().map(place).collect(),
        foreign,
    })
}

/// The answer of a run that must give one.
fn parsed<T: DeserializeOwned>(
    config: &Config,
    verb: &str,
    run: Result<Run, NoRun>,
) -> Result<T, ProvisionError> {
    let run = run.map_err(|failure| not_run(config, verb, &failure))?;
    if !run.status.success() {
        return Err(failed(config, verb, &run));
    }
    serde_json::from_str(&run.stdout).map_err(|error| {
        let name = name(config);
        ProvisionError::Refused(format!(
            "{name} {verb}: the answer is not as documented: {error}"
        ))
    })
}

fn not_run(config: &Config, verb: &str, failure: &NoRun) -> ProvisionError {
    let name = name(config);
    match failure {
        NoRun::NotStarted(error) if passing(error) => {
            ProvisionError::Unavailable(format!("{name} {verb}: could not start: {error}"))
        }
        NoRun::NotStarted(error) => {
            let (program, directory) = (config.program.display(), config.directory.display());
            ProvisionError::Refused(format!("can't run {program} in {directory}: {error}"))
        }
        NoRun::TimedOut => {
            let timeout = config.timeout;
            ProvisionError::Unknown(format!("{name} {verb}: took longer than {timeout}, killed"))
        }
        NoRun::Lost(error) => ProvisionError::Unknown(format!("{name} {verb}: {error}")),
    }
}

/// Does this go away by itself?
fn passing(error: &std::io::Error) -> bool {
    use std::io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::WouldBlock | Kind::OutOfMemory | Kind::ExecutableFileBusy
    ) || error.raw_os_error() == Some(nix::libc::EMFILE)
}

fn failed(config: &Config, verb: &str, run: &Run) -> ProvisionError {
    let mut lines = run
        .stderr
        .lines()
        .rev()
        .map(|line| clean(&redacted(config, line)));
    let last = lines.find(|line| !line.is_empty());
    let why = last.map(|line| format!(": {line}")).unwrap_or_default();
    let text = format!("{} {verb}: {}{why}", name(config), ended(run.status));
    match run.status.code() {
        Some(REFUSED) => ProvisionError::Refused(text),
        Some(UNAVAILABLE) => ProvisionError::Unavailable(text),
        _ => ProvisionError::Unknown(text),
    }
}

fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(REFUSED), _) => "refused".into(),
        (Some(UNAVAILABLE), _) => "not now".into(),
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended oddly".into(),
    }
}

/// The program's file name, as people know it.
fn name(config: &Config) -> String {
    let name = config
        .program
        .file_name()
        .unwrap_or(config.program.as_os_str());
    name.to_string_lossy().into_owned()
}

/// Without what we gave it in its environment, some of which is secret.
fn redacted(config: &Config, line: &str) -> String {
    let values = config.environment.values().map(ExposeSecret::expose_secret);
    let values = values.filter(|value| value.len() >= SECRET_BYTES_MIN);
    values.fold(line.to_owned(), |line, value| line.replace(value, "[…]"))
}

/// One line, short, without characters that deceive.
fn clean(line: &str) -> String {
    let plain = breakglass_core::text::clean(line);
    plain
        .replace(['\n', '\t'], " ")
        .chars()
        .take(LINE_CHARS_MAX)
        .collect()
}
