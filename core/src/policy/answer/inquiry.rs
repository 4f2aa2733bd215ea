//! One question with everything that was looked up for it, and how each rule and guard stands to it.

use crate::fact::{Facts, Known};
use crate::id::{RoleId, TargetId};
use crate::policy::circumstances::{Circumstances, Value};
use crate::policy::condition::{Condition, Holds, Key};
use crate::policy::risk::{hour_and_weekday, risk, unknown_signal};
use crate::policy::{Guard, Person, Policy, Role, Rule, Target};
use crate::ruling::{Question, Risk, Selector, Severity};
use crate::time::{Length, Timestamp};

/// A question that can be answered.
#[derive(Debug, Clone)]
pub(in crate::policy) struct Inquiry<'p> {
    pub(in crate::policy) policy: &'p Policy,
    pub(in crate::policy) question: &'p Question,
    pub(in crate::policy) facts: &'p Facts,
    pub(in crate::policy) now: Timestamp,
    pub(in crate::policy) requester: &'p Person,
    pub(in crate::policy) beneficiary: &'p Person,
    pub(in crate::policy) target: &'p Target,
    pub(in crate::policy) role: &'p Role,
    pub(in crate::policy) risk: Risk,
    pub(in crate::policy) circumstances: Circumstances,
}

/// How a rule stands to the question.
#[derive(Debug, Clone)]
pub(in crate::policy) struct Weighed<'p> {
    pub(in crate::policy) rule: &'p Rule,
    /// Absent: it is a path, if it allows the duration.
    pub(in crate::policy) miss: Option<Miss>,
}

/// Why a rule is no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::policy) enum Miss {
    /// It isn't for the beneficiary.
    Beneficiary,
    /// Whether it is for the beneficiary couldn't be looked up.
    BeneficiaryUnknown,
    /// The requester may not ask for somebody else.
    OnBehalf,
    /// Whether the requester may ask for somebody else couldn't be looked up.
    OnBehalfUnknown,
    /// Its condition doesn't hold, or not surely.
    Condition(Holds),
    /// It would match, but the incident that it requires isn't named.
    Incident,
}

/// A guard that matches.
#[derive(Debug, Clone)]
pub(in crate::policy) struct Stopped<'p> {
    pub(in crate::policy) guard: &'p Guard,
    /// What it reads that is unknown, so that it couldn't be ruled out.
    pub(in crate::policy) unknown: Vec<Key>,
    /// Whether it is about the person couldn't be looked up.
    pub(in crate::policy) who_unknown: bool,
    /// Why its condition couldn't be evaluated.
    pub(in crate::policy) failed: Option<String>,
}

impl<'p> Inquiry<'p> {
    /// Takes a question of active, listed people about a role that there is; else says why not.
    pub(in crate::policy) fn new(
        policy: &'p Policy,
        question: &'p Question,
        facts: &'p Facts,
        now: Timestamp,
    ) -> Result<Self, String> {
        let listed = |id| {
            let person = policy
                .person(id)
                .ok_or_else(|| format!("{id} is not a listed person."))?;
            let active = !facts.inactive.contains(id);
            if active {
                Ok(person)
            } else {
                Err(format!("{id}'s account is not active."))
            }
        };
        let requester = listed(&question.requester)?;
        let beneficiary = listed(&question.beneficiary)?;
        let (target, role) = (&question.target, &question.role);
        let target = policy
            .target(target)
            .ok_or_else(|| format!("There is no target {target}."))?;
        let role = target
            .role(role)
            .ok_or_else(|| format!("{} has no role {role}.", target.id))?;
        let inquiry = Self {
            policy,
            question,
            facts,
            now,
            requester,
            beneficiary,
            target,
            role,
            risk: Risk::default(),
            circumstances: Circumstances::default(),
        };
        Ok(inquiry.with_circumstances(&facts.first_time))
    }

