use super::*;
use crate::command::{Command, Reach};
use crate::decide::tests::world::{World, operator, person, text};
use crate::id::HoldingId;

const TARGET: Capabilities = Capabilities {
    reads_back: true,
    ends_sessions: true,
    lists: true,
    expires_by_itself: false,
    settle: Length::from_secs(0),
    parallel_max: 1,
};

/// A grant that is to be given, or taken away, and a worker that takes it up now.
struct Desk {
    world: World,
    holding: HoldingId,
    request: RequestId,
    claimed_until: Timestamp,
    target: Option<Capabilities>,
}

impl Desk {
    fn new(make: impl Fn(&mut World) -> RequestId) -> Self {
        let mut world = World::new();
        let request = make(&mut world);
        Self {
            holding: world.request(request).asked.holding.clone(),
            request,
            claimed_until: world.now.plus(CLAIM),
            target: Some(TARGET),
            world,
        }
    }

    fn begin(&self) -> Converge {
        self.begin_at(self.world.now, 0)
    }

    /// At this instant of the clock that claims go by, when the wall clock is so many milliseconds ahead of it.
    fn begin_at(&self, now: Timestamp, wall_ahead: i64) -> Converge {
        let state = &self.world.state;
        let look = Look {
            holding: &state.holdings[&self.holding],
            mode: &state.house.mode,
            request: Some(&state.requests[&self.request]),
            facts: &self.world.facts,
            capabilities: self.target.as_ref(),
            tries: 1,
            claimed_until: self.claimed_until,
            wall_ahead,
        };
        Converge::begin(&look, now)
    }

    fn after(&self, secs: u32) -> Timestamp {
        self.world.now.plus(Length::from_secs(secs))
    }

    /// Calls, hears that it is done, and looks.
    fn read_back(&self, ours: Presence) -> Next {
        let (mut machine, now) = (self.begin(), self.world.now);
        if machine.next(now) == Next::Deprovision {
            machine.deprovisioned(Ok(Deprovisioned { sessions_ended: 2 }));
        } else {
            machine.provisioned(Ok(Provisioned::Done), now);
        }
        assert_eq!(machine.next(now), Next::Inspect);
        machine.inspected(Ok(seen(ours)), now);
        machine.next(now)
    }
}

fn seen(ours: Presence) -> Observation {
    Observation {
        ours,
        foreign: Vec::new(),
    }
}

fn outcome(next: Next) -> String {
    let Next::Report(report) = next else {
        return format!("{next:?}");
    };
    match report.outcome {
        Outcome::Given => "given".to_owned(),
        Outcome::AlreadyHeld { how } => format!("held: {how}"),
        Outcome::Taken {
            read_back,
            sessions_ended,
            ..
        } => format!("taken: {read_back:?}, {sessions_ended}"),
        Outcome::Failed { fault, why, tries } => format!("{fault:?} {tries}: {why}"),
    }
}

#[test]
fn it_is_done_when_it_was_read_back() {
    let give = Desk::new(World::approved);
    let take = Desk::new(World::ending);
    let told = |desk: &Desk, ours| outcome(desk.read_back(ours));
    assert_eq!(told(&give, Presence::Present), "given");
    assert_eq!(told(&give, Presence::Unknowable), "given");
    assert_eq!(
        told(&give, Presence::Absent),
        "Passing 2: the target doesn't show the access"
    );
    assert_eq!(told(&take, Presence::Absent), "taken: Absent, 2");
    assert_eq!(told(&take, Presence::Unknowable), "taken: Unknowable, 2");
    assert_eq!(
        told(&take, Presence::Present),
        "Passing 2: the target still shows the access"
    );
    let mut settled = Desk::new(World::active).begin();
    assert_eq!(settled.next(Timestamp::default()), Next::Nothing);
}

