//! Looks at both targets all the time, so that it is known who held what when, whatever the log says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use breakglass::clock::{Clock as _, SystemClock};
use breakglass_core::time::Timestamp;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::firm::Firm;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// What somebody holds: the account, and what of.
pub(super) type What = (String, String);

/// It was there from the first of these on, and still at the second.
pub(super) type Span = (Timestamp, Timestamp);

/// Who held what, and when.
pub(super) type Held = BTreeMap<What, Vec<Span>>;

pub(super) struct Watch {
    watching: JoinHandle<Held>,
    stop: CancellationToken,
}

impl Watch {
    pub(super) async fn begin(firm: &Firm) -> Self {
        let database = &firm.orders.database;
        let superuser = database.server.superuser().database(&database.name);
        let orders = superuser.connect().await.unwrap();
        let sql = format!(
            "SELECT person.rolname || ':' || role.rolname FROM pg_auth_members held \
             JOIN pg_roles person ON person.oid = held.member JOIN pg_roles role ON role.oid = held.roleid \
             WHERE role.rolname IN ('{}', '{}') AND person.rolname ~ '_p[0-9]+$'",
            firm.orders.admin, firm.orders.read
        );
        let stop = CancellationToken::new();
        let watching = tokio::spawn(watch(orders, sql, firm.doors(), stop.clone()));
        Self { watching, stop }
    }

    /// Who held what, and when; the last look is from after this was called.
    pub(super) async fn end(self) -> Held {
        self.stop.cancel();
        self.watching.await.unwrap()
    }
}

async fn watch(
    mut orders: PgConnection,
    sql: String,
    doors: PathBuf,
    stop: CancellationToken,
) -> Held {
    let mut held = Held::new();
    let mut before = Vec::new();
    loop {
        let is_last = stop.is_cancelled();
        let began = SystemClock.now();
        let rows = sqlx::query_scalar(AssertSqlSafe(sql.clone())).fetch_all(&mut orders);
        let mut now: Vec<String> = rows.await.unwrap();
        now.extend(open_doors(&doors));
        for what in &now {
            let (account, of) = what.split_once(':').unwrap();
            let spans = held.entry((account.to_owned(), of.to_owned())).or_default();
            match spans.last_mut().filter(|_| before.contains(what)) {
                Some((_, to)) => *to = began,
                None => spans.push((SystemClock.now(), began)),
            }
        }
        before = now;
        if is_last {
            return held;
        }
        stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY))
            .await;
    }
}

fn open_doors(doors: &Path) -> Vec<String> {
    let files = std::fs::read_dir(doors).unwrap();
    files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect()
}
