//! Notices: what is posted once, worded when it is sent, from the event that caused it.

use std::collections::BTreeMap;

use breakglass_core::effect::Topic;
use breakglass_core::event::{Event, Record};
use breakglass_core::id::PersonId;
use breakglass_core::intent::Button;
use breakglass_core::notice::{Notice, RequestView, StateView, WhoView};
use breakglass_core::port::provisioner::Capabilities;
use breakglass_core::ruling::Selector;
use breakglass_core::state::{Phase, Request, Review};
use breakglass_core::time::{Length, Timestamp};

use super::Teller;
use super::lists::emoji_and_word;
use super::state::preflight;

/// What the words on a holding's target need to know of its provisioner.
#[derive(Debug, Clone)]
pub struct TargetTalk {
    /// What it can do.
    pub capabilities: Capabilities,
    /// What a person would type there.
    pub by_hand: String,
}

impl Teller<'_> {
    /// The notice on a request; `None` where there is nothing to say any more.
    #[expect(clippy::too_many_lines, reason = "one arm for each, read as a table")]
    pub fn notice(
        &self,
        topic: Topic,
        request: &Request,
        record: &Record,
        target: Option<&TargetTalk>,
    ) -> Option<Notice> {
        let view = Box::new(self.request(request));
        let state = self.state(request);
        Some(match topic {
            Topic::Received => Notice::Received {
                request: view,
                state,
                buttons: vec![Button::Withdraw],
            },
            Topic::ConfirmNeeded => Notice::Received {
                request: view,
                state,
                buttons: vec![Button::BreakTheGlass, Button::Cancel],
            },
            Topic::Decided => {
                let buttons = match &state {
                    StateView::Active { .. } => vec![Button::EndNow],
                    StateView::NotGranted { .. } | StateView::Lapsed { .. } => {
                        vec![Button::AskAgain]
                    }
                    StateView::Waiting { .. }
                    | StateView::Unconfirmed { .. }
                    | StateView::Granting { .. }
                    | StateView::Ending { .. }
                    | StateView::Ended { .. }
                    | StateView::Denied { .. }
                    | StateView::Withdrawn { .. } => Vec::new(),
                };
                Notice::Decided {
                    request: view,
                    state,
                    buttons,
                }
            }
            Topic::EndingSoon => {
                let Phase::Active { expires_at } = request.phase else {
                    return None;
                };
                Notice::EndingSoon {
                    request: view,
                    ends_at: expires_at,
                    cuts_sessions: target.is_some_and(|t| t.capabilities.ends_sessions),
                    buttons: vec![Button::EndNow, Button::AskAgain],
                }
            }
            Topic::Over => Notice::Ended {
                request: view,
                state,
                used: used(request, record.at),
                buttons: vec![Button::Describe, Button::AskAgain],
            },
            Topic::Progress => {
                let (line, quote) = self.line(request, record)?;
                Notice::Progress {
                    request: view,
                    line,
                    quote,
                    mention: Vec::new(),
                }
            }
            Topic::AskedToAct => Notice::Progress {
                line: asked_line(request, &state)?,
                request: view,
                quote: None,
                mention: self.asked(request, &state),
            },
            Topic::Unanswered => Notice::Progress {
                line: unanswered_line(&state)?,
                request: view,
                quote: None,
                mention: silent(request, &state),
            },
            Topic::GlassOffered => self.offered(request)?,
            Topic::Skipped => Notice::Skipped { request: view },
            Topic::BrokenGlass => {
                let Phase::Active { expires_at } = request.phase else {
                    return None;
                };
                Notice::Alarm {
                    request: Some(request.id),
                    title: "Break-glass".to_owned(),
                    text: format!(
                        "{} · Active without approval · {} has {} on {} until {} · {}",
                        request.id,
                        view.beneficiary.name,
                        request.asked.role,
                        request.asked.target,
                        expires_at,
                        view.justification
                            .as_deref()
                            .unwrap_or("no justification kept"),
                    ),
                    by_hand: None,
                    loud: true,
                    buttons: Vec::new(),
                }
            }
            Topic::ReviewDue => {
                let Review::Open { due_at, overdue } = request.review else {
                    return None;
                };
                let reviewers = request
                    .terms
                    .as_ref()
                    .map_or(&[][..], |terms| &terms.reviewers);
                Notice::ReviewDue {
                    reviewers: self.who(reviewers, request),
                    request: view,
                    due_at,
                    overdue,
                }
            }
            Topic::Preflight => Notice::Alarm {
                request: Some(request.id),
                title: "It couldn't be given now".to_owned(),
                text: format!(
                    "{}. Approvers are asked all the same, and see this; it is looked at again and again.",
                    preflight(request)?,
                ),
                by_hand: None,
                loud: false,
                buttons: Vec::new(),
            },
            Topic::RightLost => Notice::Alarm {
                request: Some(request.id),
                title: "Not in the group any more".to_owned(),
                text: format!(
                    "{} holds {} on {}, and couldn't ask for it any more by rule {}. Nothing ends by that.",
                    view.beneficiary.name, request.asked.role, request.asked.target, view.rule,
                ),
                by_hand: None,
                loud: false,
                buttons: vec![(Button::Revoke, request.id, view.digest.clone())],
            },
            Topic::NotRemoved => self.not_removed(request, record, target)?,
            Topic::Linked | Topic::House | Topic::Refused | Topic::Reconciled => {
                return self.house(record);
            }
        })
    }

    fn not_removed(
        &self,
        request: &Request,
        record: &Record,
        target: Option<&TargetTalk>,
    ) -> Option<Notice> {
        let Phase::Ending(ending) = &request.phase else {
            return None;
        };
        if matches!(record.event, Event::AttestationRefuted) {
            return Some(Notice::Alarm {
                request: Some(request.id),
                title: "Access was still there".to_owned(),
                text: format!(
                    "{} was said to be removed by hand, but {} still had it when it answered. It is being taken away.",
                    request.id, request.asked.target,
                ),
                by_hand: None,
                loud: true,
                buttons: Vec::new(),
            });
        }
        if ending.attested.is_some() {
            return None;
        }
        let late = u32::try_from(record.at.millis_since(ending.since) / 1000).unwrap_or_default();
        let trouble = ending
            .trouble
            .as_deref()
            .unwrap_or("the target doesn't answer");
        Some(Notice::Alarm {
            request: Some(request.id),
            title: "Access NOT removed".to_owned(),
            text: format!(
                "{} · {} still has {} on {}, {} late: {trouble} ({} tries; it is tried again until it is done).",
                request.id,
                self.person(&request.asked.beneficiary).name,
                request.asked.role,
                request.asked.target,
                Length::from_secs(late),
                ending.tries,
            ),
            by_hand: target.map(|target| target.by_hand.clone()),
            loud: true,
            buttons: vec![(Button::Attest, request.id, self.request(request).digest)],
        })
    }

    /// A notice about the house itself.
    #[expect(clippy::too_many_lines, reason = "one arm for each, read as a table")]
    pub fn house(&self, record: &Record) -> Option<Notice> {
        let house = |title: &str, text: String, facts| Notice::House {
            title: title.to_owned(),
            text,
            facts,
        };
        Some(match &record.event {
            Event::LockdownStarted { reason, reach } => {
                let reach = match reach {
                    breakglass_core::command::Reach::StopGranting => "Nothing is granted.",
                    breakglass_core::command::Reach::RevokeAll => {
                        "Nothing is granted, and every live grant is revoked."
                    }
                };
                let by = self.by(&record.actor);
                let text = format!(
                    "🔒 Lockdown{by}: {}. {reach} Revocation goes on.",
                    self.quote(Some(reason))
                );
                Notice::Alarm {
                    request: None,
                    title: "Lockdown".to_owned(),
                    text,
                    by_hand: None,
                    loud: true,
                    buttons: Vec::new(),
                }
            }
            Event::LockdownEnded { reason } => {
                let by = self.by(&record.actor);
                let text = format!("🔓 Granting goes on{by}: {}.", self.quote(Some(reason)));
                house("Lockdown over", text, Vec::new())
            }
            Event::PolicyLoaded { hash } => {
                let facts = vec![("Policy".to_owned(), hash.to_string())];
                house(
                    "Policy loaded",
                    format!("📜 The policy in force is {} now.", hash.short()),
                    facts,
                )
            }
            Event::Started {
                version,
                config,
                changes,
            } => {
                let mut facts = vec![
                    ("Version".to_owned(), version.clone()),
                    ("Configuration".to_owned(), config.clone()),
                ];
                facts.extend(
                    changes
                        .iter()
                        .map(|change| ("Changed".to_owned(), change.clone())),
                );
                house("Started", "🟢 breakglass is running.".to_owned(), facts)
            }
            Event::AttemptRefused(attempt) => {
                let about = attempt.about.as_deref().unwrap_or("a request");
                Notice::Alarm {
                    request: attempt.on,
                    title: "No approvers".to_owned(),
                    text: format!(
                        "Somebody asked for {about}{}, and nobody can approve it now.",
                        self.by(&record.actor)
                    ),
                    by_hand: None,
                    loud: false,
                    buttons: Vec::new(),
                }
            }
            Event::Requested(_)
            | Event::DeniedByPolicy(_)
            | Event::Confirmed { .. }
            | Event::TermsChanged(_)
            | Event::ApprovalGiven { .. }
            | Event::ApprovalsVoided { .. }
            | Event::Approved(_)
            | Event::Denied { .. }
            | Event::Withdrawn
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
            | Event::EndingStarted { .. }
            | Event::DeprovisionFailed { .. }
            | Event::Stuck { .. }
            | Event::Attested { .. }
            | Event::AttestationRefuted
            | Event::RemovedUnrecorded { .. }
            | Event::Ended { .. }
            | Event::ReviewOpened { .. }
            | Event::ReviewOverdue
            | Event::ReviewClosed { .. }
            | Event::LinkOffered { .. }
            | Event::Linked { .. }
            | Event::Unlinked { .. }
            | Event::UseDescribed { .. }
            | Event::Reconciled { .. } => return None,
        })
    }

    /// The way that is offered, as long as it can be taken.
    fn offered(&self, request: &Request) -> Option<Notice> {
        let offer = request
            .offer
            .as_ref()
            .filter(|_| request.awaits_approval())?;
        let asked = request.terms.as_ref()?.approvals.iter();
        let from: Vec<_> = asked.flat_map(|quorum| quorum.from.clone()).collect();
        let target = &request.asked.target;
        let skipped = self.policy.eligible(&from, target, &request.facts);
        let skipped = skipped.iter().filter(|id| !request.concerns(id)).count();
        let as_offered = Request {
            terms: Some(offer.terms.clone()),
            digest: offer.digest.clone(),
            ..request.clone()
        };
        Some(Notice::GlassOffered {
            request: Box::new(self.request(&as_offered)),
            confirm_by: offer.until,
            skipped: u32::try_from(skipped).unwrap_or(u32::MAX),
            reviewers: if offer.terms.reviewed {
                self.who(&offer.terms.reviewers, request)
            } else {
                Vec::new()
            },
            review_within: offer.terms.review_within,
            buttons: vec![Button::BreakTheGlass],
        })
    }

    fn asked(&self, request: &Request, state: &StateView) -> Vec<WhoView> {
        let StateView::Waiting { asked, .. } = state else {
            return Vec::new();
        };
        let mut asked = asked.clone();
        let reached: Vec<Selector> = request
            .terms
            .iter()
            .flat_map(|terms| terms.escalate.iter().take(usize::from(request.escalated)))
            .flat_map(|step| step.to.iter().cloned())
            .collect();
        asked.extend(self.who(&reached, request));
        asked
    }
}

