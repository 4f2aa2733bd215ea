//! PostgreSQL as a target, reached through a proxy that can swallow answers.

use std::sync::Arc;

use breakglass_core::id::HoldingId;
use breakglass_core::port::provisioner::Provisioner;
use breakglass_tests::postgres::{Server, Target};
use breakglass_tests::proxy::{Proxy, Weather};

use super::Stage;
use crate::postgres::{holding, provisioner};

/// A role of a server.
pub(crate) struct Role {
    target: Target,
    proxy: Proxy,
    provisioner: Arc<dyn Provisioner>,
}

impl Role {
    async fn on(server: Server) -> Self {
        let target = Target::create(server).await;
        let address = target.address();
        let proxy = Proxy::start(address.clone(), "DO $provision$").await;
        let url = target.url().replace(&address, &proxy.address.to_string());
        let url = format!("{url}?sslmode=disable"); // the proxy must be able to read
        Self {
            target,
            proxy,
            provisioner: provisioner(&url, "timeout = '8s'"),
        }
    }

    fn given(&self, role: &str) -> HoldingId {
        holding(role, &self.target.login)
    }
}

macro_rules! stage {
    ($name:ident on $server:expr) => {
        pub(crate) struct $name(Role);

        impl Stage for $name {
            async fn create() -> Self {
                Self(Role::on($server).await)
            }

            fn provisioner(&self) -> &dyn Provisioner {
                &*self.0.provisioner
            }

            fn holding(&self) -> HoldingId {
                self.0.given(&self.0.target.admin)
            }

            fn other(&self) -> HoldingId {
                self.0.given(&self.0.target.read)
            }

            async fn has(&mut self, holding: &HoldingId) -> bool {
                self.0.target.has(&holding.entitlement).await
            }

            async fn give_standing(&mut self) {
                let Target {
                    database,
                    admin,
                    login,
                    ..
                } = &mut self.0.target;
                database.run(format!("GRANT {admin} TO {login}")).await;
            }

            async fn fall_silent(&mut self) {
                self.0.proxy.change(Weather::Mute);
            }

            async fn speak_again(&mut self) {
                self.0.proxy.change(Weather::Fair);
            }

            async fn away(&self) -> Arc<dyn Provisioner> {
                let nowhere = self
                    .0
                    .target
                    .url()
                    .replace(&self.0.target.address(), "127.0.0.1:1");
                provisioner(&nowhere, "")
            }
        }
    };
}

stage!(Fifteen on Server::Fifteen);
stage!(Newest on Server::Newest);
