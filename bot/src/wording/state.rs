//! Where a request stands, in words.

use breakglass_core::event::{Cause, Seen};
use breakglass_core::id::PersonId;
use breakglass_core::notice::{ActorView, PersonView, SlotView, StateView};
use breakglass_core::quorum::fill;
use breakglass_core::ruling::{Selector, Terms};
use breakglass_core::state::{Attested, Ending, Phase, Request};
use breakglass_core::time::Timestamp;

use super::Teller;

impl Teller<'_> {
    /// Where a request stands.
    #[expect(clippy::too_many_lines, reason = "one arm for each, read as a table")]
    pub fn state(&self, request: &Request) -> StateView {
        match &request.phase {
            Phase::Pending { lapses_at, confirm } if confirm.is_empty() => {
                let slots = self.slots(request);
                let open = |slot: &&SlotView| slot.filled.len() < usize::from(slot.count);
                let asked = slots
                    .iter()
                    .filter(open)
                    .map(|slot| slot.from.clone())
                    .collect();
                StateView::Waiting {
                    answer_by: *lapses_at,
                    slots,
                    asked,
                    trouble: preflight(request),
                }
            }
            Phase::Pending { lapses_at, .. } => StateView::Unconfirmed {
                confirm_by: *lapses_at,
            },
            Phase::Approved {
                provision_by,
                tries,
                trouble,
                ..
            } => StateView::Granting {
                approved_by: self.approved_by(request),
                trouble: trouble.clone(),
                tries: *tries,
                until: *provision_by,
            },
            Phase::Active { expires_at } => StateView::Active {
                until: *expires_at,
                approved_by: self.approved_by(request),
            },
            Phase::Ending(Ending {
                attested: Some(attested),
                ..
            }) => StateView::Ended {
                at: attested.at,
                why: self.by_hand(attested),
                read_back: format!("not yet; {} is still tried", request.asked.target),
                sessions_ended: 0,
                remains: Vec::new(),
            },
            Phase::Ending(ending) => StateView::Ending {
                why: self.why(ending),
                trouble: ending.trouble.clone(),
                tries: ending.tries,
            },
            Phase::Ended { ending, at, .. } if request.lease.is_none() => {
                let why = ending.why.clone().unwrap_or_else(|| self.why(ending));
                StateView::NotGranted { at: *at, why }
            }
            Phase::Ended {
                ending,
                at,
                seen,
                sessions_ended,
                remains,
            } => StateView::Ended {
                at: *at,
                why: self.why(ending),
                read_back: read_back(request, seen),
                sessions_ended: *sessions_ended,
                remains: remains.clone(),
            },
            Phase::Denied {
                by,
                at,
                reason,
                denial,
            } => StateView::Denied {
                by: self.actor(by),
                at: *at,
                reason: match denial {
                    Some(denial) => denial.reasons.join(" "),
                    None => self.quote(reason.as_ref()),
                },
            },
            Phase::Withdrawn { by, at } => StateView::Withdrawn {
                by: self.actor(by),
                at: *at,
            },
            Phase::Lapsed { at } => StateView::Lapsed { at: *at },
        }
    }

    /// The quorum slot by slot, as far as approvals fill it.
    pub fn slots(&self, request: &Request) -> Vec<SlotView> {
        let Some(terms) = &request.terms else {
            return Vec::new();
        };
        let filled = self.filled(request, terms);
        let slot = |(index, quorum): (usize, &breakglass_core::ruling::Quorum)| SlotView {
            from: self.from(&quorum.from, request),
            count: quorum.count,
            filled: filled
                .iter()
                .filter(|(_, slot)| *slot == index)
                .map(|(given, _)| given.clone())
                .collect(),
        };
        terms.approvals.iter().enumerate().map(slot).collect()
    }

    /// A best assignment for display, over written and reported members alike; who counts was decided
    /// when they approved.
    fn filled(&self, request: &Request, terms: &Terms) -> Vec<((PersonView, Timestamp), usize)> {
        let target = &request.asked.target;
        let can = |person: &PersonId| -> Vec<usize> {
            let fits = |from: &[Selector]| {
                self.policy
                    .eligible(from, target, &request.facts)
                    .contains(person)
            };
            let direct: Vec<usize> = (0..terms.approvals.len())
                .filter(|&i| fits(&terms.approvals[i].from))
                .collect();
            if direct.is_empty() {
                (0..terms.approvals.len()).collect()
            } else {
                direct
            }
        };
        let people: Vec<_> = request
            .approvals
            .iter()
            .map(|given| (given.person.clone(), can(&given.person)))
            .collect();
        let assigned = fill(&terms.approvals, &people).filled;
        let given = |person: &PersonId| {
            let approval = request
                .approvals
                .iter()
                .find(|given| given.person == *person);
            (
                self.person(person),
                approval.map_or(request.requested_at, |given| given.at),
            )
        };
        assigned
            .iter()
            .map(|(person, slot)| (given(person), usize::from(*slot)))
            .collect()
    }

    fn from(&self, from: &[Selector], request: &Request) -> breakglass_core::notice::WhoView {
        let parts = self.who(from, request);
        let label = parts
            .iter()
            .map(|part| part.label.as_str())
            .collect::<Vec<_>>()
            .join(" or ");
        let mut all = breakglass_core::notice::WhoView {
            label,
            groups: std::collections::BTreeMap::new(),
            people: Vec::new(),
        };
        for part in parts {
            all.people.extend(part.people);
            for (platform, ids) in part.groups {
                all.groups.entry(platform).or_default().extend(ids);
            }
        }
        all
    }

    /// Who approved, and when.
    pub fn approved_by(&self, request: &Request) -> Vec<(PersonView, Timestamp)> {
        request
            .approvals
            .iter()
            .map(|given| (self.person(&given.person), given.at))
            .collect()
    }

    /// `on time`, `given back`, `revoked by Ines Berg: “wrong role”`.
    pub fn why(&self, ending: &Ending) -> String {
        let why = self.cause(ending);
        match &ending.attested {
            Some(attested) => format!("{why}; {}", self.by_hand(attested)),
            None => why,
        }
    }

    /// `removed by hand by Lee Park: “revoked in psql”`
    fn by_hand(&self, attested: &Attested) -> String {
        let by = self.by(&attested.by);
        format!(
            "removed by hand{by}: {}",
            self.quote(Some(&attested.reason))
        )
    }

    fn cause(&self, ending: &Ending) -> String {
        match ending.cause {
            Cause::Expired => "on time".to_owned(),
            Cause::GivenBack => "given back".to_owned(),
            Cause::Lost => "it vanished from the target before its time".to_owned(),
            Cause::NotGranted | Cause::Left => ending
                .why
                .clone()
                .unwrap_or_else(|| "not granted".to_owned()),
            Cause::Revoked => {
                let by = match self.actor(&ending.by) {
                    ActorView::System => " by the lockdown".to_owned(),
                    ActorView::Person(_) | ActorView::Operator(_) => self.by(&ending.by),
                };
                format!("revoked{by}: {}", self.quote(ending.reason.as_ref()))
            }
        }
    }
}

fn read_back(request: &Request, seen: &Seen) -> String {
    let role = &request.asked.role;
    match seen {
        Seen::Gone => format!("{role} is gone"),
        Seen::KeptBy(other) => format!("{role} stays, kept by {other}"),
        Seen::Unread => format!("taken away; {} can't be read back", request.asked.target),
        Seen::Standing => format!("{role} was there before, not from us; nothing was changed"),
    }
}

/// `orders-db doesn't answer: …`
pub(super) fn preflight(request: &Request) -> Option<String> {
    let trouble = request.preflight.as_ref()?;
    Some(format!("{} {trouble}", request.asked.target))
}