impl Teller<'_> {
    /// A direct message that its person takes none of: in the request's thread, with a mention.
    pub fn in_thread(&self, request: &Request, person: &PersonId, direct: &Notice) -> Notice {
        let what = format!("{} on {}", request.asked.role, request.asked.target);
        let news = if let Notice::EndingSoon { ends_at, .. } = direct {
            format!("⏳ {what} ends at {ends_at}.")
        } else if let Phase::Active { expires_at } = request.phase {
            format!("🟢 You have {what} until {expires_at}.")
        } else {
            format!("{}: {what}.", emoji_and_word(request))
        };
        let view = self.person(person);
        Notice::Progress {
            request: Box::new(self.request(request)),
            line: format!(
                "{news} You take no direct messages from me; /breakglass list shows what you can do."
            ),
            quote: None,
            mention: vec![WhoView {
                label: view.name.clone(),
                groups: BTreeMap::new(),
                people: vec![view],
            }],
        }
    }
}

/// What a notice says, in a line of a digest.
pub fn in_short(notice: &Notice) -> String {
    let of = |request: &RequestView| {
        let name = &request.beneficiary.name;
        format!("{name}, {} on {}", request.role, request.target)
    };
    match notice {
        Notice::Progress {
            request,
            line,
            quote,
            ..
        } => {
            let quote = quote.as_ref().map(|quote| format!(" “{quote}”"));
            format!("{line}{} ({})", quote.unwrap_or_default(), of(request))
        }
        Notice::Skipped { request } => format!(
            "🚨 Without approval: those who could have been asked were not ({})",
            of(request)
        ),
        Notice::Received { request, .. } => format!("🟡 Received ({})", of(request)),
        Notice::GlassOffered { request, .. } => format!("🚨 Break the glass? ({})", of(request)),
        Notice::Decided { request, .. } => format!("Decided ({})", of(request)),
        Notice::EndingSoon { request, .. } => format!("⏳ Ends soon ({})", of(request)),
        Notice::Ended { request, .. } => format!("⚪ Ended ({})", of(request)),
        Notice::ReviewDue { request, .. } => format!("📝 A review is due ({})", of(request)),
        Notice::Alarm { title, text, .. } => format!("🚨 {title}: {text}"),
        Notice::House { title, text, .. } => format!("{title}: {text}"),
        Notice::Stranger { account, .. } => format!("👋 Unknown person {account}"),
        Notice::Digest { lines } => format!("📋 {} things happened", lines.len()),
    }
}

