//! A lookup as text for people.

use std::fmt::Write as _;

use whocalls_core::Match;
use whocalls_engine::{Contact, LookupReport, SourceOutcome, SourceStatus};

use crate::cli::output::is_terminal;

/// The contacts, what became of each adapter and, if wanted, how it came about.
pub(super) fn of(asked: &str, report: &LookupReport, explain: bool) -> String {
    let explanation = if explain {
        explanation(report)
    } else {
        String::new()
    };
    summary(asked, report) + &explanation
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

fn explanation(report: &LookupReport) -> String {
    let mut text = String::from("\nHow it came about\n");
    for source in &report.sources {
        if let SourceStatus::Answered(answer) = &source.status {
            for Match { record, class } in answer.matches() {
                let _written = writeln!(
                    text,
                    "  {}:{}  {}  {} of {}",
                    source.adapter,
                    record.id,
                    record.name,
                    class.as_str(),
                    record.phones.join(" | ")
                );
            }
            let rejected = answer.rejected();
            if rejected > 0 {
                let _written = writeln!(
                    text,
                    "  {}: {rejected} hits of the CRM do not own the number",
                    source.adapter
                );
            }
        }
    }
    for contact in report
        .contacts
        .iter()
        .filter(|contact| contact.members.len() > 1)
    {
        let _written = writeln!(
            text,
            "  {} is one person: same name and company",
            contact.id()
        );
    }
    text
}
