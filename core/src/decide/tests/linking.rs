//! One person on two chats: linking, what a linked account may do, and when a link is dead.

mod graphs;

use super::house::{lock, unlock};
use super::world::{POLICY, World, by, person, stranger, text, urgent, wish};
use crate::command::{Actor, Command, Finding, Outcome, Reach};
use crate::effect::{Effect, Topic};
use crate::id::{PersonId, Platform, RequestId};
use crate::link::{CODE_CHARS, Code, CodeHash, Links};
use crate::notice::Audience;
use crate::refusal::Refusal;

const ON_DISCORD: &str = "200000000000000001";

fn code(byte: u8) -> CodeHash {
    Code::from_random([byte; CODE_CHARS]).hash()
}

/// Whoever holds this Discord account, unknown so far.
fn unknown(account: &str) -> Actor {
    Actor::Stranger {
        platform: Platform::Discord,
        account: account.to_owned(),
    }
}

/// The person, from Discord.
fn on_discord(who: &str, account: &str) -> Actor {
    Actor::Person {
        person: person(who),
        platform: Platform::Discord,
        account: account.to_owned(),
    }
}

impl World {
    fn offer(&mut self, who: &str, byte: u8) -> String {
        self.give(&by(who), &Command::OfferLink { code: code(byte) })
    }

    fn enter(&mut self, account: &str, byte: u8) -> String {
        self.give(&unknown(account), &Command::Link { code: code(byte) })
    }

    /// The person's second account is [`ON_DISCORD`].
    fn link(&mut self, who: &str) -> Actor {
        assert_eq!(self.offer(who, 1), "link_offered");
        assert_eq!(self.enter(ON_DISCORD, 1), "linked");
        on_discord(who, ON_DISCORD)
    }

    fn approve_as(&mut self, actor: &Actor, request: RequestId) -> String {
        let digest = self.digest(request);
        let cut = None;
        self.give(
            actor,
            &Command::Approve {
                request,
                digest,
                cut,
            },
        )
    }

    fn deny_as(&mut self, actor: &Actor, request: RequestId) -> String {
        let digest = self.digest(request);
        let reason = text("not now");
        self.give(
            actor,
            &Command::Deny {
                request,
                digest,
                reason,
            },
        )
    }

    /// Who this account is, as the shell looks people up.
    fn who(&self, platform: Platform, account: &str) -> Option<PersonId> {
        let policy = self.policy.with_links(&self.state.house.links);
        policy
            .person_by(platform, account)
            .map(|person| person.id.clone())
    }
}

#[test]
fn a_code_from_one_chat_links_an_account_on_the_other() {
    let mut world = World::new();
    assert_eq!(world.who(Platform::Discord, ON_DISCORD), None);
    world.link("maya");
    assert_eq!(
        world.who(Platform::Discord, ON_DISCORD),
        Some(person("maya"))
    );
    let with = world.policy.with_links(&world.state.house.links);
    assert_eq!(with.hash(), world.policy.hash());
    let maya = with.person(&person("maya")).unwrap();
    assert_eq!(maya.account_on(Platform::Discord), Some(ON_DISCORD));
    assert_eq!(maya.account_on(Platform::Slack), Some("U0MAYA"));
}

#[test]
fn both_sides_and_security_hear_of_it() {
    let mut world = World::new();
    let told = |world: &World| {
        let posts = world.effects.iter().map(|effect| match effect {
            Effect::Post { to, topic, .. } => (to.clone(), *topic),
            Effect::Converge { .. } | Effect::Draw { .. } | Effect::Page { .. } => {
                panic!("{effect:?}")
            }
        });
        posts.collect::<Vec<_>>()
    };
    let all = [
        (Audience::Person(person("maya")), Topic::Linked),
        (Audience::Security, Topic::House),
    ];
    world.offer("maya", 1);
    assert_eq!(told(&world), []);
    world.enter(ON_DISCORD, 1);
    assert_eq!(told(&world), all);
    world.give(&by("maya"), &unlink("maya"));
    assert_eq!(told(&world), all);
}

#[test]
fn a_code_is_good_once_and_for_ten_minutes() {
    let mut world = World::new();
    assert_eq!(world.enter(ON_DISCORD, 1), "refused: wrong_code");
    world.offer("maya", 1);
    assert_eq!(world.enter(ON_DISCORD, 2), "refused: wrong_code");
    // Another takes the place of the first.
    world.offer("maya", 2);
    assert_eq!(world.enter(ON_DISCORD, 1), "refused: wrong_code");
    for (millis, said) in [
        (599_999, "linked"),
        (600_000, "refused: wrong_code"),
        (600_001, "refused: wrong_code"),
    ] {
        let mut world = world.clone();
        world.pass_millis(millis);
        assert_eq!(world.enter(ON_DISCORD, 2), said, "after {millis} ms");
    }
    assert_eq!(world.enter(ON_DISCORD, 2), "linked");
    assert_eq!(world.enter("200000000000000002", 2), "refused: wrong_code");
}