fn used(request: &Request, ended_at: Timestamp) -> Length {
    let Some((started_at, _)) = request.lease else {
        return Length::default();
    };
    let secs = ended_at.millis_since(started_at).max(0) / 1000;
    Length::from_secs(u32::try_from(secs).unwrap_or(u32::MAX))
}

/// Who could fill an open slot and hasn't: a group as a whole where the chat has it, else those of it who are silent.
fn silent(request: &Request, state: &StateView) -> Vec<WhoView> {
    let StateView::Waiting { asked, .. } = state else {
        return Vec::new();
    };
    let mut asked = asked.clone();
    for who in &mut asked {
        who.people
            .retain(|one| !request.approvals.iter().any(|given| given.person == one.id));
    }
    asked
}

fn unanswered_line(state: &StateView) -> Option<String> {
    let StateView::Waiting { answer_by, .. } = state else {
        return None;
    };
    Some(format!(
        "🟡 Still open: you can decide this. Answer by {answer_by}."
    ))
}

fn asked_line(request: &Request, state: &StateView) -> Option<String> {
    let StateView::Waiting { answer_by, .. } = state else {
        return None;
    };
    let what = if request.escalated > 0 {
        "Nobody answered yet, so more people"
    } else {
        "You"
    };
    Some(format!(
        "🟡 {what} can decide this now. Answer by {answer_by}."
    ))
}
