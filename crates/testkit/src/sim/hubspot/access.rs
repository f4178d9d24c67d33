//! Who may ask: tokens, scopes and the token endpoint (`crm-apis.md` §1.1).

use std::collections::HashSet;

use serde_json::json;

use super::{HubSpot, reply, with};
use crate::upstream::{Request, Response};

/// Seconds that an access token lives.
const LIFETIME_SECS: u32 = 1800;

/// The account's tokens.
#[derive(Debug, Default)]
pub(super) struct Access {
    issued: usize,
    /// Access tokens up to this number have expired.
    expired: usize,
    is_revoked: bool,
    missing_scopes: HashSet<String>,
}

impl Access {
    pub(super) fn issued(&self) -> usize {
        self.issued
    }

    pub(super) fn expire(&mut self) {
        self.expired = self.issued;
    }

    pub(super) fn revoke(&mut self) {
        self.is_revoked = true;
    }

    pub(super) fn revoke_scope(&mut self, scope: &str) {
        self.missing_scopes.insert(scope.to_owned());
    }

    /// Refuses a request without a good token or without the scope.
    pub(super) fn check(&self, request: &Request, scope: Option<&str>) -> Result<(), Response> {
        let header = request.header("authorization").unwrap_or_default();
        let token = header.strip_prefix("Bearer ").unwrap_or_default();
        if self.is_revoked {
            return Err(reply::unauthenticated());
        }
        if token != HubSpot::TOKEN {
            let number = token.strip_prefix(TOKEN_PREFIX);
            match number.and_then(|number| number.parse::<usize>().ok()) {
                Some(number) if (1..=self.expired).contains(&number) => {
                    return Err(reply::expired());
                }
                Some(number) if (1..=self.issued).contains(&number) => {}
                _ => return Err(reply::unauthenticated()),
            }
        }
        match scope {
            Some(scope) if self.missing_scopes.contains(scope) => Err(reply::missing_scope(scope)),
            _ => Ok(()),
        }
    }

    /// The token endpoint; reads forms only.
    pub(super) fn issue(&mut self, request: &Request, is_v1: bool) -> Result<Response, Response> {
        let content_type = request.header("content-type").unwrap_or_default();
        if !content_type.starts_with("application/x-www-form-urlencoded") {
            return Err(reply::unsupported_media_type());
        }
        let field = |name| request.form_value(name).unwrap_or_default();
        if field("grant_type") != "refresh_token" {
            return Err(refusal(is_v1, "BAD_GRANT_TYPE", "unsupported_grant_type"));
        }
        let is_client = field("client_id") == HubSpot::CLIENT_ID
            && field("client_secret") == HubSpot::CLIENT_SECRET;
        if !is_client {
            return Err(refusal(is_v1, "BAD_CLIENT_ID", "invalid_client"));
        }
        if self.is_revoked || field("refresh_token") != HubSpot::REFRESH_TOKEN {
            return Err(bad_refresh_token(is_v1));
        }
        self.issued += 1;
        let mut body = json!({
            "token_type": "bearer",
            "access_token": format!("{TOKEN_PREFIX}{}", self.issued),
            "refresh_token": HubSpot::REFRESH_TOKEN,
            "expires_in": LIFETIME_SECS,
        });
        if !is_v1 {
            body = with(body, "hub_id", json!(HubSpot::PORTAL_ID));
            body = with(body, "token_use", json!("access_token"));
        }
        Ok(Response::json(200, &body))
    }
}

/// What access tokens begin with; the rest is their number.
const TOKEN_PREFIX: &str = "CSIM-access-";

/// What the token endpoint answers to a refresh token that is no good.
pub(super) fn bad_refresh_token(is_v1: bool) -> Response {
    refusal(is_v1, "BAD_REFRESH_TOKEN", "invalid_grant")
}

fn refusal(is_v1: bool, status: &str, error: &str) -> Response {
    let body = if is_v1 {
        json!({ "status": status, "message": "missing or invalid", "correlationId": "aeb5f871" })
    } else {
        json!({ "error": error, "error_description": "it is invalid, expired or revoked" })
    };
    Response::json(400, &body)
}