#[test]
fn a_call_to_give_says_when_it_comes_too_late() {
    let desk = Desk::new(World::approved);
    let call = |secs| {
        let Next::Provision(call) = desk.begin().next(desk.after(secs)) else {
            panic!("nothing is given after {secs} s");
        };
        call
    };
    assert_eq!(
        call(0).begin_by,
        desk.after(16),
        "nobody waits for an answer any longer"
    );
    assert_eq!(
        call(30).begin_by,
        desk.after(40),
        "then it must be over before another begins"
    );
    assert!(
        call(0).not_after > desk.after(600),
        "the grant itself goes on"
    );
    assert_eq!(desk.begin().next(desk.after(40)), Next::Stale);
    let mut late = Desk::new(World::approved);
    late.claimed_until = Timestamp::from_millis(i64::MAX);
    assert_eq!(
        outcome(late.begin().next(late.after(86_400))),
        "Lasting 2: it was too late to give this access"
    );
    // A target that was asked in time and says so when the time is over isn't asked again.
    let not_after = call(0).not_after;
    for (millis, expected) in [
        (
            -1,
            "Passing 2: the call reached the target too late, or its clock is ahead",
        ),
        (0, "Lasting 2: it was too late to give this access"),
    ] {
        let told_at = Timestamp::from_millis(not_after.millis() + millis);
        let mut machine = late.begin();
        machine.next(late.world.now);
        machine.provisioned(Err(ProvisionError::TooLate), told_at);
        assert_eq!(outcome(machine.next(told_at)), expected);
    }
}

#[test]
fn a_wall_clock_that_was_set_moves_what_the_target_is_told() {
    let mut desk = Desk::new(World::approved);
    let day = Length::from_mins(24 * 60);
    for (now, wall_ahead) in [
        (desk.world.now.plus(day), -day.millis()),
        (desk.world.now.minus(day), day.millis()),
    ] {
        desk.claimed_until = now.plus(CLAIM);
        let mut machine = desk.begin_at(now, wall_ahead);
        let Next::Provision(call) = machine.next(now) else {
            panic!("nothing is given");
        };
        assert_eq!(
            call.begin_by,
            desk.after(16),
            "as the target reads the time"
        );
        machine.provisioned(Ok(Provisioned::Done), now);
        assert_eq!(machine.next(now), Next::Inspect);
        machine.inspected(Ok(seen(Presence::Present)), now);
        let Next::Report(report) = machine.next(now) else {
            panic!("nothing is told");
        };
        assert_eq!(
            report.started_at, desk.world.now,
            "the lease counts from here"
        );
    }
}

#[test]
fn a_worker_that_slept_takes_nothing_away_that_another_may_have_given() {
    let desk = Desk::new(World::ending);
    assert_eq!(desk.begin().next(desk.after(39)), Next::Deprovision);
    assert_eq!(desk.begin().next(desk.after(40)), Next::Stale);
}

#[test]
fn what_was_seen_long_ago_is_not_told() {
    for make in [World::approved, World::ending] {
        let desk = Desk::new(make);
        let seen_after = |secs| {
            let (mut machine, now) = (desk.begin(), desk.world.now);
            if machine.next(now) == Next::Deprovision {
                machine.deprovisioned(Ok(Deprovisioned::default()));
            } else {
                machine.provisioned(Ok(Provisioned::Done), now);
            }
            assert_eq!(machine.next(now), Next::Inspect);
            machine.inspected(Ok(seen(Presence::Present)), desk.after(secs));
            machine.next(desk.after(secs))
        };
        assert_ne!(seen_after(20), Next::Stale, "a call's time and a little");
        assert_eq!(seen_after(21), Next::Stale);
    }
}

#[test]
fn a_target_that_never_answers_is_told_of_each_time() {
    let desk = Desk::new(World::ending);
    let silence = || ProvisionError::Unknown("no answer".to_owned());
    let (mut machine, now) = (desk.begin(), desk.world.now);
    machine.next(now);
    machine.deprovisioned(Err(silence()));
    let (asked, heard) = (desk.after(19), desk.after(38));
    assert_eq!(machine.next(asked), Next::Inspect);
    machine.inspected(Err(silence()), heard);
    assert_eq!(outcome(machine.next(heard)), "Passing 2: no answer");
}

#[test]
fn whoever_held_the_errand_before_says_nothing() {
    let desk = Desk::new(World::ending);
    let told = |secs| {
        let (mut machine, now) = (desk.begin(), desk.world.now);
        machine.next(now);
        machine.deprovisioned(Ok(Deprovisioned::default()));
        machine.next(desk.after(secs));
        machine.inspected(Ok(seen(Presence::Absent)), desk.after(secs));
        outcome(machine.next(desk.after(secs)))
    };
    assert_eq!(told(57), "taken: Absent, 0");
    assert_eq!(told(58), "Stale");
}

