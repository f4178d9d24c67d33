//! Writing to the terminal, or to whatever stands in its place.

use std::io::{self, ErrorKind, IsTerminal, Write};

use crate::config::Report;

use super::Outcome;

/// Writes `text` to standard output. A reader that went away (`| head`) is no mistake.
pub(super) fn print(text: &str, outcome: Outcome) -> Outcome {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => outcome,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => outcome,
        Err(_) => Outcome::Internal,
    }
}

/// Writes `text` to standard error, where nothing can be done about a failure.
pub(super) fn complain(text: &str) {
    drop(io::stderr().lock().write_all(text.as_bytes()));
}

/// Says on standard error why a command was not carried out.
pub(super) fn fail(reason: &str, outcome: Outcome) -> Outcome {
    complain(&failure(reason));
    outcome
}

/// The line that says why a command was not carried out.
pub(super) fn failure(reason: &str) -> String {
    format!("whocalls: {reason}\n")
}

/// Shows the problems of a configuration on standard error.
pub(super) fn complain_about(report: &Report) {
    complain(&report.render(io::stderr().is_terminal()));
}

/// Whether a person is reading standard output.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// JSON on several lines, with a line end.
pub(super) fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
