//! Words for people: views of requests, cards, notices and answers, made from the state and the policy.

pub mod answer;
pub mod card;
pub mod details;
pub mod difference;
pub mod linking;
pub mod lists;
pub mod notice;
pub mod page;
pub mod state;

use std::collections::BTreeMap;

use breakglass_core::command::Actor;
use breakglass_core::event::Record;
use breakglass_core::fact::Facts;
use breakglass_core::id::{PersonId, Platform};
use breakglass_core::notice::{ActorView, PersonView, RequestView, WhoView};
use breakglass_core::policy::Policy;
use breakglass_core::ruling::{RuleKind, Selector};
use breakglass_core::state::Request;
use breakglass_core::text::TextHash;

/// What is needed to put a request into words.
#[derive(Debug, Clone, Copy)]
pub struct Teller<'a> {
    /// The policy in force: names, groups, titles.
    pub policy: &'a Policy,
    /// Free texts that the log names by hash; an erased one is missing.
    pub texts: &'a BTreeMap<TextHash, String>,
    /// The newest record of the log, and the first hex digits of the log's root with it.
    pub log: (u64, &'a str),
    /// Every message says TEST.
    pub test: bool,
}

impl Teller<'_> {
    /// A request as messages show it.
    pub fn request(&self, request: &Request) -> RequestView {
        let asked = &request.asked;
        let target = self.policy.target(&asked.target);
        let role = self.policy.role(&asked.target, &asked.role);
        let terms = request.terms.as_ref();
        RequestView {
            id: request.id,
            digest: request.digest.as_str().to_owned(),
            break_glass: terms.is_some_and(|terms| terms.break_glass),
            planned: terms.is_some_and(|terms| terms.kind == RuleKind::Planned),
            test: self.test,
            requester: self.person(&asked.requester),
            beneficiary: self.person(&asked.beneficiary),
            target: asked.target.to_string(),
            target_title: target.map_or_else(|| asked.target.to_string(), |t| t.title.clone()),
            role: asked.role.to_string(),
            role_title: role.map_or_else(|| asked.role.to_string(), |r| r.title.clone()),
            role_note: role.and_then(|role| role.note.clone()),
            duration: request.granted.unwrap_or(asked.duration),
            justification: self.texts.get(&asked.justification).cloned(),
            incident: asked.incident.clone(),
            incident_verified: request.facts.incident_verified.value() == Some(&true),
            severity: asked.severity,
            severity_verified: request.facts.severity_verified.value() == Some(&true),
            risk: request.risk.clone(),
            standing: standing(&request.facts),
            connect: target.and_then(|target| target.connect.clone()),
            rule: terms.map_or_else(String::new, |terms| terms.rule.to_string()),
            policy: self.policy.hash().short().to_owned(),
            log_seq: self.log.0,
            log_hash: self.log.1.to_owned(),
        }
    }

    /// A person as messages name them; somebody the policy doesn't list any more keeps their id.
    pub fn person(&self, id: &PersonId) -> PersonView {
        let Some(person) = self.policy.person(id) else {
            return PersonView {
                id: id.clone(),
                name: id.to_string(),
                accounts: BTreeMap::new(),
            };
        };
        let account = |platform| Some((platform, person.account_on(platform)?.to_owned()));
        let accounts = [Platform::Slack, Platform::Discord]
            .into_iter()
            .filter_map(account);
        PersonView {
            id: id.clone(),
            name: person.name.clone(),
            accounts: accounts.collect(),
        }
    }

    /// Whoever did something.
    pub fn actor(&self, actor: &Actor) -> ActorView {
        match actor {
            Actor::Person { person, .. } => ActorView::Person(self.person(person)),
            Actor::Operator { login, host } => {
                ActorView::Operator(format!("operator:{login}@{host}"))
            }
            Actor::Stranger { platform, account } => {
                ActorView::Operator(format!("{platform}:{account}"))
            }
            Actor::Clock | Actor::Worker | Actor::Server => ActorView::System,
        }
    }

    /// ` by Ines Berg`, or nothing for the clock, the worker and the server.
    pub fn by(&self, actor: &Actor) -> String {
        match self.actor(actor) {
            ActorView::Person(person) => format!(" by {}", person.name),
            ActorView::Operator(name) => format!(" by {name}"),
            ActorView::System => String::new(),
        }
    }

    /// The people that selectors mean, to be named or mentioned.
    pub fn who(&self, selectors: &[Selector], request: &Request) -> Vec<WhoView> {
        selectors
            .iter()
            .map(|selector| self.one_who(selector, request))
            .collect()
    }

    fn one_who(&self, selector: &Selector, request: &Request) -> WhoView {
        let named = |label: String| WhoView {
            label,
            groups: BTreeMap::new(),
            people: Vec::new(),
        };
        match selector {
            Selector::Person(id) => {
                let person = self.person(id);
                WhoView {
                    people: vec![person.clone()],
                    ..named(person.name)
                }
            }
            Selector::Group(id) => {
                let Some(group) = self.policy.group(id) else {
                    return named(id.to_string());
                };
                let ids = |id: &Option<String>| id.iter().cloned().collect::<Vec<_>>();
                let groups = [
                    (Platform::Slack, ids(&group.slack_usergroup)),
                    (Platform::Discord, ids(&group.discord_role)),
                ];
                let others = group.members.iter().filter(|id| !request.concerns(id));
                WhoView {
                    groups: groups
                        .into_iter()
                        .filter(|(_, ids)| !ids.is_empty())
                        .collect(),
                    people: others.map(|id| self.person(id)).collect(),
                    ..named(id.to_string())
                }
            }
            Selector::OwnersOfTarget => {
                let owners = self
                    .policy
                    .target(&request.asked.target)
                    .map(|t| t.owners.clone());
                let parts = self.who(&owners.unwrap_or_default(), request);
                let mut all = named(format!("owners of {}", request.asked.target));
                for part in parts {
                    all.people.extend(part.people);
                    for (platform, ids) in part.groups {
                        all.groups.entry(platform).or_default().extend(ids);
                    }
                }
                all
            }
            Selector::Employment(kind) => named(format!("{}s", kind.as_str())),
            Selector::Everyone => named("everyone".to_owned()),
        }
    }

    /// A free text, quoted, or a word on its absence.
    pub fn quote(&self, hash: Option<&TextHash>) -> String {
        match hash.and_then(|hash| self.texts.get(hash)) {
            Some(text) if text.is_empty() => "no reason given".to_owned(),
            Some(text) => format!("“{text}”"),
            None => "no reason given".to_owned(),
        }
    }
}

