//! No to a command that may not be carried out, in words for the person who gave it.

use crate::command::Actor;
use crate::id::{PersonId, Platform, RequestId};
use crate::intent::Button;
use crate::ruling::Selector;
use crate::time::{Length, Timestamp};

/// Why a command is refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The account belongs to nobody in the policy.
    UnknownPerson,
    /// The person is deactivated, gone, or restricted in chat.
    Inactive,
    /// Whether somebody's account is active couldn't be looked up.
    Unsure,
    /// Guests, people from other companies, bots.
    Guest,
    /// There is no such request, or the person may not see it.
    UnknownRequest(RequestId),
    /// Nobody approves for themselves.
    OwnRequest {
        /// Which.
        request: RequestId,
        /// How many others could.
        others: u32,
    },
    /// Not one of those who can decide it.
    NotAnApprover {
        /// Which.
        request: RequestId,
        /// Who can.
        deciders: Vec<Selector>,
    },
    /// The person's approval is there already.
    AlreadyApproved {
        /// Which.
        request: RequestId,
    },
    /// Whoever the person could stand for has approved already.
    SlotFilled {
        /// Which.
        request: RequestId,
        /// Who is still needed.
        needed: Vec<Selector>,
    },
    /// It has been decided, or is over.
    TooLate {
        /// Which.
        request: RequestId,
        /// `was denied`, `was approved`, `lapsed`, …
        what: &'static str,
        /// By whom, where it was somebody.
        by: Option<Actor>,
        /// When.
        at: Timestamp,
    },
    /// It isn't what was shown any more.
    Changed(RequestId),
    /// It waits for its requester's confirmation: nobody can decide it yet.
    NotConfirmed(RequestId),
    /// The quorum can't be filled.
    NoApprovers {
        /// How many are needed.
        needed: u32,
        /// What was asked for, for security to read.
        about: String,
    },
    /// Too many requests wait already.
    Rate {
        /// Which.
        open: Vec<RequestId>,
    },
    /// Granting is stopped.
    Closed {
        /// By whom.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// The same was asked a moment ago.
    AlreadyAsked {
        /// Which.
        request: RequestId,
        /// Until when it can be answered.
        lapses_at: Timestamp,
    },
    /// The person has it.
    AlreadyActive {
        /// By which grant.
        request: RequestId,
        /// Until when.
        until: Timestamp,
    },
    /// A justification of the wrong length.
    Justification {
        /// Characters at least.
        min: u16,
        /// Characters at most.
        max: u16,
        /// Characters given.
        given: u32,
    },
    /// An approver's cut that isn't less than what was asked, or nothing at all.
    Cut {
        /// What was asked.
        asked: Length,
    },
    /// Only the requester or the beneficiary can do that.
    NotYours(RequestId),
    /// It can't be done as things stand.
    NotNow {
        /// Which.
        request: RequestId,
        /// `isn't active`, `isn't waiting`, …
        why: &'static str,
    },
    /// The person lacks the power.
    NotAllowed {
        /// `revoke BG-4821`, `start a lockdown`
        what: String,
    },
    /// Who took part can't review.
    OwnReview(RequestId),
    /// Accounts can't be linked so, or aren't.
    CannotLink {
        /// Why, and what to do instead.
        why: &'static str,
    },
    /// No code that can still be entered is like this.
    WrongCode,
    /// The account was linked a short while ago: it doesn't decide yet.
    YoungLink {
        /// Where the account is.
        platform: Platform,
        /// From when on it does.
        from: Timestamp,
        /// Where the person is listed.
        instead: Platform,
    },
    /// The server's clock is behind the log.
    ClockBehind,
    /// No policy is in force.
    NoPolicy,
}

/// A refusal in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// `Own request`
    pub title: &'static str,
    /// A sentence or two.
    pub text: String,
    /// What to press instead, and on which request.
    pub button: Option<(Button, RequestId)>,
}

