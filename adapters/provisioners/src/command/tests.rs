use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use breakglass_core::document::Document;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::time::timeout;

use super::*;
use crate::Kind;

/// A program of this shell text, in a directory of its own, with `keys` in its table.
struct Stage {
    directory: TempDir,
    provisioner: CommandProvisioner,
}

impl Stage {
    fn new(script: &str, keys: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("program");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        let keys = format!("program = ['program', 'first']\n{keys}");
        let config = check(directory.path(), &keys, "").unwrap();
        Self {
            provisioner: CommandProvisioner::new(config),
            directory,
        }
    }

    fn said(&self) -> String {
        fs::read_to_string(self.directory.path().join("said")).unwrap()
    }

    async fn provision(&self) -> Result<Provisioned, ProvisionError> {
        let (holding, request) = (holding("maya"), RequestId::new(7));
        let begin_by = Timestamp::from_millis(1_772_417_656_000);
        let not_after = Timestamp::from_millis(1_772_419_440_000);
        self.provisioner
            .provision(&Provision {
                holding,
                request,
                begin_by,
                not_after,
            })
            .await
    }

    async fn deprovision(&self) -> Result<Deprovisioned, ProvisionError> {
        self.provisioner.deprovision(&holding("maya")).await
    }

    async fn inspect(&self) -> Result<Observation, ProvisionError> {
        self.provisioner.inspect(&holding("maya")).await
    }
}

fn holding(account: &str) -> HoldingId {
    HoldingId {
        provisioner: "doors".parse().unwrap(),
        account: account.into(),
        entitlement: "server \"room\"".into(),
    }
}

/// Reads one `[[provisioner]]` of this kind, and asserts on its faults.
fn check(directory: &Path, keys: &str, faults: &str) -> Option<Config> {
    let text = format!("kind = 'command'\n{keys}");
    let document = Document::parse("a.toml", &text);
    let kind = Kind::read(&document.root(), directory);
    assert_eq!(document.finish().to_string(), faults);
    kind.map(|kind| match kind {
        Kind::Command(config) => config,
        Kind::Postgres(_) => unreachable!("the kind is command"),
    })
}

#[test]
fn wrong_keys_are_faults() {
    let here = Path::new("/etc/bg");
    check(here, "", "a.toml:1:1: program: required key is missing\n");
    let none = "program: names no program; write [\"/path/to/program\", \"argument\"]";
    check(here, "program = []", &format!("a.toml:2:11: {none}\n"));
    check(here, "program = ['']", &format!("a.toml:2:11: {none}\n"));
    check(
        here,
        "program = ['x']\ntimeout = '31s'\nenv = { 'A=' = 'b', C = 'd' }\nenv_file = { C = '/dev/null', D = '/nowhere' }\n",
        "a.toml:3:11: timeout: 31 s is not within 1 s and 30 s\n\
         a.toml:4:16: env.\"A=\": is no name for a variable\n\
         a.toml:5:18: env_file.C: is in env too\n\
         a.toml:5:35: env_file.D: can't read /nowhere: No such file or directory (os error 2)\n",
    );
}

#[test]
fn paths_start_where_the_file_stands() {
    let config = check(Path::new("/etc/bg"), "program = ['p/q', 'a b']\n", "").unwrap();
    assert_eq!(config.program, Path::new("/etc/bg/p/q"));
    assert_eq!(config.directory, Path::new("/etc/bg"));
    assert_eq!(config.arguments, ["a b"]);
}

