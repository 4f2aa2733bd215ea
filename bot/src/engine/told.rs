//! What is counted and logged of each decision. No line has what people typed, no label a person.

use breakglass_core::event::{Cause, Event, Record};
use breakglass_core::refusal::Refusal;
use breakglass_core::state::{Ending, Phase, Request};
use breakglass_store::{Committed, StoreError};
use metrics::{counter, histogram};
use tokio::time::Instant;

use crate::admin::ActorLine;
use crate::meter;

/// Counts and logs what came of a command.
pub(super) fn tell(
    command: &'static str,
    since: Instant,
    verdict: &Result<Result<Committed, Refusal>, StoreError>,
) {
    histogram!(meter::COMMITTED).record(since.elapsed());
    let outcome = match verdict {
        Ok(Ok(committed)) => {
            committed.records.iter().for_each(tell_record);
            if committed.records.iter().any(is_end) {
                committed.request.iter().for_each(tell_end);
            }
            "done"
        }
        Ok(Err(refusal)) => {
            tracing::info!(command, refusal = refusal.code(), "refused");
            "refused"
        }
        Err(_) => "failed",
    };
    counter!(meter::DECISIONS, "command" => command, "outcome" => outcome).increment(1);
}

fn tell_record(record: &Record) {
    let actor = ActorLine::from(&record.actor);
    let (seq, event) = (record.seq, record.event.name());
    if let Some(request) = record.request {
        tracing::info!(%request, seq, event, %actor, "recorded");
    } else {
        tracing::info!(seq, event, %actor, "recorded");
    }
}

const fn is_end(record: &Record) -> bool {
    matches!(record.event, Event::Ended { .. })
}

/// How late the access was seen to be gone. Only for what ended by its time: the rest had none to keep.
fn tell_end(request: &Request) {
    let Phase::Ended {
        ending: Ending {
            cause: Cause::Expired,
            ..
        },
        at,
        ..
    } = &request.phase
    else {
        return;
    };
    let Some((_, expires_at)) = request.lease else {
        return;
    };
    let late = u64::try_from(at.millis_since(expires_at)).unwrap_or_default();
    let provisioner = request.asked.holding.provisioner.to_string();
    histogram!(meter::ENDED_LATE, "provisioner" => provisioner)
        .record(std::time::Duration::from_millis(late));
}
