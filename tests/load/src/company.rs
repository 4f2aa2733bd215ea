//! The company that the load comes from: its people, its targets, its policy and the server's configuration.

use std::net::SocketAddr;
use std::path::PathBuf;

use breakglass::config::Config;
use breakglass::demo::workspace;
use breakglass::environment::Environment;
use breakglass_sandbox::{Channel, Delivery, Options, Person, Sandbox};
use serde_json::json;

/// Targets; the last one hangs.
pub(crate) const TARGETS: usize = 50;

/// The one that takes connections and never answers.
pub(crate) const HUNG: usize = TARGETS - 1;

/// Grants of one person in the crowd.
pub(crate) const GRANTS_EACH: usize = 20;

/// The channel that slash commands are typed in.
pub(crate) const WORK: &str = "C0WORK";

/// Somebody who may approve, so that requests have somebody to wait for.
const APPROVER: &str = "UAPPROVER";

/// Every password of a target.
const PASSWORD: &str = "open_sesame";

/// How many people there are, and where everything is.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    pub(crate) people: usize,
    pub(crate) folder: PathBuf,
    pub(crate) store: String,
}

/// What of the surroundings differs from run to run.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// `HOST:PORT` of the PostgreSQL that the targets are on.
    pub(crate) targets: String,
    /// Where nobody ever answers.
    pub(crate) hung: SocketAddr,
    pub(crate) slack: String,
    pub(crate) listen: SocketAddr,
    pub(crate) admin: SocketAddr,
}

