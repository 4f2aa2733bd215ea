//! Every order in which one request, or two on one holding, can go through people, the clock, a worker that crashes,
//! and a target that fails: all of them, by the real `decide`, `apply` and `react`.

mod town;
mod worker;

use breakglass_core::state::{Holding, Wanted};
use stateright::{Checker as _, Model, Property};

use self::town::{Fence, Plot, Step, Story, Town};

impl Model for Story {
    type State = Town;
    type Action = Step;

    fn init_states(&self) -> Vec<Town> {
        vec![Town::new(*self)]
    }

    fn actions(&self, town: &Town, steps: &mut Vec<Step>) {
        town.steps(*self, steps);
    }

    fn next_state(&self, town: &Town, step: Step) -> Option<Town> {
        let next = town.after(*self, &step);
        (next != *town).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::<Self>::always("nothing breaks a rule as it happens", |_, town| {
                town.broken.is_none()
            }),
            Property::<Self>::always("no access without a decision", |_, town| {
                let mut requests = town.state.requests.values();
                !town.access || requests.any(|request| request.granted.is_some())
            }),
            Property::<Self>::always("what is over is gone from the target", |_, town| {
                let is_live = |holding: &Holding| !holding.grants.is_empty();
                !town.access || town.holding().is_some_and(is_live)
            }),
            Property::<Self>::always("who is said to have access has it", |_, town| {
                town.access || town.is("active", 0)
            }),
            Property::<Self>::always("what a target should be is never forgotten", |_, town| {
                let wanted = town.holding().map(Holding::wanted);
                wanted.is_none_or(|wanted| wanted == Wanted::Settled) || town.errand.is_some()
            }),
        ];
        // That all of it is reached shows that the model isn't empty.
        let reached: &[Reached] = match self.plot {
            Plot::OneRequest => &[
                ("active", |_, town| town.is("active", 1)),
                ("ended", |_, town| town.is("ended", 1)),
                ("denied", |_, town| town.is("denied", 1)),
                ("withdrawn", |_, town| town.is("withdrawn", 1)),
                ("lapsed", |_, town| town.is("lapsed", 1)),
            ],
            Plot::TwoGrants => &[
                ("both hold it", |_, town| town.is("active", 2)),
                ("one ends, one holds it", |_, town| {
                    town.is("ending", 1) && town.is("active", 1)
                }),
                ("one is over, one holds it", |_, town| {
                    town.is("ended", 1) && town.is("active", 1)
                }),
                ("both are over", |_, town| town.is("ended", 2)),
            ],
            Plot::Sleeper => &[
                ("one sleeps, one is at work", |_, town| {
                    town.sleeper.is_some() && town.hand.is_some()
                }),
                ("one sleeps, and it is over", |_, town| {
                    town.sleeper.is_some() && town.is("ended", 1)
                }),
                ("it is over", |_, town| {
                    town.sleeper.is_none() && town.is("ended", 1)
                }),
            ],
        };
        let reached = reached
            .iter()
            .map(|(name, is)| Property::<Self>::sometimes(name, *is));
        properties.extend(reached);
        properties
    }
}

/// What is so somewhere.
type Reached = (&'static str, fn(&Story, &Town) -> bool);

/// All orders.
#[expect(
    clippy::print_stdout,
    reason = "the count says how much was gone through"
)]
fn check(story: Story) {
    let checker = story.checker().spawn_bfs().join();
    println!("{story:?}: {} states", checker.unique_state_count());
    checker.assert_properties();
}

#[test]
fn every_order_of_one_request_keeps_every_rule() {
    check(Story {
        plot: Plot::OneRequest,
        failures: 1,
        fence: Fence::Kept,
    });
}

#[test]
fn every_order_of_two_grants_on_one_holding_keeps_every_rule() {
    check(Story {
        plot: Plot::TwoGrants,
        failures: 1,
        fence: Fence::Kept,
    });
}

const SLEEPER: Story = Story {
    plot: Plot::Sleeper,
    failures: 1,
    fence: Fence::Kept,
};

#[test]
fn a_worker_that_slept_gives_nothing_and_takes_nothing() {
    check(SLEEPER);
}

#[test]
fn without_the_fence_a_worker_that_slept_gives_what_is_over() {
    let story = Story {
        fence: Fence::Missing,
        ..SLEEPER
    };
    let found_one = stateright::HasDiscoveries::AnyFailures;
    let checker = story.checker().finish_when(found_one).spawn_bfs().join();
    let found = checker.discovery("what is over is gone from the target");
    let steps = found.expect("it is found").into_actions();
    assert!(steps.contains(&Step::FallAsleep), "{steps:?}");
}
