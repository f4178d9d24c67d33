//! A lookup as one JSON document.

use serde_json::{Map, Value, json};
use whocalls_core::{ContactRecord, Match, RecordKind};
use whocalls_engine::{Explanation, LookupReport, Pairing, Ranked, SourceOutcome, SourceStatus};

use super::Explained;
use crate::{reply, service::Service};

/// The whole answer; `explained` if it is to tell how it came about.
pub(super) fn of(
    service: &Service,
    asked: &str,
    report: &LookupReport,
    explained: Option<&Explained<'_>>,
) -> Value {
    let sources: Vec<Value> = report
        .sources
        .iter()
        .map(|source| source_document(source, explained))
        .collect();
    let mut document = json!({
        "number": asked,
        "complete": report.is_complete(),
        "contacts": reply::contacts(&service.engine, service.style, &report.contacts),
        "sources": sources,
    });
    if let (Some(explanation), Value::Object(document)) = (&report.explanation, &mut document) {
        let shown = report.contacts.len();
        document.insert(
            "explanation".to_owned(),
            explanation_document(explanation, shown),
        );
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
    let mut put = |key: &str, value: Value| document.insert(key.to_owned(), value);
    put("adapter", json!(source.adapter));
    put("status", json!(source.label()));
    put("elapsed_ms", json!((elapsed_ms * 10.0).round() / 10.0));
    match (&source.status, explained) {
        (SourceStatus::Answered(answer), Some(explained)) => {
            let matches = answer.matches().iter().map(|Match { record, class }| {
                let mut document = candidate_document(record, explained);
                document.insert("class".to_owned(), json!(class));
                Value::Object(document)
            });
            put("matches", matches.collect());
            put("rejected", json!(answer.rejected()));
            let rejections = answer.rejections().iter();
            let rejections = rejections.map(|it| Value::Object(candidate_document(it, explained)));
            put("rejections", rejections.collect());
        }
        (SourceStatus::Failed(error), _) => {
            put(
                "error",
                json!({ "kind": error.kind.as_str(), "message": error.message }),
            );
        }
        (SourceStatus::Answered(_) | SourceStatus::Skipped, _) => {}
    }
    Value::Object(document)
}

/// A candidate of a CRM, with each of its numbers as stored, as read, and what came of it.
fn candidate_document(record: &ContactRecord, explained: &Explained<'_>) -> Map<String, Value> {
    let is_company = record.kind == RecordKind::Company;
    let numbers = record.phones.iter().map(|stored| {
        let number = explained.number(stored, is_company);
        let (key, verdict) = match number.verdict {
            Ok(class) => ("class", json!(class)),
            Err(mismatch) => ("reason", json!(mismatch)),
        };
        json!({ "stored": stored, "normalised": number.normalised, key: verdict })
    });
    let numbers: Value = numbers.collect();
    let fields = [
        ("id", json!(record.id)),
        ("kind", json!(record.kind)),
        ("name", json!(record.name)),
        ("company", json!(record.company)),
        ("numbers", numbers),
    ];
    let fields = fields.into_iter();
    fields.map(|(key, value)| (key.to_owned(), value)).collect()
}

fn explanation_document(explanation: &Explanation, shown: usize) -> Value {
    let ranking = (1..).zip(&explanation.ranking);
    let ranking = ranking.map(
        |(
            rank,
            Ranked {
                id,
                name,
                behind_by,
            },
        )| {
            json!({
                "rank": rank,
                "id": id.to_string(),
                "name": name,
                "behind_by": behind_by,
                "shown": rank <= shown,
            })
        },
    );
    let pairings = explanation.pairings.iter().map(pairing_document);
    json!({
        "threshold": explanation.threshold,
        "ranking": ranking.collect::<Vec<_>>(),
        "pairings": pairings.collect::<Vec<_>>(),
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
