//! Carries out one act of one person: understands it, puts it through the door, answers.

use std::sync::Arc;

use breakglass_core::command::{Actor, Command, Finding, Reach};
use breakglass_core::fact::Facts;
use breakglass_core::id::{Digest, RequestId};
use breakglass_core::intent::{Act, Button, Filled, Intent};
use breakglass_core::notice::{Answer, FormView};
use breakglass_core::policy::{Person, Policy};
use breakglass_core::port::chat::Show;
use breakglass_core::state::Request;
use breakglass_store::Which;

use super::home::OWN_MAX;
use super::inbox::meant;
use super::links;
use super::sender::{turn_away, who};
use super::{Engine, SubmitError, stray};
use crate::wording::answer::said;
use crate::wording::lists::{help, only};

/// One person's act, with what is known of both.
#[derive(Debug)]
pub(super) struct Doing<'a> {
    pub(super) engine: &'a Arc<Engine>,
    pub(super) policy: Arc<Policy>,
    pub(super) intent: &'a Intent,
    pub(super) person: Person,
    pub(super) actor: Actor,
}

/// Carries an act out; an error is our own failure, which the person is told of as well.
pub(super) async fn carry_out(engine: &Arc<Engine>, intent: &Intent) -> Result<(), SubmitError> {
    if let Act::Link { code: Some(code) } = &intent.act {
        return links::enter(engine, intent, code).await;
    }
    let policy = engine.policy();
    let doing = match who(engine, &policy, intent).await {
        Ok(person) => Doing {
            engine,
            actor: Actor::Person {
                person: person.id.clone(),
                platform: intent.sender.platform,
                account: intent.sender.account.clone(),
            },
            person,
            policy,
            intent,
        },
        Err(refusal) => {
            turn_away(engine, intent, &refusal).await;
            return Ok(());
        }
    };
    let done = match doing.act().await {
        Err(SubmitError::Refused(refusal)) => {
            doing.refused(&refusal).await;
            Ok(())
        }
        other => other,
    };
    stray::draw_again(engine, intent).await;
    done
}

/// Answers so that only the sender sees it; an answer that can't be delivered is only worth a line.
pub(super) async fn answer(engine: &Engine, intent: &Intent, answer: &Answer) {
    let Some(chat) = engine.chat(intent.sender.platform) else {
        return;
    };
    let in_place = matches!(&intent.act, Act::Press { button, .. } if answers_in_place(*button));
    let show = if in_place { Show::InPlace } else { Show::New };
    if let Err(error) = chat
        .answer(&intent.sender, &intent.reply, answer, show)
        .await
    {
        tracing::warn!(%error, "an answer couldn't be delivered");
    }
}

const fn answers_in_place(button: Button) -> bool {
    matches!(
        button,
        Button::BreakTheGlass | Button::AskForApproval | Button::Cancel | Button::Edit
    )
}

