//! The port to a pager: it wakes somebody up, and that is all. Nothing that it answers decides anything.

use async_trait::async_trait;
use serde::Serialize;

use crate::id::{PagerId, RequestId};
use crate::port::provisioner::Finding;
use crate::time::Timestamp;

/// What a pager is told: what fits its screen, in our words. Nothing that people typed stands in it.
///
/// As JSON it is the contract of `docs/pagers.md`: fields are added, never changed, as long as `version` is 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// 1
    pub version: u8,
    /// The same on every try: who has it already need not ring twice.
    pub id: String,
    /// Which pager, as configured.
    pub pager: PagerId,
    /// When what it is about happened.
    pub at: String,
    /// What it is about.
    pub kind: PageKind,
    /// How much it matters.
    pub urgency: Urgency,
    /// The request, if it is about one.
    pub request: Option<RequestId>,
    /// What happened and what to do, in a line or two.
    pub text: String,
    /// Where to act on it.
    pub link: Option<String>,
    /// The server runs against a sandbox.
    pub test: bool,
}

/// What a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// Somebody's decision is asked for.
    Approval,
    /// Nobody answered, so more people are asked.
    Escalation,
    /// Security must look.
    Alarm,
    /// An operator tries it out.
    Test,
}

/// How much a page matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Wake somebody up.
    High,
    /// Nobody need wake up.
    Low,
}

/// The version of [`Page`] that is written.
pub const PAGE_VERSION: u8 = 1;

impl Page {
    /// A page that wakes people up, without request or link.
    pub fn new(id: impl Into<String>, pager: &PagerId, at: Timestamp, kind: PageKind) -> Self {
        Self {
            version: PAGE_VERSION,
            id: id.into(),
            pager: pager.clone(),
            at: at.to_string(),
            kind,
            urgency: match kind {
                PageKind::Approval | PageKind::Escalation | PageKind::Alarm => Urgency::High,
                PageKind::Test => Urgency::Low,
            },
            request: None,
            text: String::new(),
            link: None,
            test: false,
        }
    }
}

/// Why a page wasn't delivered. It is always tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PagerError(pub String);

/// Something that wakes people up.
#[async_trait]
pub trait Pager: Send + Sync + std::fmt::Debug {
    /// Where pages go, without secrets; announced at start.
    fn host(&self) -> String;

    /// Delivers a page. Once it is taken over there, it is delivered; nothing else that is answered counts.
    async fn page(&self, page: &Page) -> Result<(), PagerError>;

    /// Could it be delivered? Calls nobody; lines for `doctor`.
    async fn examine(&self) -> Vec<Finding>;
}
