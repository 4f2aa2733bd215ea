//! The request form: filled with all that was understood, with the fault at its field, and what the policy
//! would say of it as it stands.

use breakglass_core::fact::Facts;
use breakglass_core::notice::{Choice, Field, FieldFault, RequestForm};
use breakglass_core::policy::{Person, Policy, Role, Rule, Target};
use breakglass_core::refusal::name_all;
use breakglass_core::ruling::{Answer, Path, Question, Ruling};
use breakglass_core::text::clean;
use breakglass_core::time::{Length, Timestamp};

use super::names::{find_role, find_target};
use super::{Understood, split};
use breakglass_core::intent::Typed;

/// Durations that are offered, as far as a rule allows them.
const OFFERED_MINS: [u32; 6] = [5, 15, 30, 60, 120, 240];

/// What a form is made from.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// The policy in force.
    pub policy: &'a Policy,
    /// Who asks.
    pub person: &'a Person,
    /// What was looked up.
    pub facts: &'a Facts,
    /// The wall clock.
    pub now: Timestamp,
}

impl Desk<'_> {
    /// The form with all that was typed.
    pub fn form(
        &self,
        typed: &Typed,
        understood: Result<&Understood, &[FieldFault]>,
        tell_faults: Tell,
    ) -> RequestForm {
        let (target_words, role_words) = split(typed);
        let target = target_words.and_then(|words| find_target(self.policy, &words).ok());
        let role = target
            .zip(role_words)
            .and_then(|(t, words)| find_role(t, &words).ok());
        let rules = self.rules(target, role);
        let longest = rules.iter().map(|rule| rule.settings.max_duration).max();
        let usual = rules
            .first()
            .map_or(self.policy.defaults().duration, |r| r.settings.duration);
        let most = longest.unwrap_or(self.policy.defaults().max_duration);
        let duration = typed.duration.unwrap_or(usual).min(most);
        let bounds = rules
            .first()
            .map_or(self.policy.defaults().justification, |r| r.justification());
        let ruling = understood
            .ok()
            .map(|u| self.policy.answer(&u.question, self.facts, self.now));
        let faults = match tell_faults {
            Tell::Nothing => Vec::new(),
            Tell::Everything => self.faults(typed, understood),
        };
        RequestForm {
            typed: typed.clone(),
            target: target.map(|t| choice(t.id.as_str(), &t.title)),
            role: role.map(|r| choice(r.id.as_str(), &r.title)),
            role_note: role.and_then(|role| role.note.clone()),
            durations: durations(duration, most),
            duration,
            longest: role.and(longest),
            incident_required: !rules.is_empty() && rules.iter().all(|rule| rule.incident.required),
            on_behalf: rules.iter().any(|rule| !rule.on_behalf.is_empty()),
            justification_chars: (bounds.min, bounds.max),
            preview: ruling.as_ref().map(preview),
            faults,
        }
    }

    /// Everything that keeps a request from being sent off, at its field.
    pub fn faults(
        &self,
        typed: &Typed,
        understood: Result<&Understood, &[FieldFault]>,
    ) -> Vec<FieldFault> {
        let mut faults = match understood {
            Err(faults) => faults.to_vec(),
            Ok(understood) => self.ruling_faults(&understood.question),
        };
        let (target_words, role_words) = split(typed);
        let target = target_words.and_then(|words| find_target(self.policy, &words).ok());
        let role = target
            .zip(role_words)
            .and_then(|(t, words)| find_role(t, &words).ok());
        let rules = self.rules(target, role);
        let bounds = rules
            .first()
            .map_or(self.policy.defaults().justification, |r| r.justification());
        let given = clean(&typed.why).chars().count();
        let mut why = |message: String| {
            faults.push(FieldFault {
                field: Field::Why,
                message,
            });
        };
        if given < usize::from(bounds.min) {
            why(format!(
                "Needs {} characters, you gave {given}.",
                bounds.min
            ));
        } else if given > usize::from(bounds.max) {
            why(format!(
                "Takes at most {} characters, you gave {given}.",
                bounds.max
            ));
        }
        faults
    }

    fn ruling_faults(&self, question: &Question) -> Vec<FieldFault> {
        let fault = |field, message: String| vec![FieldFault { field, message }];
        let rules: Vec<&Rule> = self
            .policy
            .rules()
            .iter()
            .filter(|rule| {
                rule.roles
                    .iter()
                    .any(|p| p.matches(&question.target, &question.role))
            })
            .filter(|rule| self.covers(rule, question))
            .collect();
        let met = |rule: &&Rule| rule.incident.is_met(question.incident.as_deref());
        if !rules.is_empty() && !rules.iter().any(met) {
            let said = match &question.incident {
                None => "Name the incident; it is required here.".to_owned(),
                Some(incident) => {
                    format!("“{incident}” isn't an incident id that a rule takes here.")
                }
            };
            return fault(Field::Incident, said);
        }
        let ruling = self.policy.answer(question, self.facts, self.now);
        match &ruling.answer {
            Answer::Deny(denial) if denial.guard.is_none() => match denial.longest {
                Some(longest) => fault(
                    Field::Duration,
                    format!(
                        "{} is more than the {longest} allowed. Pick {longest} or less.",
                        ruling.duration
                    ),
                ),
                None => Vec::new(),
            },
            Answer::Deny(_) | Answer::Allow(_) => Vec::new(),
        }
    }

    /// Rules that could let this person have this role, whatever the circumstances.
    fn rules(&self, target: Option<&Target>, role: Option<&Role>) -> Vec<&Rule> {
        let Some((target, role)) = target.zip(role) else {
            return Vec::new();
        };
        let mut rules: Vec<&Rule> = self
            .policy
            .rules()
            .iter()
            .filter(|rule| rule.roles.iter().any(|p| p.matches(&target.id, &role.id)))
            .filter(|rule| self.may_use(rule, target))
            .collect();
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.approvals_needed()));
        rules
    }

    fn may_use(&self, rule: &Rule, target: &Target) -> bool {
        let selected = |selector| {
            self.policy
                .selects(selector, &self.person.id, Some(&target.id), self.facts)
                .is_true()
        };
        rule.who.iter().any(selected) || rule.on_behalf.iter().any(selected)
    }

    fn covers(&self, rule: &Rule, question: &Question) -> bool {
        rule.who.iter().any(|selector| {
            let target = Some(&question.target);
            self.policy
                .selects(selector, &question.beneficiary, target, self.facts)
                .is_true()
        })
    }

    /// Targets, or roles of the chosen target, that the person may ask for, best match first.
    pub fn choices(&self, field: Field, typed: &str, form: &Typed) -> Vec<Choice> {
        let mut all: Vec<Choice> = match field {
            Field::Target => self
                .policy
                .targets()
                .filter(|target| {
                    target
                        .roles
                        .iter()
                        .any(|role| !self.rules(Some(target), Some(role)).is_empty())
                })
                .map(|target| choice(target.id.as_str(), &target.title))
                .collect(),
            Field::Role => {
                let target = form
                    .target
                    .as_deref()
                    .and_then(|t| find_target(self.policy, t).ok());
                let roles = target.into_iter().flat_map(|target| {
                    target
                        .roles
                        .iter()
                        .filter(move |role| !self.rules(Some(target), Some(role)).is_empty())
                });
                roles
                    .map(|role| choice(role.id.as_str(), &role.title))
                    .collect()
            }
            Field::Duration
            | Field::Severity
            | Field::Incident
            | Field::Beneficiary
            | Field::Why
            | Field::Text
            | Field::Finding => Vec::new(),
        };
        let words = typed.trim().to_lowercase();
        if !words.is_empty() {
            all.retain(|choice| choice.label.to_lowercase().contains(&words));
            all.sort_by_key(|choice| !choice.value.starts_with(&words));
        }
        all.truncate(100);
        all
    }

    /// Every `(target, role)` the person may ask for.
    pub fn may_ask(&self) -> Vec<(String, String)> {
        let roles = self.policy.targets().flat_map(|target| {
            let open = |role: &&Role| !self.rules(Some(target), Some(role)).is_empty();
            target
                .roles
                .iter()
                .filter(open)
                .map(|role| (target.id.to_string(), role.id.to_string()))
        });
        roles.collect()
    }
}

