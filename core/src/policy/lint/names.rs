//! Names and accounts that stand for two things.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use crate::document::Place;
use crate::policy::draft::Draft;

use super::Findings;

pub(super) fn check(draft: &Draft, findings: &mut Findings) {
    let people = || {
        draft
            .people
            .iter()
            .map(|person| (&person.value, &person.place))
    };
    let groups = || {
        draft
            .groups
            .iter()
            .map(|group| (&group.value, &group.place))
    };
    let targets = || {
        draft
            .targets
            .iter()
            .map(|target| (&target.value, &target.place))
    };
    let rules = draft
        .rules
        .iter()
        .map(|drafted| (&drafted.rule.id, &drafted.place));
    let guards = draft
        .guards
        .iter()
        .map(|drafted| (&drafted.guard.id, &drafted.place));

    once(
        "person",
        people().map(|(person, place)| (&person.id, place)),
        findings,
    );
    once(
        "group",
        groups().map(|(group, place)| (&group.id, place)),
        findings,
    );
    once(
        "target",
        targets().map(|(target, place)| (&target.id, place)),
        findings,
    );
    once("rule", rules, findings);
    once("guard", guards, findings);

    distinct(
        people().map(|(person, place)| (person.id.as_str(), look(person.id.as_str()), place)),
        findings,
    );
    distinct(
        groups().map(|(group, place)| (group.id.as_str(), look(group.id.as_str()), place)),
        findings,
    );
    distinct(
        targets().map(|(target, place)| (target.id.as_str(), sound(target.id.as_str()), place)),
        findings,
    );
    for (target, place) in targets() {
        distinct(
            target
                .roles
                .iter()
                .map(|role| (role.id.as_str(), sound(role.id.as_str()), place)),
            findings,
        );
    }
    accounts(draft, findings);
}

/// One account, address or login belongs to one person: whoever decides with two would count twice.
fn accounts(draft: &Draft, findings: &mut Findings) {
    let mut owners: HashMap<(String, String), &str> = HashMap::new();
    for person in &draft.people {
        let (person, place) = (&person.value, &person.place);
        let mut own: Vec<(String, String)> = Vec::new();
        own.extend(
            person
                .slack
                .iter()
                .map(|id| ("Slack id".to_owned(), id.clone())),
        );
        own.extend(
            person
                .discord
                .iter()
                .map(|id| ("Discord id".to_owned(), id.clone())),
        );
        own.extend(
            person
                .email
                .iter()
                .map(|email| ("e-mail".to_owned(), email.to_lowercase())),
        );
        own.extend(
            person
                .accounts
                .iter()
                .map(|(at, login)| (format!("login at {at}"), login.clone())),
        );
        for (kind, account) in own {
            let message = format!("{} has the {kind} {account} of", person.id);
            if let Some(other) = owners.insert((kind, account), person.id.as_str()) {
                findings
                    .errors
                    .push(place.fault(format!("{message} {other}")));
            }
        }
    }
}

fn once<'d, T: Display + Eq + Hash + 'd>(
    kind: &str,
    named: impl Iterator<Item = (&'d T, &'d Place)>,
    findings: &mut Findings,
) {
    let mut first: HashMap<&T, &Place> = HashMap::new();
    for (id, place) in named {
        if let Some(other) = first.get(id) {
            findings
                .errors
                .push(place.fault(format!("there is another {kind} {id} at {other}")));
        } else {
            first.insert(id, place);
        }
    }
}

fn distinct<'d>(
    named: impl Iterator<Item = (&'d str, String, &'d Place)>,
    findings: &mut Findings,
) {
    let mut first: HashMap<String, &str> = HashMap::new();
    for (id, likeness, place) in named {
        let other = *first.entry(likeness).or_insert(id);
        if other != id {
            findings
                .errors
                .push(place.fault(format!("{id} is too easily taken for {other}")));
        }
    }
}

/// What an id looks like.
fn look(id: &str) -> String {
    id.replace('0', "o")
        .replace('1', "l")
        .replace("rn", "m")
        .replace("vv", "w")
}

/// What an id looks like to the slash command, for which `-`, `_` and `.` don't matter.
fn sound(id: &str) -> String {
    look(&id.replace(['-', '_', '.'], ""))
}