impl Doing<'_> {
    async fn act(&self) -> Result<(), SubmitError> {
        match &self.intent.act {
            Act::OpenForm(typed) => self.open_form(typed).await,
            Act::Ask(typed) => self.ask(typed).await,
            Act::Status => self.status().await,
            Act::List => self.list().await,
            Act::Link { .. } => self.offer_link().await,
            Act::Unlink => self.unlink(None).await,
            Act::UnlinkOf { account } => self.unlink(Some(account)).await,
            Act::Help => {
                let lists = help(self.intent.sender.platform);
                self.say(&Answer::Lists(lists)).await
            }
            Act::HomeOpened => {
                self.home();
                Ok(())
            }
            Act::Unclear(words) => {
                let text = format!("I don't understand “{words}”. Try /breakglass help.");
                self.say(&said("Unclear", text)).await
            }
            Act::End(request) => {
                let id = self.pick(*request, "end", Request::is_live).await?;
                self.run_on(id, |request| Command::GiveBack { request })
                    .await
            }
            Act::Withdraw(request) => {
                let id = self.pick(*request, "withdraw", Request::is_pending).await?;
                self.run_on(id, |request| Command::Withdraw { request })
                    .await
            }
            Act::Revoke { request, reason } => self.revoke(*request, reason.as_deref()).await,
            Act::Review {
                request,
                finding,
                note,
            } => {
                let (id, finding) = (*request, finding.as_deref());
                self.review(id, finding, note).await
            }
            Act::Lockdown { reason, revoke_all } => {
                let reach = if *revoke_all {
                    Reach::RevokeAll
                } else {
                    Reach::StopGranting
                };
                self.lockdown(reason.as_deref(), reach).await
            }
            Act::Press {
                button,
                request,
                digest,
            } => self.press(*button, *request, digest).await,
            Act::Form {
                button,
                request,
                digest,
                filled,
            } => self.submit_form(*button, *request, (digest, filled)).await,
        }
    }

    async fn press(&self, button: Button, id: RequestId, digest: &str) -> Result<(), SubmitError> {
        let digest = Digest::claimed(digest);
        match button {
            Button::Approve => {
                self.run(
                    Some(id),
                    Command::Approve {
                        request: id,
                        digest,
                        cut: None,
                    },
                )
                .await
            }
            Button::BreakTheGlass => {
                self.run(
                    Some(id),
                    Command::Confirm {
                        request: id,
                        digest,
                    },
                )
                .await
            }
            Button::AskForApproval => {
                self.run(Some(id), Command::AskForApproval { request: id })
                    .await
            }
            Button::EndNow => {
                self.run_on(Some(id), |request| Command::GiveBack { request })
                    .await
            }
            Button::Withdraw | Button::Cancel => {
                self.run_on(Some(id), |request| Command::Withdraw { request })
                    .await
            }
            Button::Edit => self.edit(id).await,
            Button::AskAgain => self.ask_again(id).await,
            Button::Details => self.details(id).await,
            Button::ApproveForLess
            | Button::Deny
            | Button::Revoke
            | Button::Attest
            | Button::Review
            | Button::Describe => self.open_short(button, id).await,
        }
    }

    async fn submit_form(
        &self,
        button: Button,
        id: RequestId,
        (digest, filled): (&str, &Filled),
    ) -> Result<(), SubmitError> {
        let digest = Digest::claimed(digest);
        let Ok(text) = Engine::text(&filled.text) else {
            return self
                .nothing_done("Too long", "That text is longer than 2,000 characters.")
                .await;
        };
        let command = match button {
            Button::ApproveForLess => Command::Approve {
                request: id,
                digest,
                cut: filled.duration,
            },
            Button::Deny => Command::Deny {
                request: id,
                digest,
                reason: text,
            },
            Button::Revoke => Command::Revoke {
                request: id,
                reason: text,
            },
            Button::Attest => Command::Attest {
                request: id,
                reason: text,
            },
            Button::Describe => Command::DescribeUse {
                request: id,
                note: text,
            },
            Button::Review => {
                return self
                    .review(Some(id), filled.finding.as_deref(), &filled.text)
                    .await;
            }
            Button::Approve
            | Button::Details
            | Button::BreakTheGlass
            | Button::AskForApproval
            | Button::Edit
            | Button::Cancel
            | Button::EndNow
            | Button::Withdraw
            | Button::AskAgain => return Ok(()),
        };
        self.run(Some(id), command).await
    }

    async fn revoke(&self, id: Option<RequestId>, reason: Option<&str>) -> Result<(), SubmitError> {
        let id = self.pick(id, "revoke", Request::is_live).await?;
        let Some(request) = id else { return Ok(()) };
        match reason.map(Engine::text) {
            Some(Ok(reason)) => self.run(id, Command::Revoke { request, reason }).await,
            Some(Err(error)) => self.nothing_done("Too long", &error.to_string()).await,
            None => self.open_short(Button::Revoke, request).await,
        }
    }

    async fn review(
        &self,
        id: Option<RequestId>,
        finding: Option<&str>,
        note: &str,
    ) -> Result<(), SubmitError> {
        let Some(request) = id else {
            return self
                .say(&said(
                    "Which?",
                    "Say which by its id, such as BG-1: /breakglass review",
                ))
                .await;
        };
        let Some(finding) = finding else {
            return self.open_short(Button::Review, request).await;
        };
        let Some(finding) = Finding::from_name(finding) else {
            let names = Finding::ALL.map(Finding::as_str).join(", ");
            let text = format!("A finding is one of {names}.");
            return self.nothing_done("Finding", &text).await;
        };
        match Engine::text(note) {
            Ok(note) => {
                self.run(
                    id,
                    Command::CloseReview {
                        request,
                        finding,
                        note,
                    },
                )
                .await
            }
            Err(error) => self.nothing_done("Too long", &error.to_string()).await,
        }
    }

    async fn lockdown(&self, reason: Option<&str>, reach: Reach) -> Result<(), SubmitError> {
        let Some(reason) = reason.filter(|reason| !reason.trim().is_empty()) else {
            let how = "Say why, behind /breakglass lockdown. It stops all granting at once.";
            return self.say(&said("Lockdown", how)).await;
        };
        match Engine::text(reason) {
            Ok(reason) => {
                self.run(None, Command::StartLockdown { reason, reach })
                    .await
            }
            Err(error) => self.nothing_done("Too long", &error.to_string()).await,
        }
    }

    async fn run_on(
        &self,
        id: Option<RequestId>,
        command: impl FnOnce(RequestId) -> Command,
    ) -> Result<(), SubmitError> {
        match id {
            Some(request) => self.run(id, command(request)).await,
            None => Ok(()),
        }
    }

    /// Puts a command through the door with fresh facts, and answers what it led to.
    pub(super) async fn run(
        &self,
        id: Option<RequestId>,
        command: Command,
    ) -> Result<(), SubmitError> {
        let request = match id {
            Some(id) => self.engine.store().request(id).await?,
            None => None,
        };
        let mut facts = match &request {
            Some(request) => self.engine.facts_for(request).await?,
            None => Facts {
                members: self.engine.roster.members(&self.policy).await,
                ..Facts::default()
            },
        };
        let own = [self.person.id.clone()];
        let roster = &self.engine.roster;
        roster.note_inactive(&self.policy, own, &mut facts).await;
        let committed = self
            .engine
            .submit(self.actor.clone(), command, facts)
            .await?;
        self.answer_done(&committed).await
    }

    /// Says why, with the words that came to nothing.
    async fn nothing_done(&self, title: &str, why: &str) -> Result<(), SubmitError> {
        let words = self.intent.act.words();
        self.say(&said(title, why).with_typed(words)).await
    }

    pub(super) async fn say(&self, what: &Answer) -> Result<(), SubmitError> {
        answer(self.engine, self.intent, what).await;
        Ok(())
    }

    /// The request that was named, or the only one that fits; else says which there are.
    async fn pick(
        &self,
        id: Option<RequestId>,
        what: &str,
        fits: impl Fn(&Request) -> bool,
    ) -> Result<Option<RequestId>, SubmitError> {
        if id.is_some() {
            return Ok(id);
        }
        let store = &self.engine.store;
        let open = store.requests_of(&self.person.id, Which::Open, OWN_MAX);
        let open = open.await?;
        let mine: Vec<&Request> = open.iter().filter(|r| fits(r)).collect();
        match only(&mine, what) {
            Ok(id) => {
                meant(self.intent, id);
                Ok(Some(id))
            }
            Err(text) => {
                self.say(&said("Which?", text)).await?;
                Ok(None)
            }
        }
    }

    /// Opens a modal; without a trigger that still lives, says how to go on.
    pub(super) async fn open(&self, form: &FormView) -> Result<(), SubmitError> {
        let Some(chat) = self.engine.chat(self.intent.sender.platform) else {
            return Ok(());
        };
        let reply = &self.intent.reply;
        let opened = match &reply.view {
            Some(view) => chat.update_form(view, reply, form).await,
            None => chat.open_form(reply, form).await.map(|_| ()),
        };
        if let Err(error) = opened {
            tracing::warn!(%error, "a form couldn't be opened");
            let text = "The form couldn't be opened in time. Please try once more.";
            return self.say(&said("Try again", text)).await;
        }
        Ok(())
    }
}