impl Refusal {
    /// The code in the log of refused attempts and in metrics.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownPerson => "unknown_person",
            Self::Inactive => "inactive",
            Self::Unsure => "unsure",
            Self::Guest => "guest",
            Self::UnknownRequest(_) => "unknown_request",
            Self::OwnRequest { .. } => "own_request",
            Self::NotAnApprover { .. } => "not_an_approver",
            Self::AlreadyApproved { .. } => "already_approved",
            Self::SlotFilled { .. } => "slot_filled",
            Self::TooLate { .. } => "too_late",
            Self::Changed(_) => "changed",
            Self::NotConfirmed(_) => "not_confirmed",
            Self::NoApprovers { .. } => "no_approvers",
            Self::Rate { .. } => "rate",
            Self::Closed { .. } => "closed",
            Self::AlreadyAsked { .. } => "already_asked",
            Self::AlreadyActive { .. } => "already_active",
            Self::Justification { .. } => "justification",
            Self::Cut { .. } => "cut",
            Self::NotYours(_) => "not_yours",
            Self::NotNow { .. } => "not_now",
            Self::NotAllowed { .. } => "not_allowed",
            Self::OwnReview(_) => "own_review",
            Self::CannotLink { .. } => "cannot_link",
            Self::WrongCode => "wrong_code",
            Self::YoungLink { .. } => "young_link",
            Self::ClockBehind => "clock_behind",
            Self::NoPolicy => "no_policy",
        }
    }

    /// The refusal for people; instants stand in it as [`Timestamp`] displays them.
    pub fn words(&self) -> Words {
        let words = |title, text: String| Words {
            title,
            text,
            button: None,
        };
        let pressing = |title, text: String, button, request| Words {
            title,
            text,
            button: Some((button, request)),
        };
        match self {
            Self::UnknownPerson => words("Unknown person", "I don't know you here yet. Ask whoever keeps the policy to list your account.".to_owned()),
            Self::Inactive => words("Inactive", "Your account is deactivated or restricted, so you can't use break-glass.".to_owned()),
            Self::Unsure => words("Not now", "Whether everybody it takes still has an account can't be looked up just now, so nothing was changed. Try again in a minute.".to_owned()),
            Self::Guest => words("Guest", "Guests and people from other companies can't use break-glass here.".to_owned()),
            Self::UnknownRequest(id) => words("Unknown request", format!("There is no {id}, or it isn't yours to see.")),
            Self::OwnRequest { request, others } => words("Own request", format!("You can't approve {request}: it is for you or by you. {}", count_others(*others))),
            Self::NotAnApprover { request, deciders } => words("Not an approver", format!("Only {} can decide {request}.", name_all(deciders))),
            Self::AlreadyApproved { request } => words("Counted", format!("Your approval of {request} is counted already.")),
            Self::SlotFilled { request, needed } => words("Enough of you", format!("{request} has the approvals that you could give. Still needed: {}.", name_all(needed))),
            Self::TooLate { request, what, by, at } => words("Too late", format!("{request} {what}{} at {}.", by_whom(by.as_ref()), at)),
            Self::Changed(id) => pressing("Changed", format!("{id} changed after this card was drawn. Look at it again before you decide."), Button::Details, *id),
            Self::NotConfirmed(id) => words("Not confirmed", format!("{id} waits for its requester's own confirmation.")),
            Self::NoApprovers { needed, .. } => words("No approvers", format!("Nobody can approve this now: {needed} needed, and too few of them are active. Security was told.")),
            Self::Rate { open } => words("Rate", format!("You have {} open requests: {}. Withdraw one first.", open.len(), list_ids(open))),
            Self::Closed { by, at } => words("Closed", format!("Granting is stopped (lockdown{} since {}). Revocation goes on.", by_whom(Some(by)), at)),
            Self::AlreadyAsked { request, lapses_at } => pressing("Already asked", format!("{request} is waiting, until {lapses_at}."), Button::Withdraw, *request),
            Self::AlreadyActive { request, until } => pressing("Already active", format!("You have this until {until} ({request})."), Button::AskAgain, *request),
            Self::Justification { min, max, given } if *given < u32::from(*min) => words("Too short", format!("Why? needs {min} characters, you gave {given}. At most {max}.")),
            Self::Justification { max, given, .. } => words("Too long", format!("Why? takes at most {max} characters, you gave {given}.")),
            Self::Cut { asked } => words("Not less", format!("Pick less than the {asked} that were asked for, or approve it as it is.")),
            Self::NotYours(id) => words("Not yours", format!("Only the requester of {id} and the person it is for can do that.")),
            Self::NotNow { request, why } => words("Not now", format!("{request} {why}.")),
            Self::NotAllowed { what } => words("Not allowed", format!("You can't {what}: the policy doesn't give you that power.")),
            Self::OwnReview(id) => words("Own review", format!("You took part in {id}, so somebody else must review it.")),
            Self::CannotLink { why } => words("Not linked", (*why).to_owned()),
            Self::WrongCode => words("Wrong code", "No code like this waits. A code is valid for 10 minutes, once: on the chat where I know you, /breakglass link gives you another.".to_owned()),
            Self::YoungLink { platform, from, instead } => words("Not yet", format!("Your {} account counts for approvals from {from}; approve on {} until then.", platform.title(), instead.title())),
            Self::ClockBehind => words("Clock", "The server's clock is behind its own log, so nothing is granted until that is mended. Security was told.".to_owned()),
            Self::NoPolicy => words("No policy", "No policy is in force yet, so nothing can be granted.".to_owned()),
        }
    }
}

/// `@ines`, `operator:root@host`, or nothing for the clock and the server.
pub fn by_whom(actor: Option<&Actor>) -> String {
    match actor {
        Some(Actor::Person { person, .. }) => format!(" by @{person}"),
        Some(Actor::Operator { login, host }) => format!(" by operator:{login}@{host}"),
        Some(Actor::Stranger { .. } | Actor::Clock | Actor::Worker | Actor::Server) | None => {
            String::new()
        }
    }
}

/// `@dba and @security`
pub fn name_all(selectors: &[Selector]) -> String {
    let mut names: Vec<String> = selectors.iter().map(name).collect();
    names.dedup();
    match names.as_slice() {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn name(selector: &Selector) -> String {
    match selector {
        Selector::Person(id) => format!("@{id}"),
        Selector::Group(id) => format!("@{id}"),
        Selector::Employment(kind) => format!("{}s", kind.as_str()),
        Selector::OwnersOfTarget => "the target's owners".to_owned(),
        Selector::Everyone => "everyone".to_owned(),
    }
}

fn list_ids(ids: &[RequestId]) -> String {
    ids.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn count_others(others: u32) -> String {
    match others {
        0 => "Nobody else can either.".to_owned(),
        1 => "1 other can.".to_owned(),
        n => format!("{n} others can."),
    }
}

impl From<&PersonId> for Selector {
    fn from(id: &PersonId) -> Self {
        Self::Person(id.clone())
    }
}
