//! Asking: the form, the request, asking again, and what is answered.

use breakglass_core::command::{Ask, Command};
use breakglass_core::decide::question;
use breakglass_core::event::Event;
use breakglass_core::fact::Facts;
use breakglass_core::id::RequestId;
use breakglass_core::intent::{Button, Typed};
use breakglass_core::notice::{Answer as Said, FieldFault, FormView};
use breakglass_core::policy::Power;
use breakglass_core::refusal::Refusal;
use breakglass_core::ruling::{Answer, Severity};
use breakglass_core::state::Request;
use breakglass_core::time::Length;
use breakglass_store::Committed;

use super::act::Doing;
use super::inbox::meant;
use super::{About, SubmitError};
use crate::resolve::form::{Desk, Tell};
use crate::resolve::sentence::give_back;
use crate::resolve::{Understood, understand};
use crate::wording::answer::said;

impl Doing<'_> {
    /// Opens the request form with all that was understood.
    pub(super) async fn open_form(&self, typed: &Typed) -> Result<(), SubmitError> {
        let understood = self.understand(typed);
        self.show_form(typed, &understood, Tell::Nothing).await
    }

    async fn show_form(
        &self,
        typed: &Typed,
        understood: &Result<Understood, Vec<FieldFault>>,
        tell: Tell,
    ) -> Result<(), SubmitError> {
        let facts = self.facts(understood.as_ref().ok()).await?;
        let desk = self.desk(&facts);
        let form = desk.form(typed, understood.as_ref().map_err(Vec::as_slice), tell);
        self.open(&FormView::Request(Box::new(form))).await
    }

    /// Asks at once where the words are enough; else opens the form with the fault at its field.
    pub(super) async fn ask(&self, typed: &Typed) -> Result<(), SubmitError> {
        let typed = &give_back(&self.policy, typed);
        let understood = self.understand(typed);
        let facts = self.facts(understood.as_ref().ok()).await?;
        let desk = self.desk(&facts);
        let faults = desk.faults(typed, understood.as_ref().map_err(Vec::as_slice));
        let understood = match understood {
            Ok(understood) if faults.is_empty() => understood,
            other => return self.show_form(typed, &other, Tell::Everything).await,
        };
        let justification = match super::Engine::text(&typed.why) {
            Ok(text) => text,
            Err(error) => return self.say(&said("Too long", error.to_string())).await,
        };
        let ask = Ask {
            question: understood.question,
            holding: understood.holding,
            justification,
            source: typed.source.clone(),
            again: typed.again,
        };
        let command = Command::Ask(Box::new(ask));
        let committed = self
            .engine
            .submit(self.actor.clone(), command, facts)
            .await?;
        self.answer_done(&committed).await
    }

    fn understand(&self, typed: &Typed) -> Result<Understood, Vec<FieldFault>> {
        let platform = self.intent.sender.platform;
        understand(
            &self.policy,
            &self.engine.logins,
            &self.person,
            platform,
            typed,
        )
    }

    fn desk<'a>(&'a self, facts: &'a Facts) -> Desk<'a> {
        Desk {
            policy: &self.policy,
            person: &self.person,
            facts,
            now: self.engine.clock.now(),
        }
    }

    async fn facts(&self, understood: Option<&Understood>) -> Result<Facts, SubmitError> {
        let Some(Understood { question, .. }) = understood else {
            return Ok(Facts {
                members: self.engine.roster.members(&self.policy).await,
                ..Facts::default()
            });
        };
        let about = About {
            requester: &question.requester,
            beneficiary: &question.beneficiary,
            target: &question.target,
            before: None,
        };
        Ok(self.engine.facts(about, Vec::new()).await?)
    }

    /// The same again: a new request with the old one's words, in the form.
    pub(super) async fn ask_again(&self, id: RequestId) -> Result<(), SubmitError> {
        let Some(typed) = self.words_of(id).await? else {
            return Ok(());
        };
        self.open_form(&Typed {
            again: true,
            ..typed
        })
        .await
    }

    /// Back to the form: the unconfirmed request is taken back.
    pub(super) async fn edit(&self, id: RequestId) -> Result<(), SubmitError> {
        let Some(typed) = self.words_of(id).await? else {
            return Ok(());
        };
        self.open_form(&typed).await?;
        let facts = self.facts(None).await?;
        let command = Command::Withdraw { request: id };
        self.engine
            .submit(self.actor.clone(), command, facts)
            .await?;
        Ok(())
    }

    /// The words a request was asked with, for those it concerns.
    async fn words_of(&self, id: RequestId) -> Result<Option<Typed>, SubmitError> {
        let request = self.engine.store().request(id).await?;
        let Some(request) = request.filter(|request| request.concerns(&self.person.id)) else {
            self.refused(&Refusal::UnknownRequest(id)).await;
            return Ok(None);
        };
        let asked = &request.asked;
        let texts = self
            .engine
            .texts(std::slice::from_ref(&asked.justification))
            .await?;
        let for_other = asked.beneficiary != self.person.id;
        Ok(Some(Typed {
            target: Some(asked.target.to_string()),
            role: Some(asked.role.to_string()),
            duration: Some(asked.duration),
            severity: asked.severity.map(Severity::level),
            incident: asked.incident.clone(),
            beneficiary: for_other.then(|| asked.beneficiary.to_string()),
            why: texts.into_values().next().unwrap_or_default(),
            source: asked.source.clone(),
            again: false,
        }))
    }

    /// Opens the short form of a button, for those who may use it.
    pub(super) async fn open_short(
        &self,
        button: Button,
        id: RequestId,
    ) -> Result<(), SubmitError> {
        let Some(request) = self.visible(id).await? else {
            return Ok(());
        };
        let view = self.engine.view(&request).await?;
        let asked = request.asked.duration;
        let less = [5, 10, 15, 30, 60, 120].map(Length::from_mins);
        let form = FormView::Short {
            button,
            request: Box::new(view),
            durations: less.into_iter().filter(|length| *length < asked).collect(),
            text_min: if matches!(button, Button::Deny | Button::Revoke | Button::Attest) {
                5
            } else {
                0
            },
        };
        self.open(&form).await
    }

    /// Everything there is to know of a request, for those who may see it.
    pub(super) async fn details(&self, id: RequestId) -> Result<(), SubmitError> {
        let Some(request) = self.visible(id).await? else {
            return Ok(());
        };
        let (view, lists) = self.engine.details(&request).await?;
        self.open(&FormView::Details {
            request: Box::new(view),
            lists,
        })
        .await
    }

    /// A request that the person may see: their own, one they may decide, or any with the power.
    async fn visible(&self, id: RequestId) -> Result<Option<Request>, SubmitError> {
        let Some(request) = self.engine.store().request(id).await? else {
            self.refused(&Refusal::UnknownRequest(id)).await;
            return Ok(None);
        };
        let facts = self.engine.facts_for(&request).await?;
        let target = &request.asked.target;
        let terms = request.terms.iter();
        let named = terms.flat_map(|terms| {
            let slots = terms
                .approvals
                .iter()
                .flat_map(|quorum| quorum.from.clone());
            let later = terms.escalate.iter().flat_map(|step| step.to.clone());
            slots.chain(later).chain(terms.reviewers.clone())
        });
        let named: Vec<_> = named.collect();
        let powers = [Power::See, Power::Deny, Power::Revoke];
        let sees = request.concerns(&self.person.id)
            || self
                .policy
                .eligible(&named, target, &facts)
                .contains(&self.person.id)
            || powers.iter().any(|power| {
                self.policy
                    .may(*power, &self.person.id, Some(target), &facts)
                    .is_true()
            });
        if sees {
            return Ok(Some(request));
        }
        self.refused(&Refusal::UnknownRequest(id)).await;
        Ok(None)
    }

    /// Tells what a command led to.
    pub(super) async fn answer_done(&self, committed: &Committed) -> Result<(), SubmitError> {
        let events: Vec<Event> = committed.records.iter().map(|r| r.event.clone()).collect();
        let Some(request) = &committed.request else {
            return self.answer_house(&events).await;
        };
        meant(self.intent, request.id);
        let changed = matches!(events.last(), Some(Event::TermsChanged(_)));
        if changed && request.asked.requester != self.person.id {
            // An approver agreed to what it was before.
            self.refused(&Refusal::Changed(request.id)).await;
            return Ok(());
        }
        let Some(mut answer) = self
            .engine
            .tell(request, |teller| teller.done(&events, request))
            .await?
        else {
            return Ok(());
        };
        if let Said::ConfirmBreakGlass {
            skipped,
            ask_instead,
            buttons,
            ..
        } = &mut answer
        {
            self.fill_confirmation(request, (skipped, ask_instead, buttons))
                .await?;
        }
        self.say(&answer).await
    }

    async fn answer_house(&self, events: &[Event]) -> Result<(), SubmitError> {
        match events.last() {
            Some(Event::LockdownStarted { .. }) => {
                self.say(&said(
                    "Lockdown",
                    "All granting is stopped. Revocation goes on.",
                ))
                .await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whom breaking the glass skips, and whom to ask instead.
    async fn fill_confirmation(
        &self,
        request: &Request,
        (skipped, ask_instead, buttons): (
            &mut u32,
            &mut Vec<breakglass_core::notice::WhoView>,
            &mut Vec<Button>,
        ),
    ) -> Result<(), SubmitError> {
        let facts = self.engine.facts_for(request).await?;
        let question = question(&request.asked);
        let ruling = self
            .policy
            .answer(&question, &facts, self.engine.clock.now());
        let Answer::Allow(paths) = &ruling.answer else {
            return Ok(());
        };
        let next = paths
            .iter()
            .find(|path| !path.terms.approvals.is_empty() && path.fillable);
        let Some(path) = next else {
            buttons.retain(|button| *button != Button::AskForApproval);
            return Ok(());
        };
        let from: Vec<_> = path
            .terms
            .approvals
            .iter()
            .flat_map(|quorum| quorum.from.clone())
            .collect();
        let able = self.policy.eligible(&from, &request.asked.target, &facts);
        *skipped =
            u32::try_from(able.iter().filter(|id| !request.concerns(id)).count()).unwrap_or(0);
        *ask_instead = self
            .engine
            .tell(request, |teller| teller.who(&from, request))
            .await?;
        Ok(())
    }

    /// A refusal in words, with the card as it is now where that helps.
    pub(super) async fn refused(&self, refusal: &Refusal) {
        let about = match refusal.words().button {
            Some((_, id)) => self.engine.store().request(id).await.ok().flatten(),
            None => None,
        };
        let answer = crate::wording::answer::refused(refusal, about.as_ref());
        let answer = answer.with_typed(self.intent.act.words());
        super::act::answer(self.engine, self.intent, &answer).await;
    }
}
