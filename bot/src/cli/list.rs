//! Requests, grants and reviews as text for people, and what the commands that list them have in common.

use breakglass_core::event::{Cause, Seen};
use breakglass_core::id::RequestId;
use breakglass_core::text::TEXT_CHARS_MAX;
use breakglass_core::time::{Length, Timestamp};
use clap::Args;

use crate::admin::{ApprovalLine, HouseLine, RequestLine, ReviewLine, Scope};

/// How much of a list.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// What is over, too: the newest thousand
    #[arg(long)]
    all: bool,
}

impl ListArgs {
    pub(super) const fn scope(&self) -> Scope {
        if self.all { Scope::All } else { Scope::Open }
    }
}

/// A reason as it was typed: something, and not more than is kept.
pub(super) fn reason(typed: &str) -> Result<String, String> {
    let reason = typed.trim();
    match reason.chars().count() {
        0 => Err("say why".to_owned()),
        chars if chars > TEXT_CHARS_MAX => Err(format!(
            "{chars} characters; at most {TEXT_CHARS_MAX} are kept"
        )),
        _ => Ok(reason.to_owned()),
    }
}

/// One line each, in columns.
pub(super) fn lines(requests: &[RequestLine]) -> String {
    if requests.is_empty() {
        return "None.".to_owned();
    }
    let rows: Vec<[String; 6]> = requests.iter().map(row).collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..6).map(width).collect();
    let padded = |row: &[String; 6]| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(padded).collect::<Vec<_>>().join("\n")
}

fn row(request: &RequestLine) -> [String; 6] {
    let mut notes = Vec::new();
    notes.extend(request.break_glass.then(|| "break-glass".to_owned()));
    notes.extend(request.stuck.then(|| "STUCK".to_owned()));
    notes.extend(request.trouble.clone());
    notes.extend(request.review.as_ref().map(review));
    [
        request.id.to_string(),
        request.state.clone(),
        whom(request),
        format!("{}/{}", request.target, request.role),
        when(request),
        notes.join("; "),
    ]
}

fn whom(request: &RequestLine) -> String {
    let (requester, beneficiary) = (&request.requester, &request.beneficiary);
    if requester == beneficiary {
        requester.to_string()
    } else {
        format!("{requester} for {beneficiary}")
    }
}

fn when(request: &RequestLine) -> String {
    let ends = request.ended_at.map(|at| format!("since {at}"));
    let open = request
        .expires_at
        .or(request.until)
        .map(|at| format!("until {at}"));
    ends.or(open).unwrap_or_default()
}

fn review(review: &ReviewLine) -> String {
    match review {
        ReviewLine::Open {
            due_at,
            overdue: false,
        } => format!("review due {due_at}"),
        ReviewLine::Open {
            due_at,
            overdue: true,
        } => format!("review OVERDUE since {due_at}"),
        ReviewLine::Closed { by, finding, .. } => format!("reviewed by {by}: {}", finding.as_str()),
    }
}

/// All that is known of one, a line each.
pub(super) fn whole(request: &RequestLine) -> String {
    let known = asked(request).into_iter().chain(became(request));
    let lines = known.filter_map(|(label, value)| Some(format!("{label:<13}{}", value?)));
    lines.collect::<Vec<_>>().join("\n")
}

/// A label and what stands there, if anything does.
type Known = (&'static str, Option<String>);

fn asked(request: &RequestLine) -> [Known; 12] {
    let approval = |approval: &ApprovalLine| format!("{} at {}", approval.person, approval.at);
    let approvals: Vec<_> = request.approvals.iter().map(approval).collect();
    [
        ("request", Some(format!("{} {}", request.id, request.state))),
        ("who", Some(whom(request))),
        (
            "what",
            Some(format!(
                "{}/{} as {}",
                request.target, request.role, request.account
            )),
        ),
        (
            "how long",
            Some(Length::from_secs(request.duration_secs).to_string()),
        ),
        ("why", request.justification.clone()),
        ("incident", request.incident.clone()),
        (
            "severity",
            request
                .severity
                .map(|severity| format!("{severity} (claimed)")),
        ),
        ("risk", Some(request.risk.to_string())),
        ("rule", request.rule.clone()),
        (
            "break-glass",
            request
                .break_glass
                .then(|| "yes: no approval beforehand".to_owned()),
        ),
        (
            "approved by",
            Some(approvals.join(", ")).filter(|by| !by.is_empty()),
        ),
        (
            "asked",
            Some(format!("{} on {}", request.requested_at, request.platform)),
        ),
    ]
}

fn became(request: &RequestLine) -> [Known; 13] {
    let instant = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let stuck = || "yes: people were told, and it is still tried".to_owned();
    [
        ("answer by", instant(request.until)),
        ("access from", instant(request.started_at)),
        ("access until", instant(request.expires_at)),
        ("over", instant(request.ended_at)),
        ("outcome", request.outcome.map(outcome)),
        ("by", request.by.as_ref().map(ToString::to_string)),
        ("reason", request.why.clone()),
        ("read back", request.seen.as_ref().map(seen)),
        (
            "remains",
            Some(request.remains.join("; ")).filter(|remains| !remains.is_empty()),
        ),
        (
            "tries",
            request
                .tries
                .filter(|tries| *tries > 0)
                .map(|tries| tries.to_string()),
        ),
        ("trouble", request.trouble.clone()),
        ("stuck", request.stuck.then(stuck)),
        ("review", request.review.as_ref().map(review)),
    ]
}

fn outcome(cause: Cause) -> String {
    match cause {
        Cause::Expired => "expired",
        Cause::GivenBack => "given back",
        Cause::Revoked => "revoked",
        Cause::NotGranted => "not granted",
        Cause::Lost => "lost",
        Cause::Left => "left",
    }
    .to_owned()
}

fn seen(seen: &Seen) -> String {
    match seen {
        Seen::Gone => "gone".to_owned(),
        Seen::KeptBy(other) => format!("kept by {other}"),
        Seen::Unread => "this target can't be read back".to_owned(),
        Seen::Standing => "held before, not from us; nothing was changed".to_owned(),
    }
}

/// What ends now.
pub(super) fn revoking(requests: &[RequestId]) -> String {
    if requests.is_empty() {
        return "No grant is live.".to_owned();
    }
    let ids: Vec<_> = requests.iter().map(ToString::to_string).collect();
    format!(
        "Being taken away: {}. `breakglass grants list` tells when they are gone.",
        ids.join(", ")
    )
}

/// Do we grant?
pub(super) fn house(house: &HouseLine) -> String {
    let policy = house
        .policy
        .as_ref()
        .map_or_else(|| "none".to_owned(), ToString::to_string);
    let Some(at) = house.at else {
        return format!("Open: granting as policy {policy} says.");
    };
    let by = house
        .by
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let reason = house.reason.as_deref().unwrap_or("(erased)");
    let revoked = if house.revoke_all {
        "Live grants were revoked too."
    } else {
        "Live grants run on."
    };
    format!("Lockdown by {by} at {at}: {reason}\nNothing is granted. {revoked}")
}
