//! What operators ask of the running server. No path here approves, reviews, or moves a date.

use std::collections::BTreeMap;

use async_trait::async_trait;
use breakglass_core::command::{Command, Reach};
use breakglass_core::fact::Facts;
use breakglass_core::id::RequestId;
use breakglass_core::state::{Mode, Request};
use breakglass_core::text::TextHash;
use breakglass_store::{StoreError, Which as Listed};

use super::{Engine, SubmitError};
use crate::admin::{
    AdminRequest, AdminResponse, AdminService, HouseLine, Operator, RequestLine, Scope, Which,
};
use crate::wording::texts_of;

/// The longest list an operator gets.
const LISTED_MAX: u64 = 1_000;

#[async_trait]
impl AdminService for Engine {
    async fn answer(&self, operator: &Operator, request: AdminRequest) -> AdminResponse {
        match self.carry_out(operator, request).await {
            Ok(response) => response,
            Err(SubmitError::Refused(refusal)) => AdminResponse::Refused {
                why: refusal.words().text,
            },
            Err(SubmitError::Store(error)) => AdminResponse::Failed {
                why: error.to_string(),
            },
        }
    }
}

impl Engine {
    async fn carry_out(
        &self,
        operator: &Operator,
        request: AdminRequest,
    ) -> Result<AdminResponse, SubmitError> {
        match request {
            AdminRequest::ListRequests { scope } => {
                let all = self
                    .store
                    .requests(listed(scope, Listed::Pending), LISTED_MAX)
                    .await?;
                self.lines(all.iter().collect()).await
            }
            AdminRequest::ListGrants { scope } => {
                let all = self
                    .store
                    .requests(listed(scope, Listed::Live), LISTED_MAX)
                    .await?;
                let granted = all.iter().filter(|request| request.granted.is_some());
                self.lines(granted.collect()).await
            }
            AdminRequest::ListReviews { scope } => {
                let all = self
                    .store
                    .requests(listed(scope, Listed::ToReview), LISTED_MAX)
                    .await?;
                let mut due: Vec<&Request> = all
                    .iter()
                    .filter(|request| request.review != breakglass_core::state::Review::None)
                    .collect();
                due.reverse();
                self.lines(due).await
            }
            AdminRequest::Show { request } => self.show(request).await,
            AdminRequest::Revoke { which, reason } => self.end(operator, which, &reason).await,
            AdminRequest::Attest { request, reason } => {
                let Ok(reason) = Self::text(&reason) else {
                    return Ok(too_long());
                };
                let command = Command::Attest { request, reason };
                self.submit(operator.actor(), command, Facts::default())
                    .await?;
                self.show(request).await
            }
            AdminRequest::StartLockdown { reason, revoke_all } => {
                let reach = if revoke_all {
                    Reach::RevokeAll
                } else {
                    Reach::StopGranting
                };
                let Ok(reason) = Self::text(&reason) else {
                    return Ok(too_long());
                };
                let command = Command::StartLockdown { reason, reach };
                self.submit(operator.actor(), command, Facts::default())
                    .await?;
                self.house_line().await
            }
            AdminRequest::EndLockdown { reason } => {
                let Ok(reason) = Self::text(&reason) else {
                    return Ok(too_long());
                };
                let command = Command::EndLockdown { reason };
                self.submit(operator.actor(), command, Facts::default())
                    .await?;
                self.house_line().await
            }
            AdminRequest::ShowHouse => self.house_line().await,
        }
    }

    async fn show(&self, id: RequestId) -> Result<AdminResponse, SubmitError> {
        let Some(request) = self.store.request(id).await? else {
            return Ok(AdminResponse::Refused {
                why: format!("There is no {id}."),
            });
        };
        let request = Box::new(self.line(&request).await?);
        Ok(AdminResponse::Request { request })
    }

    /// Every live grant that isn't ending yet, or one; each through the door by itself.
    async fn end(
        &self,
        operator: &Operator,
        which: Which,
        reason: &str,
    ) -> Result<AdminResponse, SubmitError> {
        let Ok(reason) = Self::text(reason) else {
            return Ok(too_long());
        };
        let ids = match which {
            Which::One(id) => vec![id],
            Which::All => {
                let mut ids = Vec::new();
                let mut live = self.store.pages(Listed::Live).await?;
                while let Some(page) = live.next(&self.store).await? {
                    let running = page.iter().filter(|one| one.phase_name() != "ending");
                    ids.extend(running.map(|one| one.id));
                }
                ids
            }
        };
        let mut revoking = Vec::new();
        for request in ids {
            let command = Command::Revoke {
                request,
                reason: reason.clone(),
            };
            match self
                .submit(operator.actor(), command, Facts::default())
                .await
            {
                Ok(_) => revoking.push(request),
                Err(SubmitError::Refused(_)) if which == Which::All => {}
                Err(error) => return Err(error),
            }
        }
        Ok(AdminResponse::Revoking { requests: revoking })
    }

    async fn house_line(&self) -> Result<AdminResponse, SubmitError> {
        let house = self.store.house().await?;
        let reason = match &house.mode {
            Mode::Open => Vec::new(),
            Mode::Lockdown { reason, .. } => vec![reason.clone()],
        };
        let texts = self.texts(&reason).await?;
        let house = HouseLine::of(&house, look_up(&texts));
        Ok(AdminResponse::House { house })
    }

    async fn lines(&self, requests: Vec<&Request>) -> Result<AdminResponse, SubmitError> {
        let mut lines = Vec::new();
        for request in requests {
            lines.push(self.line(request).await?);
        }
        Ok(AdminResponse::Requests { requests: lines })
    }

    async fn line(&self, request: &Request) -> Result<RequestLine, StoreError> {
        let texts = self.texts(&texts_of(request, None)).await?;
        Ok(RequestLine::of(request, look_up(&texts)))
    }
}

const fn listed(scope: Scope, open: Listed) -> Listed {
    match scope {
        Scope::Open => open,
        Scope::All => Listed::Newest,
    }
}

fn look_up(texts: &BTreeMap<TextHash, String>) -> impl Fn(&TextHash) -> Option<String> {
    |hash| texts.get(hash).cloned()
}

fn too_long() -> AdminResponse {
    AdminResponse::Refused {
        why: "A reason has at most 2,000 characters.".to_owned(),
    }
}
