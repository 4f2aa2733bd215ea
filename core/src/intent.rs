//! What was typed or pressed, in the platform's own ids: parsed by a chat adapter, not yet understood.

use serde::{Deserialize, Serialize};

use crate::id::{Platform, RequestId};
use crate::port::chat::MessageRef;
use crate::time::Length;

/// One thing that somebody did in chat. Kept in the inbox before it is acknowledged, so that a crash loses nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The same for every delivery of the same act: a second one is dropped.
    pub replay_key: String,
    /// Who did it, as the platform vouches.
    pub sender: Sender,
    /// The channel it was done in, if any.
    pub channel: Option<String>,
    /// How to answer that person.
    pub reply: Reply,
    /// What it was.
    pub act: Act,
}

/// A platform account, as verified by signature or socket. Names are never part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// Slack, Discord, …
    pub platform: Platform,
    /// The immutable account id: `U…`, a snowflake.
    pub account: String,
    /// The workspace or guild the account acts from.
    pub workspace: String,
}

/// Short-lived means to answer an act.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reply {
    /// Where an answer that only the sender sees can be sent (Slack's `response_url`).
    pub url: Option<String>,
    /// What allows a modal to be opened (Slack's trigger id, valid 3 s).
    pub trigger: Option<String>,
    /// The message whose button was pressed.
    pub message: Option<MessageRef>,
    /// The modal that is open and can be updated: an [`Act::OpenForm`] with it draws that one again.
    pub view: Option<String>,
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Open the request form, filled with what is known.
    OpenForm(Typed),
    /// Ask for access: the slash command with words, or the form sent off.
    Ask(Typed),
    /// My requests and grants, in short.
    Status,
    /// What I may ask for, what I hold, what waits for me.
    List,
    /// Give a grant back; without an id, the only one.
    End(Option<RequestId>),
    /// Take a grant away.
    Revoke {
        /// Without an id, the only one.
        request: Option<RequestId>,
        /// Why; absent opens a form.
        reason: Option<String>,
    },
    /// Take back a request that waits.
    Withdraw(Option<RequestId>),
    /// Open the review form, or close the review.
    Review {
        /// Without an id, the only one.
        request: Option<RequestId>,
        /// Absent opens the form.
        finding: Option<String>,
        /// What the reviewer writes.
        note: String,
    },
    /// Stop all granting.
    Lockdown {
        /// Why; absent is refused with how to say it.
        reason: Option<String>,
        /// Also take back every live grant.
        revoke_all: bool,
    },
    /// Link an account on a second chat: without a code, give one out; with one, enter it.
    Link {
        /// The code as typed.
        code: Option<String>,
    },
    /// Take the link of one's own accounts back.
    Unlink,
    /// Take somebody else's link back.
    UnlinkOf {
        /// One of their accounts; a name as typed where the platform didn't know it.
        account: String,
    },
    /// How this works.
    Help,
    /// A command whose words can't be understood, such as `end tomorrow`: quoted back, with what would work.
    Unclear(String),
    /// A button on a card, a direct message or a confirmation.
    Press {
        /// Which button.
        button: Button,
        /// For which request; a button without one carries none.
        request: RequestId,
        /// The digest the button carried: compared, never trusted.
        digest: String,
    },
    /// A short form that a button opened, sent off.
    Form {
        /// Which button opened it.
        button: Button,
        /// For which request.
        request: RequestId,
        /// The digest that was shown.
        digest: String,
        /// What was typed or picked.
        filled: Filled,
    },
    /// The person opened our home page in the chat.
    HomeOpened,
}

impl Act {
    /// The request that it names.
    pub const fn request(&self) -> Option<RequestId> {
        match self {
            Self::End(request)
            | Self::Withdraw(request)
            | Self::Revoke { request, .. }
            | Self::Review { request, .. } => *request,
            Self::Press { request, .. } | Self::Form { request, .. } => Some(*request),
            Self::OpenForm(_)
            | Self::Ask(_)
            | Self::Status
            | Self::List
            | Self::Lockdown { .. }
            | Self::Link { .. }
            | Self::Unlink
            | Self::UnlinkOf { .. }
            | Self::Help
            | Self::Unclear(_)
            | Self::HomeOpened => None,
        }
    }

