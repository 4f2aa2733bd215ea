//! Examining the world that the server would run in, part by part, all at the same time.

pub mod store;
pub mod world;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use breakglass_core::port::provisioner::{Finding, FindingLevel};
use futures_util::future::join_all;
use serde::Serialize;

/// How long one part may take; what takes longer at an examination takes too long at night.
const PATIENCE: Duration = Duration::from_secs(20);

/// One part of the world and how it is examined.
pub struct Examination<'e> {
    part: String,
    work: Pin<Box<dyn Future<Output = Vec<Finding>> + Send + 'e>>,
}

impl fmt::Debug for Examination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Examination")
            .field("part", &self.part)
            .finish_non_exhaustive()
    }
}

impl<'e> Examination<'e> {
    /// An examination of `part`, such as `store`, `slack` or `target orders-postgres`.
    pub fn new(
        part: impl Into<String>,
        work: impl Future<Output = Vec<Finding>> + Send + 'e,
    ) -> Self {
        Self {
            part: part.into(),
            work: Box::pin(work),
        }
    }

    async fn carry_out(self) -> Vec<Examined> {
        let findings = tokio::time::timeout(PATIENCE, self.work)
            .await
            .unwrap_or_else(|_| {
                let what = format!("no answer within {} s", PATIENCE.as_secs());
                vec![Finding::failure(
                    what,
                    "See whether it is up and can be reached from this machine.",
                )]
            });
        let part = self.part;
        let examined = |finding: Finding| {
            // Who examines may have named itself.
            let named = finding
                .what
                .strip_prefix(part.as_str())
                .and_then(|rest| rest.strip_prefix(": "));
            let what = named.unwrap_or(&finding.what).to_owned();
            Examined {
                part: part.clone(),
                finding: Finding { what, ..finding },
            }
        };
        findings.into_iter().map(examined).collect()
    }
}

/// What was seen of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// Of which.
    pub part: String,
    /// What.
    #[serde(flatten)]
    pub finding: Finding,
}

impl fmt::Display for Examined {
    /// `[failure] store: it can't be reached` and, below it, what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.finding.level {
            FindingLevel::Ok => "ok",
            FindingLevel::Warning => "warning",
            FindingLevel::Failure => "failure",
        };
        write!(f, "[{level}] {}: {}", self.part, self.finding.what)?;
        if self.finding.mend.is_empty() {
            Ok(())
        } else {
            write!(f, "\n    -> {}", self.finding.mend)
        }
    }
}

/// Carries all of them out at the same time; the findings come in the order of the examinations.
pub async fn examine(examinations: Vec<Examination<'_>>) -> Vec<Examined> {
    let all = join_all(examinations.into_iter().map(Examination::carry_out)).await;
    all.into_iter().flatten().collect()
}

/// The worst of them; nothing at all is well.
pub fn worst(examined: &[Examined]) -> FindingLevel {
    examined
        .iter()
        .map(|examined| examined.finding.level)
        .max()
        .unwrap_or(FindingLevel::Ok)
}

#[cfg(test)]
mod tests;
