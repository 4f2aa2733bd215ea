//! Many grants put into the log at once: by the real appender, with what the core itself decides.
//!
//! A person's way to a grant takes three commands. Here one stands for the three: the core decides each of them on what the
//! one before led to, and what happened is committed together. Nobody is told, and nothing is left to be done.

use std::sync::Arc;

use breakglass::clock::{Clock as _, SystemClock};
use breakglass::config::Config;
use breakglass::database::migrate;
use breakglass::engine::Decider;
use breakglass::log_key::{LogIs, read_or_make};
use breakglass_core::command::{Actor, Ask, Command, Outcome, Report};
use breakglass_core::decide::Decision;
use breakglass_core::event::{RECORD_VERSION, Record};
use breakglass_core::fact::Facts;
use breakglass_core::id::{HoldingId, Platform, PolicyHash};
use breakglass_core::refusal::Refusal;
use breakglass_core::ruling::Question;
use breakglass_core::state::State;
use breakglass_core::text::Text;
use breakglass_core::time::{Length, Timestamp};
use breakglass_store::{Database, Decide, Options, PolicyText, Store, Submission};
use futures_util::{StreamExt as _, stream};

use crate::company::{Company, Held, account, entitlement, person};

/// Commands that are handed in at once: what the appender takes together, and as many that wait.
const AT_ONCE: usize = 512;

/// A grant to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) held: Held,
    pub(crate) lease: Length,
    /// The lease is counted back from here; else it begins now.
    pub(crate) ends_at: Option<Timestamp>,
}

/// Decides a whole way at once.
#[derive(Debug, Default)]
struct Swift {
    decider: Decider,
}

impl Swift {
    /// Decides one command on `state`, and takes in what happened.
    fn step(
        &self,
        policy: Option<&PolicyText>,
        (state, seq): (&mut State, &mut u64),
        submission: &Submission,
        decision: &mut Decision,
    ) -> Result<(), Refusal> {
        let step = self.decider.decide(policy, state, submission)?;
        for event in step.events {
            *seq += 1;
            let record = Record {
                v: RECORD_VERSION,
                seq: *seq,
                at: submission.now,
                actor: submission.actor.clone(),
                request: step.request,
                emergency: false,
                policy: state.house.policy.clone().unwrap_or_else(PolicyHash::none),
                event: event.clone(),
            };
            state.apply(&record);
            decision.events.push(event);
        }
        decision.request = step.request;
        Ok(())
    }
}

impl Decide for Swift {
    fn decide(
        &self,
        policy: Option<&PolicyText>,
        state: &State,
        submission: &Submission,
    ) -> Result<Decision, Refusal> {
        let Command::Ask(ask) = &submission.command else {
            return self.decider.decide(policy, state, submission);
        };
        let mut own = State {
            house: state.house.clone(),
            next_request: state.next_request,
            newest_at: state.newest_at,
            ..State::default()
        };
        let mut seq = 0;
        let mut decision = Decision::default();
        self.step(policy, (&mut own, &mut seq), submission, &mut decision)?;
        let asked = decision.request.and_then(|id| own.requests.get(&id));
        let Some(asked) = asked else {
            return Ok(decision);
        };
        let confirm = Submission {
            command: Command::Confirm {
                request: asked.id,
                digest: asked.digest.clone(),
            },
            ..submission.clone()
        };
        self.step(policy, (&mut own, &mut seq), &confirm, &mut decision)?;
        let version = own
            .holdings
            .get(&ask.holding)
            .map_or(0, |holding| holding.version);
        let report = Report {
            holding: ask.holding.clone(),
            version,
            started_at: started_at(ask.source.as_deref(), submission.now),
            outcome: Outcome::Given,
        };
        let given = Submission {
            actor: Actor::Worker,
            command: Command::Report(Box::new(report)),
            ..submission.clone()
        };
        self.step(policy, (&mut own, &mut seq), &given, &mut decision)?;
        Ok(decision)
    }
}