#[test]
fn only_whom_the_policy_lists_gets_a_code() {
    let mut world = World::new();
    let offer = Command::OfferLink { code: code(1) };
    for actor in [
        stranger(),
        unknown(ON_DISCORD),
        on_discord("maya", ON_DISCORD),
        by("left"),
        super::world::operator(),
        Actor::Server,
    ] {
        assert_eq!(
            world.give(&actor, &offer),
            "refused: unknown_person",
            "{actor:?}"
        );
    }
    world.facts.inactive.insert(person("bo"));
    assert_eq!(world.offer("bo", 1), "refused: inactive");
    let maya = world.link("maya");
    assert_eq!(world.give(&maya, &offer), "refused: cannot_link");
    assert_eq!(world.offer("maya", 3), "refused: cannot_link");
    world.amend("slack = \"U0DANA\"", "slack = \"U0DANA\"\ndiscord = \"7\"");
    assert_eq!(world.offer("dana", 3), "refused: cannot_link");
}

#[test]
fn an_account_that_is_known_already_can_not_be_linked() {
    let mut world = World::new();
    world.amend("slack = \"U0BO\"", "discord = \"7\"");
    world.link("maya");
    world.offer("dana", 3);
    let enter = Command::Link { code: code(3) };
    for actor in [
        by("lee"),
        unknown("7"),
        unknown(ON_DISCORD),
        on_discord("maya", ON_DISCORD),
        // On the chat where the policy lists her already.
        stranger(),
    ] {
        assert_eq!(
            world.give(&actor, &enter),
            "refused: cannot_link",
            "{actor:?}"
        );
    }
    for actor in [super::world::operator(), Actor::Server] {
        assert_eq!(
            world.give(&actor, &enter),
            "refused: unknown_person",
            "{actor:?}"
        );
    }
    world.facts.inactive.insert(person("dana"));
    assert_eq!(world.enter("9", 3), "refused: inactive");
    world.facts.inactive.clear();
    assert_eq!(world.enter("9", 3), "linked");
}

#[test]
fn a_code_of_somebody_who_left_links_nobody() {
    let mut world = World::new();
    world.offer("maya", 1);
    world.amend("slack = \"U0MAYA\"", "slack = \"U0NEW\"");
    assert_eq!(world.enter(ON_DISCORD, 1), "refused: wrong_code");
}

#[test]
fn a_linked_account_asks_and_ends_at_once() {
    let mut world = World::new();
    let maya = world.link("maya");
    let ask = world.ask_command(&wish("maya", "orders-db/read"));
    assert_eq!(world.give(&maya, &ask), "requested");
    let request = world.newest();
    assert_eq!(
        world.give(&maya, &Command::Withdraw { request }),
        "withdrawn"
    );
    let request = world.active();
    assert_eq!(
        world.give(&maya, &Command::GiveBack { request }),
        "ending_started"
    );
    world.report(request, super::world::gone());
    let note = text("dropped the slot");
    assert_eq!(
        world.give(&maya, &Command::DescribeUse { request, note }),
        "use_described"
    );
    let request = world.ask(&urgent("maya", "orders-db/admin"));
    let digest = world.digest(request);
    assert_eq!(
        world.give(&maya, &Command::Confirm { request, digest }),
        "confirmed approved"
    );
}

#[test]
fn what_a_linked_account_approves_counts_a_day_later() {
    for (millis, said) in [
        (0, "refused: young_link"),
        (86_399_999, "refused: young_link"),
        (86_400_000, "approval_given"),
    ] {
        let mut world = World::new();
        let linked = world.now;
        let dana = world.link("dana");
        world.pass_millis(millis);
        let request = world.ask(&wish("maya", "orders-db/read"));
        assert_eq!(world.approve_as(&dana, request), said, "after {millis} ms");
        let day = Some(Refusal::YoungLink {
            platform: Platform::Discord,
            from: linked.plus("24h".parse().unwrap()),
            instead: Platform::Slack,
        });
        assert_eq!(world.refusal == day, said != "approval_given");
        if said == "approval_given" {
            assert_eq!(world.approve("dana", request), "refused: already_approved");
        } else {
            assert_eq!(world.approve("dana", request), "approval_given");
        }
    }
}

