//! What is PostgreSQL's own: sessions, grantors, rights of our login, errors.

mod doctor;
mod failure;
mod session;
mod standing;

use std::path::Path;
use std::sync::Arc;

use breakglass_core::document::Document;
use breakglass_core::id::{HoldingId, RequestId};
use breakglass_core::port::provisioner::{
    Deprovisioned, Observation, Provision, ProvisionError, Provisioned, Provisioner,
};
use breakglass_core::time::Timestamp;
use breakglass_provisioners::Kind;
use breakglass_tests::postgres::{Server, Target};

/// The adapter that a config with this URL and these further keys makes.
pub(crate) fn provisioner(url: &str, keys: &str) -> Arc<dyn Provisioner> {
    let text = format!("kind = 'postgres'\nurl = '{url}'\n{keys}\n");
    let document = Document::parse("breakglass.toml", &text);
    let kind = Kind::read(&document.root(), Path::new("/"));
    assert_eq!(document.finish().to_string(), "");
    kind.unwrap().build()
}

/// A login's membership of a role.
pub(crate) fn holding(role: &str, login: &str) -> HoldingId {
    HoldingId {
        provisioner: "orders".parse().unwrap(),
        account: login.to_owned(),
        entitlement: role.to_owned(),
    }
}

/// A target and an adapter to it.
struct Stage {
    target: Target,
    provisioner: Arc<dyn Provisioner>,
}

impl Stage {
    async fn create(server: Server) -> Self {
        let target = Target::create(server).await;
        let provisioner = provisioner(&target.url(), "timeout = '8s'");
        Self {
            target,
            provisioner,
        }
    }

    /// The person's holding of `admin`.
    fn holding(&self) -> HoldingId {
        holding(&self.target.admin, &self.target.login)
    }

    async fn give(&self, holding: HoldingId) -> Result<Provisioned, ProvisionError> {
        let not_after = Timestamp::from_millis(4_102_444_800_000);
        let call = Provision {
            holding,
            request: RequestId::new(1),
            begin_by: not_after,
            not_after,
        };
        self.provisioner.provision(&call).await
    }

    async fn take(&self, holding: HoldingId) -> Result<Deprovisioned, ProvisionError> {
        self.provisioner.deprovision(&holding).await
    }

    async fn look(&self, holding: HoldingId) -> Observation {
        self.provisioner.inspect(&holding).await.unwrap()
    }

    async fn has(&mut self) -> bool {
        let role = self.target.admin.clone();
        self.target.has(&role).await
    }

    /// Runs SQL as a superuser, with `{us}`, `{login}`, `{admin}` and `{read}` in it.
    async fn run(&mut self, sql: &str) {
        let Target {
            us,
            login,
            admin,
            read,
            ..
        } = &self.target;
        let places = [
            ("{us}", us),
            ("{login}", login),
            ("{admin}", admin),
            ("{read}", read),
        ];
        let sql = places
            .into_iter()
            .fold(sql.to_owned(), |sql, (place, name)| {
                sql.replace(place, name)
            });
        self.target.database.run(sql).await;
    }
}