    /// The same question about another role, where less was looked up.
    pub(super) fn about(&self, target: &'p Target, role: &'p Role) -> Self {
        let other = Self {
            target,
            role,
            ..self.clone()
        };
        if target.id == self.target.id {
            return other;
        }
        other.with_circumstances(&Known::Unknown(format!("not looked up for {}", target.id)))
    }

    fn with_circumstances(mut self, first_time: &Known<bool>) -> Self {
        let (question, facts) = (self.question, self.facts);
        self.risk = risk(
            self.target,
            first_time,
            facts,
            (self.now, self.policy.timezone()),
        );
        let (hour, weekday) = hour_and_weekday(self.now, self.policy.timezone());
        let has_incident = question.incident.is_some();
        // Without an incident nothing was looked up about it, and nothing is so.
        let of_incident = |fact: &Known<bool>| {
            if has_incident {
                known(fact, Value::Bool)
            } else {
                Known::Known(Value::Bool(false))
            }
        };
        let risk = match unknown_signal(first_time, facts) {
            None => Known::Known(Value::Long(self.risk.score.into())),
            Some(why) => Known::Unknown(why),
        };
        let severity = question.severity.unwrap_or(Severity::LEAST).level();
        let number = |value: u32| Value::Long(value.into());
        let minutes = minutes(question.duration.unwrap_or(self.policy.defaults().duration));
        for (key, value) in [
            (Key::Severity, Known::Known(Value::Long(severity.into()))),
            (
                Key::SeverityVerified,
                known(&facts.severity_verified, Value::Bool),
            ),
            (Key::HasIncident, Known::Known(Value::Bool(has_incident))),
            (Key::IncidentVerified, of_incident(&facts.incident_verified)),
            (Key::IncidentOpen, of_incident(&facts.incident_open)),
            (Key::Risk, risk),
            (Key::DurationMinutes, Known::Known(minutes)),
            (Key::OnCall, known(&facts.on_call, Value::Bool)),
            (
                Key::Employment,
                Known::Known(Value::Word(self.beneficiary.employment.as_str())),
            ),
            (Key::Hour, Known::Known(number(hour))),
            (Key::Weekday, Known::Known(number(weekday))),
            (
                Key::OnBehalf,
                Known::Known(Value::Bool(self.is_on_behalf())),
            ),
            (Key::FirstTime, known(first_time, Value::Bool)),
            (Key::OpenGrants, known(&facts.open_grants, number)),
            (Key::Requests24h, known(&facts.requests_24h, number)),
            (Key::Denied1h, known(&facts.denied_1h, Value::Bool)),
            (
                Key::Platform,
                Known::Known(Value::Word(question.platform.as_str())),
            ),
        ] {
            self.circumstances.set(key, value);
        }
        self
    }

    pub(in crate::policy) fn is_on_behalf(&self) -> bool {
        self.requester.id != self.beneficiary.id
    }

