//! The answer to a workflow as text for people.

use std::fmt::Write as _;

use whocalls_outbox::{Answer, Shown, Status};

use crate::config::printable;

/// What has become of the workflow `name`, whose deliveries are in `shown`, if they can be read.
pub(super) fn of(name: &str, answer: &Answer, shown: Option<&Shown>) -> String {
    let mut text = format!("{name}: {}\n", answer.status.as_str());
    let mut line = |name: &str, value: &str| {
        // Writing to a string does not fail.
        let _written = writeln!(text, "  {name:8}  {}", printable(value));
    };
    line("workflow", answer.id.as_str());
    let receipt = &answer.receipt;
    for (name, value) in [("object", &receipt.id), ("url", &receipt.url)] {
        if let Some(value) = value {
            line(name, value);
        }
    }
    if answer.status == Status::Queued {
        for entry in shown.iter().flat_map(|shown| &shown.deliveries) {
            let error = entry.error_kind.iter().chain(&entry.error);
            let parts: Vec<&str> = [entry.state.as_str()]
                .into_iter()
                .chain(error.map(String::as_str))
                .collect();
            line(entry.adapter.as_str(), &parts.join(": "));
        }
        let _written = writeln!(
            text,
            "It is on disk. The running gateway delivers it, or else the next start does; \
             `whocalls outbox show {}` tells how far it is.",
            answer.id
        );
    }
    text
}
