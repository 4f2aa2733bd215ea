//! The orders database that access is asked for: a real one, or a small program in its place, and the other targets.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use breakglass_tests::postgres::{Server, Target};
use serde_json::{Value, json};

/// Does as docs/command.md says, with files beside itself, and notes each change.
const PROGRAM: &str = r#"#!/bin/sh
case "$2" in
provision) echo given >> "$1.changes"; : > "$1.held" ;;
deprovision) if [ -e "$1.held" ]; then date +%s%3N > "$1.taken"; echo taken >> "$1.changes"; rm "$1.held"; fi ;;
inspect) if [ -e "$1.held" ]; then echo '{"ours":"present"}'; else echo '{"ours":"absent"}'; fi ;;
esac
"#;

/// What it is called in the configuration, where the other two targets are programs too.
const ORDERS: &str = "orders-postgres";

/// The files of the edge, in the company's folder: our example for programs keeps them.
pub(crate) const DOORS: &str = "doors";

pub(crate) enum Orders {
    /// The folder that the program keeps its files in.
    Program(PathBuf),
    Postgres(Box<Target>),
}

impl Orders {
    pub(crate) async fn create(server: Option<Server>, folder: &Path) -> Self {
        let program = folder.join("target.sh");
        std::fs::write(&program, PROGRAM).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::create_dir(folder.join(DOORS)).unwrap();
        match server {
            None => Self::Program(folder.to_owned()),
            Some(server) => Self::Postgres(Box::new(Target::create(server).await)),
        }
    }

    /// The policy, with the roles that there are.
    pub(crate) fn named_in(&self, policy: &str) -> String {
        match self {
            Self::Program(_) => policy.to_owned(),
            Self::Postgres(target) => policy
                .replace("orders_admin", &target.admin)
                .replace("orders_read", &target.read),
        }
    }

    /// `[[provisioner]]` of all targets; the programs lie in `folder`.
    pub(crate) fn provisioners(&self, folder: &Path) -> Vec<Value> {
        let program = |id: &str| json!({ "id": id, "kind": "command", "login": "{id}", "program": ["target.sh", folder.join(id)] });
        let orders = match self {
            Self::Program(_) => program(ORDERS),
            Self::Postgres(target) => json!({
                "id": ORDERS, "kind": "postgres", "url": target.url(),
                "login": format!("{}_{{id}}", target.database.name),
            }),
        };
        let example = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../docs/example/provisioner.sh"
        );
        let edge = json!({
            "id": "edge-kubernetes", "kind": "command", "login": "{id}", "lists": true,
            "program": ["/bin/sh", example], "env": { "DOORS": folder.join(DOORS) },
        });
        vec![orders, program("billing-admin"), edge]
    }

    /// Does Maya have the rights of an admin? The database itself is asked, in another connection.
    pub(crate) async fn is_held(&mut self) -> bool {
        match self {
            Self::Program(folder) => folder.join(ORDERS).with_extension("held").exists(),
            Self::Postgres(target) => {
                let admin = target.admin.clone();
                target.has(&admin).await
            }
        }
    }

    /// Our login can't come in, and nobody of ours is in any more.
    pub(crate) async fn shuts_us_out(&mut self) {
        let us = self.postgres().us.clone();
        let ours = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{us}'"
        );
        let sql = format!("ALTER ROLE {us} NOLOGIN; {ours}");
        self.postgres().database.run(sql).await;
    }

    /// It can again.
    pub(crate) async fn lets_us_in(&mut self) {
        let sql = format!("ALTER ROLE {} LOGIN", self.postgres().us);
        self.postgres().database.run(sql).await;
    }

    fn postgres(&mut self) -> &mut Target {
        match self {
            Self::Program(_) => panic!("the program lets everybody in"),
            Self::Postgres(target) => target,
        }
    }

    /// When something was taken last, in milliseconds since 1970; a real one doesn't tell.
    pub(crate) fn taken_at(&self) -> Option<i64> {
        let Self::Program(folder) = self else {
            return None;
        };
        let noted = std::fs::read_to_string(folder.join(ORDERS).with_extension("taken"));
        noted.ok()?.trim().parse().ok()
    }

    /// What was done to it, in order; a real one doesn't tell.
    pub(crate) fn changes(&self) -> Vec<String> {
        let Self::Program(folder) = self else {
            return Vec::new();
        };
        let noted = folder.join(ORDERS).with_extension("changes");
        let noted = std::fs::read_to_string(noted).unwrap_or_default();
        noted.lines().map(str::to_owned).collect()
    }
}
