//! The composition root: from a configuration to a running server, and to an orderly stop.

mod announce;
mod away;
mod front;
mod keep;
mod without_store;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use breakglass_core::command::{Actor, Command};
use breakglass_core::fact::Facts;
use breakglass_core::id::Platform;
use breakglass_core::policy::Policy;
use breakglass_core::port::chat::Chat;
use breakglass_core::time::Timestamp;
use breakglass_store::{Database, Options, Store, StoreError};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admin::AdminSocket;
use crate::alarms::Alarms;
use crate::chats::{self, Adapter, Reach};
use crate::clock::{Clock, Clocks};
use crate::config::Config;
use crate::database::{connect_migrated, unreachable};
use crate::engine::{Decider, Engine, EngineDesk, Parts, SubmitError, Target};
use crate::health::Health;
use crate::keeper::Keeper;
use crate::log_key::{LogIs, read_or_make};
use crate::metered::Metered;
use crate::mirror::{Mirror, Mirrored};
use crate::pagers::Pagers;
use crate::policy_files::PolicyError;
use crate::pulse::Pulse;
use crate::trouble::Trouble;
use crate::vitals::Vitals;
use front::Front;
pub(crate) use front::threads;

/// How long effects in hand may take to finish at a stop.
pub const STOP_WITHIN: Duration = Duration::from_secs(10);

/// A running server.
#[derive(Debug)]
pub struct Server {
    engine: Arc<Engine>,
    front: Front,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Everything a server is made from.
#[derive(Debug)]
pub struct Plan {
    /// What is configured.
    pub config: Config,
    /// The policy in the configured files, if it checks and fits. Without it the one that was in force goes on.
    pub policy: Result<Policy, PolicyError>,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// The metrics page.
    pub metrics: PrometheusHandle,
}

impl Server {
    /// Starts everything; when it returns, requests are taken in.
    pub async fn start(plan: Plan) -> anyhow::Result<Self> {
        let Plan {
            config,
            policy,
            clock,
            metrics,
        } = plan;
        let admin = AdminSocket::bind(&config.server.admin_socket)?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        // A start that fails leaves nothing running.
        let unless_started = stop.clone().drop_guard();
        let clocks = Clocks::new(clock.clone(), &config.store);
        let adapters = chats::all(&config, &clocks.dates)?;
        let chats: Vec<Arc<dyn Chat>> = adapters.iter().map(Adapter::chat).collect();
        let pagers = Pagers::with_clock(&config, &clocks.dates);
        let alarms = Alarms::new(chats.clone(), pagers, stop.clone(), tasks.clone());
        let keeper = Arc::new(keeper(&config, alarms, clocks)?);
        let vitals = Arc::<Vitals>::default();
        let health = Health {
            vitals: vitals.clone(),
            clock: keeper.clock.clone(),
            metrics,
        };
        let listener = listen(config.server.admin_listen, "admin_listen").await?;
        tasks.spawn(logged(
            "health",
            crate::health::serve(listener, health, stop.clone()),
        ));
        let database = connected(&config, &keeper).await?;
        let front = Front::open()?;
        let opening = open_store(config.clone(), database, chats.clone());
        let store = front.handle().spawn(opening).await??;
        keeper.follow(&store).await?;
        let (policy, refused) = match policy {
            Ok(policy) => (policy, None),
            Err(error) => (in_force(&store, &error).await?, Some(error)),
        };
        let engine = Engine::new(Parts {
            store: store.clone(),
            policy: Arc::new(policy),
            chats,
            keeper: keeper.clone(),
            vitals: vitals.clone(),
            stop: stop.child_token(),
            tasks: TaskTracker::new(),
            test: config.server.test_mode,
        });
        let server = Self {
            engine,
            front,
            stop,
            tasks,
        };
        let last_alive = store.last_alive().await?;
        server.open_in_time(&config, &keeper).await?;
        server.engine.look_at_links().await?;
        server.engine.start();
        server.spawn(admin.serve(server.engine.clone(), server.stop.clone()));
        let pulse = Pulse {
            engine: server.engine.clone(),
            vitals,
            keeper,
            wall: clock,
        };
        server.spawn(pulse.watch(server.stop.clone()));
        server.keep_watch(&config, refused);
        server.take_in(&config, adapters, last_alive).await?;
        unless_started.disarm();
        Ok(server)
    }

