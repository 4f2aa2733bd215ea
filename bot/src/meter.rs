//! What is counted and timed, by name; served as Prometheus text on `/metrics`. No label names a person.
//!
//! Call sites use the `metrics` macros with these names: `counter!(meter::DECISIONS, "outcome" => "approved")`.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::PrometheusBuilder;
pub use metrics_exporter_prometheus::PrometheusHandle;

/// Counter. Acts that came in, by `platform` and `outcome` (done, busy, failed).
pub const ACTS: &str = "breakglass_acts_total";
/// Histogram, seconds. From an act's arrival to its acknowledgement, by `platform`.
pub const ACKNOWLEDGED: &str = "breakglass_acknowledge_seconds";
/// Counter. Commands decided, by `command` and `outcome` (done, refused, failed).
pub const DECISIONS: &str = "breakglass_decisions_total";
/// Histogram, seconds. From a command to its place in the log, the wait for the group commit included.
pub const COMMITTED: &str = "breakglass_commit_seconds";
/// Gauge. Records in the log.
pub const LOG_SIZE: &str = "breakglass_log_records";
/// Gauge. Requests that wait for an answer.
pub const WAITING: &str = "breakglass_requests_waiting";
/// Gauge. Grants whose access is, or may be, at a target, by `target`.
pub const LIVE: &str = "breakglass_grants_live";
/// Histogram, seconds. One call to a target, by `provisioner`, `action` and `outcome`.
pub const TARGET_CALLED: &str = "breakglass_target_call_seconds";
/// Histogram, seconds. From `expires_at` until the read-back showed that the access was gone, by `provisioner`.
pub const ENDED_LATE: &str = "breakglass_revocation_lag_seconds";
/// Gauge. Ends that were retried long enough that a person was paged.
pub const STUCK: &str = "breakglass_stuck_holdings";
/// Counter. Messages sent to a chat, by `platform` and `outcome`.
pub const POSTS: &str = "breakglass_posts_total";
/// Counter. Pages sent, by `pager` and `outcome` (done, failed).
pub const PAGES: &str = "breakglass_pages_total";
/// Gauge. Effects that wait to be carried out, by `class` (converge, draw, post, page).
pub const OUTBOX: &str = "breakglass_outbox_waiting";
/// Gauge. 1 while the chat is connected, by `platform`.
pub const CHAT_CONNECTED: &str = "breakglass_chat_connected";
/// Counter. Versions of the policy's files that were refused because they don't check.
pub const POLICY_REFUSED: &str = "breakglass_policy_refused_total";
/// Gauge, seconds. How far our clock is off the database's.
pub const CLOCK_OFFSET: &str = "breakglass_clock_offset_seconds";
/// Gauge. 1 in the `mode` (open, lockdown) that the house is in.
pub const MODE: &str = "breakglass_mode";
/// Gauge. Always 1; says the `version`.
pub const BUILD: &str = "breakglass_build_info";

/// From a millisecond to a minute: a local commit at one end, a stuck target at the other.
const BUCKETS_SECS: [f64; 15] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0,
];

/// Begins to count for this process, and gives the page that shows it. Only the first call can.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let recorder = PrometheusBuilder::new()
        .set_buckets(&BUCKETS_SECS)?
        .build_recorder();
    let page = recorder.handle();
    metrics::set_global_recorder(recorder)?;
    describe();
    Ok(page)
}

/// Tells what each name means, as the page's `# HELP` lines.
fn describe() {
    let secs = Unit::Seconds;
    describe_counter!(ACTS, "Acts of people that came in, by platform and outcome");
    describe_histogram!(
        ACKNOWLEDGED,
        secs,
        "From an act's arrival to its acknowledgement"
    );
    describe_counter!(DECISIONS, "Commands decided, by command and outcome");
    describe_histogram!(COMMITTED, secs, "From a command to its place in the log");
    describe_counter!(
        breakglass_store::COMMITS,
        "Commits to the log, each of all commands that waited"
    );
    describe_gauge!(LOG_SIZE, "Records in the log");
    describe_gauge!(WAITING, "Requests that wait for an answer");
    describe_gauge!(LIVE, "Grants whose access is, or may be, at a target");
    describe_histogram!(
        TARGET_CALLED,
        secs,
        "One call to a target, by action and outcome"
    );
    describe_histogram!(
        ENDED_LATE,
        secs,
        "From the end of a lease until its access was read back as gone"
    );
    describe_gauge!(STUCK, "Ends retried long enough that a person was paged");
    describe_counter!(POSTS, "Messages sent to a chat, by outcome");
    describe_counter!(PAGES, "Pages sent, by pager and outcome");
    describe_gauge!(OUTBOX, "Effects that wait to be carried out, by class");
    describe_gauge!(CHAT_CONNECTED, "1 while the chat is connected");
    describe_counter!(
        POLICY_REFUSED,
        "Versions of the policy's files that don't check and were refused"
    );
    describe_gauge!(
        CLOCK_OFFSET,
        secs,
        "How far our clock is off the database's"
    );
    describe_gauge!(MODE, "1 in the mode that the house is in: open, lockdown");
    describe_gauge!(BUILD, "Always 1; says the version");
    metrics::gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}
