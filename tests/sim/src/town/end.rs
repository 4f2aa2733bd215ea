//! The schedule is over: everything answers, time passes, and what must have come of it all.

use breakglass_core::effect::react;
use breakglass_core::time::{Length, Timestamp};

use super::{Town, moved};
use crate::replica::place;
use crate::step::{Fate, Schedule};
use crate::target::Target;

impl Town {
    /// Everything answers soon, and time passes: all is over, nothing is left, everything was told.
    pub(crate) fn end(&mut self, schedule: &Schedule) {
        self.next_calls = schedule.last;
        self.late_by = schedule.late_by;
        if self.was_set {
            // Long enough for any lease, before somebody sets the clock right.
            self.settle_down(Some(self.now.plus(Length::from_mins(120))));
            self.set_wall(0);
        }
        if let Some(dead) = schedule.dead_target {
            let dead = usize::from(dead) % 2;
            self.dead = Some(dead);
            let until = self.now.plus(Length::from_mins(60));
            self.settle_down(Some(until));
            for request in self.store.state.requests.values() {
                let elsewhere = place(&request.asked.holding.provisioner) != dead;
                let over = !request.is_live();
                let id = request.id;
                self.rules.break_if(elsewhere && !over, || {
                    format!("I5 {id}: waits for another's target")
                });
            }
            self.dead = None;
        }
        self.settle_down(None);
        self.check_end();
    }

    fn settle_down(&mut self, until: Option<Timestamp>) {
        let mut compare_again = false;
        for _ in 0..5_000 {
            let mut any = false;
            for replica in 0..self.replicas.len() {
                self.sweep(replica);
                self.check_rights(replica);
                self.look_at_clocks(replica);
                self.tick(replica, Fate::Good);
                while !self.inbox.is_empty() {
                    self.handle(replica, 0, Fate::Good);
                }
                any |= self.run(replica, 2_000);
            }
            self.check();
            if self.rules.broken.is_some() {
                return;
            }
            let known = self.store.log.len();
            for target in 0..2 {
                self.reconcile(0, target);
            }
            while !self.replicas[0].sightings.is_empty() {
                self.tell(0, Fate::Good);
            }
            if any || self.store.log.len() > known {
                continue;
            }
            self.check_leases();
            let late = (0..2).find(|which| !self.targets[*which].late.is_empty());
            self.late_by = self.late_by.saturating_sub(1);
            if let Some(which) = late.filter(|_| self.late_by == 0) {
                self.arrive(which);
                compare_again = true;
                continue;
            }
            let (of_rows, of_records) = self.off();
            let steady = moved(self.now, of_rows);
            let rows = self.store.rows.values();
            let rows = rows.flat_map(|row| [row.due_at(steady), row.claimed_until]);
            let rows = rows.map(|at| moved(at, -of_rows));
            let deadlines = self.deadlines().map(|at| moved(at, -of_records));
            let over = self.replicas.iter().flat_map(|one| one.over_at.values());
            let times = rows.chain(self.tasks_until()).chain(deadlines);
            let times = times.chain(over.copied());
            // What is due by the slowest clock, at the latest.
            let next = times
                .map(|at| at.plus(Length::from_secs(1)))
                .filter(|at| *at > self.now)
                .min();
            match next.filter(|next| until.is_none_or(|until| *next < until)) {
                Some(next) => self.pass_to(next),
                None if late.is_some() => self.late_by = 0,
                // What it did may not be shown at once; targets are compared with the log each minute.
                None if compare_again => {
                    compare_again = false;
                    self.pass_to(self.now.plus(Length::from_mins(1)));
                }
                None => return,
            }
        }
        self.rules.break_if(true, || "it never ends".to_owned());
    }

    fn check_end(&mut self) {
        let state = &self.store.state;
        for request in state.requests.values() {
            let (id, phase) = (request.id, request.phase_name());
            let over = !request.is_live() && !request.is_pending();
            self.rules
                .break_if(!over, || format!("{id}: still {phase}"));
            self.rules.break_if(!over || !self.inbox.is_empty(), || {
                "acts are left".to_owned()
            });
            let hidden = request
                .terms
                .as_ref()
                .is_none_or(|terms| terms.approvals.is_empty())
                && request.granted.is_none();
            for ((_, kind, _), (message, _)) in
                self.store.cards.iter().filter(|((_, _, of), _)| *of == id)
            {
                let fresh = self.chat.shown[message] == request.newest_seq;
                self.rules
                    .break_if(!fresh, || format!("{id}: the {kind:?} card shows what was"));
            }
            let cards = self
                .store
                .cards
                .keys()
                .filter(|(_, _, of)| *of == id)
                .count();
            let all = cards == 2 * self.chats.len();
            self.rules
                .break_if(!hidden && !all, || format!("{id}: it has {cards} cards"));
        }
        let rows = self.store.rows.len();
        self.rules
            .break_if(rows > 0, || format!("{rows} effects are left"));
        let left = |target: &&Target| {
            let mut ours = target.ours.keys();
            ours.any(|id| target.can.reads_back || !target.left_over.contains(id))
        };
        let left = self.targets.iter().filter(left).count();
        self.rules
            .break_if(left > 0, || "access is left".to_owned());
        let mut again = crate::store::genesis();
        for record in &self.store.log {
            again.apply(record);
            let effects = react(&again, record);
            for (index, effect) in (0..).zip(&effects) {
                if let breakglass_core::effect::Effect::Post { .. } = effect {
                    for chat in &self.chats {
                        let told = self
                            .chat
                            .posted
                            .contains(&crate::store::Key::Post(*chat, record.seq, index));
                        self.rules.break_if(!told, || {
                            format!("I23 record {}: it was never told", record.seq)
                        });
                    }
                }
            }
        }
        self.rules.break_if(again != *state, || {
            "I22: the log says something else".to_owned()
        });
    }
}