impl Company {
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("breakglass.toml")
    }

    /// Writes the policy and the configuration.
    pub(crate) fn write(&self, places: &Places) -> anyhow::Result<()> {
        std::fs::write(self.folder.join("policy.toml"), self.policy())?;
        Ok(std::fs::write(self.file(), self.configuration(places)?)?)
    }

    pub(crate) fn config(&self) -> anyhow::Result<Config> {
        let text = std::fs::read_to_string(self.file())?;
        Config::parse(&self.file(), &text, &Environment::default())
            .map_err(|error| anyhow::anyhow!("{error:?}"))
    }

    fn policy(&self) -> String {
        let mut text = format!(
            "version = 1\n\
             [defaults]\njustification = {{ min = 5, max = 500 }}\nreview = 'never'\nduration = '1h'\nmax_duration = '24h'\n\
             [[person]]\nid = 'approver'\nslack = '{APPROVER}'\n\
             [[group]]\nid = 'approvers'\nmembers = ['approver']\n\
             [[rule]]\nid = 'planned'\nwho = ['everyone']\nroles = ['*/crowd', '*/soon', '*/late']\nkind = 'planned'\n\
             approvals = 'none'\n\
             [[rule]]\nid = 'asked'\nwho = ['everyone']\nroles = ['*/asked']\n\
             approvals = [{{ from = ['group:approvers'], count = 1 }}]\n"
        );
        for number in 0..self.people {
            let (id, account) = (person(number), account(number));
            push(
                &mut text,
                format_args!("[[person]]\nid = '{id}'\nslack = '{account}'\n"),
            );
        }
        for number in 0..TARGETS {
            push(
                &mut text,
                format_args!(
                    "[[target]]\nid = 'target{number}x'\nsensitivity = 'medium'\nblast_radius = 'team'\nprovisioner = 'p{number}'\nroles = ["
                ),
            );
            for role in ["crowd", "soon", "late", "asked"] {
                let grants = entitlement(number, role);
                push(
                    &mut text,
                    format_args!("{{ id = '{role}', grants = '{grants}' }}, "),
                );
            }
            text.push_str("]\n");
        }
        text
    }

    fn configuration(&self, places: &Places) -> anyhow::Result<String> {
        let app = workspace::app();
        let provisioner = |number: usize| {
            let at = if number == HUNG {
                places.hung.to_string()
            } else {
                places.targets.clone()
            };
            let url = format!("postgres://bot{number}:{PASSWORD}@{at}/postgres?sslmode=disable");
            json!({
                "id": format!("p{number}"), "kind": "postgres", "login": "{id}", "url": url, "parallel_max": 1,
            })
        };
        let provisioners: Vec<_> = (0..TARGETS).map(provisioner).collect();
        let config = json!({
            "server": {
                "listen": places.listen, "admin_listen": places.admin, "test_mode": true,
                "admin_socket": "breakglass.sock", "log": "json",
            },
            "store": { "url": self.store },
            "policy": { "file": "policy.toml" },
            "log": { "origin": "load.breakglass.example/log" },
            "slack": {
                "mode": "http", "bot_token": app.bot_token, "signing_secret": app.signing_secret,
                "team": workspace::TEAM, "approvers_channel": workspace::APPROVERS,
                "security_channel": workspace::SECURITY, "api_url": places.slack,
            },
            "provisioner": provisioners,
        });
        Ok(toml::to_string(&config)?)
    }

    /// A workspace with everybody in it, that delivers to a server at `listen`.
    pub(crate) async fn workspace(&self, listen: SocketAddr) -> anyhow::Result<Sandbox> {
        let mut options: Options = workspace::options(([127, 0, 0, 1], 0).into());
        let accounts: Vec<String> = (0..self.people).map(account).collect();
        let mut everybody: Vec<&str> = accounts.iter().map(String::as_str).collect();
        everybody.extend([APPROVER, "U0BREAKGLASS"]);
        options.people = accounts
            .iter()
            .map(|id| Person::member(id, &id.to_lowercase(), id))
            .chain([Person::member(APPROVER, "approver", "Approver")])
            .collect();
        options.usergroups = Vec::new();
        options.channels = vec![
            Channel::public(WORK, "work", &everybody),
            Channel::private(workspace::APPROVERS, "approvals", &everybody),
            Channel::private(workspace::SECURITY, "security", &everybody),
        ];
        options.delivery = Delivery::Http {
            commands_url: format!("http://{listen}/slack/commands"),
            interactions_url: format!("http://{listen}/slack/interactions"),
            events_url: None,
        };
        Ok(Sandbox::start(options).await?)
    }

    /// What sets the targets' server up: our logins, roles that they may give, and people with what they hold.
    pub(crate) fn target_sql(&self, held: &[Held]) -> Vec<String> {
        let mut all = Vec::new();
        let mut sql = String::new();
        for number in 0..self.people {
            push(
                &mut sql,
                format_args!("CREATE ROLE {} LOGIN;\n", person(number)),
            );
        }
        all.push(std::mem::take(&mut sql));
        for number in 0..HUNG {
            push(
                &mut sql,
                format_args!("CREATE ROLE bot{number} LOGIN PASSWORD '{PASSWORD}';\n"),
            );
            push(
                &mut sql,
                format_args!("GRANT pg_signal_backend TO bot{number};\n"),
            );
            for role in ["crowd", "soon", "late", "asked"] {
                let role = entitlement(number, role);
                push(
                    &mut sql,
                    format_args!(
                        "CREATE ROLE {role};\nGRANT {role} TO bot{number} WITH ADMIN OPTION;\n"
                    ),
                );
            }
        }
        all.push(sql);
        all.extend(granted(held));
        all
    }
}

/// A grant of somebody on a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Held {
    pub(crate) target: usize,
    pub(crate) role: &'static str,
    pub(crate) person: usize,
}

/// Gives what is held, as our login at each target would have.
pub(crate) fn granted(held: &[Held]) -> Vec<String> {
    let mut held: Vec<&Held> = held.iter().filter(|held| held.target != HUNG).collect();
    held.sort_unstable();
    held.chunk_by(|one, other| (one.target, one.role) == (other.target, other.role))
        .filter_map(|some| {
            let Held { target, role, .. } = some.first()?;
            let people: Vec<String> = some.iter().map(|held| person(held.person)).collect();
            let (role, people) = (entitlement(*target, role), people.join(", "));
            Some(format!("GRANT {role} TO {people} GRANTED BY bot{target}"))
        })
        .collect()
}

pub(crate) fn person(number: usize) -> String {
    format!("u{number}x")
}

pub(crate) fn account(number: usize) -> String {
    format!("U{number}X")
}

pub(crate) fn entitlement(target: usize, role: &str) -> String {
    format!("t{target}_{role}")
}

fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.push_str(&more.to_string());
}
