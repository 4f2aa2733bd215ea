//! Lists for one person: status, what they may ask for, their home page.

use breakglass_core::fact::Facts;
use breakglass_core::notice::Answer;
use breakglass_core::port::chat::ChatError;
use breakglass_core::state::Request;

use super::SubmitError;
use super::act::Doing;
use crate::resolve::form::Desk;
use crate::wording::Teller;
use crate::wording::lists::{Mine, may_ask};

impl Doing<'_> {
    pub(super) async fn status(&self) -> Result<(), SubmitError> {
        let open = self.engine.open_requests().await?;
        let facts = self.own_facts().await;
        let lists = self.tell(|teller| teller.status(&self.mine(&open, &facts)));
        self.say(&Answer::Lists(lists)).await
    }

    pub(super) async fn list(&self) -> Result<(), SubmitError> {
        let open = self.engine.open_requests().await?;
        let facts = self.own_facts().await;
        let desk = Desk {
            policy: &self.policy,
            person: &self.person,
            facts: &facts,
            now: self.engine.clock.now(),
        };
        let mut lists = vec![may_ask(&self.policy, &desk.may_ask())];
        let home = self.tell(|teller| {
            teller.home(
                &self.mine(&open, &facts),
                &breakglass_core::state::Mode::Open,
            )
        });
        lists.extend(home.lists);
        self.say(&Answer::Lists(lists)).await
    }

    pub(super) async fn home(&self) -> Result<(), SubmitError> {
        let open = self.engine.open_requests().await?;
        let house = self.engine.store().house().await?;
        let facts = self.own_facts().await;
        let home = self.tell(|teller| teller.home(&self.mine(&open, &facts), &house.mode));
        let sender = &self.intent.sender;
        let Some(chat) = self.engine.chat(sender.platform) else {
            return Ok(());
        };
        match chat.publish_home(&sender.account, &home).await {
            Ok(()) => {}
            Err(error @ (ChatError::Limited(_) | ChatError::Unavailable(_))) => {
                tracing::warn!(%error, "a home page couldn't be drawn; it is when it is opened again");
            }
            Err(error @ (ChatError::Gone(_) | ChatError::Refused(_))) => {
                tracing::error!(%error, "a home page is refused");
            }
        }
        Ok(())
    }

    async fn own_facts(&self) -> Facts {
        Facts {
            members: self.engine.roster.members(&self.policy).await,
            ..Facts::default()
        }
    }

    fn mine<'a>(&self, open: &'a [Request], facts: &Facts) -> Mine<'a> {
        let me = &self.person.id;
        let decides = |request: &Request| {
            let terms = request.terms.iter();
            let from: Vec<_> = terms
                .flat_map(|terms| {
                    terms
                        .approvals
                        .iter()
                        .flat_map(|quorum| quorum.from.clone())
                })
                .collect();
            let given = request
                .approvals
                .iter()
                .any(|approval| approval.person == *me);
            !given
                && self
                    .policy
                    .eligible(&from, &request.asked.target, facts)
                    .contains(me)
        };
        let reviews = |request: &Request| {
            let reviewers = request
                .terms
                .as_ref()
                .map_or(&[][..], |terms| &terms.reviewers);
            !request.approvers.contains(me)
                && request.revoked_by.as_ref() != Some(me)
                && self
                    .policy
                    .eligible(reviewers, &request.asked.target, facts)
                    .contains(me)
        };
        Mine::sort(open, me, decides, reviews)
    }

    fn tell<T>(&self, words: impl FnOnce(&Teller<'_>) -> T) -> T {
        let texts = std::collections::BTreeMap::new();
        words(&Teller {
            policy: &self.policy,
            texts: &texts,
            log: (0, ""),
            test: self.engine.test,
        })
    }
}
