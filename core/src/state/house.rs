//! The house: whether we grant at all, and by which policy.

use serde::{Deserialize, Serialize};

use crate::command::{Actor, Reach};
use crate::event::{Event, Record};
use crate::id::PolicyHash;
use crate::link::Links;
use crate::text::TextHash;
use crate::time::Timestamp;

/// What holds for every request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct House {
    /// How many events changed it.
    pub version: u64,
    /// Do we grant?
    pub mode: Mode,
    /// The policy in force; absent before the first load.
    pub policy: Option<PolicyHash>,
    /// Version and configuration digest of the last start.
    pub last_start: Option<(String, String)>,
    /// Accounts that people linked themselves. A house without any is written as before there were such.
    #[serde(default, skip_serializing_if = "Links::is_empty")]
    pub links: Links,
}

/// Whether we grant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// As the policy says.
    #[default]
    Open,
    /// Nothing is granted; revocation goes on.
    Lockdown {
        /// Who stopped it.
        by: Actor,
        /// When.
        at: Timestamp,
        /// Why.
        reason: TextHash,
        /// Are live grants revoked too?
        reach: Reach,
    },
}

impl House {
    pub(super) fn apply(&mut self, record: &Record) {
        match &record.event {
            Event::LockdownStarted { reason, reach } => {
                self.mode = Mode::Lockdown {
                    by: record.actor.clone(),
                    at: record.at,
                    reason: reason.clone(),
                    reach: *reach,
                };
            }
            Event::LockdownEnded { .. } => self.mode = Mode::Open,
            Event::LinkOffered { offer } => self.links.offered(offer, record.at),
            Event::Linked { link } => self.links.linked(link),
            Event::Unlinked { link } => self.links.unlinked(link),
            Event::PolicyLoaded { hash } => self.policy = Some(hash.clone()),
            Event::Started {
                version, config, ..
            } => {
                self.last_start = Some((version.clone(), config.clone()));
            }
            Event::Requested(_)
            | Event::DeniedByPolicy(_)
            | Event::Confirmed { .. }
            | Event::TermsChanged(_)
            | Event::ApprovalGiven { .. }
            | Event::ApprovalsVoided { .. }
            | Event::Approved(_)
            | Event::Denied { .. }
            | Event::Withdrawn
            | Event::Lapsed
            | Event::Escalated { .. }
            | Event::Unanswered
            | Event::GlassOffered { .. }
            | Event::Paged { .. }
            | Event::PageFailed { .. }
            | Event::Activated { .. }
            | Event::Reminded
            | Event::RightLost
            | Event::Preflighted { .. }
            | Event::ProvisionFailed { .. }
            | Event::EndingStarted { .. }
            | Event::DeprovisionFailed { .. }
            | Event::Stuck { .. }
            | Event::Attested { .. }
            | Event::AttestationRefuted
            | Event::Ended { .. }
            | Event::RemovedUnrecorded { .. }
            | Event::ReviewOpened { .. }
            | Event::ReviewOverdue
            | Event::ReviewClosed { .. }
            | Event::UseDescribed { .. }
            | Event::AttemptRefused(_)
            | Event::Reconciled { .. } => return,
        }
        self.version += 1;
    }
}
