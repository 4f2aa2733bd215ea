//! What a pager's screen says: our own words alone, since it is read on lock screens and kept by others.

use breakglass_core::effect::Topic;
use breakglass_core::event::{Event, Record};
use breakglass_core::state::{Phase, Request};
use breakglass_core::time::{Length, Timestamp};

use super::Teller;

impl Teller<'_> {
    /// A page about a request; nothing, where nobody need wake up for it any more.
    pub fn page(
        &self,
        topic: Topic,
        request: &Request,
        (record, now): (&Record, Timestamp),
    ) -> Option<String> {
        let asked = &request.asked;
        let (id, role, target) = (request.id, &asked.role, &asked.target);
        let name = self.person(&asked.beneficiary).name;
        match (&request.phase, topic) {
            (Phase::Pending { lapses_at, .. }, Topic::AskedToAct) if request.awaits_approval() => {
                let secs = lapses_at.millis_since(now) / 1000;
                let left = u32::try_from(secs).ok().filter(|left| *left > 0)?;
                let severity = asked.severity.map(|severity| format!(", {severity}"));
                let severity = severity.unwrap_or_default();
                let nobody = matches!(record.event, Event::Escalated { .. });
                let nobody = if nobody { " Nobody answered yet." } else { "" };
                Some(format!(
                    "{id} {name}: {role} on {target}, {}{severity}.{nobody} You can decide it in chat. {} left",
                    asked.duration,
                    in_minutes(left),
                ))
            }
            (Phase::Ending(_), Topic::NotRemoved)
                if matches!(record.event, Event::AttestationRefuted) =>
            {
                Some(format!(
                    "{id} was said to be removed by hand, but {target} still had it when it answered: {role} of {name}. \
                     It is being taken away."
                ))
            }
            (Phase::Ending(ending), Topic::NotRemoved) if ending.attested.is_none() => {
                let late = record.at.millis_since(ending.since) / 1000;
                let late = Length::from_secs(u32::try_from(late).unwrap_or_default());
                Some(format!(
                    "{id} Access NOT removed: {name} still has {role} on {target}, {late} late ({} tries; it is tried \
                     again until it is done).",
                    ending.tries
                ))
            }
            _ => None,
        }
    }
}

/// Whole minutes, from one minute on.
fn in_minutes(secs: u32) -> Length {
    Length::from_secs(if secs < 60 { secs } else { secs / 60 * 60 })
}
