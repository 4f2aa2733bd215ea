//! Whoever links what with whom, and whatever the policy lists meanwhile: nobody approves for themselves, and each counts once.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::code;
use crate::command::{Actor, Command};
use crate::decide::tests::world::{POLICY, Wish, World, parse, person, wish};
use crate::event::Event;
use crate::id::{PersonId, Platform, RequestId};
use crate::policy::Policy;
use crate::time::Timestamp;

const PEOPLE: [&str; 5] = ["maya", "bo", "dana", "cy", "ines"];
/// Slack accounts that some policy lists, and Discord accounts, two of which some policy lists.
const ACCOUNTS: [(Platform, &str); 10] = [
    (Platform::Slack, "U0MAYA"),
    (Platform::Slack, "U0BO"),
    (Platform::Slack, "U0DANA"),
    (Platform::Slack, "U0CY"),
    (Platform::Slack, "U0INES"),
    (Platform::Slack, "U0NEW"),
    (Platform::Discord, "1"),
    (Platform::Discord, "2"),
    (Platform::Discord, "3"),
    (Platform::Discord, "4"),
];

/// What each policy lists differently from the first.
const CHANGES: [&[(&str, &str)]; 5] = [
    &[],
    &[("slack = \"U0MAYA\"", "slack = \"U0NEW\"")],
    &[("id = \"bo\"\n", "id = \"bo\"\ndiscord = \"1\"\n")],
    &[
        ("id = \"dana\"\n", "id = \"dana\"\ndiscord = \"2\"\n"),
        ("slack = \"U0CY\"", "discord = \"3\""),
    ],
    &[
        ("slack = \"U0BO\"", "slack = \"U0DANA1\""),
        ("slack = \"U0DANA\"", "slack = \"U0BO\""),
    ],
];

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let changed = |changes: &&[(&str, &str)]| {
        let change = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
        parse(&changes.iter().fold(POLICY.to_owned(), change))
    };
    CHANGES.iter().map(changed).collect()
});

