//! Every command in every state: one table, read as a whole.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::world::{Wish, World, by, failed, gone, held, person, text, urgent, wish};
use crate::command::{
    Actor, Command, Fault, Finding, Outcome, Reach, Removal, Report, Sight, Sighting,
};
use crate::deadline::Deadline;
use crate::event::AttemptRefused;
use crate::id::{PolicyHash, RequestId};
use crate::link::{CODE_CHARS, Code};
use crate::port::provisioner::Presence;
use crate::state::{Phase, Review};
use crate::time::Timestamp;

/// A new state needs a column: its name, and a world in it.
fn column(world: &World, id: RequestId) -> &'static str {
    let Some(request) = world.state.requests.get(&id) else {
        return "nothing";
    };
    match &request.phase {
        Phase::Pending { confirm, .. } if !confirm.is_empty() => "unconfirmed",
        Phase::Pending { .. } => "pending",
        Phase::Approved { .. } => "approved",
        Phase::Active { .. } => "active",
        Phase::Ending(_) => "ending",
        Phase::Ended { .. } => match request.review {
            Review::Open { .. } => "to_review",
            Review::Closed { .. } => "reviewed",
            Review::None => "ended",
        },
        Phase::Denied { .. } if request.terms.is_none() => "denied_at_once",
        Phase::Denied { .. } => "denied",
        Phase::Withdrawn { .. } => "withdrawn",
        Phase::Lapsed { .. } => "lapsed",
    }
}

fn worlds() -> Vec<(&'static str, World)> {
    const ADMIN: &str = "orders-db/admin";
    let of = |made: fn(&mut World)| {
        let mut world = World::new();
        made(&mut world);
        (column(&world, RequestId::new(1)), world)
    };
    vec![
        of(|_| ()),
        of(|world| {
            world.ask(&urgent("maya", ADMIN));
        }),
        of(|world| {
            world.ask(&wish("maya", ADMIN));
        }),
        of(decided),
        of(begun),
        of(ending),
        of(|world| {
            decided(world);
            let id = world.newest();
            world.revoke("ines", id);
            world.report(id, gone());
        }),
        of(over),
        of(|world| {
            over(world);
            let id = world.newest();
            world.close_review("cy", id);
        }),
        of(|world| {
            let id = world.ask(&wish("maya", ADMIN));
            world.deny("ines", id);
        }),
        of(|world| {
            world.try_ask(&Wish {
                duration: Some("3h"),
                ..wish("maya", ADMIN)
            });
        }),
        of(|world| {
            let id = world.ask(&wish("maya", ADMIN));
            world.withdraw("maya", id);
        }),
        of(|world| {
            let id = world.ask(&wish("maya", ADMIN));
            world.pass("10m");
            world.due(id, Deadline::Lapse);
        }),
    ]
}

fn decided(world: &mut World) {
    let id = world.ask(&wish("maya", "orders-db/admin"));
    world.approve("dana", id);
    assert_eq!(world.approve("ines", id), "approval_given approved");
}

fn begun(world: &mut World) {
    decided(world);
    let id = world.newest();
    world.report(id, Outcome::Given);
}

fn ending(world: &mut World) {
    begun(world);
    let id = world.newest();
    world.give_back("maya", id);
}

fn over(world: &mut World) {
    ending(world);
    let id = world.newest();
    world.report(id, gone());
}

/// Every command, each from somebody who may give it where anybody may; a new one needs a line.
fn commands(world: &World) -> Vec<(String, Actor, Command)> {
    let people = by_people(world).into_iter();
    let people = people.map(|(who, command)| (by(who), command));
    let own = reports(world)
        .into_iter()
        .chain(sightings(world))
        .chain(deadlines())
        .chain(by_server());
    people
        .chain(own.map(|command| (Actor::Server, command)))
        .map(|(actor, command)| (name(&command), actor, command))
        .collect()
}

const REQUEST: RequestId = RequestId::new(1);

