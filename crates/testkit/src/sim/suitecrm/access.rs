//! OAuth 2 clients with one grant type each, their tokens, and sessions (`crm-apis.md` §3.1, §3.2).

use serde_json::{Value, json};

use super::SuiteCrm;
use crate::upstream::{Request, Response};

/// The MD5 hash of the API user's password, which is what `v4_1` expects.
const PASSWORD_MD5: &str = "4f7540896d12224fdc776a10b1200086";

/// Who is logged in, and with what.
#[derive(Debug)]
pub(super) struct Access {
    /// Access tokens and session ids that are still good.
    good: Vec<String>,
    refresh: Vec<String>,
    issued: usize,
    lifetime_secs: u64,
    refuses_refresh: bool,
    expires_after: Option<usize>,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            good: Vec::new(),
            refresh: Vec::new(),
            issued: 0,
            lifetime_secs: 3600,
            refuses_refresh: false,
            expires_after: None,
        }
    }
}

impl Access {
    pub(super) fn set_lifetime(&mut self, seconds: u64) {
        self.lifetime_secs = seconds;
    }

    pub(super) fn refuse_refresh(&mut self) {
        self.refuses_refresh = true;
    }

    pub(super) fn issued(&self) -> usize {
        self.issued
    }

    pub(super) fn expire(&mut self) {
        self.good.clear();
    }

    pub(super) fn expire_after(&mut self, requests: usize) {
        self.expires_after = Some(requests);
    }

    /// Whether a token or session is good.
    pub(super) fn is_good(&mut self, token: &str) -> bool {
        match self.expires_after {
            Some(0) => {
                self.expires_after = None;
                self.expire();
            }
            Some(requests) => self.expires_after = Some(requests - 1),
            None => {}
        }
        self.good.iter().any(|known| known == token)
    }

    /// Answers `POST /access_token`: a form, or JSON except where the user's name is needed.
    pub(super) fn token(&mut self, request: &Request) -> Response {
        let body = request.json();
        let text = |name: &str| match &body {
            Some(body) => body.get(name).and_then(Value::as_str).map(str::to_owned),
            None => request.form_value(name),
        };
        let text = |name: &str| text(name).unwrap_or_default();
        let grant = text("grant_type");
        let expected = match text("client_id").as_str() {
            SuiteCrm::CLIENT_ID => "client_credentials",
            SuiteCrm::PASSWORD_CLIENT_ID => "password",
            // The class ClientRepository throws.
            other => {
                return unknown_error(&format!(
                    "OAuth2Clients module with id {other} is not found"
                ));
            }
        };
        let is_refresh = grant == "refresh_token" && !self.refuses_refresh;
        if text("client_secret") != SuiteCrm::CLIENT_SECRET || (grant != expected && !is_refresh) {
            return refuse_client();
        }
        match grant.as_str() {
            "password" if text("username") != SuiteCrm::USERNAME => {
                let name = text("username");
                unknown_error(&format!("No user found with this username: {name}"))
            }
            "password" if text("password") != SuiteCrm::PASSWORD => {
                let password = text("password");
                unknown_error(&format!("The password is invalid: {password}"))
            }
            "password" if body.is_some() => unknown_error("No user found"),
            "refresh_token" => self.refresh(&text("refresh_token")),
            _ => self.issue(grant == "password"),
        }
    }

    /// Opens a session of `v4_1`; `None` for a wrong name or password.
    pub(super) fn log_in(&mut self, name: &str, password: &str, is_plain: bool) -> Option<String> {
        let expected = if is_plain {
            SuiteCrm::PASSWORD
        } else {
            PASSWORD_MD5
        };
        ((name, password) == (SuiteCrm::USERNAME, expected)).then(|| self.new_token("session"))
    }

    /// Ends a session.
    pub(super) fn log_out(&mut self, session: &str) {
        self.good.retain(|known| known != session);
    }

    /// Every refresh yields a new refresh token and ends the old one.
    fn refresh(&mut self, refresh: &str) -> Response {
        let known = self.refresh.iter().position(|known| known == refresh);
        let Some(position) = known else {
            return refused(401, "invalid_request", "The refresh token is invalid.");
        };
        self.refresh.remove(position);
        self.issue(true)
    }

    fn issue(&mut self, with_refresh: bool) -> Response {
        let access = self.new_token("token");
        let refresh = with_refresh.then(|| format!("sim-refresh-{:08}", self.issued));
        self.refresh.extend(refresh.clone());
        let mut reply = json!({
            "token_type": "Bearer", "expires_in": self.lifetime_secs, "access_token": access,
        });
        if let (Some(reply), Some(refresh)) = (reply.as_object_mut(), refresh) {
            reply.insert("refresh_token".to_owned(), json!(refresh));
        }
        Response::json(200, &reply)
    }

    fn new_token(&mut self, kind: &str) -> String {
        self.issued += 1;
        let token = format!("sim-{kind}-{:08}", self.issued);
        self.good.push(token.clone());
        token
    }
}

/// What league/oauth2-server answers to a bad token.
pub(super) fn denied() -> Response {
    let hint = "Access token could not be verified";
    let text = "The resource owner or authorization server denied the request.";
    let body = json!({
        "error": "access_denied", "error_description": text, "hint": hint, "message": text,
    });
    Response::json(401, &body)
}

/// What it answers to a wrong client secret.
pub(super) fn refuse_client() -> Response {
    refused(401, "invalid_client", "Client authentication failed")
}

fn refused(status: u16, label: &str, text: &str) -> Response {
    let body = json!({ "error": label, "error_description": text, "message": text });
    Response::json(status, &body)
}

/// What league/oauth2-server makes of an exception: its text, password and all.
fn unknown_error(text: &str) -> Response {
    Response::json(500, &json!({ "error": "unknown_error", "message": text }))
}
