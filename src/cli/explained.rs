//! Why a candidate of a CRM is the caller, or is not.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use whocalls_core::{
    ContactRecord, LookupAnswer, Match, NumberPlan, PhoneNumber, RecordKind, StoredNumber,
};

/// By what the numbers of candidates are explained.
#[derive(Debug, Clone, Copy)]
pub(super) struct Explained<'a> {
    pub(super) plan: &'a NumberPlan,
    pub(super) asked: &'a PhoneNumber,
}

impl Explained<'_> {
    fn number(&self, stored: &str, record: &ContactRecord) -> StoredNumber {
        let is_company = record.kind == RecordKind::Company;
        self.plan.explain_stored(stored, self.asked, is_company)
    }

    /// The candidates of one CRM as text: each of their numbers as stored, as read, and what came
    /// of it.
    pub(super) fn text(&self, answer: &LookupAnswer) -> String {
        let mut text = String::new();
        for Match { record, class } in answer.matches() {
            self.candidate(&mut text, record, class.as_str());
        }
        for record in answer.rejections() {
            self.candidate(&mut text, record, "rejected");
        }
        text
    }

    fn candidate(&self, text: &mut String, record: &ContactRecord, class: &str) {
        let (source, id, name) = (&record.source, &record.id, &record.name);
        let _written = writeln!(text, "  {source}:{id}  {name}: {class}");
        for stored in &record.phones {
            let number = self.number(stored, record);
            let verdict = match number.verdict {
                Ok(class) => class.as_str(),
                Err(mismatch) => mismatch.label(),
            };
            let normalised = number.normalised.join(", ");
            let _written = writeln!(text, "    {stored}  read as {normalised}: {verdict}");
        }
    }

    /// The candidates of one CRM as keys of a JSON document.
    pub(super) fn document(&self, answer: &LookupAnswer) -> Map<String, Value> {
        let matches = answer.matches().iter().map(|Match { record, class }| {
            let mut document = self.candidate_document(record);
            document.insert("class".to_owned(), json!(class));
            Value::Object(document)
        });
        let rejections = answer.rejections().iter();
        let rejections = rejections.map(|it| Value::Object(self.candidate_document(it)));
        let parts = [
            ("matches", matches.collect()),
            ("rejected", json!(answer.rejected())),
            ("rejections", rejections.collect()),
        ];
        parts
            .map(|(key, value)| (key.to_owned(), value))
            .into_iter()
            .collect()
    }

    fn candidate_document(&self, record: &ContactRecord) -> Map<String, Value> {
        let numbers = record.phones.iter().map(|stored| {
            let number = self.number(stored, record);
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
}