    /// Every rule about the role, in file order.
    pub(in crate::policy) fn weigh_rules(&self) -> Vec<Weighed<'p>> {
        let candidates = self
            .policy
            .rules_by
            .candidates(&self.target.id, &self.role.id);
        let rules = candidates
            .into_iter()
            .filter_map(|at| self.policy.rules.get(at));
        rules
            .map(|rule| Weighed {
                rule,
                miss: self.miss(rule),
            })
            .collect()
    }

    /// The lease that is asked for: as given, else the smaller of the usual and the longest that a rule
    /// which matches would allow. Guards see it from here on.
    pub(in crate::policy) fn settle_duration(&mut self, weighed: &[Weighed<'_>]) -> Length {
        if let Some(given) = self.question.duration {
            return given;
        }
        let open = || weighed.iter().filter(|weighed| weighed.miss.is_none());
        let usual = open().map(|weighed| weighed.rule.settings.duration).max();
        let longest = open()
            .map(|weighed| weighed.rule.settings.max_duration)
            .max();
        let (Some(usual), Some(longest)) = (usual, longest) else {
            return self.policy.defaults().duration;
        };
        let duration = usual.min(longest);
        let minutes = Known::Known(minutes(duration));
        if self.circumstances.get(Key::DurationMinutes) != minutes.value().copied() {
            self.circumstances.set(Key::DurationMinutes, minutes);
        }
        duration
    }

    /// The first guard that matches the requester or the beneficiary.
    pub(in crate::policy) fn stopping_guard(&self) -> Option<Stopped<'p>> {
        let candidates = self
            .policy
            .guards_by
            .candidates(&self.target.id, &self.role.id);
        let guards = candidates
            .into_iter()
            .filter_map(|at| self.policy.guards.get(at));
        guards.into_iter().find_map(|guard| self.stopped_by(guard))
    }

    pub(super) fn is_fillable(&self, rule: &Rule) -> bool {
        let excluded = [&self.requester.id, &self.beneficiary.id];
        self.policy
            .is_fillable(&rule.approvals, &self.target.id, &excluded, self.facts)
    }

    fn miss(&self, rule: &Rule) -> Option<Miss> {
        match self.means(&rule.who, self.beneficiary) {
            Known::Known(true) => {}
            Known::Known(false) => return Some(Miss::Beneficiary),
            Known::Unknown(_) => return Some(Miss::BeneficiaryUnknown),
        }
        if self.is_on_behalf() {
            match self.means(&rule.on_behalf, self.requester) {
                Known::Known(true) => {}
                Known::Known(false) => return Some(Miss::OnBehalf),
                Known::Unknown(_) => return Some(Miss::OnBehalfUnknown),
            }
        }
        match rule
            .when
            .as_ref()
            .map(|when| when.holds(&self.circumstances))
        {
            None | Some(Holds::Yes) => {}
            Some(holds) => return Some(Miss::Condition(holds)),
        }
        let met = rule.incident.is_met(self.question.incident.as_deref());
        (!met).then_some(Miss::Incident)
    }

    fn stopped_by(&self, guard: &'p Guard) -> Option<Stopped<'p>> {
        let about_beneficiary = self.means(&guard.who, self.beneficiary);
        let about_requester = if self.is_on_behalf() {
            self.means(&guard.who, self.requester)
        } else {
            Known::Known(false)
        };
        let who_unknown = match (about_beneficiary, about_requester) {
            (Known::Known(false), Known::Known(false)) => return None,
            (Known::Known(true), _) | (_, Known::Known(true)) => false,
            (Known::Unknown(_), _) | (_, Known::Unknown(_)) => true,
        };
        let mut stopped = Stopped {
            guard,
            unknown: Vec::new(),
            who_unknown,
            failed: None,
        };
        let mut holds_as = |condition: &Option<Condition>, wanted: Holds| match condition
            .as_ref()
            .map(|condition| condition.holds(&self.circumstances))
        {
            None => true,
            Some(Holds::Unknown(keys)) => {
                stopped.unknown.extend(keys);
                true
            }
            Some(Holds::Failed(why)) => {
                stopped.failed = Some(why);
                true
            }
            Some(holds) => holds == wanted,
        };
        let applies = holds_as(&guard.when, Holds::Yes) && holds_as(&guard.unless, Holds::No);
        applies.then_some(stopped)
    }

    fn means(&self, selectors: &[Selector], person: &Person) -> Known<bool> {
        self.policy
            .selects_any(selectors, &person.id, Some(&self.target.id), self.facts)
    }

    pub(super) fn place(&self) -> (TargetId, RoleId) {
        (self.target.id.clone(), self.role.id.clone())
    }
}

fn known<T: Copy>(fact: &Known<T>, value: impl Fn(T) -> Value) -> Known<Value> {
    match fact {
        Known::Known(fact) => Known::Known(value(*fact)),
        Known::Unknown(why) => Known::Unknown(why.clone()),
    }
}

/// Rounded up, so that 30 min and a second is more than 30.
fn minutes(duration: Length) -> Value {
    Value::Long(duration.secs().div_ceil(60).into())
}
