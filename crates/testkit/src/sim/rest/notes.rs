//! Notes: what the CRM keeps of calls.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use crate::upstream::{Request, Response};

use super::failure;

/// The notes of the CRM, in the order of their creation.
#[derive(Debug, Default)]
pub(super) struct Notes {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    notes: Vec<Map<String, Value>>,
    /// How many were created, those that were deleted included.
    created: usize,
    /// `Idempotency-Key` and the id of the note that came of it.
    seen: Vec<(String, String)>,
}

impl Notes {
    /// How many notes were created.
    pub(super) fn created(&self) -> usize {
        self.lock().created
    }

    /// The notes as they are now.
    pub(super) fn all(&self) -> Vec<Value> {
        let notes = self.lock().notes.clone();
        notes.into_iter().map(Value::Object).collect()
    }

    /// Deletes all notes.
    pub(super) fn clear(&self) {
        self.lock().notes.clear();
    }

    /// Answers `POST`: a new note, or the one of before when the header says that it is a
    /// repetition.
    pub(super) fn create(&self, request: &Request) -> Response {
        let Some(Value::Object(mut note)) = request.json() else {
            return failure(400, "the body is no JSON object");
        };
        let mut state = self.lock();
        let repeats = request.header("idempotency-key");
        let of_before = state
            .seen
            .iter()
            .find(|(key, _)| Some(key.as_str()) == repeats);
        if let Some(note) = of_before.and_then(|(_, id)| state.find(id)) {
            return Response::json(200, note);
        }
        let id = match note.get("id").and_then(Value::as_str) {
            Some(id) if state.find(id).is_some() => return failure(409, "the id is taken"),
            Some(id) => id.to_owned(),
            None => format!("{}", 501 + state.created),
        };
        note.insert("id".to_owned(), json!(id));
        if let Some(key) = repeats {
            state.seen.push((key.to_owned(), id));
        }
        state.add(note)
    }

    /// Answers `PUT`: the note with this id, created when it is not there.
    pub(super) fn put(&self, request: &Request, id: &str) -> Response {
        let Some(Value::Object(mut note)) = request.json() else {
            return failure(400, "the body is no JSON object");
        };
        note.insert("id".to_owned(), json!(id));
        let mut state = self.lock();
        match state.find_mut(id) {
            Some(known) => {
                known.clone_from(&note);
                Response::json(200, &note)
            }
            None => state.add(note),
        }
    }

    /// Answers `PATCH`: the note with this id, with the fields of the body.
    pub(super) fn patch(&self, request: &Request, id: &str) -> Response {
        let Some(Value::Object(mut changes)) = request.json() else {
            return failure(400, "the body is no JSON object");
        };
        changes.remove("id");
        match self.lock().find_mut(id) {
            Some(note) => {
                note.extend(changes);
                Response::json(200, note)
            }
            None => failure(404, "there is no such note"),
        }
    }

    /// Answers `GET`: the notes with this key, or all.
    pub(super) fn list(&self, external_key: Option<&str>) -> Response {
        let fits = |note: &&Map<String, Value>| {
            let key = note.get("external_key").and_then(Value::as_str);
            external_key.is_none() || key == external_key
        };
        let state = self.lock();
        let items: Vec<_> = state.notes.iter().filter(fits).collect();
        Response::json(200, &json!({ "totalItems": items.len(), "items": items }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn find(&self, id: &str) -> Option<&Map<String, Value>> {
        self.notes.iter().find(|note| has_id(note, id))
    }

    fn find_mut(&mut self, id: &str) -> Option<&mut Map<String, Value>> {
        self.notes.iter_mut().find(|note| has_id(note, id))
    }

    fn add(&mut self, note: Map<String, Value>) -> Response {
        let response = Response::json(201, &note);
        self.notes.push(note);
        self.created += 1;
        response
    }
}

fn has_id(note: &Map<String, Value>, id: &str) -> bool {
    note.get("id").and_then(Value::as_str) == Some(id)
}
