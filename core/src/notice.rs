//! What people see, as data: views that a chat adapter renders, with every word of substance already chosen.
//!
//! An instant inside a text is written as [`Timestamp`] displays it (`2026-03-02T14:07:00.000Z`): adapters
//! show it in the reader's own zone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{PersonId, Platform, RequestId};
use crate::intent::{Button, Typed};
use crate::ruling::{Risk, Severity};
use crate::time::{Length, Timestamp};

/// A person to be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// As listed in the policy.
    pub id: PersonId,
    /// `Maya Lind`
    pub name: String,
    /// Where they can be mentioned.
    pub accounts: BTreeMap<Platform, String>,
}

/// A group or person that is named, and mentioned only where they are asked to act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhoView {
    /// `dba`, `Maya Lind`, `owners of orders-db`
    pub label: String,
    /// The platform's group or account ids that stand for it; may be empty.
    pub groups: BTreeMap<Platform, Vec<String>>,
    /// People to mention where the platform has no such group.
    pub people: Vec<PersonView>,
}

/// Everything about a request that a message may show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "five independent marks that a message shows"
)]
pub struct RequestView {
    /// `BG-4821`
    pub id: RequestId,
    /// 16 hex digits; what buttons carry beside the id.
    pub digest: String,
    /// Access without approval beforehand.
    pub break_glass: bool,
    /// Planned work rather than an emergency.
    pub planned: bool,
    /// The server runs against a sandbox: every message says TEST.
    pub test: bool,
    /// Who asked.
    pub requester: PersonView,
    /// Who gets the access.
    pub beneficiary: PersonView,
    /// `orders-db`
    pub target: String,
    /// `Orders database (production)`
    pub target_title: String,
    /// `admin`
    pub role: String,
    /// `Admin`
    pub role_title: String,
    /// `can read customer data`
    pub role_note: Option<String>,
    /// What was asked for; once decided, what was granted.
    pub duration: Length,
    /// Absent once it was erased.
    pub justification: Option<String>,
    /// As claimed or verified.
    pub incident: Option<String>,
    /// Did the tracker confirm it?
    pub incident_verified: bool,
    /// As claimed or verified.
    pub severity: Option<Severity>,
    /// Did somebody else confirm it?
    pub severity_verified: bool,
    /// Score and factors.
    pub risk: Risk,
    /// `on call`, `1 active grant`, `2nd request today`: facts on the requester, to be joined by ` · `.
    pub standing: Vec<String>,
    /// How to connect, for who has it.
    pub connect: Option<String>,
    /// The rule that allows it.
    pub rule: String,
    /// First 8 hex digits of the policy's hash.
    pub policy: String,
    /// The newest log record of this request.
    pub log_seq: u64,
    /// First 8 hex digits of that record's leaf hash.
    pub log_hash: String,
}

/// One slot of a quorum: who could fill it and who did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotView {
    /// Who may fill it.
    pub from: WhoView,
    /// How many of them.
    pub count: u8,
    /// Who did, and when.
    pub filled: Vec<(PersonView, Timestamp)>,
}

