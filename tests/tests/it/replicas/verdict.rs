//! What must be so at the end, whatever befell the replicas.

use std::collections::BTreeMap;
use std::fmt;

use breakglass::demo::workspace;
use breakglass_core::event::{Difference, Event, Record};
use breakglass_core::id::RequestId;
use breakglass_core::time::{Length, Timestamp};

use super::firm::Firm;
use super::trouble::Troubles;
use super::watch::{Held, Span, What};
use crate::company::binary;

/// Two clocks are read one after the other.
const SLACK: Length = Length::from_secs(1);

/// What an end may be late by, beside the time for which whoever had it in hand was away.
const LATE_MAX: Length = Length::from_secs(5);

/// What a worker left behind that is gone is found by then.
const FOUND_WITHIN: Length = Length::from_secs(60);

/// Words on a card that is over.
const LAST: [&str; 5] = ["Ended", "Denied", "Withdrawn", "Lapsed", "Not granted"];

/// Some for each holding.
type OfEach<T> = BTreeMap<What, Vec<T>>;

/// What was found.
pub(super) struct Verdict {
    pub(super) wrongs: Vec<String>,
    requests: usize,
    granted: usize,
    lates: Vec<i64>,
    /// How long it lasted that something was there which no grant covers.
    found: Vec<i64>,
    told: usize,
    told_again: usize,
}

/// A request that was approved, as the log has it: when it was, when it was to end, and when it was seen to be gone.
#[derive(Debug, Clone, Copy, Default)]
struct Grant {
    approved: Timestamp,
    due: Timestamp,
    ended: Timestamp,
}

impl Grant {
    fn covers(&self, at: Timestamp) -> bool {
        self.approved <= at.plus(SLACK) && at <= self.ended.plus(SLACK)
    }
}

pub(super) async fn judge(firm: &Firm, held: &Held, troubles: &Troubles<'_>) -> Verdict {
    let records = firm.records().await;
    let mut stories = BTreeMap::<RequestId, Vec<&Record>>::new();
    for record in &records {
        if let Some(request) = record.request {
            stories.entry(request).or_default().push(record);
        }
    }
    let mut verdict = Verdict {
        wrongs: Vec::new(),
        requests: stories.len(),
        granted: 0,
        lates: Vec::new(),
        found: Vec::new(),
        told: 0,
        told_again: 0,
    };
    let mut grants = OfEach::new();
    for (request, story) in &stories {
        match once(story) {
            Ok(Some((what, grant))) => grants.entry(what).or_default().push(grant),
            Ok(None) => {}
            Err(wrong) => verdict.wrongs.push(format!("{request}: {wrong}")),
        }
    }
    verdict.granted = grants.values().map(Vec::len).sum();
    verdict.hold_against(held, (&grants, &leftovers(&records)));
    verdict.is_in_time(troubles);
    verdict.look_at_cards(firm, &stories).await;
    verdict.count_what_was_told(firm, troubles);
    let audit = binary(firm.folder()).args(["audit", "verify"]).output();
    let audit = audit.await.unwrap();
    if !audit.status.success() {
        verdict.wrongs.push(format!("the log: {audit:?}"));
    }
    verdict
}

/// When something was taken away that no grant covered.
fn leftovers(records: &[Record]) -> OfEach<Timestamp> {
    let mut found = OfEach::new();
    for record in records {
        if let Event::Reconciled {
            holding,
            difference: Difference::LeftoverTaken { .. },
        } = &record.event
        {
            let what = (holding.account.clone(), holding.entitlement.clone());
            found.entry(what).or_default().push(record.at);
        }
    }
    found
}

/// One decision, one end, in order. Gives what was granted and when, if it was.
fn once(story: &[&Record]) -> Result<Option<(What, Grant)>, String> {
    let names: Vec<&str> = story.iter().map(|record| record.event.name()).collect();
    let many = |of: &[&str]| names.iter().filter(|name| of.contains(name)).count();
    let decisions = [
        "approved",
        "denied",
        "withdrawn",
        "lapsed",
        "denied_by_policy",
    ];
    let approvals = many(&["approved"]);
    let is_once = many(&["requested"]) == 1
        && many(&decisions) == 1
        && many(&["ending_started"]) == approvals
        && many(&["ended"]) == approvals
        && many(&["activated"]) <= approvals;
    if !is_once {
        return Err(format!("not once: {names:?}"));
    }
    let (mut what, mut grant) = (What::default(), Grant::default());
    let mut expires = None;
    for record in story {
        if let Event::Requested(requested) = &record.event {
            let holding = &requested.asked.holding;
            what = (holding.account.clone(), holding.entitlement.clone());
        }
        if let Event::Activated { expires_at, .. } = &record.event {
            expires = Some(*expires_at);
        }
        match record.event.name() {
            "approved" => grant.approved = record.at,
            "ending_started" => grant.due = record.at,
            "ended" => grant.ended = record.at,
            _ => {}
        }
    }
    // It may be given back before, or be found to be over a little later.
    grant.due = expires.map_or(grant.due, |at: Timestamp| at.min(grant.due));
    let is_ordered = grant.approved <= grant.due && grant.due <= grant.ended;
    if approvals == 1 && !is_ordered {
        return Err(format!("out of order: {grant:?}, {names:?}"));
    }
    Ok((approvals == 1).then_some((what, grant)))
}

