//! One line on what happened, for threads; and all there is to know of a request.

use breakglass_core::event::{Cause, Event, Record};
use breakglass_core::notice::{LineView, ListView};
use breakglass_core::port::provisioner::Presence;
use breakglass_core::state::Request;
use breakglass_core::text::TextHash;
use breakglass_core::time::Timestamp;

use super::Teller;

impl Teller<'_> {
    /// One line for a thread, and what somebody typed about it; `None` where the card says it already.
    pub fn line(&self, request: &Request, record: &Record) -> Option<(String, Option<String>)> {
        let by = self.by(&record.actor);
        let text = |hash: &TextHash| {
            self.texts
                .get(hash)
                .filter(|text| !text.is_empty())
                .cloned()
        };
        if let Event::Denied {
            reason: Some(reason),
            ..
        } = &record.event
        {
            return Some((format!("🔴 Denied{by}."), text(reason)));
        }
        if let Event::EndingStarted {
            reason: Some(reason),
            cause: Cause::Revoked,
            ..
        } = &record.event
        {
            let role = &request.asked.role;
            return Some((
                format!("⚪ Revoked{by}: {role} is being taken away."),
                text(reason),
            ));
        }
        if let Event::Attested { reason } = &record.event {
            let target = &request.asked.target;
            return Some((
                format!("⚪ Ended, removed by hand{by}, not read back: {target} is still tried."),
                text(reason),
            ));
        }
        if let Event::ReviewClosed { finding, note } = &record.event {
            return Some((
                format!("📝 Reviewed{by}: {}.", finding.as_str()),
                text(note),
            ));
        }
        if let Event::UseDescribed { note } = &record.event {
            return Some((format!("📝 What was done{by}:"), text(note)));
        }
        if let Event::RemovedUnrecorded {
            removed_at,
            read_back,
            sessions_ended,
        } = &record.event
        {
            let line = removed_line(*removed_at, *read_back, *sessions_ended);
            return Some((line, None));
        }
        Some((self.plain_line(request, &record.event, &by)?, None))
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event, read as a table"
    )]
    fn plain_line(&self, request: &Request, event: &Event, by: &str) -> Option<String> {
        let role = &request.asked.role;
        let target = &request.asked.target;
        Some(match event {
            Event::Confirmed { person } => {
                format!(
                    "🚨 Confirmed by {}: the glass is broken.",
                    self.person(person).name
                )
            }
            Event::ApprovalGiven { approval } => {
                let cut = approval
                    .cut
                    .map(|cut| format!(" for at most {cut}"))
                    .unwrap_or_default();
                format!(
                    "🟡 Approved by {}{cut}.",
                    self.person(&approval.person).name
                )
            }
            Event::ApprovalsVoided { people } => {
                let names: Vec<String> = people.iter().map(|id| self.person(id).name).collect();
                format!(
                    "⚠️ The approval of {} doesn't count any more.",
                    names.join(", ")
                )
            }
            Event::Escalated { .. } => "🟡 Nobody answered yet: more people are asked.".to_owned(),
            Event::GlassOffered { offer } => format!(
                "🟡 Nobody answered yet: {} may break the glass until {}.",
                self.person(&request.asked.requester).name,
                offer.until
            ),
            Event::PageFailed {
                pager, why, tries, ..
            } => format!("⚠️ {pager} couldn't be paged: {why} ({tries} tries)."),
            Event::Approved(approved) => {
                format!("🔵 Granting {role} on {target} for {}.", approved.lease)
            }
            Event::Denied { denial, .. } => {
                let reasons = denial.as_ref().map(|denial| denial.reasons.join(" "));
                format!("🔴 Denied by the policy: {}", reasons.unwrap_or_default())
            }
            Event::Withdrawn => format!("⚪ Withdrawn{by}."),
            Event::Lapsed => "⏱️ Nobody answered in time. Nothing was granted.".to_owned(),
            Event::Activated { expires_at, .. } => format!(
                "🟢 Active: {} has {role} on {target} until {expires_at}.",
                self.person(&request.asked.beneficiary).name
            ),
            Event::ProvisionFailed { why, tries, .. } => {
                format!("⚠️ Not granted yet: {why} ({tries} tries). No access so far.")
            }
            Event::EndingStarted {
                cause: Cause::Lost, ..
            } => format!("⚠️ Lost: {role} isn't on {target} any more, before its time."),
            Event::EndingStarted { .. } => format!("⚪ Taking {role} away again."),
            Event::Ended { .. } => self.ended_line(request),
            Event::Requested(_)
            | Event::DeniedByPolicy(_)
            | Event::TermsChanged(_)
            | Event::Unanswered
            | Event::Paged { .. }
            | Event::Reminded
            | Event::RightLost
            | Event::Preflighted { .. }
            | Event::DeprovisionFailed { .. }
            | Event::Stuck { .. }
            | Event::Attested { .. }
            | Event::AttestationRefuted
            | Event::RemovedUnrecorded { .. }
            | Event::ReviewOpened { .. }
            | Event::ReviewOverdue
            | Event::ReviewClosed { .. }
            | Event::UseDescribed { .. }
            | Event::LockdownStarted { .. }
            | Event::LockdownEnded { .. }
            | Event::LinkOffered { .. }
            | Event::Linked { .. }
            | Event::Unlinked { .. }
            | Event::PolicyLoaded { .. }
            | Event::Started { .. }
            | Event::AttemptRefused(_)
            | Event::Reconciled { .. } => return None,
        })
    }

    fn ended_line(&self, request: &Request) -> String {
        use breakglass_core::notice::StateView;
        match self.state(request) {
            StateView::Ended {
                why,
                read_back,
                sessions_ended,
                remains,
                ..
            } => {
                let sessions = match sessions_ended {
                    0 => String::new(),
                    1 => " · 1 open session ended".to_owned(),
                    n => format!(" · {n} open sessions ended"),
                };
                let remains = match remains.as_slice() {
                    [] => String::new(),
                    paths => format!(" · still held by other means: {}", paths.join(", ")),
                };
                format!("⚪ Ended {why} · read back: {read_back}{sessions}{remains}")
            }
            StateView::NotGranted { why, .. } => {
                format!("🔴 Not granted: {why}. Nothing is left there.")
            }
            StateView::Waiting { .. }
            | StateView::Unconfirmed { .. }
            | StateView::Granting { .. }
            | StateView::Active { .. }
            | StateView::Ending { .. }
            | StateView::Denied { .. }
            | StateView::Withdrawn { .. }
            | StateView::Lapsed { .. } => "⚪ Ended.".to_owned(),
        }
    }

    /// All there is to know, under headings.
    pub fn details(&self, request: &Request) -> Vec<ListView> {
        let line = |text: String| LineView {
            text,
            at: None,
            buttons: Vec::new(),
        };
        let list = |heading: &str, lines: Vec<LineView>| ListView {
            heading: heading.to_owned(),
            empty: "–".to_owned(),
            lines,
        };
        let factor =
            |f: &breakglass_core::ruling::RiskFactor| line(format!("+{} {}", f.points, f.why));
        let mut lists = vec![list(
            &format!("Risk {}", request.risk.score),
            request.risk.factors.iter().map(factor).collect(),
        )];
        if let Some(terms) = &request.terms {
            let mut lines = vec![line(format!("rule {}", terms.rule))];
            for slot in self.slots(request) {
                let given: Vec<_> = slot
                    .filled
                    .iter()
                    .map(|(person, _)| person.name.clone())
                    .collect();
                let given = if given.is_empty() {
                    "–".to_owned()
                } else {
                    given.join(", ")
                };
                lines.push(line(format!(
                    "{} of {}: {given}",
                    slot.count, slot.from.label
                )));
            }
            lines.push(line(format!(
                "at most {}, answered within {}",
                terms.max_duration, terms.window
            )));
            lists.push(list("Terms", lines));
        }
        lists.push(list(
            "Holding",
            vec![line(request.asked.holding.to_string())],
        ));
        lists
    }
}

fn removed_line(at: Timestamp, read_back: Presence, sessions_ended: u32) -> String {
    let seen = match read_back {
        Presence::Absent => "read back, it was gone",
        Presence::Present | Presence::Unknowable => "not read back",
    };
    format!(
        "⚪ Taken away at {at}, while nothing could be recorded: {seen}, {sessions_ended} open sessions ended. This is \
         recorded now."
    )
}