#[test]
fn what_nobody_knows_is_read_back_before_it_is_tried_again() {
    let unknown = || ProvisionError::Unknown("cut".to_owned());
    let give = |ours| {
        let desk = Desk::new(World::approved);
        let (mut machine, now) = (desk.begin(), desk.world.now);
        machine.next(now);
        machine.provisioned(Err(unknown()), now);
        assert_eq!(machine.next(now), Next::Inspect);
        machine.inspected(Ok(seen(ours)), now);
        outcome(machine.next(now))
    };
    assert_eq!(give(Presence::Present), "given");
    assert_eq!(give(Presence::Absent), "Passing 2: cut");
    assert_eq!(
        give(Presence::Unknowable),
        "Passing 2: cut",
        "nobody saw it"
    );
    let take = |ours| {
        let desk = Desk::new(World::ending);
        let (mut machine, now) = (desk.begin(), desk.world.now);
        machine.next(now);
        machine.deprovisioned(Err(unknown()));
        assert_eq!(machine.next(now), Next::Inspect);
        machine.inspected(ours, now);
        outcome(machine.next(now))
    };
    assert_eq!(
        take(Ok(seen(Presence::Absent))),
        "Passing 2: cut",
        "sessions may be open"
    );
    assert_eq!(take(Ok(seen(Presence::Unknowable))), "Passing 2: cut");
    assert_eq!(take(Err(unknown())), "Passing 2: cut");
}

#[test]
fn what_a_target_says_decides_how_it_goes_on() {
    let desk = Desk::new(World::approved);
    let told = |answer| {
        let (mut machine, now) = (desk.begin(), desk.world.now);
        machine.next(now);
        machine.provisioned(answer, now);
        outcome(machine.next(now))
    };
    let held = Provisioned::AlreadyHeld {
        how: "by bo".to_owned(),
    };
    assert_eq!(told(Ok(held)), "held: by bo");
    assert_eq!(
        told(Err(ProvisionError::Refused("no role".to_owned()))),
        "Lasting 2: no role"
    );
    assert_eq!(
        told(Err(ProvisionError::Unavailable("away".to_owned()))),
        "Passing 2: away"
    );
    assert_eq!(
        told(Err(ProvisionError::TooLate)),
        "Passing 2: the call reached the target too late, or its clock is ahead"
    );
}

#[test]
fn a_target_that_shows_changes_late_is_given_its_time() {
    let mut desk = Desk::new(World::approved);
    let settle = Length::from_secs(30);
    desk.target = Some(Capabilities { settle, ..TARGET });
    let (mut machine, now) = (desk.begin(), desk.world.now);
    machine.next(now);
    machine.provisioned(Ok(Provisioned::Done), now);
    assert_eq!(machine.next(now), Next::Wait(settle));
    machine.waited();
    assert_eq!(machine.next(desk.after(30)), Next::Inspect);
    machine.inspected(Ok(seen(Presence::Present)), desk.after(30));
    assert_eq!(outcome(machine.next(desk.after(30))), "given");
}

#[test]
fn nothing_is_given_that_may_not_be() {
    let told = |desk: &Desk| outcome(desk.begin().next(desk.world.now));
    let mut desk = Desk::new(World::approved);
    desk.target = None;
    assert_eq!(
        told(&desk),
        "Passing 2: no provisioner orders-postgres is configured any more"
    );
    let mut desk = Desk::new(World::approved);
    desk.world.facts.inactive.insert(person("maya"));
    assert_eq!(
        told(&desk),
        "Lasting 2: somebody it concerns is not active any more"
    );
    desk.world.facts.unsure.insert(person("maya"));
    assert_eq!(
        told(&desk),
        "Passing 2: whether everybody it concerns is active can't be looked up"
    );
    let mut desk = Desk::new(World::approved);
    let lock = Command::StartLockdown {
        reason: text("leak"),
        reach: Reach::StopGranting,
    };
    desk.world.give(&operator(), &lock);
    assert_eq!(told(&desk), "Lasting 2: granting is stopped");
    desk.world.revoke("ines", desk.request);
    assert_eq!(
        desk.begin().next(desk.world.now),
        Next::Deprovision,
        "but taken it is"
    );
}