#[tokio::test]
async fn it_is_told_the_holding_and_nothing_else() {
    let script = "{ echo \"$@\"; cat; echo; env | sort; } > said";
    let stage = Stage::new(script, "env = { SITE = 'eu' }\n");
    assert_eq!(stage.provision().await, Ok(Provisioned::Done));
    let directory = stage.directory.path().display();
    let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    assert_eq!(
        stage.said(),
        format!(
            "first provision\n\
             {{\"version\":1,\"provisioner\":\"doors\",\"account\":\"maya\",\"entitlement\":\"server \\\"room\\\"\",\
             \"request\":\"BG-7\",\"begin_by\":\"2026-03-02T02:14:16.000Z\",\"begin_by_ms\":1772417656000,\
             \"not_after\":\"2026-03-02T02:44:00.000Z\",\"not_after_ms\":1772419440000}}\n\
             {path}\nPWD={directory}\nSITE=eu\n"
        )
    );
    assert_eq!(stage.deprovision().await, Ok(Deprovisioned::default()));
    assert!(stage.said().starts_with(
        "first deprovision\n{\"version\":1,\"provisioner\":\"doors\",\"account\":\"maya\",\
         \"entitlement\":\"server \\\"room\\\"\"}\n"
    ));
}

#[tokio::test]
async fn exit_codes_mean_what_is_documented() {
    use ProvisionError::{Refused, TooLate, Unavailable, Unknown};
    let error = |kind: fn(String) -> ProvisionError, verb: &str, what: &str| {
        kind(format!("program {verb}: {what}: because"))
    };
    for (code, given, taken) in [
        (
            10,
            Ok(Provisioned::AlreadyHeld {
                how: "by hand".into(),
            }),
            error(Unknown, "deprovision", "exit code 10"),
        ),
        (
            20,
            Err(error(Refused, "provision", "refused")),
            error(Refused, "deprovision", "refused"),
        ),
        (
            30,
            Err(TooLate),
            error(Unknown, "deprovision", "exit code 30"),
        ),
        (
            75,
            Err(error(Unavailable, "provision", "not now")),
            error(Unavailable, "deprovision", "not now"),
        ),
        (
            1,
            Err(error(Unknown, "provision", "exit code 1")),
            error(Unknown, "deprovision", "exit code 1"),
        ),
    ] {
        let stage = Stage::new(
            &format!("echo by hand; echo hm >&2; echo because >&2; exit {code}"),
            "",
        );
        assert_eq!(stage.provision().await, given, "{code}");
        assert_eq!(stage.deprovision().await, Err(taken), "{code}");
    }
    let killed = Stage::new("kill -9 $$", "").provision().await;
    assert_eq!(
        killed,
        Err(Unknown("program provision: ended by signal 9".into()))
    );
}

#[tokio::test]
async fn what_it_sees_is_taken_strictly() {
    let stage = Stage::new(
        "printf %s '{\"ours\":\"present\",\"foreign\":[\"by\\thand\"]}'",
        "",
    );
    let observation = Observation {
        ours: Presence::Present,
        foreign: vec!["by hand".into()],
    };
    assert_eq!(stage.inspect().await, Ok(observation));
    let nonsense = Stage::new("echo '{\"ours\":\"maybe\"}'", "")
        .inspect()
        .await;
    assert!(matches!(nonsense, Err(ProvisionError::Refused(text)) if text.contains("`maybe`")));
    let blind = Stage::new("exit 1", "reads_back = false\n").inspect().await;
    assert_eq!(
        blind,
        Ok(Observation {
            ours: Presence::Unknowable,
            foreign: Vec::new()
        })
    );
    let counted = Stage::new("echo '{\"sessions_ended\":2}'", "")
        .deprovision()
        .await;
    assert_eq!(counted, Ok(Deprovisioned { sessions_ended: 2 }));
}

#[tokio::test]
async fn too_slow_is_killed_with_all_it_started() {
    let stage = Stage::new(
        "(exec 3> fifo; echo here >&3; sleep 600) & wait",
        "timeout = '1s'\n",
    );
    let fifo = stage.directory.path().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let mut alive = pipe::OpenOptions::new().open_receiver(&fifo).unwrap();
    let slow = stage.provision().await;
    let text = "program provision: took longer than 1 s, killed";
    assert_eq!(slow, Err(ProvisionError::Unknown(text.into())));
    let mut said = String::new();
    let end = timeout(Duration::from_secs(10), alive.read_to_string(&mut said)).await;
    end.expect("the pipe closes when the last process is gone")
        .unwrap();
    assert_eq!(said, "here\n");
}

