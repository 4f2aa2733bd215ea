//! Who is at the command line: the login, and behind sudo the one who logged in.

use std::fmt;
use std::fs;

use breakglass_core::command::Actor;
use nix::unistd::{Uid, User};

/// What the kernel says in `/proc/PID/loginuid` of a process that nobody logged in for.
const NO_LOGIN: u32 = u32::MAX;

/// Somebody at this machine's command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// `root`, `ines`
    pub login: String,
    /// The machine's name.
    pub host: String,
}

impl Operator {
    /// The operator who runs this very process.
    pub fn of_this_process() -> Self {
        Self::of("self", Uid::current().as_raw())
    }

    /// The operator at the other end of a socket, by the peer's credentials. The login uid is kept by the
    /// kernel across `su` and `sudo`, and only root can set it.
    pub(super) fn of_peer(pid: Option<i32>, uid: u32) -> Self {
        Self::of(&pid.map(|pid| pid.to_string()).unwrap_or_default(), uid)
    }

    fn of(process: &str, uid: u32) -> Self {
        let login_uid = fs::read_to_string(format!("/proc/{process}/loginuid"));
        let login_uid = login_uid.ok().and_then(|text| text.trim().parse().ok());
        let uid = login_uid.filter(|uid| *uid != NO_LOGIN).unwrap_or(uid);
        let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
        let login = user.map_or_else(|| format!("uid{uid}"), |user| user.name);
        Self {
            login,
            host: host(),
        }
    }

    /// As whom commands are recorded.
    pub fn actor(&self) -> Actor {
        Actor::Operator {
            login: self.login.clone(),
            host: self.host.clone(),
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "operator:{}@{}", self.login, self.host)
    }
}

/// This machine's name.
fn host() -> String {
    let name =
        nix::sys::utsname::uname().map(|name| name.nodename().to_string_lossy().into_owned());
    name.unwrap_or_else(|_| "localhost".to_owned())
}