/// Who did something, for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorView {
    /// A listed person.
    Person(PersonView),
    /// Somebody at the server's command line: `operator:root@host`.
    Operator(String),
    /// The clock, the policy, or breakglass itself.
    System,
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateView {
    /// 🟡 approvers are asked.
    Waiting {
        /// Until when they can answer.
        answer_by: Timestamp,
        /// The quorum so far.
        slots: Vec<SlotView>,
        /// Who can fill what is still open.
        asked: Vec<WhoView>,
        /// What would keep it from being given now, if something would: `orders-db doesn't answer: …`.
        trouble: Option<String>,
    },
    /// 🟡 only the requester sees it: not confirmed yet.
    Unconfirmed {
        /// Until when it can be confirmed.
        confirm_by: Timestamp,
    },
    /// 🔵 decided, not on the target yet.
    Granting {
        /// Who said yes; empty for break-glass.
        approved_by: Vec<(PersonView, Timestamp)>,
        /// What keeps it, if something does: `orders-db doesn't answer`.
        trouble: Option<String>,
        /// Tries so far.
        tries: u32,
        /// When it is given up.
        until: Timestamp,
    },
    /// 🟢 the person has it.
    Active {
        /// When it ends.
        until: Timestamp,
        /// Who said yes; empty for break-glass.
        approved_by: Vec<(PersonView, Timestamp)>,
    },
    /// ⚠️ ⚪ being taken away.
    Ending {
        /// Why it ends, such as `expired`, `given back`, `revoked by @ines: "wrong role"`.
        why: String,
        /// What keeps it, if something does.
        trouble: Option<String>,
        /// Tries so far.
        tries: u32,
    },
    /// ⚪ over.
    Ended {
        /// When it was read back.
        at: Timestamp,
        /// `on time`, `given back`, `revoked by @ines: "…"`, `lost`.
        why: String,
        /// What the read-back saw: `admin is gone`, `kept by BG-7`, `this target can't be read back`.
        read_back: String,
        /// Open sessions that were ended.
        sessions_ended: u32,
        /// The same access that remains by another path, in words.
        remains: Vec<String>,
    },
    /// 🔴 approved, but the target never gave it; nothing is left there.
    NotGranted {
        /// When it was settled.
        at: Timestamp,
        /// `orders-db didn't answer until 14:20`, `Maya already holds it (standing, not from us)`.
        why: String,
    },
    /// 🔴 no.
    Denied {
        /// Who said no; the policy is [`ActorView::System`].
        by: ActorView,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// ⚪ taken back before it was decided.
    Withdrawn {
        /// By whom.
        by: ActorView,
        /// When.
        at: Timestamp,
    },
    /// ⏱️ nobody answered.
    Lapsed {
        /// When.
        at: Timestamp,
    },
}

/// A card that is drawn again whenever its request changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Which of a request's cards this is.
    pub kind: CardKind,
    /// The request.
    pub request: RequestView,
    /// Where it stands.
    pub state: StateView,
    /// What can be pressed now, in order.
    pub buttons: Vec<Button>,
    /// When the review is due, once it is open.
    pub review_due: Option<Timestamp>,
    /// Who was called by pager, and when.
    pub pages: Vec<PageView>,
}

/// The last call by a pager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageView {
    /// `dba-phone`
    pub pager: String,
    /// When.
    pub at: Timestamp,
    /// Why it couldn't be made; absent: it was.
    pub trouble: Option<String>,
}

/// Which card of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// In the approvers' channel.
    Approvers,
    /// In the security channel.
    Security,
}

