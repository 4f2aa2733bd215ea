//! As many leases by `OpenBao` and by us, on one PostgreSQL: how late each is taken away, and what becomes of them while it is down.

mod bao;
mod ours;
mod target;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use breakglass::clock::{Clock as _, SystemClock};
use breakglass_core::time::Timestamp;
use clap::Args;
use tokio::process::Command;
use tokio::time::{Instant, sleep, sleep_until};

use crate::company::{Company, Places, entitlement};
use crate::database;
use crate::ends::percentile;
use crate::measure::free_address;
use crate::server::Server;
use crate::table::millis;
use bao::{Bao, Revokes};
use target::{Watch, Way};

/// A lease, unless it has to end with others.
const LEASE_SECS: u64 = 30;

/// How long after their ends all must be gone.
const PATIENCE: Duration = Duration::from_mins(2);

/// Leases that are live while the target is down.
const DOWN_MANY: usize = 50;

/// How long after the target is there again it is looked whether everything went.
const AFTER_DOWN: Duration = Duration::from_mins(4);

/// Runs both, one after the other; while the target is down, at the same time.
#[derive(Debug, Args)]
pub(crate) struct Beside {
    /// The store: `sqlite://…` or `postgres://…`
    #[arg(long)]
    store: String,
    /// An empty folder
    #[arg(long)]
    folder: PathBuf,
    /// Our binary
    #[arg(long)]
    binary: PathBuf,
    /// A superuser's way into the `PostgreSQL` that access is given on
    #[arg(long)]
    target: String,
    /// `OpenBao`'s address, `http://…`
    #[arg(long)]
    bao: String,
    /// How it takes a login away
    #[arg(long, value_enum, default_value_t = Revokes::ByItself)]
    revokes: Revokes,
    /// Leases, and over how many seconds they end: `MANY:SECONDS`, one or more; 0 is all in the same second
    #[arg(long, value_delimiter = ',', default_value = "1000:4,3000:13,1000:0")]
    leases: Vec<String>,
    /// For how many seconds the target is down; 0 leaves it out
    #[arg(long, default_value_t = 0)]
    down: u64,
}

/// One lease that was given: whose it is at the target, and its end.
#[derive(Debug)]
struct Lease {
    name: String,
    ends_at: Timestamp,
}

/// How many leases, and when each is to be asked for.
#[derive(Debug, Clone, Copy)]
struct Plan {
    many: usize,
    over_secs: u64,
}

/// So many seconds all are made over that have to end together.
const TOGETHER_OVER_SECS: u64 = 4;

impl Plan {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (many, over_secs) = text
            .split_once(':')
            .ok_or_else(|| anyhow::anyhow!("{text} isn't MANY:SECONDS"))?;
        Ok(Self {
            many: many.parse()?,
            over_secs: over_secs.parse()?,
        })
    }

    /// When the one of this number is asked for, and for how many seconds.
    fn of(self, number: usize) -> (Duration, u64) {
        let over_secs = if self.over_secs > 0 {
            self.over_secs
        } else {
            TOGETHER_OVER_SECS
        };
        let share = u32::try_from(number).unwrap_or(u32::MAX);
        let all = u32::try_from(self.many.max(1)).unwrap_or(u32::MAX);
        let after = Duration::from_secs(over_secs) * share / all;
        let sooner = if self.over_secs > 0 {
            0
        } else {
            after.as_secs()
        };
        (after, LEASE_SECS + over_secs - sooner)
    }

    /// Waits for the turn of each, and gives the seconds for it.
    async fn turn(self, begin: Instant, number: usize) -> u64 {
        let (after, secs) = self.of(number);
        sleep_until(begin + after).await;
        secs
    }
}

/// What both are run with.
struct Stage {
    beside: Beside,
    company: Company,
    way: Way,
    server: Server,
    sandbox: breakglass_sandbox::Sandbox,
    bao: Bao,
}