    /// What was typed in words of one's own; empty if nothing was.
    pub fn words(&self) -> &str {
        match self {
            Self::OpenForm(typed) | Self::Ask(typed) => &typed.why,
            Self::Revoke { reason, .. } | Self::Lockdown { reason, .. } => {
                reason.as_deref().unwrap_or_default()
            }
            Self::Review { note, .. } => note,
            Self::Form { filled, .. } => &filled.text,
            Self::Status
            | Self::List
            | Self::End(_)
            | Self::Withdraw(_)
            | Self::Link { .. }
            | Self::Unlink
            | Self::UnlinkOf { .. }
            | Self::Help
            | Self::Unclear(_)
            | Self::Press { .. }
            | Self::HomeOpened => "",
        }
    }
}

/// What was understood of a request's words; anything may be missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Typed {
    /// The target's name as typed.
    pub target: Option<String>,
    /// The role's name as typed.
    pub role: Option<String>,
    /// For how long.
    pub duration: Option<Length>,
    /// 1 to 5.
    pub severity: Option<u8>,
    /// The incident's id, taken out of a link if need be.
    pub incident: Option<String>,
    /// The platform account of the person it is for; a name as typed where the platform didn't know it.
    pub beneficiary: Option<String>,
    /// Why, cleaned of the platform's escapes.
    pub why: String,
    /// A link to the message it was raised from.
    pub source: Option<String>,
    /// The person knows that they hold it already and asks for another grant.
    pub again: bool,
}

/// What a short form holds; which fields are used depends on the button that opened it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Filled {
    /// A reason or a note.
    pub text: String,
    /// The approver's cut.
    pub duration: Option<Length>,
    /// The review's finding.
    pub finding: Option<String>,
}

/// The buttons, by their label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    /// `Approve`
    Approve,
    /// `Approve for less…`
    ApproveForLess,
    /// `Deny…`
    Deny,
    /// `Details`
    Details,
    /// `Break the glass`
    BreakTheGlass,
    /// `Ask @dba and @security`: by the next path, with approval.
    AskForApproval,
    /// `Edit`: back to the form.
    Edit,
    /// `Cancel`: withdraws an unconfirmed request.
    Cancel,
    /// `End now`
    EndNow,
    /// `Revoke…`
    Revoke,
    /// `Withdraw`
    Withdraw,
    /// `Ask again`
    AskAgain,
    /// `Review…`
    Review,
    /// `Two lines…`: the requester says what they did.
    Describe,
    /// `Removed by hand…`: somebody answers for what can't be removed.
    Attest,
}

impl Button {
    /// All of them, for tables and tests.
    pub const ALL: [Self; 15] = [
        Self::Approve,
        Self::ApproveForLess,
        Self::Deny,
        Self::Details,
        Self::BreakTheGlass,
        Self::AskForApproval,
        Self::Edit,
        Self::Cancel,
        Self::EndNow,
        Self::Revoke,
        Self::Withdraw,
        Self::AskAgain,
        Self::Review,
        Self::Describe,
        Self::Attest,
    ];

    /// The name used as a platform's action id.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::ApproveForLess => "approve_for_less",
            Self::Deny => "deny",
            Self::Details => "details",
            Self::BreakTheGlass => "break_the_glass",
            Self::AskForApproval => "ask_for_approval",
            Self::Edit => "edit",
            Self::Cancel => "cancel",
            Self::EndNow => "end_now",
            Self::Revoke => "revoke",
            Self::Withdraw => "withdraw",
            Self::AskAgain => "ask_again",
            Self::Review => "review",
            Self::Describe => "describe",
            Self::Attest => "attest",
        }
    }

    /// The label people press. `Ask for approval` names the groups instead where there is room.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Approve => "Approve",
            Self::ApproveForLess => "Approve for less…",
            Self::Deny => "Deny…",
            Self::Details => "Details",
            Self::BreakTheGlass => "Break the glass",
            Self::AskForApproval => "Ask for approval",
            Self::Edit => "Edit",
            Self::Cancel => "Cancel",
            Self::EndNow => "End now",
            Self::Revoke => "Revoke…",
            Self::Withdraw => "Withdraw",
            Self::AskAgain => "Ask again",
            Self::Review => "Review…",
            Self::Describe => "Two lines…",
            Self::Attest => "Removed by hand…",
        }
    }

    /// The button with this action id.
    pub fn from_action(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|button| button.as_str() == name)
    }
}
