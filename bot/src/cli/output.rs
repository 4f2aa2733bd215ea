//! The only place that prints: facts to stdout, talk to stderr.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::trouble::Trouble;

/// What clap exits with when the usage is wrong.
const USAGE: u8 = 2;

/// Where a command's words go, and in which form its facts.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

impl Output {
    /// Facts as JSON, or as text for people.
    #[expect(
        clippy::fn_params_excessive_bools,
        reason = "it is the flag --json and nothing else"
    )]
    pub const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Are facts printed as JSON?
    pub const fn is_json(self) -> bool {
        self.json
    }

    /// Prints facts: as one JSON line, or as `text` tells them to people.
    pub fn facts<T: Serialize + ?Sized>(self, facts: &T, text: impl FnOnce(&T) -> String) {
        let text = if self.json {
            serde_json::to_string(facts)
                .unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
        } else {
            text(facts)
        };
        print(io::stdout().lock(), &text);
    }
}

/// Prints a fact as it is.
pub fn fact(text: &str) {
    print(io::stdout().lock(), text);
}

/// Says something that is no fact: progress, advice, warnings.
pub fn say(text: impl Display) {
    print(io::stderr().lock(), &text.to_string());
}

/// Tells why a command couldn't be carried out: what happened, what it rests on, what to do.
pub fn trouble(error: anyhow::Error) {
    say(format!("breakglass: {}", Trouble::of(error)));
}

/// Tells what was wrong with the usage, or the help that was asked for.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe has nobody to tell.
    drop(error.print());
    if error.use_stderr() {
        ExitCode::from(USAGE)
    } else {
        ExitCode::SUCCESS
    }
}

/// Writes a text and its line end. Whoever closed the pipe has read enough.
fn print(mut stream: impl Write, text: &str) {
    let newline = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    drop(stream.write_all(inert(text).as_bytes()));
    drop(stream.write_all(newline.as_bytes()));
}

/// The text without what could steer a terminal.
fn inert(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\n' && c != '\t' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}
