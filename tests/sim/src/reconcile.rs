//! Compares targets with the log as the server does each minute: what is there without a grant, and what should be and isn't.

use std::collections::BTreeSet;

use breakglass_core::command::{Actor, Command, Sight, Sighting};
use breakglass_core::fact::Facts;
use breakglass_core::id::HoldingId;
use breakglass_core::port::provisioner::Presence;
use breakglass_core::state::{GrantPhase, Holding, Wanted};

use crate::replica::place;
use crate::step::Fate;
use crate::town::Town;

impl Town {
    /// Reads each holding, then looks at the target; what was seen is told later.
    pub(crate) fn reconcile(&mut self, replica: usize, target: usize) {
        if self.dead == Some(target) {
            return;
        }
        let now = self.target_clock(target);
        let there = &self.targets[target];
        let known = self.store.state.holdings.keys();
        let known = known.filter(|id| place(&id.provisioner) == target);
        let all: BTreeSet<&HoldingId> = known.chain(there.ours.keys()).collect();
        let mut seen = Vec::new();
        for id in all {
            let holding = self.store.state.holdings.get(id);
            let live = holding.is_some_and(is_live);
            if !live && holding.is_some_and(Holding::is_ours) {
                continue;
            }
            let Some(Ok(look)) = there.look(id, Fate::Good, now) else {
                continue;
            };
            let sight = match look.ours {
                Presence::Present if !live => Sight::Ours,
                Presence::Absent if live => Sight::Missing,
                Presence::Present | Presence::Absent | Presence::Unknowable => continue,
            };
            seen.push(Sighting {
                holding: id.clone(),
                version: holding.map_or(0, |holding| holding.version),
                sight,
            });
        }
        self.replicas[replica].sightings.extend(seen);
    }

    pub(crate) fn tell(&mut self, replica: usize, fate: Fate) {
        if let Some(sighting) = self.replicas[replica].sightings.pop() {
            let command = Command::Reconcile(Box::new(sighting));
            drop(self.submit((replica, fate), &Actor::Worker, &command, &Facts::default()));
        }
    }
}

/// Should its access be there, with nothing on its way?
fn is_live(holding: &Holding) -> bool {
    let mut grants = holding.grants.values();
    holding.wanted() == Wanted::Settled && grants.any(|grant| grant.phase == GrantPhase::Active)
}