/// `on call`, `2 active grants`, `2nd request in 24 h`: what approvers like to know.
fn standing(facts: &Facts) -> Vec<String> {
    let mut words = Vec::new();
    match facts.on_call.value() {
        Some(true) => words.push("on call".to_owned()),
        Some(false) => {}
        None => words.push("on call: unknown".to_owned()),
    }
    if facts.first_time.value() == Some(&true) {
        words.push("first time on this target".to_owned());
    }
    match facts.open_grants.value() {
        Some(0) | None => {}
        Some(1) => words.push("1 active grant".to_owned()),
        Some(n) => words.push(format!("{n} active grants")),
    }
    match facts.requests_24h.value() {
        Some(0) | None => {}
        Some(n) => words.push(format!("request no. {} in 24 h", n + 1)),
    }
    if facts.denied_1h.value() == Some(&true) {
        words.push("denied within the hour".to_owned());
    }
    words
}

/// All free texts that a request's messages may quote.
pub fn texts_of(request: &Request, record: Option<&Record>) -> Vec<TextHash> {
    use breakglass_core::event::Event;
    use breakglass_core::state::{Phase, Review};
    let mut hashes = vec![request.asked.justification.clone()];
    match &request.phase {
        Phase::Ending(ending) | Phase::Ended { ending, .. } => {
            hashes.extend(ending.reason.clone());
            hashes.extend(ending.attested.as_ref().map(|one| one.reason.clone()));
        }
        Phase::Denied { reason, .. } => hashes.extend(reason.clone()),
        Phase::Pending { .. }
        | Phase::Approved { .. }
        | Phase::Active { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => {}
    }
    if let Review::Closed { note, .. } = &request.review {
        hashes.push(note.clone());
    }
    if let Some(Event::UseDescribed { note }) = record.map(|record| &record.event) {
        hashes.push(note.clone());
    }
    hashes
}