#[tokio::test]
async fn what_it_leaves_behind_does_not_hold_us_up() {
    let stage = Stage::new("sleep 600 & echo late >&2; exit 20", "timeout = '20s'\n");
    let left = timeout(Duration::from_secs(10), stage.provision()).await;
    let text = "program provision: refused: late";
    assert_eq!(
        left.expect("it ends"),
        Err(ProvisionError::Refused(text.into()))
    );
}

#[tokio::test]
async fn endless_output_is_cut_and_input_need_not_be_read() {
    let stage = Stage::new(
        "exec < /dev/null; head -c 3000000 /dev/zero | tr '\\0' x; exit 10",
        "",
    );
    let Ok(Provisioned::AlreadyHeld { how }) = stage.provision().await else {
        panic!("it is held")
    };
    assert_eq!(how, "x".repeat(300));
}

#[tokio::test]
async fn secrets_are_blotted_out_of_what_it_says() {
    let stage = Stage::new(
        "echo \"bad token $TOKEN at $SITE\" >&2; exit 20",
        "env = { TOKEN = 'canary-token', SITE = 'eu' }\n",
    );
    let text = "program provision: refused: bad token […] at eu";
    assert_eq!(
        stage.provision().await,
        Err(ProvisionError::Refused(text.into()))
    );
    assert!(!format!("{:?}", stage.provisioner).contains("canary"));
}

#[tokio::test]
async fn a_program_that_is_not_there_is_refused_and_examined() {
    let stage = Stage::new("exit 0", "");
    let program = stage.directory.path().join("program");
    let level = async || stage.provisioner.examine(&[]).await[0].level;
    assert_eq!(level().await, FindingLevel::Ok);
    fs::set_permissions(&program, fs::Permissions::from_mode(0o722)).unwrap();
    assert_eq!(level().await, FindingLevel::Warning);
    fs::set_permissions(&program, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(level().await, FindingLevel::Failure);
    fs::remove_file(&program).unwrap();
    assert_eq!(level().await, FindingLevel::Failure);
    assert!(matches!(
        stage.provision().await,
        Err(ProvisionError::Refused(_))
    ));
}

#[test]
fn by_hand_can_be_pasted_whatever_the_names() {
    let by_hand = |keys: &str, account: &str| {
        let keys = format!("program = ['/opt/door ctl', '-q']\n{keys}");
        let config = check(Path::new("/"), &keys, "").unwrap();
        CommandProvisioner::new(config).by_hand(&holding(account))
    };
    assert_eq!(
        by_hand("", "maya"),
        r#"echo '{"version":1,"provisioner":"doors","account":"maya","entitlement":"server \"room\""}' | '/opt/door ctl' -q deprovision"#
    );
    assert_eq!(
        by_hand(
            "by_hand = 'close {entitlement} {account} {else}'\n",
            "x'; rm -rf {entitlement}"
        ),
        r#"close 'server "room"' 'x'\''; rm -rf {entitlement}' {else}"#
    );
}

#[test]
fn a_program_that_was_swapped_has_other_settings_and_no_secret_is_in_them() {
    let stage = Stage::new("exit 0", "env = { TOKEN = 'canary' }\n");
    let kind = Kind::Command(stage.provisioner.config.clone());
    let before = kind.settings();
    fs::write(
        stage.directory.path().join("program"),
        "#!/bin/sh\nexit 1\n",
    )
    .unwrap();
    let after = kind.settings();
    let differ: Vec<_> = before
        .iter()
        .filter(|(key, value)| after[*key] != **value)
        .collect();
    assert_eq!(differ.len(), 1);
    assert_eq!(differ[0].0, "program_sha256");
    assert_eq!(
        (&*before["kind"], &*before["environment"]),
        ("command", "TOKEN")
    );
    assert!(!format!("{before:?}").contains("canary"));
}