/// A message that is posted once and stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Direct: your request waits for these people.
    Received {
        /// The request.
        request: Box<RequestView>,
        /// Where it stands.
        state: StateView,
        /// `Withdraw`
        buttons: Vec<Button>,
    },
    /// Direct: nobody answered so far, and a rule lets you have it without approval.
    GlassOffered {
        /// The request as it would be.
        request: Box<RequestView>,
        /// Until when it can be taken.
        confirm_by: Timestamp,
        /// How many approvers would be skipped.
        skipped: u32,
        /// Who would review it; empty for planned work that nobody reviews.
        reviewers: Vec<WhoView>,
        /// By when, after the end.
        review_within: Length,
        /// `Break the glass`
        buttons: Vec<Button>,
    },
    /// Direct: decided. You have it, or why not.
    Decided {
        /// The request.
        request: Box<RequestView>,
        /// Active, denied, lapsed or not granted.
        state: StateView,
        /// `End now`, `Ask again`
        buttons: Vec<Button>,
    },
    /// Direct: it ends in a few minutes.
    EndingSoon {
        /// The request.
        request: Box<RequestView>,
        /// When.
        ends_at: Timestamp,
        /// Are open sessions cut?
        cuts_sessions: bool,
        /// `End now`, `Ask again`
        buttons: Vec<Button>,
    },
    /// Direct: it is over.
    Ended {
        /// The request.
        request: Box<RequestView>,
        /// Ended.
        state: StateView,
        /// How long it was held.
        used: Length,
        /// `Two lines…`, `Ask again`
        buttons: Vec<Button>,
    },
    /// In the request's thread: one line on what happened.
    Progress {
        /// The request.
        request: Box<RequestView>,
        /// One emoji, one word, and what happened; holds nothing that people typed.
        line: String,
        /// What somebody typed about it, such as a reason: shown as an inert quote.
        quote: Option<String>,
        /// People asked to act now.
        mention: Vec<WhoView>,
    },
    /// To those who were skipped by break-glass: told, not asked.
    Skipped {
        /// The request.
        request: Box<RequestView>,
    },
    /// A review is open: to security's channel, mentioning the reviewers.
    ReviewDue {
        /// The request.
        request: Box<RequestView>,
        /// By when.
        due_at: Timestamp,
        /// Who may.
        reviewers: Vec<WhoView>,
        /// Is it late?
        overdue: bool,
    },
    /// Something needs a person: always a new post in the security channel.
    Alarm {
        /// The request, if it is about one.
        request: Option<RequestId>,
        /// `Access NOT removed`
        title: String,
        /// What happened, what is being done.
        text: String,
        /// A command that a person could type, shown as code.
        by_hand: Option<String>,
        /// Say it louder than ⚠️.
        loud: bool,
        /// What can be pressed, each with the request and digest that it carries.
        buttons: Vec<(Button, RequestId, String)>,
    },
    /// So much happened that a line each has to do.
    Digest {
        /// What happened, in order.
        lines: Vec<DigestLine>,
    },
    /// Somebody whom the policy doesn't list tried to act: for those who keep it.
    Stranger {
        /// On which chat.
        platform: Platform,
        /// The account's id there.
        account: String,
        /// How the policy would list it: lines to be looked over and pasted.
        listing: Vec<String>,
    },
    /// About breakglass itself: started, policy loaded, lockdown.
    House {
        /// `Lockdown`
        title: String,
        /// One emoji and the words.
        text: String,
        /// Label and value lines.
        facts: Vec<(String, String)>,
    },
}

/// One thing of a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestLine {
    /// The id of the post that it stands for, the same on every try.
    pub effect: String,
    /// The request it is about.
    pub request: Option<RequestId>,
    /// One emoji, one word, and what happened; may hold what people typed, so it is shown inert.
    pub text: String,
}

/// Where a notice goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// A direct message.
    Person(PersonId),
    /// The thread under the request's approvers' card.
    ApproversThread(RequestId),
    /// The thread under the request's security card.
    SecurityThread(RequestId),
    /// The security channel, a new post.
    Security,
}

/// An answer that only the sender of an act sees, at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It was refused, or something to know: bold title, text, buttons (with the request they are about).
    Said {
        /// `Own request`, `Counted`, …
        title: String,
        /// One or two sentences; may hold what people typed, so it is shown inert.
        text: String,
        /// What they typed and came to nothing, so that it isn't lost; empty for all else.
        typed: String,
        /// Buttons, each with the request and digest that it carries.
        buttons: Vec<(Button, RequestId, String)>,
    },
    /// 🚨 Break the glass?
    ConfirmBreakGlass {
        /// The unconfirmed request.
        request: Box<RequestView>,
        /// Until when it can be confirmed.
        confirm_by: Timestamp,
        /// How many approvers are skipped.
        skipped: u32,
        /// Who reviews it; empty for planned work that nobody reviews.
        reviewers: Vec<WhoView>,
        /// By when, after the end.
        review_within: Length,
        /// Who could be asked instead; empty where no rule allows that.
        ask_instead: Vec<WhoView>,
        /// `Break the glass`, `Ask for approval`, `Edit`, `Cancel`
        buttons: Vec<Button>,
    },
    /// The card as it is now.
    Shown(Box<Card>),
    /// Lists under headings: `status`, `list`, `help`.
    Lists(Vec<ListView>),
}

