//! A server as an operator starts, asks and stops it. No chat is reachable: it runs all the same.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::shell::{Run, Shell};

/// No step takes longer, on the slowest machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

const POLICY: &str = "version = 1\n[[person]]\nid = \"maya\"\nslack = \"U01MAYA\"\n";

/// A port that was free just now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn shell(admin_port: u16) -> Shell {
    let config = format!(
        r#"
[server]
admin_listen = "127.0.0.1:{admin_port}"
test_mode = true
log = "json"
[store]
url = "sqlite://breakglass.db"
[log]
origin = "breakglass.example.com/log"
[slack]
bot_token = "xoxb-canary"
app_token = "xapp-canary"
team = "T0123"
approvers_channel = "C0APPR"
security_channel = "C0SECU"
api_url = "http://127.0.0.1:1/api"
"#
    );
    let shell = Shell::new()
        .file("breakglass.toml", &config)
        .file("policy.toml", POLICY);
    shell.run("migrate up").exits(0);
    shell
}

/// A running `breakglass serve`; it is killed with the test.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    pub(crate) fn start(shell: &Shell, port: u16) -> Self {
        let server = Self::spawn(shell, port);
        server.until("/readyz", "HTTP/1.1 200 ");
        server
    }

    fn spawn(shell: &Shell, port: u16) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_breakglass"))
            .arg("serve")
            .current_dir(shell.folder())
            .env_clear()
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, port }
    }

    fn get(&self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Asks again and again until the answer has this in it.
    #[track_caller]
    pub(crate) fn until(&self, path: &str, wanted: &str) -> String {
        let asking = async {
            loop {
                match self.get(path) {
                    Ok(text) if text.contains(wanted) => return text,
                    _ => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        // A thread of its own, since the test may be asynchronous itself.
        let found = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_time()
                    .build();
                runtime
                    .unwrap()
                    .block_on(async { tokio::time::timeout(PATIENCE, asking).await })
            });
            waiting.join().unwrap()
        });
        found.unwrap_or_else(|_| panic!("{path} never said {wanted}: {:?}", self.get(path)))
    }

    pub(crate) fn stop(mut self, signal: Signal) -> Run {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
        let status = self.child.wait().unwrap();
        let mut stderr = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        Run {
            code: status.code().unwrap_or(-1),
            stdout: String::new(),
            stderr,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already where the test stopped it.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_server_runs_without_chat_and_stops_when_told() {
    let port = free_port();
    let shell = shell(port);
    let server = Server::start(&shell, port);
    assert!(server.get("/livez").unwrap().starts_with("HTTP/1.1 200 "));
    let page = server.until("/metrics", "breakglass_mode{mode=\"open\"} 1");
    assert!(page.contains("breakglass_log_records 2"), "{page}");

    shell.run("requests list").exits(0).tells("None.");
    shell.run("grants list --json").exits(0).tells("[]");
    shell
        .run("requests show 7")
        .exits(1)
        .says("There is no BG-7");
    shell
        .run("lockdown status")
        .exits(0)
        .tells("Open: granting as policy sha256:");
    shell
        .run_with(&["lockdown", "on", "--reason", "a drill"])
        .exits(0)
        .tells("Lockdown by operator:");
    shell
        .run("lockdown status --json")
        .exits(0)
        .tells("\"reason\":\"a drill\"");
    shell
        .run_with(&["lockdown", "off", "--reason", "over"])
        .exits(0)
        .tells("Open:");
    shell
        .run("audit verify")
        .exits(0)
        .tells("The log is whole.");
    let second = shell.run("serve").exits(1);
    assert!(
        second
            .stderr
            .contains("a breakglass server is running already"),
        "{second:#?}"
    );

    let run = server.stop(Signal::SIGTERM).exits(0);
    let lines: Vec<serde_json::Value> = run
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        lines
            .iter()
            .any(|line| line["message"] == "starting" && line["config"] != "")
    );
    let slack = |line: &serde_json::Value| line["part"] == "slack" && line["level"] == "error";
    assert!(lines.iter().any(slack), "{}", run.stderr);
    assert!(!run.stderr.contains("canary"), "{}", run.stderr);
    assert!(!shell.folder().join("breakglass.sock").exists());
    assert!(
        fs::read_to_string(shell.folder().join("checkpoint"))
            .unwrap()
            .contains("\n4\n")
    );
}

#[test]
fn a_policy_that_is_broken_while_it_runs_leaves_the_old_one_in_force() {
    let port = free_port();
    let shell = shell(port);
    let server = Server::start(&shell, port);
    let before = shell.run("lockdown status").exits(0).stdout;
    let shell = shell.file("policy.toml", "version = 1\nincident_patern = 'x'\n");
    server.until("/metrics", "breakglass_policy_refused_total 1");
    assert_eq!(shell.run("lockdown status").exits(0).stdout, before);

    let run = server.stop(Signal::SIGINT).exits(0);
    assert!(
        run.stderr.contains("did you mean incident_pattern?"),
        "{}",
        run.stderr
    );
    // What must end doesn't wait until somebody mended it: the policy that was in force goes on.
    let server = Server::start(&shell, port);
    assert_eq!(shell.run("lockdown status").exits(0).stdout, before);
    let shell = shell.file("policy.toml", &format!("{POLICY}name = \"Maya\"\n"));
    server.until("/metrics", "breakglass_log_records 4");
    assert_ne!(shell.run("lockdown status").exits(0).stdout, before);
}

#[test]
fn a_first_start_needs_tables_and_a_policy_that_checks() {
    let port = free_port();
    let shell = shell(port).file("policy.toml", "version = 2\n");
    shell
        .run("serve")
        .exits(1)
        .says("the policy doesn't check")
        .says("policy.toml:1:");
    fs::remove_file(shell.folder().join("breakglass.db")).unwrap();
    shell
        .run("serve")
        .exits(1)
        .says("`breakglass migrate up` makes it.");
    let taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    shell.run("migrate up").exits(0);
    shell
        .run("serve")
        .exits(1)
        .says("can't listen at 127.0.0.1")
        .says("[server] admin_listen");
    drop(taken);
}

#[test]
fn a_log_without_its_key_stops_the_start() {
    let port = free_port();
    let shell = shell(port);
    Server::start(&shell, port).stop(Signal::SIGTERM).exits(0);
    fs::remove_file(shell.folder().join("log.key")).unwrap();
    shell
        .run("serve")
        .exits(1)
        .says("the log's key isn't at log.key")
        .says("Put the key back");
}

#[test]
fn a_log_that_was_cut_stops_granting_and_not_the_server() {
    let port = free_port();
    let shell = shell(port);
    Server::start(&shell, port).stop(Signal::SIGTERM).exits(0);
    let database = shell.folder().join("breakglass.db");
    let old = fs::read(&database).unwrap();
    Server::start(&shell, port).stop(Signal::SIGTERM).exits(0);
    fs::write(&database, old).unwrap();
    let server = Server::spawn(&shell, port);
    server.until("/readyz", "\"why\":[\"the log can't be written\"]");
    shell.run("audit verify").exits(3).tells("the log was cut");
    let run = server.stop(Signal::SIGTERM).exits(0);
    assert!(
        run.stderr
            .contains("nothing is granted until somebody looked"),
        "{}",
        run.stderr
    );
}