impl Beside {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let plans: Result<Vec<Plan>, _> =
            self.leases.iter().map(|text| Plan::parse(text)).collect();
        let plans = plans?;
        let most = plans.iter().map(|plan| plan.many).max().unwrap_or_default();
        let stage = Stage::open(self, most.max(DOWN_MANY)).await?;
        let mut worse = 0;
        println!(
            "{:<46} {:>9} {:>9} {:>9}",
            "lag from the end of a lease, ms", "p50", "p99", "max"
        );
        for plan in plans {
            worse += usize::from(!stage.compare(plan).await?);
        }
        if stage.beside.down > 0 {
            worse += usize::from(!stage.down().await?);
        }
        stage.server.stop().await?;
        Ok(if worse == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

impl Stage {
    async fn open(beside: Beside, people: usize) -> anyhow::Result<Self> {
        let company = Company {
            people,
            folder: beside.folder.clone(),
            store: beside.store.clone(),
        };
        let (_, address) = beside.target.rsplit_once('@').unwrap_or_default();
        let (address, _) = address.split_once('/').unwrap_or_default();
        let way = Way::open(address.to_owned()).await?;
        let [listen, admin] = [free_address()?, free_address()?];
        let sandbox = company.workspace(listen).await?;
        company.write(&Places {
            targets: way.address.to_string(),
            hung: way.address,
            slack: sandbox.api_url(),
            listen,
            admin,
        })?;
        // As many connections as ours has by itself; OpenBao has 4.
        let config = std::fs::read_to_string(company.file())?;
        std::fs::write(
            company.file(),
            config.replace("parallel_max = 2", "parallel_max = 8"),
        )?;
        database::run(&beside.target, company.target_sql(&[])).await?;
        let mut migrate = Command::new(&beside.binary);
        migrate
            .args(["migrate", "up", "--config"])
            .arg(company.file());
        let migrated = migrate.stdout(Stdio::null()).status().await?;
        anyhow::ensure!(migrated.success(), "no tables: {migrated}");
        let server = Server::start(&beside.binary, &company.folder, admin).await?;
        let bao = Bao::set_up(
            &beside.bao,
            &beside.target.replace(address, &way.address.to_string()),
            beside.revokes,
        )
        .await?;
        Ok(Self {
            beside,
            company,
            way,
            server,
            sandbox,
            bao,
        })
    }

    /// The same plan for both, one after the other. Are we at least as good?
    async fn compare(&self, plan: Plan) -> anyhow::Result<bool> {
        let what = if plan.over_secs > 0 {
            format!("{} over {} s", plan.many, plan.over_secs)
        } else {
            format!("{} in the same second", plan.many)
        };
        let watch = Watch::start(&self.beside.target, bao::HELD.to_owned()).await?;
        let leases = self.bao.lease(plan).await?;
        let gone = watch.until_gone(&leases, PATIENCE).await?;
        let theirs = say(&format!("{what}: OpenBao, gone"), &leases, &gone);

        let watch = Watch::start(&self.beside.target, held_by_ours()).await?;
        let log = ours::Log::read_on(&self.company).await?;
        ours::ask(&self.sandbox, plan).await?;
        let (leases, logged) = log.until_ended(plan.many, PATIENCE).await?;
        let gone = watch.until_gone(&leases, PATIENCE).await?;
        say(&format!("{what}: breakglass, gone"), &leases, &gone);
        let ours = say(
            &format!("{what}: breakglass, read back and logged"),
            &leases,
            &logged,
        );
        Ok(theirs.is_some() && ours.is_some() && ours <= theirs)
    }

    /// Both have leases while the target goes away and comes back.
    async fn down(&self) -> anyhow::Result<bool> {
        let plan = Plan {
            many: DOWN_MANY,
            over_secs: 2,
        };
        let down = Duration::from_secs(self.beside.down);
        let theirs = Watch::start(&self.beside.target, bao::HELD.to_owned()).await?;
        let ours = Watch::start(&self.beside.target, held_by_ours()).await?;
        let log = ours::Log::read_on(&self.company).await?;
        let (leases, asked) = tokio::join!(self.bao.lease(plan), ours::ask(&self.sandbox, plan));
        let leases = leases?;
        asked?;
        sleep(Duration::from_secs(10)).await;
        self.way.close();
        sleep(down).await;
        let back_at = SystemClock.now();
        self.way.reopen();
        println!(
            "{DOWN_MANY} leases end while the target is down for {} s",
            down.as_secs()
        );
        let after = |gone: &BTreeMap<String, Timestamp>| {
            let last = gone.values().max().map_or(0, |at| at.millis_since(back_at));
            Duration::from_millis(u64::try_from(last).unwrap_or_default()).as_secs_f64()
        };
        let (granted, logged) = log.until_ended(DOWN_MANY, AFTER_DOWN).await?;
        let gone = ours.until_gone(&granted, AFTER_DOWN).await?;
        let mut is_good = gone.len() == DOWN_MANY && logged.len() == DOWN_MANY;
        println!(
            "{:<46} {:>5} gone, the last {:.1} s after it was back",
            "breakglass",
            gone.len(),
            after(&gone)
        );
        let since = SystemClock.now().millis_since(back_at);
        let left = AFTER_DOWN.saturating_sub(Duration::from_millis(
            u64::try_from(since).unwrap_or_default(),
        ));
        let gone = theirs.until_gone(&leases, left).await?;
        println!(
            "{:<46} {:>5} gone, the last {:.1} s after it was back",
            "OpenBao",
            gone.len(),
            after(&gone)
        );
        is_good &= gone.len() <= DOWN_MANY;
        Ok(is_good)
    }
}

/// Who holds our role at the target.
fn held_by_ours() -> String {
    let role = entitlement(0, ours::ROLE);
    format!(
        "SELECT coalesce(array_agg(pg_get_userbyid(member)::text), '{{}}') FROM pg_auth_members AS of \
         JOIN pg_roles AS us ON us.oid = of.member AND NOT us.rolname LIKE 'bot%' WHERE roleid = '{role}'::regrole"
    )
}

/// Prints how late all were; gives the p99, in whole milliseconds, if none is missing.
fn say(what: &str, leases: &[Lease], gone: &BTreeMap<String, Timestamp>) -> Option<u128> {
    let late = |lease: &Lease| {
        let late = gone.get(&lease.name)?.millis_since(lease.ends_at).max(0);
        Some(Duration::from_millis(
            u64::try_from(late).unwrap_or_default(),
        ))
    };
    let mut lags: Vec<Duration> = leases.iter().filter_map(late).collect();
    lags.sort_unstable();
    let at = |percent| millis(percentile(&lags, percent));
    let missing = leases.len() - lags.len();
    let missing = if missing > 0 {
        format!("  {missing} NOT gone")
    } else {
        String::new()
    };
    println!(
        "{what:<46} {:>9.0} {:>9.0} {:>9.0}{missing}",
        at(50),
        at(99),
        at(100)
    );
    missing
        .is_empty()
        .then(|| percentile(&lags, 99).as_millis())
}
