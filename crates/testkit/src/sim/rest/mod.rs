//! Simulates a small REST CRM of no particular brand.
//!
//! | request | reply |
//! |---|---|
//! | `GET /api/contacts?phone=PATTERN&page=1&perPage=20` | a page of contacts |
//! | `POST /api/contacts/search` with `{"phone": "PATTERN"}` | a page of contacts |
//! | `POST /api/notes` | a new note; with a header `Idempotency-Key` of before, the note of before |
//! | `GET /api/notes?external_key=KEY` | the notes with this key |
//! | `PATCH /api/notes/ID` | the note with some fields changed |
//! | `PUT /api/notes/ID` | the note with this id, created when it is not there |
//! | `GET /api/me` | who the credential belongs to |
//!
//! The pattern is one of SQL's `LIKE`. As on measured servers (`crm-apis.md` §7), stored numbers
//! are compared as typed, an unknown parameter is ignored, and so all contacts are returned to
//! whoever misspells `phone`. A note keeps whatever fields it is given; one with an `id` keeps that
//! too, unless it is taken.

mod contact;
mod like;
mod notes;

use notes::Notes;
use serde_json::{Value, json};

use crate::{
    contacts::SeedContact,
    upstream::{Request, Response, SimulatedCrm},
};

/// The key that the CRM accepts, as `Authorization: Bearer …` or `X-Api-Key: …`.
pub const API_KEY: &str = "rest-k3y-0f-the-gateway";

/// The most contacts on one page.
pub const MAX_PER_PAGE: usize = 50;

/// A simulated REST CRM.
#[derive(Debug)]
pub struct RestCrm {
    contacts: Vec<SeedContact>,
    ignores_filters: bool,
    empty_status: u16,
    notes: Notes,
}

impl RestCrm {
    /// A CRM with these contacts.
    pub fn new(contacts: &[SeedContact]) -> Self {
        Self {
            contacts: contacts.to_vec(),
            ignores_filters: false,
            empty_status: 200,
            notes: Notes::default(),
        }
    }

    /// How many notes were created, those that were deleted included.
    pub fn notes_created(&self) -> usize {
        self.notes.created()
    }

    /// The notes as they are now.
    pub fn notes(&self) -> Vec<Value> {
        self.notes.all()
    }

    /// Deletes all notes, as somebody might who works in the CRM.
    pub fn delete_notes(&self) {
        self.notes.clear();
    }

    /// The same CRM, which returns all contacts whatever it is asked for.
    #[must_use]
    pub fn ignoring_filters(mut self) -> Self {
        self.ignores_filters = true;
        self
    }

    /// The same CRM, which answers with status 404 when no contact matches.
    #[must_use]
    pub fn with_404_for_nobody(mut self) -> Self {
        self.empty_status = 404;
        self
    }

    fn list(&self, request: &Request) -> Response {
        let number = |name, default| match request.query_value(name) {
            None => Some(default),
            Some(text) => text.parse().ok().filter(|number| *number > 0),
        };
        let (Some(page), Some(per_page)) = (number("page", 1), number("perPage", 20)) else {
            return failure(400, "page and perPage are numbers from 1 on");
        };
        let pattern = request.query_value("phone");
        self.page(pattern.as_deref(), page, per_page.min(MAX_PER_PAGE))
    }

    fn search(&self, request: &Request) -> Response {
        let is_json = request
            .header("content-type")
            .is_some_and(|value| value.starts_with("application/json"));
        if !is_json {
            return failure(415, "a JSON body is expected");
        }
        match request.json() {
            Some(Value::Object(body)) => {
                let pattern = body.get("phone").and_then(Value::as_str);
                self.page(pattern, 1, MAX_PER_PAGE)
            }
            _ => failure(400, "the body is no JSON object"),
        }
    }

    fn page(&self, pattern: Option<&str>, page: usize, per_page: usize) -> Response {
        let pattern = pattern.filter(|_| !self.ignores_filters);
        let matches = |contact: &&SeedContact| {
            pattern.is_none_or(|pattern| {
                like::matches(&contact.mobile, pattern) || like::matches(&contact.work, pattern)
            })
        };
        let found: Vec<&SeedContact> = self.contacts.iter().filter(matches).collect();
        if found.is_empty() && self.empty_status != 200 {
            return failure(self.empty_status, "no contact matches");
        }
        let items: Vec<Value> = found
            .iter()
            .skip((page - 1).saturating_mul(per_page))
            .take(per_page)
            .map(|contact| contact::json(contact))
            .collect();
        let body = json!({
            "page": page,
            "perPage": per_page,
            "totalItems": found.len(),
            "items": items,
        });
        Response::json(200, &body)
    }
}

impl SimulatedCrm for RestCrm {
    fn respond(&self, request: &Request) -> Response {
        if !is_authorised(request) {
            return self.refuse(request);
        }
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["api", "contacts"]) => self.list(request),
            ("POST", ["api", "contacts", "search"]) => self.search(request),
            ("POST", ["api", "notes"]) => self.notes.create(request),
            ("GET", ["api", "notes"]) => {
                let key = request.query_value("external_key");
                let key = key.as_deref().filter(|_| !self.ignores_filters);
                self.notes.list(key)
            }
            ("PATCH", ["api", "notes", id]) => self.notes.patch(request, id),
            ("PUT", ["api", "notes", id]) => self.notes.put(request, id),
            ("GET", ["api", "me"]) => Response::json(200, &json!({ "user": "cti" })),
            (
                _,
                ["api", "contacts" | "notes" | "me"]
                | ["api", "contacts", "search"]
                | ["api", "notes", _],
            ) => failure(405, "this method is not offered here"),
            _ => failure(404, "there is nothing at this path"),
        }
    }

    fn refuse(&self, _request: &Request) -> Response {
        failure(401, "the key is missing or wrong")
    }
}

fn is_authorised(request: &Request) -> bool {
    let bearer = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    bearer.or_else(|| request.header("x-api-key")) == Some(API_KEY)
}

fn failure(status: u16, message: &str) -> Response {
    Response::json(status, &json!({ "error": message }))
}

#[cfg(test)]
mod tests;