impl Answer {
    /// The same with what was typed and came to nothing.
    #[must_use]
    pub fn with_typed(mut self, words: &str) -> Self {
        if let Self::Said { typed, .. } = &mut self {
            words.clone_into(typed);
        }
        self
    }
}

/// A heading with lines, some with buttons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListView {
    /// `My grants`
    pub heading: String,
    /// What stands there when there are no lines.
    pub empty: String,
    /// The lines.
    pub lines: Vec<LineView>,
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineView {
    /// Emoji, word, id, what; inert.
    pub text: String,
    /// A point in time to show after it in the reader's zone, with a word before: `until`, `answer by`.
    pub at: Option<(String, Timestamp)>,
    /// What can be pressed.
    pub buttons: Vec<(Button, RequestId, String)>,
}

/// A modal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormView {
    /// Opened at once, while the rest is looked up.
    Loading,
    /// Nothing can be shown; offers "Try again".
    Failed {
        /// Why, and what to do.
        why: String,
        /// What was typed so far, so that it isn't lost.
        typed: Box<Typed>,
    },
    /// The request form.
    Request(Box<RequestForm>),
    /// A short form for one button: `Deny…`, `Approve for less…`, `Revoke…`, `Review…`, `Two lines…`.
    Short {
        /// Which.
        button: Button,
        /// The request.
        request: Box<RequestView>,
        /// Durations to pick from, for `Approve for less…`.
        durations: Vec<Length>,
        /// Shortest text that is taken, in characters; 0: may stay empty.
        text_min: u16,
    },
    /// `Details`: lists, nothing to fill.
    Details {
        /// The request.
        request: Box<RequestView>,
        /// What there is to know.
        lists: Vec<ListView>,
    },
}

/// The request form with all that was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestForm {
    /// What was typed so far.
    pub typed: Typed,
    /// The target that was meant, id and title.
    pub target: Option<Choice>,
    /// The role that was meant.
    pub role: Option<Choice>,
    /// What the role's note says.
    pub role_note: Option<String>,
    /// Durations to pick from, the default first of all equal to `duration`.
    pub durations: Vec<Length>,
    /// The one that is picked.
    pub duration: Length,
    /// The longest that a rule allows, if a role is chosen.
    pub longest: Option<Length>,
    /// Must an incident be named?
    pub incident_required: bool,
    /// May the person ask for somebody else?
    pub on_behalf: bool,
    /// Characters of the justification, least and most.
    pub justification_chars: (u16, u16),
    /// `With what you entered: …`
    pub preview: Option<String>,
    /// Faults at their field.
    pub faults: Vec<FieldFault>,
}

/// One choice in a select.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent back.
    pub value: String,
    /// What is read, at most 75 characters are shown.
    pub label: String,
}

/// The fields of the request form and the short forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Target.
    Target,
    /// Role.
    Role,
    /// For how long?
    Duration,
    /// Severity.
    Severity,
    /// Incident.
    Incident,
    /// For whom.
    Beneficiary,
    /// Why?
    Why,
    /// A reason or note of a short form.
    Text,
    /// The finding of a review.
    Finding,
}

impl Field {
    /// The name used as a platform's block id.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Role => "role",
            Self::Duration => "duration",
            Self::Severity => "severity",
            Self::Incident => "incident",
            Self::Beneficiary => "beneficiary",
            Self::Why => "why",
            Self::Text => "text",
            Self::Finding => "finding",
        }
    }
}

/// What is wrong with a field, in a short sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    /// Which.
    pub field: Field,
    /// `needs 20 characters, you gave 9`
    pub message: String,
}

/// The home page of one person in the chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeView {
    /// Shown on top while granting is stopped.
    pub closed: Option<String>,
    /// `My grants`, `Waiting for me`, `My reviews`, `My requests`.
    pub lists: Vec<ListView>,
}