/// Does a form show what is wrong? One that was just opened doesn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// It was just opened.
    Nothing,
    /// It was filled and something is wrong.
    Everything,
}

fn choice(value: &str, title: &str) -> Choice {
    let label = if title == value {
        value.to_owned()
    } else {
        format!("{value} · {title}")
    };
    Choice {
        value: value.to_owned(),
        label,
    }
}

fn durations(picked: Length, most: Length) -> Vec<Length> {
    let mut offered: Vec<Length> = OFFERED_MINS.map(Length::from_mins).to_vec();
    offered.extend([picked, most]);
    offered.retain(|length| *length <= most && length.secs() > 0);
    offered.sort_unstable();
    offered.dedup();
    offered
}

/// `With what you entered: …`
fn preview(ruling: &Ruling) -> String {
    match &ruling.answer {
        Answer::Deny(denial) => format!("No: {}", denial.reasons.join(" ")),
        Answer::Allow(paths) => match paths.first() {
            Some(path) if path.terms.approvals.is_empty() => {
                "yes at once, after you confirm it; reviewed afterwards.".to_owned()
            }
            Some(path) => format!("{} must approve.", quorum(path)),
            None => String::new(),
        },
    }
}

fn quorum(path: &Path) -> String {
    let slots = path.terms.approvals.iter();
    let slots: Vec<String> = slots
        .map(|slot| format!("{} of {}", slot.count, name_all(&slot.from)))
        .collect();
    slots.join(" and ")
}