#[test]
fn a_young_link_denies_revokes_and_locks_but_neither_reviews_nor_confirms_nor_unlocks() {
    let mut world = World::new();
    let lee = world.link("lee");
    let request = world.ask(&wish("maya", "crm/read"));
    assert_eq!(world.deny_as(&lee, request), "denied");
    let request = world.active();
    let reason = text("not now");
    assert_eq!(
        world.give(&lee, &Command::Revoke { request, reason }),
        "ending_started"
    );
    world.report(request, super::world::gone());
    let request = world.ended();
    let close = Command::CloseReview {
        request,
        finding: Finding::Justified,
        note: text("as said"),
    };
    assert_eq!(world.give(&lee, &close), "refused: young_link");
    let locked = lock(&mut world, &lee, Reach::StopGranting);
    assert_eq!(locked, "lockdown_started");
    assert_eq!(unlock(&mut world, &lee), "refused: young_link");
    world.pass("24h");
    assert_eq!(world.give(&lee, &close), "review_closed");
    assert_eq!(unlock(&mut world, &lee), "lockdown_ended");

    let mut world = World::new();
    let bo = world.link("bo");
    let on_behalf = super::world::Wish {
        beneficiary: "bo",
        ..urgent("tess", "orders-db/admin")
    };
    let request = world.ask(&on_behalf);
    let digest = world.digest(request);
    let confirm = Command::Confirm { request, digest };
    assert_eq!(world.give(&bo, &confirm), "refused: young_link");
    assert_eq!(world.confirm("bo", request), "confirmed");
}

#[test]
fn nobody_approves_their_own_request_from_the_linked_account() {
    let mut world = World::new();
    let dana = world.link("dana");
    world.pass("25h");
    let request = world.ask(&wish("dana", "orders-db/admin"));
    assert_eq!(world.approve_as(&dana, request), "refused: own_request");
    let ask = world.ask_command(&wish("dana", "crm/read"));
    assert_eq!(world.give(&dana, &ask), "requested");
    assert_eq!(
        world.approve("dana", world.newest()),
        "refused: own_request"
    );
}

#[test]
fn nobody_acts_from_an_account_that_is_not_theirs() {
    let mut world = World::new();
    world.link("maya");
    world.pass("25h");
    let request = world.ask(&wish("maya", "orders-db/read"));
    let of_another = Actor::Person {
        person: person("dana"),
        platform: Platform::Slack,
        account: "U0MAYA".to_owned(),
    };
    for liar in [
        of_another,
        on_discord("dana", ON_DISCORD),
        on_discord("dana", "9"),
    ] {
        assert_eq!(world.approve_as(&liar, request), "refused: unknown_person");
        assert_eq!(world.deny_as(&liar, request), "refused: unknown_person");
        let ask = world.ask_command(&wish("dana", "crm/read"));
        assert_eq!(world.give(&liar, &ask), "refused: unknown_person");
    }
    let liar = on_discord("maya", "9");
    for command in [
        Command::Withdraw { request },
        Command::GiveBack { request },
        unlink("maya"),
    ] {
        assert_eq!(world.give(&liar, &command), "refused: unknown_person");
    }
}

fn unlink(id: &str) -> Command {
    let person = person(id);
    Command::Unlink { person }
}

#[test]
fn only_the_power_to_revoke_takes_the_link_of_somebody_else_back() {
    let mut world = World::new();
    assert_eq!(
        world.give(&by("lee"), &unlink("maya")),
        "refused: cannot_link"
    );
    world.link("maya");
    assert_eq!(
        world.give(&by("dana"), &unlink("maya")),
        "refused: not_allowed"
    );
    world.facts.inactive.insert(person("lee"));
    assert_eq!(world.give(&by("lee"), &unlink("maya")), "refused: inactive");
    world.facts.inactive.clear();
    assert_eq!(world.give(&by("lee"), &unlink("maya")), "unlinked");
    assert_eq!(world.who(Platform::Discord, ON_DISCORD), None);
}

#[test]
fn either_account_takes_the_link_back() {
    let mut world = World::new();
    assert_eq!(
        world.give(&by("maya"), &unlink("maya")),
        "refused: cannot_link"
    );
    for listed in [true, false] {
        let maya = world.link("maya");
        world.facts.inactive.insert(person("maya"));
        let from = if listed { by("maya") } else { maya.clone() };
        assert_eq!(world.give(&from, &unlink("maya")), "unlinked");
        world.facts.inactive.clear();
        assert_eq!(world.who(Platform::Discord, ON_DISCORD), None);
        let ask = world.ask_command(&wish("maya", "crm/read"));
        assert_eq!(world.give(&maya, &ask), "refused: unknown_person");
    }
}

