//! Logins: one session for each user and platform (`crm-apis.md` §2.1).

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Sugar, failure::Failure};
use crate::upstream::Request;

/// The OAuth key that every Sugar instance has, without a secret.
const CLIENT_ID: &str = "sugar";
/// Sugar's own platforms.
const STOCK_PLATFORMS: [&str; 3] = ["base", "mobile", "portal"];
const REFRESH_LIFETIME_SECS: u64 = 1_209_600;

/// Who sits at which platform, and with which tokens.
#[derive(Debug)]
pub(super) struct Sessions {
    seats: HashMap<(String, String), Seat>,
    issued: usize,
    lifetime_secs: u64,
}

/// The only session of one user on one platform.
#[derive(Debug)]
struct Seat {
    access: String,
    refresh: String,
    has_expired: bool,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            seats: HashMap::new(),
            issued: 0,
            lifetime_secs: 3600,
        }
    }
}

impl Sessions {
    pub(super) fn set_lifetime(&mut self, seconds: u64) {
        self.lifetime_secs = seconds;
    }

    pub(super) fn issued(&self) -> usize {
        self.issued
    }

    pub(super) fn expire_access_tokens(&mut self) {
        for seat in self.seats.values_mut() {
            seat.has_expired = true;
        }
    }

    /// Answers `POST /oauth2/token`. The platform is checked before anything else.
    pub(super) fn token(&mut self, body: &Value) -> Result<Value, Failure> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let platform = match text("platform") {
            "" => "base",
            platform => platform,
        };
        if platform != Sugar::PLATFORM && !STOCK_PLATFORMS.contains(&platform) {
            return Err(Failure::invalid_parameter("EXCEPTION_INVALID_PLATFORM"));
        }
        if text("client_id") != CLIENT_ID || !text("client_secret").is_empty() {
            return Err(Failure::invalid_client());
        }
        match text("grant_type") {
            "password" => self.log_in(text("username"), text("password"), platform),
            "refresh_token" => self.refresh(text("refresh_token"), platform),
            other => Err(Failure::invalid_parameter(format!("grant_type {other}"))),
        }
    }

    fn log_in(&mut self, user: &str, password: &str, platform: &str) -> Result<Value, Failure> {
        if (user, password) != (Sugar::USERNAME, Sugar::PASSWORD) {
            let text = "You must specify a valid username and password.";
            return Err(Failure::need_login(text));
        }
        Ok(self.open(user, platform))
    }

    /// Every refresh yields a new refresh token and ends the old one.
    fn refresh(&mut self, refresh: &str, platform: &str) -> Result<Value, Failure> {
        let holder = self
            .seats
            .iter()
            .find(|((_, seat_platform), seat)| seat_platform == platform && seat.refresh == refresh)
            .map(|((user, _), _)| user.clone());
        let user = holder.ok_or_else(Failure::invalid_refresh_token)?;
        Ok(self.open(&user, platform))
    }

    /// Gives the user new tokens on the platform; those before are void.
    pub(super) fn open(&mut self, user: &str, platform: &str) -> Value {
        self.issued += 1;
        let seat = Seat {
            access: format!("sim-access-{:08}", self.issued),
            refresh: format!("sim-refresh-{:08}", self.issued),
            has_expired: false,
        };
        let reply = json!({
            "access_token": seat.access,
            "expires_in": self.lifetime_secs,
            "token_type": "bearer",
            "scope": null,
            "refresh_token": seat.refresh,
            "refresh_expires_in": REFRESH_LIFETIME_SECS,
            "download_token": format!("sim-download-{:08}", self.issued),
        });
        self.seats
            .insert((user.to_owned(), platform.to_owned()), seat);
        reply
    }

    /// Checks the header `OAuth-Token`.
    pub(super) fn authenticate(&self, request: &Request) -> Result<(), Failure> {
        let token = request
            .header("oauth-token")
            .ok_or_else(|| Failure::need_login("No valid authentication for user."))?;
        let is_good = |seat: &Seat| seat.access == token && !seat.has_expired;
        if self.seats.values().any(is_good) {
            Ok(())
        } else {
            Err(Failure::invalid_access_token())
        }
    }
}
