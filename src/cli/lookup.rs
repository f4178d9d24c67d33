//! `whocalls lookup NUMBER`: one lookup from the terminal.

use std::fmt::Write as _;

use serde_json::{Value, json};
use whocalls_core::{CallContext, Caller, ContactQuery, Match, NumberQuery, RequestId};
use whocalls_engine::{Contact, LookupReport, LookupRequest, SourceOutcome, SourceStatus};

use super::{
    Outcome,
    output::{complain, complain_about, is_terminal, pretty, print},
};
use crate::{config::Mode, gateway::Origin, reply, service::Service, telemetry::Metrics};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The number, in any spelling.
    number: String,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    /// Show what each CRM returned and how it was matched and merged.
    #[arg(long)]
    explain: bool,
}

pub(super) async fn run(origin: &Origin, arguments: &Arguments) -> Outcome {
    let loaded = match origin.load(Mode::Full) {
        Ok(loaded) => loaded,
        Err(report) => {
            complain_about(&report);
            return Outcome::Configuration;
        }
    };
    let Ok(metrics) = Metrics::new() else {
        return Outcome::Internal;
    };
    let service = Service::new(loaded, None, &metrics.recorder());
    let number = match service.number_plan.classify(&arguments.number) {
        Caller::Number(number) => number,
        other => {
            let why = match other {
                Caller::Withheld => "withheld",
                Caller::Internal => "internal",
                Caller::Unsearchable | Caller::Number(_) => "no phone number that a CRM could know",
            };
            complain(&format!("whocalls: the number is {why}; no CRM is asked\n"));
            return print(if arguments.json { "[]\n" } else { "" }, Outcome::Fine);
        }
    };
    let query = ContactQuery::from(NumberQuery {
        number: number.clone(),
        max_records: service.max_records(),
    });
    let cx = CallContext::within(service.request_timeout, RequestId::new("terminal"));
    let request = LookupRequest {
        cx: &cx,
        query: &query,
        allowed: None,
        max_results: service.max_results,
    };
    let report = service.engine.lookup(request).await;
    let outcome = if report.is_failed() {
        Outcome::CrmUnavailable
    } else {
        Outcome::Fine
    };
    let asked = number.e164().unwrap_or_else(|| number.digits().to_owned());
    let text = match (arguments.json, arguments.explain) {
        (true, explain) => pretty(&document(&service, &asked, &report, explain)),
        (false, explain) => format!(
            "{}{}",
            summary(&asked, &report),
            if explain {
                explanation(&report)
            } else {
                String::new()
            }
        ),
    };
    print(&text, outcome)
}

fn document(service: &Service, asked: &str, report: &LookupReport, explain: bool) -> Value {
    let sources: Vec<Value> = report
        .sources
        .iter()
        .map(|source| source_document(source, explain))
        .collect();
    json!({
        "number": asked,
        "complete": report.is_complete(),
        "contacts": reply::contacts(&service.engine, service.style, &report.contacts),
        "sources": sources,
    })
}

fn source_document(source: &SourceOutcome, explain: bool) -> Value {
    let elapsed_ms = source.elapsed.as_secs_f64() * 1000.0;
    let mut document = json!({
        "adapter": source.adapter,
        "status": source.label(),
        "elapsed_ms": (elapsed_ms * 10.0).round() / 10.0,
    });
    match &source.status {
        SourceStatus::Answered(answer) if explain => {
            let candidates = answer.matches().iter().map(|Match { record, class }| {
                json!({
                    "id": record.id, "name": record.name, "company": record.company,
                    "stored_numbers": record.phones, "class": class,
                })
            });
            document["matches"] = candidates.collect();
            document["rejected"] = json!(answer.rejected());
        }
        SourceStatus::Failed(error) => {
            document["error"] = json!({ "kind": error.kind.as_str(), "message": error.message });
        }
        SourceStatus::Answered(_) | SourceStatus::Skipped => {}
    }
    document
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
