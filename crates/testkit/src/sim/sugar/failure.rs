//! What Sugar refuses, with its statuses and labels (`crm-apis.md` §2.1, §2.2).

use serde_json::{Value, json};

use crate::upstream::Response;

/// A refusal: status, label and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) label: &'static str,
    pub(super) message: String,
}

impl Failure {
    fn new(status: u16, label: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            label,
            message: message.into(),
        }
    }

    pub(super) fn incorrect_version() -> Self {
        Self::new(301, "incorrect_version", "The API version is incorrect.")
    }

    pub(super) fn need_login(message: &str) -> Self {
        Self::new(401, "need_login", message)
    }

    pub(super) fn invalid_access_token() -> Self {
        let text = "The access token provided is invalid.";
        Self::new(401, "invalid_grant", text)
    }

    pub(super) fn invalid_refresh_token() -> Self {
        Self::new(400, "invalid_grant", "The refresh token is invalid.")
    }

    pub(super) fn invalid_client() -> Self {
        let text = "The client credentials are invalid";
        Self::new(400, "invalid_client", text)
    }

    pub(super) fn not_authorized() -> Self {
        let text = "You are not authorized to perform this action.";
        Self::new(403, "not_authorized", text)
    }

    pub(super) fn no_method() -> Self {
        let text = "Could not find any route that accepted a path like this.";
        Self::new(404, "no_method", text)
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "not_found", "Could not find record.")
    }

    pub(super) fn missing_parameter(name: &str) -> Self {
        let text = format!("Missing parameter: {name}");
        Self::new(422, "missing_parameter", text)
    }

    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new(422, "invalid_parameter", message)
    }

    pub(super) fn fatal_error() -> Self {
        Self::new(500, "fatal_error", "Database failure.")
    }

    pub(super) fn search_unavailable() -> Self {
        let text = "The search engine is unavailable.";
        Self::new(503, "search_unavailable", text)
    }

    pub(super) fn body(&self) -> Value {
        json!({ "error": self.label, "error_message": self.message })
    }

    pub(super) fn response(&self) -> Response {
        Response::json(self.status, &self.body())
    }
}
