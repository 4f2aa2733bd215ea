//! People, who click on everything, on cards as they are and as they were, and acts that wait to be taken up.

use std::rc::Rc;

use breakglass_core::command::{Actor, Ask, Command, Finding, Reach};
use breakglass_core::fact::Facts;
use breakglass_core::id::{Digest, Platform, RequestId};
use breakglass_core::ruling::{Question, Severity};
use breakglass_core::state::Request;
use breakglass_core::time::Length;

use crate::cast::{CAST, PEOPLE, by, holding};
use crate::step::{Fate, What};
use crate::town::{Town, Trouble};

/// What somebody did, kept before it was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Act {
    actor: Actor,
    command: Command,
}

/// What is put on which request.
fn on(request: &Request, digest: &Digest, what: What) -> Option<Command> {
    let (id, digest, reason) = (request.id, digest.clone(), CAST.reason.clone());
    Some(match what {
        What::Confirm => Command::Confirm {
            request: id,
            digest,
        },
        What::AskForApproval => Command::AskForApproval { request: id },
        What::Approve(mins) => Command::Approve {
            request: id,
            digest,
            cut: (mins > 0).then(|| Length::from_mins(mins.into())),
        },
        What::Deny => Command::Deny {
            request: id,
            digest,
            reason,
        },
        What::Withdraw => Command::Withdraw { request: id },
        What::GiveBack => Command::GiveBack { request: id },
        What::Revoke => Command::Revoke {
            request: id,
            reason,
        },
        What::Attest => Command::Attest {
            request: id,
            reason,
        },
        What::Review => Command::CloseReview {
            request: id,
            finding: Finding::Justified,
            note: reason,
        },
        What::Ask { .. } | What::Lock(_) | What::Unlock | What::Load(_) => return None,
    })
}

impl Town {
    /// Somebody does something; it waits to be taken up.
    pub(crate) fn click(&mut self, who: u8, what: What, which: u8, twice: bool) {
        let person = &CAST.people[usize::from(who) % PEOPLE.len()];
        let platform = if who >= 128 {
            Platform::Discord
        } else {
            Platform::Slack
        };
        let actor = by(person, platform);
        let reason = CAST.reason.clone();
        let command = match what {
            What::Ask { role, whom, urgent } => {
                let whom = if whom == u8::MAX { who } else { whom };
                Some(Self::ask(who, whom, role, urgent))
            }
            What::Lock(all) => Some(Command::StartLockdown {
                reason,
                reach: if all {
                    Reach::RevokeAll
                } else {
                    Reach::StopGranting
                },
            }),
            What::Unlock => Some(Command::EndLockdown { reason }),
            What::Load(policy) => {
                drop(self.load(0, policy.into(), Fate::Good));
                None
            }
            What::Confirm
            | What::AskForApproval
            | What::Approve(_)
            | What::Deny
            | What::Withdraw
            | What::GiveBack
            | What::Revoke
            | What::Attest
            | What::Review => self
                .picture(which)
                .and_then(|(id, digest)| on(&self.store.state.requests[&id], &digest, what)),
        };
        if let Some(command) = command {
            let act = Act { actor, command };
            if twice {
                self.inbox.push(act.clone());
            }
            self.inbox.push(act);
        }
    }

    /// A request as it is, or as some card showed it once.
    fn picture(&self, which: u8) -> Option<(RequestId, Digest)> {
        if which == 3 && !self.chat.pictures.is_empty() {
            let place = self.store.log.len() * 7 % self.chat.pictures.len();
            return Some(self.chat.pictures[place].clone());
        }
        let mut newest = self.store.state.requests.values().rev();
        newest
            .nth(which.into())
            .map(|request| (request.id, request.digest.clone()))
    }

    fn ask(who: u8, whom: u8, role: u8, urgent: bool) -> Command {
        let person = |who: u8| CAST.people[usize::from(who) % PEOPLE.len()].clone();
        let role = usize::from(role) % CAST.roles.len();
        let (target, named) = CAST.roles[role].clone();
        let question = Question {
            requester: person(who),
            beneficiary: person(whom),
            target,
            role: named,
            duration: None,
            severity: urgent.then(|| Severity::new(1).unwrap()),
            incident: None,
            platform: Platform::Slack,
        };
        Command::Ask(Box::new(Ask {
            holding: holding(role, question.beneficiary.as_str()),
            question,
            justification: CAST.reason.clone(),
            source: None,
            again: true,
        }))
    }

    /// A replica takes one up. What wasn't heard to be done is taken up again.
    pub(crate) fn handle(&mut self, replica: usize, which: usize, fate: Fate) {
        if self.inbox.is_empty() {
            return;
        }
        let place = which % self.inbox.len();
        let Act { actor, command } = self.inbox[place].clone();
        let facts = Rc::clone(&self.facts);
        if self
            .submit((replica, fate), &actor, &command, &facts)
            .is_ok()
        {
            self.inbox.remove(place);
        }
    }

    pub(crate) fn load(
        &mut self,
        replica: usize,
        policy: usize,
        fate: Fate,
    ) -> Result<(), Trouble> {
        let hash = CAST.policies[policy % CAST.policies.len()].hash().clone();
        let command = Command::LoadPolicy { hash };
        let done = self.submit((replica, fate), &Actor::Server, &command, &Facts::default());
        done.map(drop)
    }

    /// Somebody asks, and everybody who can agrees.
    pub(crate) fn grant(&mut self, who: u8, role: u8) {
        let asked = self.store.state.next_request;
        self.do_now(who % 2, &Self::ask(who % 2, who % 2, role, who >= 128));
        let id = RequestId::new(asked);
        for what in [What::Confirm, What::Approve(0)] {
            for person in 0..7 {
                let Some(request) = self
                    .store
                    .state
                    .requests
                    .get(&id)
                    .filter(|request| request.is_pending())
                else {
                    return;
                };
                if let Some(command) = on(request, &request.digest, what) {
                    self.do_now(person, &command);
                }
            }
        }
    }

    fn do_now(&mut self, who: u8, command: &Command) {
        let actor = by(&CAST.people[usize::from(who)], Platform::Slack);
        let facts = Rc::clone(&self.facts);
        drop(self.submit((0, Fate::Good), &actor, command, &facts));
    }
}
