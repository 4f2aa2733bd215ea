//! A wall clock that somebody sets, what a server does about it, and that no lease is longer for it.

use std::rc::Rc;

use breakglass_core::command::{Actor, Command};
use breakglass_core::deadline::Deadline;
use breakglass_core::decide::CLOCK_BEHIND_MAX;
use breakglass_core::fact::Facts;
use breakglass_core::id::RequestId;
use breakglass_core::state::Phase;
use breakglass_core::time::{Length, Timestamp};

use crate::cast::CAST;
use crate::step::Fate;
use crate::town::{Town, moved};

/// How late an end may be noticed: a clock may be that far behind the log before it is said to be wrong.
const LATE_MAX: Length = Length::from_secs(4);

impl Town {
    /// Somebody sets the wall clock of a server that is alone. Servers that share a store go by its clock.
    pub(crate) fn set_wall(&mut self, off: i64) {
        if let [alone] = self.replicas.as_mut_slice()
            && (off != 0 || self.was_set)
        {
            alone.wall_ahead = off - alone.skew;
            self.was_set = true;
        }
    }

    /// A server keeps on its own disk when what is live is over by the machine's clock, which nobody sets.
    pub(crate) fn note(&mut self, replica: usize, id: RequestId) {
        let (wall, now) = (self.clock(replica), self.now);
        let Some(request) = self.store.state.requests.get(&id) else {
            return;
        };
        let over_at = &mut self.replicas[replica].over_at;
        let ends = match request.phase {
            Phase::Approved { end_by, .. } => end_by,
            Phase::Active { expires_at } => expires_at,
            _ => {
                over_at.remove(&id);
                return;
            }
        };
        let at = moved(now, ends.millis_since(wall));
        let known = over_at.entry(id).or_insert(at);
        *known = at.min(*known);
    }

    /// Ends what ran its time by the machine's clock, and everything while the wall clock is behind the log.
    pub(crate) fn look_at_clocks(&mut self, replica: usize) {
        for id in self.request_ids() {
            self.note(replica, id);
        }
        let over: Vec<RequestId> = self.replicas[replica]
            .over_at
            .iter()
            .filter(|(_, at)| **at <= self.now)
            .map(|(id, _)| *id)
            .collect();
        for id in over {
            self.run_out(replica, id);
        }
        let wall = self.clock(replica);
        if wall.plus(CLOCK_BEHIND_MAX) >= self.store.state.newest_at {
            return;
        }
        for request in self.request_ids() {
            if self.store.state.requests[&request].is_live() {
                let reason = CAST.reason.clone();
                let command = Command::Revoke { request, reason };
                let done = self.submit(
                    (replica, Fate::Good),
                    &Actor::Server,
                    &command,
                    &Facts::default(),
                );
                drop(done);
            }
        }
    }

    fn run_out(&mut self, replica: usize, request: RequestId) {
        let (deadline, at) = match self.store.state.requests[&request].phase {
            Phase::Active { expires_at } => (Deadline::Expire, expires_at),
            Phase::Approved { provision_by, .. } => (Deadline::GiveUp, provision_by),
            _ => return,
        };
        let at: Timestamp = at.max(self.clock(replica));
        let command = Command::FallDue { request, deadline };
        drop(self.submit_at(
            (replica, at, Fate::Good),
            &Actor::Clock,
            &command,
            &Facts::default(),
        ));
    }

    /// Looks whether the people behind what is live left.
    pub(crate) fn check_rights(&mut self, replica: usize) {
        let facts = Rc::clone(&self.facts);
        for request in self.request_ids() {
            let command = Command::CheckRights { request };
            drop(self.submit((replica, Fate::Good), &Actor::Server, &command, &facts));
        }
        let left = |request: &&breakglass_core::state::Request| {
            let granted = matches!(request.phase, Phase::Approved { .. } | Phase::Active { .. });
            let mut people = facts.inactive.iter();
            granted && people.any(|person| request.concerns(person))
        };
        let mut requests = self.store.state.requests.values();
        let kept = requests.find(left).map(|request| request.id);
        self.rules.break_if(kept.is_some(), || {
            format!("{kept:?}: somebody who left keeps it")
        });
    }

    /// When all replicas did what there was to do: nothing is active for longer than was decided, in true time.
    pub(crate) fn check_leases(&mut self) {
        for request in self.store.state.requests.values() {
            let granted = request.granted.unwrap_or_default();
            let since = self.began.get(&request.id).copied();
            let over = since.is_some_and(|at| self.now > at.plus(granted).plus(LATE_MAX));
            let active = matches!(request.phase, Phase::Active { .. });
            let id = request.id;
            self.rules.break_if(active && over, || {
                format!("I16 {id}: a clock that was set makes it longer")
            });
        }
    }
}