    /// What is kept up to date beside the engine.
    fn keep_watch(&self, config: &Config, refused: Option<PolicyError>) {
        let (engine, stop) = (&self.engine, &self.stop);
        if let Some(error) = refused {
            keep::refuse(engine, &error);
        }
        let file = config.log.checkpoint_file.clone();
        self.spawn(keep::checkpoint(engine.store().clone(), file, stop.clone()));
        self.spawn(keep::audit(engine.store().clone(), stop.clone()));
        self.spawn(keep::trust(engine.clone(), stop.clone()));
        self.spawn(keep::policy(engine.clone(), config.clone(), stop.clone()));
        self.spawn(keep::orphans(engine.clone(), config.clone()));
        self.spawn(keep::look_around(
            engine.clone(),
            config.clone(),
            stop.clone(),
        ));
    }

    /// Opens the house, however long it takes while something must end meanwhile: a store may be read and take no write.
    async fn open_in_time(&self, config: &Config, keeper: &Arc<Keeper>) -> anyhow::Result<()> {
        let open = async || self.open_house(config).await.or_else(unless_distrusted);
        match open().await {
            Err(error) if !keeper.mirror.is_empty() => {
                without_store::wait(keeper, error, open).await;
                Ok(())
            }
            opened => opened,
        }
    }

    /// Puts the policy at hand in force, if another was, and records and announces the start.
    async fn open_house(&self, config: &Config) -> anyhow::Result<()> {
        let policy = self.engine.policy();
        let now = self.engine.clock().now();
        let hash = self.engine.store().keep_policy(policy.text(), now).await?;
        let command = Command::LoadPolicy { hash };
        self.engine
            .submit(Actor::Server, command, Facts::default())
            .await?;
        announce::start(&self.engine, config).await
    }

    /// From here on what people do comes in.
    async fn take_in(
        &self,
        config: &Config,
        adapters: Vec<Adapter>,
        last_alive: Option<Timestamp>,
    ) -> anyhow::Result<()> {
        let desk = Arc::new(EngineDesk(self.engine.clone()));
        let (engine, stop) = (&self.engine, &self.stop);
        let mut doors: Option<Router> = None;
        for adapter in adapters {
            let (platform, lines) = (adapter.platform(), adapter.lines());
            self.spawn(keep::lines(
                engine.clone(),
                platform,
                lines.clone(),
                stop.clone(),
            ));
            match adapter.reach() {
                Reach::Http => {
                    let door = adapter.router(desk.clone());
                    doors = Some(doors.unwrap_or_default().merge(door));
                    if let Some(since) = last_alive {
                        let engine = engine.clone();
                        self.spawn(async move { away::back(&engine, platform, since).await });
                    }
                }
                Reach::Lines => {
                    self.spawn(away::watch(
                        engine.clone(),
                        (platform, lines),
                        last_alive,
                        stop.clone(),
                    ));
                    self.spawn_in_front(adapter.listen(desk.clone(), stop.clone()));
                }
            }
        }
        if let Some(doors) = doors {
            // Where it is bound is where its connections are heard of.
            let listening = listen(config.server.listen, "listen");
            let listener = self.front.handle().spawn(listening).await??;
            let server =
                axum::serve(listener, doors).with_graceful_shutdown(stop.clone().cancelled_owned());
            self.spawn_in_front(logged("chat endpoints", server.into_future()));
        }
        Ok(())
    }

