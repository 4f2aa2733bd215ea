//! A ruling with everything that led to it: what `policy explain` prints, as text and as JSON.

use std::fmt;

use serde_json::{Value, json};

use crate::fact::Facts;
use crate::id::PolicyHash;
use crate::ruling::{Answer, Denial, Question, Quorum, Risk, RuleKind, Ruling, Terms};
use crate::time::{Length, Timestamp};

use super::answer::Inquiry;
use super::{Policy, Rule};

#[cfg(test)]
mod tests;

/// A ruling, explained.
#[derive(Debug, Clone)]
pub struct Explanation {
    ruling: Ruling,
    incident_required: bool,
    others: Vec<Other>,
    policy: PolicyHash,
}

/// A rule about the same role that isn't the answer.
#[derive(Debug, Clone)]
struct Other {
    rule: Rule,
    /// Why it is no way to the access; empty if it is one.
    why: Vec<String>,
}

impl Policy {
    /// Answers and says what led to it.
    pub fn explain(&self, question: &Question, facts: &Facts, now: Timestamp) -> Explanation {
        let ruling = self.answer(question, facts, now);
        let answer = match &ruling.answer {
            Answer::Allow(paths) => paths.first().map(|path| path.terms.rule.clone()),
            Answer::Deny(_) => None,
        };
        let rule = answer.as_ref().and_then(|id| self.rule(id));
        let others = Inquiry::new(self, question, facts, now).map_or_else(
            |_| Vec::new(),
            |inquiry| {
                let weighed = inquiry.weigh_rules().into_iter();
                let others = weighed.filter(|weighed| Some(&weighed.rule.id) != answer.as_ref());
                others
                    .map(|weighed| {
                        let mut why = inquiry.why_not(&weighed);
                        let longest = weighed.rule.settings.max_duration;
                        if why.is_empty() && ruling.duration > longest {
                            why.push(format!("it allows {longest}, not {}", ruling.duration));
                        }
                        Other {
                            rule: weighed.rule.clone(),
                            why,
                        }
                    })
                    .collect()
            },
        );
        Explanation {
            incident_required: rule.is_some_and(|rule| rule.incident.required),
            others,
            policy: self.hash().clone(),
            ruling,
        }
    }
}

impl Explanation {
    /// The ruling itself.
    pub const fn ruling(&self) -> &Ruling {
        &self.ruling
    }

    /// As scripts read it.
    pub fn to_json(&self) -> Value {
        let mut whole = match &self.ruling.answer {
            Answer::Allow(paths) => paths
                .first()
                .map_or(Value::Null, |path| self.allow_json(&path.terms)),
            Answer::Deny(denial) => deny_json(denial),
        };
        let others: Vec<_> = self.others.iter().map(Other::to_json).collect();
        whole["duration_secs"] = json!(self.ruling.duration.secs());
        whole["risk"] = json!(self.ruling.risk);
        whole["others"] = json!(others);
        whole["reasons"] = json!(self.ruling.reasons);
        whole["policy"] = json!(self.policy.as_str());
        whole
    }

    fn allow_json(&self, terms: &Terms) -> Value {
        json!({
            "ruling": "allow",
            "rule": terms.rule,
            "kind": terms.kind,
            "break_glass": terms.break_glass,
            "approvals": approvals_json(&terms.approvals),
            "max_duration_secs": terms.max_duration.secs(),
            "window_secs": terms.window.secs(),
            "incident_required": self.incident_required,
        })
    }
}

impl Other {
    fn to_json(&self) -> Value {
        json!({
            "rule": self.rule.id,
            "approvals": approvals_json(&self.rule.approvals),
            "max_duration_secs": self.rule.settings.max_duration.secs(),
            "matches": self.why.is_empty(),
            "why": self.why,
        })
    }
}

fn deny_json(denial: &Denial) -> Value {
    let could_ask = denial
        .could_ask
        .iter()
        .map(|(target, role)| format!("{target}/{role}"));
    let could_ask: Vec<_> = could_ask.collect();
    json!({
        "ruling": "deny",
        "guard": denial.guard,
        "longest_secs": denial.longest.map(Length::secs),
        "could_ask": could_ask,
        "unknown": denial.unknown,
    })
}

fn approvals_json(approvals: &[Quorum]) -> Value {
    if approvals.is_empty() {
        json!("none")
    } else {
        json!(approvals)
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.ruling.answer {
            Answer::Allow(paths) => {
                for path in paths.iter().take(1) {
                    self.write_allow(f, &path.terms)?;
                    if !path.fillable {
                        writeln!(f, "  approvers  not enough people can approve this now")?;
                    }
                }
            }
            Answer::Deny(denial) => write_deny(f, denial)?,
        }
        writeln!(f, "  risk       {}", risk_in_words(&self.ruling.risk))?;
        if !self.others.is_empty() {
            writeln!(f, "\nOther rules for this role:")?;
        }
        for Other { rule, why } in &self.others {
            if why.is_empty() {
                writeln!(f, "  {}: matches, but comes later", rule.id)?;
            } else {
                writeln!(f, "  {}: {}", rule.id, why.join("; "))?;
            }
        }
        writeln!(f, "\npolicy {}", self.policy)
    }
}

impl Explanation {
    fn write_allow(&self, f: &mut fmt::Formatter<'_>, terms: &Terms) -> fmt::Result {
        let kind = match (terms.break_glass, terms.kind) {
            (true, _) => "break-glass",
            (false, RuleKind::Emergency) => "emergency",
            (false, RuleKind::Planned) => "planned",
        };
        writeln!(f, "Allowed by {} ({kind})", terms.rule)?;
        for reason in &self.ruling.reasons {
            writeln!(f, "  why        {reason}")?;
        }
        let (asked, longest) = (self.ruling.duration, terms.max_duration);
        writeln!(f, "  duration   {asked}, at most {longest}")?;
        writeln!(f, "  window     {}", terms.window)?;
        let incident = if self.incident_required {
            "required"
        } else {
            "not required"
        };
        writeln!(f, "  incident   {incident}")
    }
}

fn write_deny(f: &mut fmt::Formatter<'_>, denial: &Denial) -> fmt::Result {
    match &denial.guard {
        Some(guard) => writeln!(f, "Denied by guard {guard}")?,
        None => writeln!(f, "Denied")?,
    }
    for reason in &denial.reasons {
        writeln!(f, "  why        {reason}")?;
    }
    for (fact, why) in &denial.unknown {
        writeln!(f, "  unknown    {fact}: {why}")?;
    }
    for (target, role) in &denial.could_ask {
        writeln!(f, "  could ask  {target}/{role}")?;
    }
    Ok(())
}

fn risk_in_words(risk: &Risk) -> String {
    let factors = risk
        .factors
        .iter()
        .map(|factor| format!("{} {}", factor.why, factor.points));
    let factors: Vec<_> = factors.collect();
    format!("{}: {}", risk.score, factors.join(", "))
}
