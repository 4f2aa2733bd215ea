//! `breakglass policy explain`: what the policy answers, and why.

use std::fmt::Display;
use std::str::FromStr;

use breakglass_core::document::nearest;
use breakglass_core::fact::Facts;
use breakglass_core::id::{GroupId, PersonId, Platform, RoleId, TargetId};
use breakglass_core::policy::Policy;
use breakglass_core::policy::explain::Explanation;
use breakglass_core::policy::supposed;
use breakglass_core::ruling::{Question, Severity};
use breakglass_core::time::{Length, Timestamp};
use clap::Args;

use super::{Exit, PolicyFile, Session};
use crate::clock::{Clock, SystemClock};
use crate::trouble::Trouble;

const FACT_HELP: &str =
    "Suppose a fact, such as on_call=true or open_grants=2; what isn't supposed is false or 0";

/// Say what the policy answers to a question, and why
#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// Who asks
    #[arg(long = "as", value_name = "PERSON")]
    requester: PersonId,
    /// For which access
    #[arg(long, value_name = "TARGET/ROLE", value_parser = role)]
    role: (TargetId, RoleId),
    /// Who would get it [default: who asks]
    #[arg(long = "for", value_name = "PERSON")]
    beneficiary: Option<PersonId>,
    /// For how long, such as 30m [default: as the policy says]
    #[arg(long, value_name = "DURATION")]
    duration: Option<Length>,
    /// 1 (worst) to 5, as the requester would claim
    #[arg(long, value_name = "1..5", value_parser = severity)]
    severity: Option<Severity>,
    /// The incident, as the requester would name it
    #[arg(long, value_name = "ID")]
    incident: Option<String>,
    #[arg(long = "fact", value_name = "KEY=VALUE", value_parser = fact, help = FACT_HELP)]
    facts: Vec<(String, String)>,
    /// Suppose that a fact, or a group's members (group:ID), couldn't be looked up
    #[arg(long, value_name = "KEY", value_parser = unknown)]
    unknown: Vec<String>,
    /// Suppose that chat told of a member of a group
    #[arg(long = "member", value_name = "GROUP=PERSON", value_parser = member)]
    members: Vec<(GroupId, PersonId)>,
    /// When, such as 2026-03-02T02:14:00Z [default: now]
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    #[command(flatten)]
    policy: PolicyFile,
}

impl Explain {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let policy = self.policy.load(session)?;
        let facts = facts_of(&self.facts, &self.unknown, self.members)?;
        let (target, role) = self.role;
        let question = Question {
            beneficiary: self.beneficiary.unwrap_or_else(|| self.requester.clone()),
            requester: self.requester,
            target,
            role,
            duration: self.duration,
            severity: self.severity,
            incident: self.incident,
            platform: Platform::Cli,
        };
        check_names(&policy, &question, &facts)?;
        let at = self.at.unwrap_or_else(|| SystemClock.now());
        let explanation = policy.explain(&question, &facts, at);
        let text = |_: &_| Explanation::to_string(&explanation);
        session.output().facts(&explanation.to_json(), text);
        Ok(Exit::Done)
    }
}

fn facts_of(
    supposed: &[(String, String)],
    unknown: &[String],
    members: Vec<(GroupId, PersonId)>,
) -> anyhow::Result<Facts> {
    let mut facts = Facts::default();
    for (key, value) in supposed {
        facts.suppose(key, value)?;
    }
    for (group, person) in members {
        facts.suppose_member(group, person);
    }
    for key in unknown {
        facts.suppose_unknown(key)?;
    }
    Ok(facts)
}

/// A slip of the fingers would be answered with a denial that explains nothing.
fn check_names(policy: &Policy, question: &Question, facts: &Facts) -> Result<(), Trouble> {
    let people = || policy.people().map(|person| person.id.as_str());
    let told = facts
        .members
        .values()
        .filter_map(|members| members.value())
        .flatten();
    for person in [&question.requester, &question.beneficiary]
        .into_iter()
        .chain(told)
    {
        if policy.person(person).is_none() {
            return Err(not_there(
                "person",
                person,
                nearest(person.as_str(), people()),
            ));
        }
    }
    let unknown_group = |group: &&GroupId| policy.group(group).is_none();
    if let Some(group) = facts.members.keys().find(unknown_group) {
        let groups = policy.groups().map(|group| group.id.as_str());
        return Err(not_there("group", group, nearest(group.as_str(), groups)));
    }
    let Some(target) = policy.target(&question.target) else {
        let targets = policy.targets().map(|target| target.id.as_str());
        let near = nearest(question.target.as_str(), targets);
        return Err(not_there("target", &question.target, near));
    };
    if target.role(&question.role).is_none() {
        let roles = target.roles.iter().map(|role| role.id.as_str());
        let near = nearest(question.role.as_str(), roles);
        return Err(not_there("role", &question.role, near));
    }
    Ok(())
}

fn not_there(kind: &str, id: &impl Display, near: Option<&str>) -> Trouble {
    let mend = near.map_or_else(String::new, |near| format!("Did you mean {near}?"));
    Trouble::new(format!("there is no {kind} {id} in the policy"), mend)
}

fn role(text: &str) -> Result<(TargetId, RoleId), String> {
    let (target, role) = text.split_once('/').ok_or("write TARGET/ROLE")?;
    Ok((read(target)?, read(role)?))
}

fn severity(text: &str) -> Result<Severity, String> {
    let level: u8 = text.parse().map_err(|_| "a severity is 1 (worst) to 5")?;
    Severity::new(level).map_err(|error| error.to_string())
}

fn fact(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Facts::default()
        .suppose(key, value)
        .map_err(|error| error.to_string())?;
    Ok((key.to_owned(), value.to_owned()))
}

fn unknown(text: &str) -> Result<String, supposed::SupposeError> {
    Facts::default().suppose_unknown(text)?;
    Ok(text.to_owned())
}

fn member(text: &str) -> Result<(GroupId, PersonId), String> {
    let (group, person) = text.split_once('=').ok_or("write GROUP=PERSON")?;
    Ok((read(group)?, read(person)?))
}

fn read<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}