impl Verdict {
    /// Nothing was there but what a grant covers, from its decision to its end; or what a call left behind that came late,
    /// of a replica that was cut off or killed: that was found and taken away.
    fn hold_against(&mut self, held: &Held, (grants, found): (&OfEach<Grant>, &OfEach<Timestamp>)) {
        for (what, spans) in held {
            let none = Vec::new();
            let grants = grants.get(what).unwrap_or(&none);
            for span in spans {
                if !is_covered(*span, grants) {
                    let at = found.get(what).into_iter().flatten();
                    let is_found = |at: &Timestamp| at.plus(SLACK) >= span.1;
                    let lasted = span.1.millis_since(span.0);
                    if lasted <= FOUND_WITHIN.millis() && at.copied().any(|at| is_found(&at)) {
                        self.found.push(lasted);
                    } else {
                        let wrong = format!("{what:?} was there at {span:?}; granted: {grants:?}");
                        self.wrongs.push(wrong);
                    }
                    continue;
                }
                let at_the_end = grants.iter().filter(|grant| grant.covers(span.1));
                let due = at_the_end.map(|grant| grant.due).max();
                self.lates
                    .extend(due.map(|due| span.1.millis_since(due).max(0)));
            }
        }
        self.lates.sort_unstable();
    }

    /// What a replica has in hand that is cut off or asleep waits for it, or for its claim to end.
    fn is_in_time(&mut self, troubles: &Troubles<'_>) {
        let most = troubles.longest().millis() + LATE_MAX.millis();
        if let Some(late) = self.lates.last().filter(|late| **late > most) {
            self.wrongs.push(format!("late by {late} ms"));
        }
    }

    /// Each shows the last state of its request.
    async fn look_at_cards(&mut self, firm: &Firm, stories: &BTreeMap<RequestId, Vec<&Record>>) {
        let cards = firm.cards().await;
        for request in stories.keys() {
            let request = request.to_string();
            let mut shown = cards.iter().filter(|(of, _)| *of == request).peekable();
            if shown.peek().is_none() {
                self.wrongs.push(format!("{request} has no card"));
            }
            for (_, message) in shown {
                let text = firm
                    .sandbox
                    .message(message.clone())
                    .map(|card| card.shown());
                let text = text.unwrap_or_default();
                if !text.contains(&request) || !LAST.iter().any(|last| text.contains(last)) {
                    self.wrongs
                        .push(format!("the card of {request} says {text}"));
                }
            }
        }
    }

    /// Slack may be told twice what nobody knows it was told, by the same id: no more than what one replica had in hand at once.
    fn count_what_was_told(&mut self, firm: &Firm, troubles: &Troubles<'_>) {
        let mut told = BTreeMap::<String, usize>::new();
        for message in firm.sandbox.messages(workspace::SECURITY) {
            let text = message.shown();
            if let Some((_, id)) = text.rsplit_once("id ") {
                *told.entry(id.trim().to_owned()).or_default() += 1;
            }
        }
        self.told = told.len();
        self.told_again = told.values().map(|times| times - 1).sum();
        if self.told_again > usize::try_from(troubles.many()).unwrap() {
            self.wrongs.push(format!(
                "told again: {:?}",
                told.iter().filter(|(_, times)| **times > 1)
            ));
        }
    }
}

/// Grants on one holding follow one another, or overlap.
fn is_covered((from, to): Span, grants: &[Grant]) -> bool {
    let mut at = from;
    loop {
        let covering = grants.iter().filter(|grant| grant.covers(at));
        match covering.map(|grant| grant.ended.plus(SLACK)).max() {
            Some(until) if until >= to => return true,
            Some(until) if until > at => at = until,
            Some(_) | None => return false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let late = |of: usize| {
            let last = self.lates.len().saturating_sub(1);
            self.lates.get(last * of / 100).copied().unwrap_or_default()
        };
        write!(
            f,
            "{} requests, {} granted; late by {} ms (half), {} ms (most); left over by late calls and found, after ms: {:?}; {} posts to security, {} of them twice; {} wrong",
            self.requests,
            self.granted,
            late(50),
            late(100),
            self.found,
            self.told,
            self.told_again,
            self.wrongs.len()
        )
    }
}