#[derive(Debug, Clone)]
enum Step {
    Offer(Index, Claim, u8),
    Enter(Index, u8),
    Unlink(Index, Claim),
    Ask(Index, Claim, &'static str),
    Approve(Index, Claim, Index),
    Policy(usize),
    Pass(i64),
}

/// Who an account says it is.
#[derive(Debug, Clone, Copy)]
enum Claim {
    /// Whoever the shell takes it for.
    AsLookedUp,
    /// Somebody, whatever is true.
    Lying(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    let claim = || {
        prop_oneof![
            8 => Just(Claim::AsLookedUp),
            1 => select(&PEOPLE[..]).prop_map(Claim::Lying),
        ]
    };
    prop_oneof![
        4 => (index(), claim(), 0..4_u8).prop_map(|(at, claim, code)| Step::Offer(at, claim, code)),
        4 => (index(), 0..4_u8).prop_map(|(at, code)| Step::Enter(at, code)),
        1 => (index(), claim()).prop_map(|(at, claim)| Step::Unlink(at, claim)),
        3 => (index(), claim(), select(&["orders-db/read", "orders-db/admin", "crm/read"][..]))
            .prop_map(|(at, claim, role)| Step::Ask(at, claim, role)),
        9 => (index(), claim(), index()).prop_map(|(at, claim, which)| Step::Approve(at, claim, which)),
        1 => (0..CHANGES.len()).prop_map(Step::Policy),
        3 => select(vec![1_000, 60_000, 43_200_000, 86_400_000]).prop_map(Step::Pass),
    ]
}

fn actor(world: &World, (platform, account): (Platform, &str), claim: Claim) -> Actor {
    let account = account.to_owned();
    let looked_up = world.policy.with_links(&world.state.house.links);
    let claimed = match claim {
        Claim::AsLookedUp => looked_up
            .person_by(platform, &account)
            .map(|listed| listed.id.clone()),
        Claim::Lying(who) => Some(person(who)),
    };
    match claimed {
        Some(person) => Actor::Person {
            person,
            platform,
            account,
        },
        None => Actor::Stranger { platform, account },
    }
}

fn take(world: &mut World, step: &Step) {
    match step {
        Step::Offer(at, claim, byte) => {
            let actor = actor(world, *at.get(&ACCOUNTS), *claim);
            world.give(&actor, &Command::OfferLink { code: code(*byte) });
        }
        Step::Enter(at, byte) => {
            let actor = actor(world, *at.get(&ACCOUNTS), Claim::AsLookedUp);
            world.give(&actor, &Command::Link { code: code(*byte) });
        }
        Step::Unlink(at, claim) => {
            let actor = actor(world, *at.get(&ACCOUNTS), *claim);
            if let Some(person) = actor.person().cloned() {
                world.give(&actor, &Command::Unlink { person });
            }
        }
        Step::Ask(at, claim, role) => {
            let actor = actor(world, *at.get(&ACCOUNTS), *claim);
            let Some(who) = actor.person().cloned() else {
                return;
            };
            let wish = Wish {
                again: true,
                ..wish(who.as_str(), role)
            };
            let ask = world.ask_command(&wish);
            world.give(&actor, &ask);
        }
        Step::Approve(at, claim, which) => {
            let ids: Vec<RequestId> = world.state.requests.keys().copied().collect();
            if ids.is_empty() {
                return;
            }
            let request = *which.get(&ids);
            let actor = actor(world, *at.get(&ACCOUNTS), *claim);
            let digest = world.digest(request);
            let cut = None;
            world.give(
                &actor,
                &Command::Approve {
                    request,
                    digest,
                    cut,
                },
            );
        }
        Step::Policy(which) => {
            world.policy = POLICIES[*which].clone();
            let hash = world.policy.hash().clone();
            world.give(&Actor::Server, &Command::LoadPolicy { hash });
        }
        Step::Pass(millis) => world.pass_millis(*millis),
    }
}

/// Whose account it is, told apart from the code under test: by the policy's own words, else by the log, read backwards.
fn owner(world: &World, account: (Platform, &str)) -> Option<(PersonId, Option<Timestamp>)> {
    let listed = |(platform, account): (Platform, &str)| {
        let mut people = world.policy.people();
        people
            .find(|person| person.account_on(platform) == Some(account))
            .map(|person| person.id.clone())
    };
    if let Some(person) = listed(account) {
        return Some((person, None));
    }
    for record in world.log.iter().rev() {
        let (Event::Linked { link } | Event::Unlinked { link }) = &record.event else {
            continue;
        };
        if (link.linked.platform, link.linked.account.as_str()) != account {
            continue;
        }
        let newer = world.log.iter().filter(|other| other.seq > record.seq);
        let replaced = newer.into_iter().any(
            |other| matches!(&other.event, Event::Linked { link: other } if other.person == link.person),
        );
        let upheld =
            listed((link.listed.platform, &link.listed.account)).as_ref() == Some(&link.person);
        let people = &mut world.policy.people();
        let elsewhere = people
            .any(|one| one.id == link.person && one.account_on(link.linked.platform).is_some());
        let is_linked = matches!(record.event, Event::Linked { .. });
        return (is_linked && !replaced && upheld && !elsewhere)
            .then(|| (link.person.clone(), Some(link.at)));
    }
    None
}

proptest! {
    #[test]
    fn nobody_approves_for_themselves_and_each_counts_once(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::new();
        for step in &steps {
            let owners: Vec<_> = ACCOUNTS.iter().map(|account| (*account, owner(&world, *account))).collect();
            let before = world.log.len();
            take(&mut world, step);
            for record in &world.log[before..] {
                let Some(person) = record.actor.person() else { continue };
                let account = record.actor.account().unwrap();
                let at = (account.platform, account.account.as_str());
                let (_, owner) = owners.iter().find(|(account, _)| *account == at).unwrap();
                let Some((owner, linked_at)) = owner else {
                    panic!("{record:?} was done from nobody's account");
                };
                prop_assert_eq!(owner, person, "{:?}", record);
                if let (Event::ApprovalGiven { .. }, Some(since)) = (&record.event, linked_at) {
                    prop_assert!(record.at.millis_since(*since) >= 86_400_000, "{:?}", record);
                }
            }
            for (account, _) in &owners {
                let looked_up = world.who(account.0, account.1);
                prop_assert_eq!(looked_up, owner(&world, *account).map(|(person, _)| person));
            }
        }
        // That nobody approved their own and nobody counts twice is checked of every world.
        world.check();
    }
}
