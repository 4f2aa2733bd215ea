//! A provisioner that gives nothing whose end isn't on this machine's disk.

use std::sync::Arc;

use async_trait::async_trait;
use breakglass_core::id::{HoldingId, ProvisionerId};
use breakglass_core::port::provisioner::{
    Capabilities, Deprovisioned, Finding, Listing, Observation, Provision, ProvisionError,
    Provisioned, Provisioner,
};

use super::{Held, Mirror};

/// The same adapter, behind the [`Mirror`].
#[derive(Debug)]
pub struct Mirrored {
    mirror: Arc<Mirror>,
    inner: Arc<dyn Provisioner>,
}

impl Mirrored {
    /// Puts `inner` behind it.
    pub fn new(mirror: Arc<Mirror>, inner: Arc<dyn Provisioner>) -> Self {
        Self { mirror, inner }
    }
}

#[async_trait]
impl Provisioner for Mirrored {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn host(&self) -> String {
        self.inner.host()
    }

    async fn provision(&self, call: &Provision) -> Result<Provisioned, ProvisionError> {
        let held = Held {
            holding: call.holding.clone(),
            not_after: call.not_after,
        };
        let kept = self.mirror.giving(call.request, held).await;
        kept.map_err(|error| {
            let why = format!("its end can't be kept on the bot's own disk: {error}");
            ProvisionError::Unavailable(why)
        })?;
        self.inner.provision(call).await
    }

    async fn deprovision(&self, holding: &HoldingId) -> Result<Deprovisioned, ProvisionError> {
        self.inner.deprovision(holding).await
    }

    async fn inspect(&self, holding: &HoldingId) -> Result<Observation, ProvisionError> {
        self.inner.inspect(holding).await
    }

    async fn preflight(&self, holding: &HoldingId) -> Result<(), ProvisionError> {
        self.inner.preflight(holding).await
    }

    async fn list(
        &self,
        us: &ProvisionerId,
        entitlements: &[String],
    ) -> Result<Listing, ProvisionError> {
        self.inner.list(us, entitlements).await
    }

    fn by_hand(&self, holding: &HoldingId) -> String {
        self.inner.by_hand(holding)
    }

    async fn examine(&self, entitlements: &[String]) -> Vec<Finding> {
        self.inner.examine(entitlements).await
    }
}