    /// The engine that runs.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Stops taking requests, finishes effects in hand, at most [`STOP_WITHIN`].
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.engine.stop(STOP_WITHIN).await;
        if tokio::time::timeout(Duration::from_secs(2), self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("a listener didn't stop in time");
        }
        if let Err(error) = self.engine.store().close().await {
            tracing::warn!(%error, "the store couldn't be closed");
        }
        self.engine.mirror().release();
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Whoever is at the door waits for nothing that is carried out.
    fn spawn_in_front(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(task, self.front.handle());
    }
}

/// The store's database, however long it takes while something must end meanwhile.
async fn connected(config: &Config, keeper: &Arc<Keeper>) -> anyhow::Result<Database> {
    match connect_migrated(&config.store).await {
        Ok(database) => Ok(database),
        // A wrong setting, most likely: nobody waits for anything to end.
        Err(trouble) if keeper.mirror.is_empty() => Err(trouble.into()),
        Err(trouble) => {
            let again = async || connect_migrated(&config.store).await;
            Ok(without_store::wait(keeper, trouble, again).await)
        }
    }
}

/// The policy that was in force when the server last ran: a file only proposes, and what must end doesn't wait
/// until it is mended.
async fn in_force(store: &Store, refused: &PolicyError) -> anyhow::Result<Policy> {
    let trouble = || Trouble::from(refused.clone());
    let hash = store.house().await?.policy.ok_or_else(trouble)?;
    let text = store.policy(&hash).await?.ok_or_else(trouble)?;
    Ok(Policy::from_text(&text.body).map_err(|_| trouble())?)
}

/// A log that can't be trusted stops all granting and is alarmed; the server runs on for what must end.
fn unless_distrusted(error: anyhow::Error) -> anyhow::Result<()> {
    let is_distrust = error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(StoreError::Untrusted(_)))
            || matches!(
                cause.downcast_ref(),
                Some(SubmitError::Store(StoreError::Untrusted(_)))
            )
    });
    if is_distrust { Ok(()) } else { Err(error) }
}

async fn logged(what: &'static str, task: impl Future<Output = std::io::Result<()>> + Send) {
    if let Err(error) = task.await {
        tracing::error!(%error, what, "stopped by itself");
    }
}

async fn listen(address: std::net::SocketAddr, key: &'static str) -> Result<TcpListener, Trouble> {
    TcpListener::bind(address).await.map_err(|error| {
        Trouble::new(
            format!("can't listen at {address}: {error}"),
            format!("Stop what listens there, or choose another address by `[server] {key}`."),
        )
    })
}

/// Opens the store with the log's key, which is made only for an empty log. Its own tasks run where this is called.
pub(crate) async fn open_store(
    config: Config,
    database: Database,
    chats: Vec<Arc<dyn Chat>>,
) -> anyhow::Result<Store> {
    let failed = |error| unreachable(&config.store, &error);
    let empty = database.is_log_empty().await.map_err(failed)?;
    let log_is = if empty { LogIs::Empty } else { LogIs::Written };
    let key = read_or_make(&config.log, log_is)?;
    let platforms: Vec<Platform> = chats.iter().map(|chat| chat.platform()).collect();
    let options = Options {
        key,
        decide: Arc::new(Decider::default()),
        platforms,
        alarm_pagers: config.alarm_pagers(),
        checkpoint: std::fs::read_to_string(&config.log.checkpoint_file).ok(),
    };
    Ok(Store::open(database, options).await.map_err(failed)?)
}

/// What ends grants, with or without the store: the configured targets behind the mirror on this machine.
pub(crate) fn keeper(config: &Config, alarms: Alarms, clocks: Clocks) -> Result<Keeper, Trouble> {
    let folder = &config.store.mirror_dir;
    let Clocks { dates, steady } = clocks;
    let mirror = Mirror::open(folder, dates.clone()).map_err(|error| {
        Trouble::new(
            format!("can't keep what must end in {}: {error}", folder.display()),
            "See that this user may write there, that the disk isn't full, and that no other server uses it \
             (`[store] mirror_dir`).",
        )
    })?;
    let mirror = Arc::new(mirror);
    let target = |one: &crate::config::ProvisionerConfig| {
        let mirrored = Mirrored::new(mirror.clone(), one.kind.clone().build());
        let target = Target {
            provisioner: Arc::new(Metered::new(&one.id, Arc::new(mirrored))),
            login: one.login.clone(),
        };
        (one.id.clone(), target)
    };
    Ok(Keeper {
        targets: config.provisioners.iter().map(target).collect(),
        steady,
        clock: dates,
        alarms,
        mirror,
    })
}
