//! A lookup as one JSON document.

use serde_json::{Map, Value, json};
use whocalls_core::Match;
use whocalls_engine::{LookupReport, SourceOutcome, SourceStatus};

use crate::{reply, service::Service};

/// The whole answer.
pub(super) fn of(service: &Service, asked: &str, report: &LookupReport, explain: bool) -> Value {
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

/// The answer to a number that no CRM can know.
pub(super) fn of_nobody(why: &str) -> Value {
    json!({ "number": null, "caller": why, "complete": true, "contacts": [], "sources": [] })
}

fn source_document(source: &SourceOutcome, explain: bool) -> Value {
    let elapsed_ms = source.elapsed.as_secs_f64() * 1000.0;
    let mut document = Map::new();
    let mut put = |key: &str, value: Value| document.insert(key.to_owned(), value);
    put("adapter", json!(source.adapter));
    put("status", json!(source.label()));
    put("elapsed_ms", json!((elapsed_ms * 10.0).round() / 10.0));
    match &source.status {
        SourceStatus::Answered(answer) if explain => {
            put(
                "matches",
                answer.matches().iter().map(match_document).collect(),
            );
            put("rejected", json!(answer.rejected()));
        }
        SourceStatus::Failed(error) => {
            put(
                "error",
                json!({ "kind": error.kind.as_str(), "message": error.message }),
            );
        }
        SourceStatus::Answered(_) | SourceStatus::Skipped => {}
    }
    Value::Object(document)
}

fn match_document(Match { record, class }: &Match) -> Value {
    json!({
        "id": record.id,
        "name": record.name,
        "company": record.company,
        "stored_numbers": record.phones,
        "class": class,
    })
}
