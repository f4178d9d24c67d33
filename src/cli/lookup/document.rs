//! A lookup as one JSON document.

use serde_json::{Map, Value, json};
use whocalls_engine::{Explanation, LookupReport, Pairing, Ranked, SourceOutcome, SourceStatus};

use super::Explanations;
use crate::{
    cli::{explained::Explained, trace},
    reply,
    service::Service,
};

/// The whole answer; `explained` if it is to tell how it came about.
pub(super) fn of(
    service: &Service,
    asked: &str,
    report: &LookupReport,
    explained: Option<&Explanations<'_>>,
) -> Value {
    let sources: Vec<Value> = report
        .sources
        .iter()
        .map(|source| source_document(source, explained.map(|it| &it.explained)))
        .collect();
    let mut document = json!({
        "number": asked,
        "complete": report.is_complete(),
        "contacts": reply::contacts(&service.engine, service.style, &report.contacts),
        "sources": sources,
    });
    let mut put = |key: &str, value: Value| {
        if let Some(document) = document.as_object_mut() {
            document.insert(key.to_owned(), value);
        }
    };
    if let Some(explanation) = &report.explanation {
        let shown = report.contacts.len();
        put("explanation", explanation_document(explanation, shown));
    }
    if let Some(explained) = explained {
        put("trace", trace::document(&explained.trace.events()));
    }
    document
}

/// The answer to a number that no CRM can know.
pub(super) fn of_nobody(why: &str) -> Value {
    json!({ "number": null, "caller": why, "complete": true, "contacts": [], "sources": [] })
}

fn source_document(source: &SourceOutcome, explained: Option<&Explained<'_>>) -> Value {
    let elapsed_ms = source.elapsed.as_secs_f64() * 1000.0;
    let mut document = Map::new();
    document.insert("adapter".to_owned(), json!(source.adapter));
    document.insert("status".to_owned(), json!(source.label()));
    let rounded = (elapsed_ms * 10.0).round() / 10.0;
    document.insert("elapsed_ms".to_owned(), json!(rounded));
    match (&source.status, explained) {
        (SourceStatus::Answered(answer), Some(explained)) => {
            document.extend(explained.document(answer));
        }
        (SourceStatus::Failed(error), _) => {
            let error = json!({ "kind": error.kind.as_str(), "message": error.message });
            document.insert("error".to_owned(), error);
        }
        (SourceStatus::Answered(_) | SourceStatus::Skipped, _) => {}
    }
    Value::Object(document)
}

fn explanation_document(explanation: &Explanation, shown: usize) -> Value {
    let ranking = (1..).zip(&explanation.ranking);
    let ranking = ranking.map(|(rank, ranked)| ranked_document(rank, ranked, shown));
    let pairings = explanation.pairings.iter().map(pairing_document);
    json!({
        "threshold": explanation.threshold,
        "ranking": ranking.collect::<Vec<_>>(),
        "pairings": pairings.collect::<Vec<_>>(),
    })
}

fn ranked_document(rank: usize, ranked: &Ranked, shown: usize) -> Value {
    json!({
        "rank": rank,
        "id": ranked.id.to_string(),
        "name": ranked.name,
        "class": ranked.class,
        "kind": ranked.kind,
        "priority": ranked.priority,
        "modified_at": ranked.modified_at,
        "behind_by": ranked.behind_by,
        "shown": rank <= shown,
    })
}

fn pairing_document(pairing: &Pairing) -> Value {
    let [a, b] = &pairing.records;
    let evidence = pairing.evidence.clues();
    let evidence = evidence.map(|clue| json!({ "clue": clue, "points": clue.weight() }));
    json!({
        "records": [format!("{}:{}", a.0, a.1), format!("{}:{}", b.0, b.1)],
        "outcome": pairing.outcome,
        "points": pairing.evidence.points(),
        "evidence": evidence.collect::<Vec<_>>(),
    })
}
