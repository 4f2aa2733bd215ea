//! What a look at a whole target leads to.

use std::collections::BTreeSet;

use super::world::{World, failed, gone, wish};
use crate::command::{Actor, Command, Fault, Outcome, Sight, Sighting};
use crate::event::{Cause, Difference, Event};
use crate::id::{HoldingId, RequestId};
use crate::state::{Phase, Wanted};

impl World {
    /// Twice the same was seen of the holding as it is.
    pub(super) fn see(&mut self, id: RequestId, sight: Sight) -> String {
        let sighting = self.sighting(id, sight);
        self.give(&Actor::Worker, &Command::Reconcile(Box::new(sighting)))
    }

    pub(super) fn sighting(&self, id: RequestId, sight: Sight) -> Sighting {
        let holding = self.holding(id);
        let known = self.state.holdings.get(&holding);
        Sighting {
            version: known.map_or(0, |known| known.version),
            holding,
            sight,
        }
    }

    fn holding(&self, id: RequestId) -> HoldingId {
        self.request(id).asked.holding.clone()
    }

    fn wanted(&self, id: RequestId) -> Wanted {
        self.state.holdings[&self.holding(id)].wanted()
    }

    fn differences(&self) -> Vec<&Difference> {
        let mut differences = Vec::new();
        for record in &self.log {
            if let Event::Reconciled { difference, .. } = &record.event {
                differences.push(difference);
            }
        }
        differences
    }
}

fn from(ways: &[&str]) -> Sight {
    Sight::Foreign(ways.iter().map(|&way| way.to_owned()).collect())
}

#[test]
fn what_outlived_its_grant_is_taken_away() {
    let mut world = World::new();
    let id = world.ended();
    assert_eq!(world.see(id, Sight::Ours), "reconciled");
    assert_eq!(world.wanted(id), Wanted::Absent { requests: vec![] });
    assert_eq!(
        world.see(id, Sight::Ours),
        "nothing",
        "another replica saw it too"
    );
    assert_eq!(world.report(id, failed(Fault::Passing, 1)), "nothing");
    assert_eq!(world.report(id, failed(Fault::Passing, 3)), "reconciled");
    assert_eq!(world.report(id, gone()), "reconciled");
    assert_eq!(world.wanted(id), Wanted::Settled);
    assert_eq!(world.report(id, gone()), "nothing");
    assert_eq!(world.see(id, Sight::Ours), "reconciled", "it came back");
}

#[test]
fn what_a_grant_covers_or_is_on_its_way_is_no_leftover() {
    for made in [World::approved, World::active, World::ending] {
        let mut world = World::new();
        let id = made(&mut world);
        assert_eq!(world.see(id, Sight::Ours), "nothing");
    }
}

#[test]
fn what_was_seen_before_something_changed_says_nothing() {
    let mut world = World::new();
    let id = world.active();
    let before = world.sighting(id, Sight::Missing);
    world.give_back("maya", id);
    world.report(id, gone());
    let before = [
        before.clone(),
        Sighting {
            sight: Sight::Ours,
            ..before
        },
    ];
    for before in before {
        let command = Command::Reconcile(Box::new(before));
        assert_eq!(world.give(&Actor::Worker, &command), "nothing");
    }
}

#[test]
fn a_grant_on_a_leftover_covers_it() {
    let mut world = World::new();
    let id = world.ended();
    let attempt = world.attempt(id);
    assert_eq!(world.see(id, Sight::Ours), "reconciled");
    assert_eq!(
        world.report_from(&attempt, gone()),
        "nothing",
        "of an attempt before"
    );
    let attempt = world.attempt(id);
    world.close_review("cy", id);
    let again = world.approved();
    assert!(matches!(world.wanted(again), Wanted::Present { .. }));
    assert_eq!(world.report_from(&attempt, gone()), "nothing");
    assert_eq!(world.report(again, Outcome::Given), "activated");
    assert_eq!(world.wanted(again), Wanted::Settled);
}

#[test]
fn a_grant_whose_access_is_missing_ends_as_lost() {
    let mut world = World::new();
    let id = world.active();
    assert_eq!(world.see(id, Sight::Missing), "ending_started");
    assert_eq!(world.see(id, Sight::Missing), "nothing");
    assert_eq!(world.report(id, gone()), "ended review_opened");
    let Phase::Ended { ending, .. } = &world.request(id).phase else {
        panic!("it is over");
    };
    assert_eq!(ending.cause, Cause::Lost);
}

#[test]
fn only_what_should_be_there_is_missed() {
    for made in [World::approved, World::ending, World::ended] {
        let mut world = World::new();
        let id = made(&mut world);
        assert_eq!(world.see(id, Sight::Missing), "nothing");
    }
    let hours = 2 * 60 * 60 * 1000;
    for (past, expected) in [
        (-1, "ending_started"),
        (0, "nothing"),
        (1, "nothing"),
        (hours, "nothing"),
    ] {
        let mut world = World::new();
        let id = world.active();
        let (_, expires_at) = world.request(id).lease.unwrap();
        world.now = expires_at;
        world.pass_millis(past);
        let said = world.see(id, Sight::Missing);
        assert_eq!(said, expected, "from its end on the clock ends it: {past}");
    }
}

#[test]
fn a_leftover_that_stays_is_alarmed_at_the_third_failure_and_at_every_sixtieth() {
    let mut world = World::new();
    let id = world.ended();
    world.see(id, Sight::Ours);
    let alarmed = (0..=180).filter(|tries| {
        let said = world.report(id, failed(Fault::Passing, *tries));
        assert!(["nothing", "reconciled"].contains(&said.as_str()), "{said}");
        said == "reconciled"
    });
    assert_eq!(alarmed.collect::<Vec<_>>(), [3, 60, 120, 180]);
}

#[test]
fn what_others_gave_is_told_once_until_it_went_away() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/read"));
    assert_eq!(world.see(id, from(&[])), "nothing");
    assert_eq!(world.see(id, from(&["granted by postgres"])), "reconciled");
    assert_eq!(world.effects.len(), 1);
    assert_eq!(world.see(id, from(&["granted by postgres"])), "nothing");
    let both = ["granted by postgres", "granted by dba"];
    assert_eq!(world.see(id, from(&both)), "reconciled");
    assert_eq!(world.see(id, from(&["granted by dba"])), "reconciled");
    assert!(world.effects.is_empty(), "nobody is told that it went away");
    assert_eq!(world.see(id, from(&both)), "reconciled");
    assert_eq!(world.wanted(id), Wanted::Settled, "never touched");
    let found: Vec<BTreeSet<&str>> = world
        .differences()
        .into_iter()
        .filter_map(|difference| match difference {
            Difference::Foreign { how } => Some(how.iter().map(String::as_str).collect()),
            Difference::Leftover
            | Difference::LeftoverKept { .. }
            | Difference::LeftoverTaken { .. }
            | Difference::ForeignGone { .. } => None,
        })
        .collect();
    let told = [
        "granted by postgres",
        "granted by dba",
        "granted by postgres",
    ];
    assert_eq!(found, told.map(|how| BTreeSet::from([how])));
}
