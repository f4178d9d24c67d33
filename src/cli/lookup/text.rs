//! A lookup as text for people.

use std::fmt::Write as _;

use whocalls_core::{ContactRecord, Match, RecordKind};
use whocalls_engine::{
    Contact, Explanation, LookupReport, PairingOutcome, Ranked, SourceOutcome, SourceStatus,
};

use super::Explained;
use crate::cli::output::is_terminal;

/// The contacts, what became of each adapter and, if wanted, how it came about.
pub(super) fn of(asked: &str, report: &LookupReport, explained: Option<&Explained<'_>>) -> String {
    let explanation = explained.map(|explained| explanation(report, explained));
    summary(asked, report) + &explanation.unwrap_or_default()
}

fn summary(asked: &str, report: &LookupReport) -> String {
    let mut text = format!("{asked}\n");
    for (position, contact) in (1..).zip(&report.contacts) {
        text.push_str(&line(position, contact));
    }
    if report.contacts.is_empty() {
        text.push_str(if report.is_failed() {
            "  no CRM answered\n"
        } else {
            "  nobody\n"
        });
    }
    if report.total > report.contacts.len() {
        let more = report.total - report.contacts.len();
        let _written = writeln!(text, "  and {more} more (gateway.max_results)");
    }
    for source in &report.sources {
        let millis = source.elapsed.as_secs_f64() * 1000.0;
        let _written = write!(
            text,
            "{} {}: {}, {millis:.1} ms",
            bullet(source),
            source.adapter,
            source.label()
        );
        if let Some(error) = source.error() {
            let _written = write!(text, " ({}: {})", error.kind, error.message);
        }
        text.push('\n');
    }
    text
}

fn line(position: usize, contact: &Contact) -> String {
    let company = contact
        .company
        .as_deref()
        .map(|company| format!(", {company}"));
    let uri = contact.contact_uri.as_deref().map(|uri| format!("  {uri}"));
    format!(
        "  {position}. {}{}  [{}]{}\n",
        contact.name,
        company.unwrap_or_default(),
        contact.id(),
        uri.unwrap_or_default()
    )
}

fn bullet(source: &SourceOutcome) -> &'static str {
    match (is_terminal(), source.is_answered()) {
        (true, true) => "\u{1b}[32m*\u{1b}[0m",
        (true, false) => "\u{1b}[31m!\u{1b}[0m",
        (false, true) => "*",
        (false, false) => "!",
    }
}

fn explanation(report: &LookupReport, explained: &Explained<'_>) -> String {
    let mut text = String::from("\nCandidates\n");
    for source in &report.sources {
        let SourceStatus::Answered(answer) = &source.status else {
            continue;
        };
        for Match { record, class } in answer.matches() {
            candidate(&mut text, record, class.as_str(), explained);
        }
        for record in answer.rejections() {
            candidate(&mut text, record, "rejected", explained);
        }
    }
    if let Some(explanation) = &report.explanation {
        pairings(&mut text, explanation);
        ranking(&mut text, explanation, report.contacts.len());
    }
    text
}

/// A candidate of a CRM, and below it each of its numbers as stored, as read, and what came of it.
fn candidate(text: &mut String, record: &ContactRecord, class: &str, explained: &Explained<'_>) {
    let (source, id, name) = (&record.source, &record.id, &record.name);
    let _written = writeln!(text, "  {source}:{id}  {name}: {class}");
    for stored in &record.phones {
        let number = explained.number(stored, record.kind == RecordKind::Company);
        let verdict = match number.verdict {
            Ok(class) => class.as_str(),
            Err(mismatch) => mismatch.label(),
        };
        let normalised = number.normalised.join(", ");
        let _written = writeln!(text, "    {stored}  read as {normalised}: {verdict}");
    }
}

fn pairings(text: &mut String, explanation: &Explanation) {
    if explanation.pairings.is_empty() {
        return;
    }
    let threshold = explanation.threshold;
    let _written = writeln!(text, "Merging, from {threshold} points (merge.threshold)");
    for pairing in &explanation.pairings {
        let [a, b] = &pairing.records;
        let outcome = pairing.outcome.label();
        let _written = write!(text, "  {}:{} and {}:{}: {outcome}", a.0, a.1, b.0, b.1);
        if pairing.outcome != PairingOutcome::FoldedIn {
            let _written = write!(text, ": {}", pairing.evidence);
        }
        text.push('\n');
    }
}

fn ranking(text: &mut String, explanation: &Explanation, shown: usize) {
    text.push_str("Order\n");
    for (
        rank,
        Ranked {
            id,
            name,
            behind_by,
        },
    ) in (1..).zip(&explanation.ranking)
    {
        let _written = write!(text, "  {rank}. {name} [{id}]");
        if let Some(criterion) = behind_by {
            let _written = write!(text, ", after the one before by {}", criterion.label());
        }
        text.push_str(if rank > shown {
            ", cut off by gateway.max_results\n"
        } else {
            "\n"
        });
    }
}