#[test]
fn what_was_approved_from_an_account_that_was_taken_back_does_not_count() {
    let mut world = World::new();
    let dana = world.link("dana");
    world.pass("25h");
    let request = world.ask(&wish("maya", "orders-db/read"));
    assert_eq!(world.approve_as(&dana, request), "approval_given");
    world.give(&by("dana"), &unlink("dana"));
    assert_eq!(
        world.approve("cy", request),
        "approvals_voided approval_given"
    );
    assert_eq!(world.approve("dana", request), "approval_given approved");
    assert_eq!(world.report(request, Outcome::Given), "activated");
}

#[test]
fn what_was_approved_from_a_linked_account_counts_while_the_policy_upholds_the_link() {
    for (listed, said) in [
        ("U0DANA", "approval_given approved"),
        ("U1DANA", "approvals_voided approval_given"),
    ] {
        let mut world = World::new();
        let dana = world.link("dana");
        world.pass("25h");
        let request = world.ask(&wish("maya", "orders-db/read"));
        assert_eq!(world.approve_as(&dana, request), "approval_given");
        world.amend("slack = \"U0DANA\"", &format!("slack = \"{listed}\""));
        assert_eq!(world.approve("cy", request), said, "{listed}");
    }
}

#[test]
fn what_the_policy_lists_wins_over_a_link() {
    for (amended, owner) in [
        // Somebody else's by now.
        (
            (
                "id = \"bo\"\n",
                "id = \"bo\"\ndiscord = \"200000000000000001\"\n",
            ),
            Some("bo"),
        ),
        // The person's own by now.
        (
            (
                "id = \"maya\"\n",
                "id = \"maya\"\ndiscord = \"200000000000000001\"\n",
            ),
            Some("maya"),
        ),
        // Another account of the person on that chat.
        (
            ("id = \"maya\"\n", "id = \"maya\"\ndiscord = \"7\"\n"),
            None,
        ),
        // The account that was given the code isn't theirs any more.
        (("slack = \"U0MAYA\"", "slack = \"U0NEW\""), None),
        // Nobody is.
        (
            (
                "id = \"maya\"\nslack = \"U0MAYA\"",
                "id = \"maria\"\nslack = \"U0MAYA\"",
            ),
            None,
        ),
    ] {
        let mut world = World::new();
        let maya = world.link("maya");
        world.pass("25h");
        let text = POLICY.replace(amended.0, amended.1);
        assert_ne!(text, POLICY);
        let text = if owner.is_none() && text.contains("maria") {
            text.replace("\"maya\"", "\"maria\"")
        } else {
            text
        };
        world.load(&text);
        assert_eq!(
            world.who(Platform::Discord, ON_DISCORD),
            owner.map(person),
            "{amended:?}"
        );
        let withdraw = Command::Withdraw {
            request: RequestId::new(1),
        };
        let said = world.give(&maya, &withdraw);
        let still = owner == Some("maya");
        assert_eq!(
            said == "refused: unknown_request",
            still,
            "{amended:?}: {said}"
        );
        assert_eq!(
            said == "refused: unknown_person",
            !still,
            "{amended:?}: {said}"
        );
    }
}

#[test]
fn a_dead_link_does_not_come_back_beside_a_newer_one() {
    let mut world = World::new();
    world.link("maya");
    world.amend("slack = \"U0MAYA\"", "slack = \"U0NEW\"");
    assert_eq!(world.offer("bo", 4), "link_offered");
    assert_eq!(world.enter(ON_DISCORD, 4), "linked");
    world.load(POLICY);
    assert_eq!(world.who(Platform::Discord, ON_DISCORD), Some(person("bo")));
    assert_eq!(world.state.house.links.of(&person("maya")), None);
}

#[test]
fn a_house_without_links_is_written_as_before() {
    let written = serde_json::to_string(&World::new().state.house).unwrap();
    assert!(!written.contains("links"), "{written}");
    let mut world = World::new();
    world.link("maya");
    let written = serde_json::to_string(&world.state.house).unwrap();
    assert_eq!(
        serde_json::from_str::<crate::state::House>(&written).unwrap(),
        world.state.house
    );
    assert!(Links::default().is_empty());
}
