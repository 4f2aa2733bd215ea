//! The policy's answer to a question: yes by these paths, or no and why.
//!
//! Guards are evaluated for requester and beneficiary; one that matches either denies. Else each rule that
//! matches, whose required incident is there, and which allows the duration, is a path. What couldn't be
//! looked up never opens a door: a rule that reads it doesn't match, a guard does.

mod denial;
mod inquiry;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::fact::Facts;
use crate::ruling::{Answer, Denial, Path, Question, Quorum, Risk, Ruling};
use crate::time::{Length, Timestamp};

use super::{Policy, Rule};

pub(super) use inquiry::{Inquiry, Miss, Stopped, Weighed};

impl Policy {
    /// Rules on a question with the facts looked up for it.
    pub fn answer(&self, question: &Question, facts: &Facts, now: Timestamp) -> Ruling {
        match Inquiry::new(self, question, facts, now) {
            Ok(inquiry) => inquiry.ruling(),
            Err(reason) => Ruling {
                duration: question.duration.unwrap_or(self.defaults().duration),
                risk: Risk::default(),
                reasons: vec![reason.clone()],
                answer: Answer::Deny(Denial {
                    guard: None,
                    longest: None,
                    could_ask: Vec::new(),
                    unknown: BTreeMap::new(),
                    reasons: vec![reason],
                }),
            },
        }
    }
}

impl<'p> Inquiry<'p> {
    /// Weighs everything that can apply.
    pub(super) fn ruling(mut self) -> Ruling {
        let weighed = self.weigh_rules();
        let duration = self.settle_duration(&weighed);
        let stopped = self.stopping_guard();
        let (reasons, answer) = match stopped {
            Some(stopped) => {
                let denial = self.denied_by_guard(&stopped);
                (denial.reasons.clone(), Answer::Deny(denial))
            }
            None => self.answer_by_rules(&weighed, duration),
        };
        Ruling {
            duration,
            risk: self.risk,
            reasons,
            answer,
        }
    }

    fn answer_by_rules(&self, weighed: &[Weighed<'p>], duration: Length) -> (Vec<String>, Answer) {
        let fits = |rule: &Rule| duration >= SHORTEST && duration <= rule.settings.max_duration;
        let open = weighed.iter().filter(|weighed| weighed.miss.is_none());
        let mut known = Vec::new();
        let mut paths: Vec<_> = open
            .filter(|weighed| fits(weighed.rule))
            .map(|weighed| {
                (
                    self.is_fillable_once(weighed.rule, &mut known),
                    weighed.rule,
                )
            })
            .collect();
        // A stable sort: what is equal stays in file order.
        paths.sort_by_key(|(fillable, rule)| {
            (
                !fillable,
                rule.approvals_needed(),
                Reverse(rule.settings.max_duration),
            )
        });
        let Some((_, best)) = paths.first() else {
            let denial = self.denied_by_rules(weighed);
            return (denial.reasons.clone(), Answer::Deny(denial));
        };
        let reasons = vec![in_words(best)];
        let path = |(fillable, rule): (bool, &Rule)| Path {
            terms: self.policy.terms(rule, self.target),
            fillable,
        };
        (
            reasons,
            Answer::Allow(worth_offering(paths).map(path).collect()),
        )
    }

    /// Rules often want the same approvals, so what was found for them is kept.
    fn is_fillable_once(&self, rule: &'p Rule, known: &mut Vec<(&'p [Quorum], bool)>) -> bool {
        if let Some((_, fillable)) = known.iter().find(|(quorum, _)| *quorum == rule.approvals) {
            return *fillable;
        }
        let fillable = self.is_fillable(rule);
        if known.len() < KNOWN_MAX {
            known.push((&rule.approvals, fillable));
        }
        fillable
    }
}

/// The best paths, so many without approval beforehand and so many with: nobody looks at more.
fn worth_offering(paths: Vec<(bool, &Rule)>) -> impl Iterator<Item = (bool, &Rule)> {
    let (mut alone, mut approved) = (0, 0);
    paths.into_iter().filter(move |(_, rule)| {
        let count = if rule.approvals.is_empty() {
            &mut alone
        } else {
            &mut approved
        };
        *count += 1;
        *count <= PATHS_MAX
    })
}

/// How many paths of either kind are given.
const PATHS_MAX: usize = 8;

/// For how many different quorums it is remembered whether they can be filled.
const KNOWN_MAX: usize = 16;

/// The shortest lease there is.
const SHORTEST: Length = Length::from_secs(1);

/// `two-people allows it for at most 1 h when 1 of group:dba and 1 of group:security approve`
pub(super) fn in_words(rule: &Rule) -> String {
    let (id, longest) = (&rule.id, rule.settings.max_duration);
    if rule.approvals.is_empty() {
        return format!("{id} allows it for at most {longest} without approval");
    }
    let quorum = rule.approvals.iter().map(|quorum| {
        let from: Vec<_> = quorum.from.iter().map(ToString::to_string).collect();
        format!("{} of {}", quorum.count, from.join(" or "))
    });
    let quorum: Vec<_> = quorum.collect();
    format!(
        "{id} allows it for at most {longest} when {} approve",
        quorum.join(" and ")
    )
}