/// When the lease began stands where a person's link to a message would.
fn started_at(source: Option<&str>, now: Timestamp) -> Timestamp {
    let millis = source.and_then(|text| text.rsplit_once('/')?.1.parse().ok());
    millis.map_or(now, Timestamp::from_millis)
}

/// Makes the store, and puts the policy in force.
pub(crate) async fn found(company: &Company) -> anyhow::Result<Store> {
    let config = company.config()?;
    migrate(&config.store).await?;
    let store = open(company, &config).await?;
    let policy = breakglass::check::load_policy(&config)
        .map_err(|error| anyhow::anyhow!("{error}: {:?}", error.lines()))?;
    let now = SystemClock.now();
    let hash = store.keep_policy(policy.text(), now).await?;
    let load = Submission {
        actor: Actor::Server,
        command: Command::LoadPolicy { hash },
        facts: Facts::default(),
        now,
    };
    store
        .submit(load)
        .await?
        .map_err(|refusal| anyhow::anyhow!("{}", refusal.code()))?;
    Ok(store)
}

/// Opens the store as the server would, but for how it decides and whom it tells.
pub(crate) async fn open(company: &Company, config: &Config) -> anyhow::Result<Store> {
    let database = Database::connect(&company.store).await?;
    let log_is = if database.is_log_empty().await? {
        LogIs::Empty
    } else {
        LogIs::Written
    };
    let options = Options {
        key: read_or_make(&config.log, log_is)?,
        decide: Arc::new(Swift::default()),
        platforms: Vec::new(),
        alarm_pagers: Vec::new(),
        checkpoint: None,
    };
    Ok(Store::open(database, options).await?)
}

/// Puts all of them into the log, each under the number that is given back for it.
pub(crate) async fn grant(
    store: &Store,
    wanted: &[Wanted],
) -> anyhow::Result<Vec<(breakglass_core::id::RequestId, Wanted)>> {
    let given = stream::iter(wanted.iter().copied())
        .map(|wanted| async move {
            let submission = submission(&wanted)?;
            let committed = store
                .submit(submission)
                .await?
                .map_err(|refusal| anyhow::anyhow!("refused: {}", refusal.code()))?;
            let request = committed
                .request
                .ok_or_else(|| anyhow::anyhow!("no request came of it"))?;
            anyhow::ensure!(
                request.phase_name() == "active",
                "{} is {}",
                request.id,
                request.phase_name()
            );
            Ok((request.id, wanted))
        })
        .buffer_unordered(AT_ONCE);
    let given: Vec<anyhow::Result<_>> = given.collect().await;
    given.into_iter().collect()
}

fn submission(wanted: &Wanted) -> anyhow::Result<Submission> {
    let Held {
        target,
        role,
        person: number,
    } = wanted.held;
    let id = person(number);
    let source = wanted.ends_at.map(|at| {
        let began = at.minus(wanted.lease);
        format!("https://load.example/{}", began.millis())
    });
    let ask = Ask {
        question: Question {
            requester: id.parse()?,
            beneficiary: id.parse()?,
            target: format!("target{target}x").parse()?,
            role: role.parse()?,
            duration: Some(wanted.lease),
            severity: None,
            incident: None,
            platform: Platform::Slack,
        },
        holding: HoldingId {
            provisioner: format!("p{target}").parse()?,
            account: id.clone(),
            entitlement: entitlement(target, role),
        },
        justification: Text::new(
            "replication slot stuck, orders pile up",
            format!("{target:02}{number:030}"),
        )?,
        source,
        again: false,
    };
    Ok(Submission {
        actor: Actor::Person {
            person: id.parse()?,
            platform: Platform::Slack,
            account: account(number),
        },
        command: Command::Ask(Box::new(ask)),
        facts: Facts::default(),
        now: SystemClock.now(),
    })
}
