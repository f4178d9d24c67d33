//! A lookup as text for people.

use std::fmt::Write as _;

use whocalls_core::{AdapterId, RecordKind};
use whocalls_engine::{
    Contact, Explanation, LookupReport, PairingOutcome, SourceOutcome, SourceStatus,
};

use super::Explanations;
use crate::cli::{output::is_terminal, trace};

/// The contacts, what became of each adapter and, if wanted, how it came about.
pub(super) fn of(
    asked: &str,
    report: &LookupReport,
    explained: Option<&Explanations<'_>>,
) -> String {
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

fn explanation(report: &LookupReport, explained: &Explanations<'_>) -> String {
    let mut text = String::from("\nCandidates\n");
    for source in &report.sources {
        let SourceStatus::Answered(answer) = &source.status else {
            continue;
        };
        text.push_str(&explained.explained.text(answer));
    }
    if let Some(explanation) = &report.explanation {
        pairings(&mut text, explanation, report);
        ranking(&mut text, explanation, report.contacts.len());
    }
    let said = explained.trace.events();
    if !said.is_empty() {
        text.push_str("Trace\n");
        text.push_str(&trace::text(&said));
    }
    text
}

fn pairings(text: &mut String, explanation: &Explanation, report: &LookupReport) {
    if explanation.pairings.is_empty() {
        return;
    }
    let threshold = explanation.threshold;
    let _written = writeln!(text, "Merging, from {threshold} points (merge.threshold)");
    for pairing in &explanation.pairings {
        let [a, b] = pairing.records.each_ref().map(|id| titled(id, report));
        let outcome = pairing.outcome.label();
        let _written = write!(text, "  {a} and {b}: {outcome}");
        if pairing.outcome != PairingOutcome::FoldedIn {
            let _written = write!(text, "\n    {}", pairing.evidence);
        }
        text.push('\n');
    }
}

/// A record with its name: `hubspot:51 Mia Keller`.
fn titled((source, id): &(AdapterId, String), report: &LookupReport) -> String {
    let answers = report
        .sources
        .iter()
        .filter_map(|source| match &source.status {
            SourceStatus::Answered(answer) => Some(answer.matches()),
            SourceStatus::Failed(_) | SourceStatus::Skipped => None,
        });
    let mut records = answers.flatten().map(|found| &found.record);
    let record = records.find(|record| record.source == *source && record.id == *id);
    let name = record.map_or("", |record| record.name.as_str());
    format!("{source}:{id} {name}")
}

fn ranking(text: &mut String, explanation: &Explanation, shown: usize) {
    text.push_str("Order\n");
    for (rank, ranked) in (1..).zip(&explanation.ranking) {
        let (name, id, class) = (&ranked.name, &ranked.id, ranked.class.as_str());
        let (kind, priority) = (kind(ranked.kind), ranked.priority);
        let _written = write!(
            text,
            "  {rank}. {name} [{id}]: {class}, {kind}, priority {priority}"
        );
        if let Some(modified_at) = ranked.modified_at {
            let _written = write!(text, ", changed {modified_at:.0}");
        }
        if let Some(criterion) = ranked.behind_by {
            let _written = write!(text, "; behind {} by {}", rank - 1, criterion.label());
        }
        text.push_str(if rank > shown {
            "; cut off by gateway.max_results\n"
        } else {
            "\n"
        });
    }
}

fn kind(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Contact => "person",
        RecordKind::Lead => "prospect",
        RecordKind::Company => "company",
    }
}