fn by_people(world: &World) -> Vec<(&'static str, Command)> {
    let request = REQUEST;
    let digest = || world.digest(request);
    let note = || text("a few words");
    let code = || Code::from_random([7; CODE_CHARS]).hash();
    let approve = Command::Approve {
        request,
        digest: digest(),
        cut: None,
    };
    let deny = Command::Deny {
        request,
        digest: digest(),
        reason: note(),
    };
    let confirm = Command::Confirm {
        request,
        digest: digest(),
    };
    let revoke = Command::Revoke {
        request,
        reason: note(),
    };
    let attest = Command::Attest {
        request,
        reason: note(),
    };
    let close_review = Command::CloseReview {
        request,
        finding: Finding::Justified,
        note: note(),
    };
    let describe = Command::DescribeUse {
        request,
        note: note(),
    };
    let lock = Command::StartLockdown {
        reason: note(),
        reach: Reach::RevokeAll,
    };
    vec![
        ("maya", world.ask_command(&wish("maya", "orders-db/admin"))),
        ("maya", confirm),
        ("maya", Command::AskForApproval { request }),
        ("lee", approve),
        ("lee", deny),
        ("maya", Command::Withdraw { request }),
        ("maya", Command::GiveBack { request }),
        ("lee", revoke),
        ("lee", attest),
        ("lee", close_review),
        ("maya", describe),
        ("lee", lock),
        ("lee", Command::EndLockdown { reason: note() }),
        ("maya", Command::OfferLink { code: code() }),
        ("maya", Command::Link { code: code() }),
        (
            "maya",
            Command::Unlink {
                person: person("maya"),
            },
        ),
    ]
}

fn reports(world: &World) -> Vec<Command> {
    let Command::Ask(ask) = world.ask_command(&wish("maya", "orders-db/admin")) else {
        unreachable!();
    };
    let holding = ask.holding;
    let version = world.state.holdings.get(&holding);
    let version = version.map_or(0, |one| one.version);
    let outcomes = [
        Outcome::Given,
        held(),
        gone(),
        failed(Fault::Passing, 1),
        failed(Fault::Lasting, 1),
    ];
    let report = |outcome| Report {
        holding: holding.clone(),
        version,
        started_at: world.now,
        outcome,
    };
    outcomes
        .map(|outcome| Command::Report(Box::new(report(outcome))))
        .into()
}

fn sightings(world: &World) -> Vec<Command> {
    let Command::Ask(ask) = world.ask_command(&wish("maya", "orders-db/admin")) else {
        unreachable!();
    };
    let holding = ask.holding;
    let version = world.state.holdings.get(&holding);
    let version = version.map_or(0, |one| one.version);
    let others = BTreeSet::from(["granted by postgres".to_owned()]);
    let sighting = |sight| Sighting {
        holding: holding.clone(),
        version,
        sight,
    };
    [Sight::Ours, Sight::Missing, Sight::Foreign(others)]
        .map(|sight| Command::Reconcile(Box::new(sighting(sight))))
        .into()
}

fn deadlines() -> Vec<Command> {
    [
        Deadline::Lapse,
        Deadline::Escalate(0),
        Deadline::Escalate(1),
        Deadline::Silence,
        Deadline::GiveUp,
        Deadline::Remind,
        Deadline::Expire,
        Deadline::Stick,
        Deadline::ReviewOverdue,
    ]
    .map(|deadline| Command::FallDue {
        request: REQUEST,
        deadline,
    })
    .into()
}

fn by_server() -> Vec<Command> {
    let hash = PolicyHash::stored("sha256:another");
    let start = Command::Start {
        version: "1".to_owned(),
        config: "c".to_owned(),
        changes: Vec::new(),
    };
    let attempt = AttemptRefused {
        command: "approve".to_owned(),
        on: Some(REQUEST),
        refusal: "own_request".to_owned(),
        count: 1,
        about: None,
    };
    vec![
        Command::LoadPolicy { hash },
        Command::RuleAgain { request: REQUEST },
        Command::RecordRemoval(Removal {
            request: REQUEST,
            removed_at: Timestamp::from_millis(1_772_417_700_000),
            read_back: Presence::Absent,
            sessions_ended: 1,
        }),
        Command::CheckRights { request: REQUEST },
        Command::ReportPage {
            request: Some(REQUEST),
            pager: "dba-phone".parse().unwrap(),
            page: "4.2".to_owned(),
            trouble: None,
        },
        Command::Preflight {
            request: REQUEST,
            trouble: Some("doesn't answer".to_owned()),
        },
        start,
        Command::NoteRefusal(Box::new(attempt)),
    ]
}

