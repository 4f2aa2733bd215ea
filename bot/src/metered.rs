//! A provisioner whose calls are timed and counted.

use std::sync::Arc;

use async_trait::async_trait;
use breakglass_core::id::{HoldingId, ProvisionerId};
use breakglass_core::port::provisioner::{
    Capabilities, Deprovisioned, Finding, Listing, Observation, Provision, ProvisionError,
    Provisioned, Provisioner,
};
use metrics::histogram;
use tokio::time::Instant;

use crate::meter;

/// The same adapter, measured from outside.
#[derive(Debug)]
pub struct Metered {
    id: String,
    inner: Arc<dyn Provisioner>,
}

impl Metered {
    /// Measures `inner`, which is configured under this id.
    pub fn new(id: &ProvisionerId, inner: Arc<dyn Provisioner>) -> Self {
        Self {
            id: id.to_string(),
            inner,
        }
    }

    async fn time<T>(
        &self,
        action: &'static str,
        call: impl Future<Output = Result<T, ProvisionError>> + Send,
    ) -> Result<T, ProvisionError> {
        let since = Instant::now();
        let answer = call.await;
        let outcome = match &answer {
            Ok(_) => "done",
            Err(ProvisionError::Unavailable(_)) => "unavailable",
            Err(ProvisionError::Unknown(_)) => "unknown",
            Err(ProvisionError::Refused(_)) => "refused",
            Err(ProvisionError::TooLate) => "too_late",
        };
        let labels = [
            ("provisioner", self.id.clone()),
            ("action", action.to_owned()),
            ("outcome", outcome.to_owned()),
        ];
        histogram!(meter::TARGET_CALLED, &labels).record(since.elapsed());
        answer
    }
}

#[async_trait]
impl Provisioner for Metered {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn host(&self) -> String {
        self.inner.host()
    }

    async fn provision(&self, call: &Provision) -> Result<Provisioned, ProvisionError> {
        self.time("provision", self.inner.provision(call)).await
    }

    async fn deprovision(&self, holding: &HoldingId) -> Result<Deprovisioned, ProvisionError> {
        self.time("deprovision", self.inner.deprovision(holding))
            .await
    }

    async fn inspect(&self, holding: &HoldingId) -> Result<Observation, ProvisionError> {
        self.time("inspect", self.inner.inspect(holding)).await
    }

    async fn preflight(&self, holding: &HoldingId) -> Result<(), ProvisionError> {
        self.time("preflight", self.inner.preflight(holding)).await
    }

    async fn list(
        &self,
        id: &ProvisionerId,
        entitlements: &[String],
    ) -> Result<Listing, ProvisionError> {
        self.time("list", self.inner.list(id, entitlements)).await
    }

    fn by_hand(&self, holding: &HoldingId) -> String {
        self.inner.by_hand(holding)
    }

    async fn examine(&self, entitlements: &[String]) -> Vec<Finding> {
        self.inner.examine(entitlements).await
    }
}
