//! Answers that only the sender of an act sees.

use breakglass_core::event::{DeniedByPolicy, Event};
use breakglass_core::intent::Button;
use breakglass_core::notice::{Answer, StateView};
use breakglass_core::refusal::{Refusal, name_all};
use breakglass_core::state::{Phase, Request};

use super::Teller;

/// A plain answer.
pub fn said(title: &str, text: impl Into<String>) -> Answer {
    Answer::Said {
        title: title.to_owned(),
        text: text.into(),
        typed: String::new(),
        buttons: Vec::new(),
    }
}

/// A refusal in words; `about` is the request it names, for the digest its button carries.
pub fn refused(refusal: &Refusal, about: Option<&Request>) -> Answer {
    let words = refusal.words();
    let digest = |id| {
        let about = about.filter(|request| request.id == id);
        about
            .map(|request| request.digest.to_string())
            .unwrap_or_default()
    };
    let buttons = words.button.map(|(button, id)| (button, id, digest(id)));
    Answer::Said {
        title: words.title.to_owned(),
        text: words.text,
        typed: String::new(),
        buttons: buttons.into_iter().collect(),
    }
}

impl Teller<'_> {
    /// What somebody reads at once after their command was carried out.
    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event, read as a table"
    )]
    pub fn done(&self, events: &[Event], request: &Request) -> Option<Answer> {
        let id = request.id;
        let answer = match events.last()? {
            Event::Requested(_) | Event::TermsChanged(_) => return self.waiting(request),
            Event::DeniedByPolicy(denied) => self.denied_by_policy(denied),
            Event::Confirmed { .. } => said(
                "Confirmed",
                format!("{id} still needs the click of the person it is for."),
            ),
            Event::ApprovalGiven { .. } => self.counted(request),
            Event::Approved(approved) => said(
                "Granting",
                format!(
                    "{id} is approved for {}. Access is being set up.",
                    approved.lease
                ),
            ),
            Event::Denied {
                denial: Some(denial),
                ..
            } => said(
                "Denied by the policy",
                format!("{id}: {}", denial.reasons.join(" ")),
            ),
            Event::Denied { .. } => said(
                "Denied",
                format!("{id} is denied. The requester is told why."),
            ),
            Event::Withdrawn => said(
                "Withdrawn",
                format!("{id} is taken back. Nothing was granted."),
            ),
            Event::EndingStarted { .. } => said(
                "Ending",
                format!("{id} is being taken away. You are told once it is read back."),
            ),
            Event::Attested { .. } => said(
                "Noted",
                format!(
                    "{id} counts as removed by hand. The target is still tried, and what it shows is told."
                ),
            ),
            Event::Ended { .. } => said("Ended", self.line_of_end(request)),
            Event::ReviewOpened { .. } => said("Ended", self.line_of_end(request)),
            Event::ReviewClosed { finding, .. } => said(
                "Reviewed",
                format!("{id}: {}. Thank you.", finding.as_str()),
            ),
            Event::UseDescribed { .. } => said(
                "Noted",
                format!("What you did during {id} is kept with it."),
            ),
            Event::ApprovalsVoided { .. }
            | Event::Lapsed
            | Event::Escalated { .. }
            | Event::Unanswered
            | Event::GlassOffered { .. }
            | Event::Paged { .. }
            | Event::PageFailed { .. }
            | Event::Activated { .. }
            | Event::Reminded
            | Event::RightLost
            | Event::Preflighted { .. }
            | Event::ProvisionFailed { .. }
            | Event::DeprovisionFailed { .. }
            | Event::Stuck { .. }
            | Event::AttestationRefuted
            | Event::RemovedUnrecorded { .. }
            | Event::ReviewOverdue
            | Event::PolicyLoaded { .. }
            | Event::LinkOffered { .. }
            | Event::Linked { .. }
            | Event::Unlinked { .. }
            | Event::Started { .. }
            | Event::AttemptRefused(_)
            | Event::Reconciled { .. } => return None,
            Event::LockdownStarted { .. } => said("Lockdown", "Granting is stopped."),
            Event::LockdownEnded { .. } => said("Lockdown over", "Granting goes on."),
        };
        Some(answer)
    }

    fn line_of_end(&self, request: &Request) -> String {
        let StateView::Ended { why, read_back, .. } = self.state(request) else {
            return format!("{} ended.", request.id);
        };
        format!("{} ended {why}; read back: {read_back}.", request.id)
    }

    fn counted(&self, request: &Request) -> Answer {
        let needed: Vec<String> = self
            .slots(request)
            .iter()
            .filter_map(|slot| {
                let open = usize::from(slot.count).saturating_sub(slot.filled.len());
                (open > 0).then(|| format!("{open} of @{}", slot.from.label))
            })
            .collect();
        said(
            "Counted",
            format!("Your approval counts. Still needed: {}.", needed.join(", ")),
        )
    }

    fn denied_by_policy(&self, denied: &DeniedByPolicy) -> Answer {
        let asked = &denied.asked;
        let denial = &denied.denial;
        let mut text = denial.reasons.join(" ");
        if let Some(longest) = denial.longest {
            text = format!(
                "{} is more than the {longest} allowed. Pick {longest} or less, or ask again when it ends.",
                asked.duration
            );
        }
        if !denial.could_ask.is_empty() {
            let could: Vec<String> = denial
                .could_ask
                .iter()
                .take(5)
                .map(|(target, role)| format!("{target}/{role}"))
                .collect();
            text = format!("{text} You could ask for {}.", could.join(", "));
        }
        if let Some(help) = self
            .policy
            .target(&asked.target)
            .and_then(|t| t.help.as_deref())
        {
            text = format!("{text} Help: {help}");
        }
        let title = if denial.longest.is_some() {
            "Too long"
        } else {
            "Not eligible"
        };
        Answer::Said {
            title: title.to_owned(),
            text: format!("{}: {text}", denied.id),
            typed: String::new(),
            buttons: Vec::new(),
        }
    }

    fn waiting(&self, request: &Request) -> Option<Answer> {
        let Phase::Pending { lapses_at, confirm } = &request.phase else {
            return None;
        };
        let terms = request.terms.as_ref()?;
        if confirm.is_empty() {
            let asked: Vec<_> = terms
                .approvals
                .iter()
                .flat_map(|quorum| quorum.from.clone())
                .collect();
            let text = format!(
                "{} waits for {}, until {lapses_at}.",
                request.id,
                name_all(&asked)
            );
            return Some(Answer::Said {
                title: "Waiting".to_owned(),
                text,
                typed: String::new(),
                buttons: vec![(Button::Withdraw, request.id, request.digest.to_string())],
            });
        }
        Some(Answer::ConfirmBreakGlass {
            request: Box::new(self.request(request)),
            confirm_by: *lapses_at,
            skipped: 0,
            reviewers: if terms.reviewed {
                self.who(&terms.reviewers, request)
            } else {
                Vec::new()
            },
            review_within: terms.review_within,
            ask_instead: Vec::new(),
            buttons: vec![
                Button::BreakTheGlass,
                Button::AskForApproval,
                Button::Edit,
                Button::Cancel,
            ],
        })
    }
}
