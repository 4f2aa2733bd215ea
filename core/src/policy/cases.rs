//! Policy tests: cases in a file, each a question with facts and the answer that is expected.

mod case;
mod expected;

#[cfg(test)]
mod tests;

use std::fmt;

use crate::document::{Document, Faults, SourceFile};

use super::Policy;

pub use case::Case;
pub use expected::Expected;

/// Reads the cases of a file. That everything they name is in the policy is checked too.
pub fn read(file: &SourceFile, policy: &Policy) -> Result<Vec<Case>, Faults> {
    let document = Document::parse(&file.name, &file.text);
    let cases = {
        let root = document.root();
        let field = root.need("case");
        field
            .tables()
            .iter()
            .filter_map(|table| Case::read(table, policy))
            .collect()
    };
    let faults = document.finish();
    if faults.is_empty() {
        Ok(cases)
    } else {
        Err(faults)
    }
}

/// What running cases came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Cases that came out as expected.
    pub passed: usize,
    /// The others.
    pub failures: Vec<Failure>,
}

/// A case that came out otherwise than expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The file it stands in.
    pub file: String,
    /// Its name.
    pub case: String,
    /// What differed, one sentence each.
    pub differences: Vec<String>,
}

impl Report {
    /// Runs the cases of a file.
    pub fn run(&mut self, file: &str, cases: &[Case], policy: &Policy) {
        for case in cases {
            let differences = case.differences(policy);
            if differences.is_empty() {
                self.passed += 1;
            } else {
                let (file, case) = (file.to_owned(), case.name.clone());
                self.failures.push(Failure {
                    file,
                    case,
                    differences,
                });
            }
        }
    }
}

impl fmt::Display for Report {
    /// A line per failing case, then `N passed, M failed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Failure {
            file,
            case,
            differences,
        } in &self.failures
        {
            writeln!(f, "{file}: {case}: {}", differences.join("; "))?;
        }
        writeln!(f, "{} passed, {} failed", self.passed, self.failures.len())
    }
}