/// A new kind of command, outcome or deadline stops the build here.
fn name(command: &Command) -> String {
    let detail = match command {
        Command::Report(report) => match &report.outcome {
            Outcome::Given => " given".to_owned(),
            Outcome::AlreadyHeld { .. } => " already_held".to_owned(),
            Outcome::Taken { .. } => " taken".to_owned(),
            Outcome::Failed { fault, .. } => format!(" failed {fault:?}").to_lowercase(),
        },
        Command::Reconcile(sighting) => match &sighting.sight {
            Sight::Ours => " ours".to_owned(),
            Sight::Missing => " missing".to_owned(),
            Sight::Foreign(_) => " foreign".to_owned(),
        },
        Command::FallDue { deadline, .. } => match deadline {
            Deadline::Lapse
            | Deadline::Escalate(_)
            | Deadline::Silence
            | Deadline::GiveUp
            | Deadline::Remind
            | Deadline::Expire
            | Deadline::Stick
            | Deadline::ReviewOverdue => format!(" {}", deadline.name()),
        },
        Command::Ask(_)
        | Command::Confirm { .. }
        | Command::AskForApproval { .. }
        | Command::Approve { .. }
        | Command::Deny { .. }
        | Command::Withdraw { .. }
        | Command::GiveBack { .. }
        | Command::Revoke { .. }
        | Command::Attest { .. }
        | Command::CloseReview { .. }
        | Command::DescribeUse { .. }
        | Command::StartLockdown { .. }
        | Command::EndLockdown { .. }
        | Command::OfferLink { .. }
        | Command::Link { .. }
        | Command::Unlink { .. }
        | Command::LoadPolicy { .. }
        | Command::RuleAgain { .. }
        | Command::RecordRemoval(_)
        | Command::ReportPage { .. }
        | Command::CheckRights { .. }
        | Command::Preflight { .. }
        | Command::Start { .. }
        | Command::NoteRefusal(_) => String::new(),
    };
    format!("{}{detail}", command.name())
}

/// What comes of each command: an outcome, and the states it comes in. A deadline is tried at the instant
/// it is due, if it is one of the state's, and else two days later.
fn written() -> String {
    let worlds = worlds();
    let mut lines = String::new();
    for (place, (kind, ..)) in commands(&worlds[0].1).iter().enumerate() {
        let mut said: Vec<(String, Vec<&str>)> = Vec::new();
        for (state, world) in &worlds {
            let mut world = world.clone();
            let (_, actor, command) = commands(&world).swap_remove(place);
            if let Command::FallDue { request, deadline } = command {
                let later = world.now.plus("2d".parse().unwrap());
                let due = world.state.requests.get(&request);
                let due = due.and_then(|_| world.due_at(request, deadline));
                world.now = due.unwrap_or(later);
            }
            let outcome = world.give(&actor, &command);
            match said.iter_mut().find(|(other, _)| *other == outcome) {
                Some((_, states)) => states.push(state),
                None => said.push((outcome, vec![state])),
            }
        }
        writeln!(lines, "{kind}").unwrap();
        for (outcome, states) in said {
            let states = if states.len() == worlds.len() {
                "any".to_owned()
            } else {
                states.join(", ")
            };
            writeln!(lines, "    {outcome}: {states}").unwrap();
        }
    }
    lines
}

#[test]
fn every_command_in_every_state() {
    let columns: Vec<_> = worlds().into_iter().map(|(column, _)| column).collect();
    assert_eq!(
        columns,
        [
            "nothing",
            "unconfirmed",
            "pending",
            "approved",
            "active",
            "ending",
            "ended",
            "to_review",
            "reviewed",
            "denied",
            "denied_at_once",
            "withdrawn",
            "lapsed",
        ]
    );
    insta::assert_snapshot!(written());
}
