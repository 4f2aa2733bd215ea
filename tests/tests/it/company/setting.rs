//! On which chats a company is, how they reach us, and what stands behind them.

use breakglass::demo::Shown;
use breakglass_tests::kept::Store;
use breakglass_tests::postgres::Server;

/// Where it is asked, how chats reach us, whether strangers are made known, and where the store and the orders database are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) shown: Shown,
    pub(crate) asked_on_slack: bool,
    pub(crate) by_http: bool,
    pub(crate) has_help: bool,
    pub(crate) store: Store,
    /// Without one, a small program stands for the orders database.
    pub(crate) orders: Option<Server>,
}

impl Setting {
    pub(crate) const SLACK: Self = Self {
        shown: Shown::Slack,
        asked_on_slack: true,
        by_http: false,
        has_help: true,
        store: Store::Sqlite,
        orders: None,
    };
    pub(crate) const DISCORD: Self = Self {
        shown: Shown::Discord,
        asked_on_slack: false,
        ..Self::SLACK
    };
    pub(crate) const ASKED_ON_SLACK: Self = Self {
        shown: Shown::Both,
        ..Self::SLACK
    };
    pub(crate) const ASKED_ON_DISCORD: Self = Self {
        shown: Shown::Both,
        ..Self::DISCORD
    };

    /// Chats post to us, instead of being listened to.
    pub(crate) const fn by_http(self) -> Self {
        Self {
            by_http: true,
            ..self
        }
    }

    /// Without a channel for help.
    pub(crate) const fn without_help(self) -> Self {
        Self {
            has_help: false,
            ..self
        }
    }

    /// The store is a real server, whose tables the server's role doesn't own.
    pub(crate) const fn stored_in_postgresql(self) -> Self {
        self.stored_on(Server::Fifteen)
    }

    /// The store is on that one.
    pub(crate) const fn stored_on(self, server: Server) -> Self {
        Self {
            store: Store::Postgres(server),
            ..self
        }
    }

    /// The orders database is there.
    pub(crate) const fn with_orders(self, server: Server) -> Self {
        Self {
            orders: Some(server),
            ..self
        }
    }

    /// Both are real servers.
    pub(crate) const fn whole(self) -> Self {
        self.stored_in_postgresql().with_orders(Server::Newest)
    }

    /// The orders database is on a server of another age.
    pub(crate) const fn on_postgresql_15(self) -> Self {
        self.with_orders(Server::Fifteen)
    }
}
