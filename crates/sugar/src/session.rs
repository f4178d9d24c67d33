//! The session: one token for all calls, renewed before it expires and when Sugar rejects it
//! (`crm-apis.md` §2.1).
//!
//! Sugar keeps one session for each user and platform and gives a new refresh token with every
//! refresh. So there is one renewal at a time, and the newest pair is the only one kept.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use url::Url;
use whocalls_core::{AdapterError, AdapterId, CallContext, Operation, Secret};
use whocalls_http::{Credential, CredentialCell, HttpClient, Method, Reply, StatusCode};

use crate::{
    config::Settings,
    error::{self, Stage},
    site::Site,
    wire::{Grant, TokenReply, TokenRequest},
};

/// The header that all releases accept; newer ones take `Authorization: Bearer` too.
const TOKEN_HEADER: &str = "OAuth-Token";
/// A token is renewed this long before it expires, so that none expires on its way.
const RENEWAL_MARGIN: Duration = Duration::from_mins(1);
/// Longer lifetimes are cut: a session of a day is renewed no matter what the server promises.
const LONGEST_LIFETIME: Duration = Duration::from_hours(24);
/// How the token for each attempt of one request is got: with what there is, then by a refresh
/// after the first rejection, then by a login after the second.
const ATTEMPTS: [Renewal; 3] = [Renewal::Refresh, Renewal::Refresh, Renewal::Login];

/// How a missing or rejected token is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Renewal {
    /// By the refresh token; by a login when there is none or Sugar refuses it.
    Refresh,
    /// By a login.
    Login,
}

/// A request to an authenticated resource.
#[derive(Debug)]
pub(crate) struct Call {
    /// What it is a part of.
    pub(crate) operation: Operation,
    /// The method.
    pub(crate) method: Method,
    /// The address.
    pub(crate) url: Url,
    /// The JSON body.
    pub(crate) body: Option<Value>,
    /// Whether it creates or changes something.
    pub(crate) is_write: bool,
}

/// The session of one adapter.
#[derive(Debug)]
pub(crate) struct Session {
    adapter: AdapterId,
    http: HttpClient,
    token_url: Url,
    login: Login,
    cell: CredentialCell<Tokens>,
}

/// What a login needs.
#[derive(Debug)]
struct Login {
    username: String,
    password: Secret,
    platform: String,
    client_id: String,
    client_secret: Secret,
}

/// A pair of tokens.
#[derive(Debug)]
struct Tokens {
    access: Secret,
    refresh: Option<Secret>,
}

impl Session {
    /// A session that is opened by the first request.
    pub(crate) fn new(
        adapter: AdapterId,
        http: HttpClient,
        site: &Site,
        settings: &Settings,
    ) -> Self {
        Self {
            adapter,
            http,
            token_url: site.resource(["oauth2", "token"]),
            login: Login {
                username: settings.username.clone(),
                password: settings.password.clone(),
                platform: settings.platform.clone(),
                client_id: settings.client_id.clone(),
                client_secret: settings
                    .client_secret
                    .clone()
                    .unwrap_or_else(|| Secret::new("")),
            },
            cell: CredentialCell::default(),
        }
    }

    /// Sends a request with the token. After a rejection the token is renewed, and the request
    /// repeated: Sugar checks the token before it does anything, so that even a write is safe.
    ///
    /// # Errors
    /// Transport failures, failed logins, and `Unauthenticated` when Sugar rejects even a token
    /// from a new login. Other statuses are left to the caller.
    pub(crate) async fn send(&self, cx: &CallContext, call: &Call) -> Result<Reply, AdapterError> {
        let mut rejected = None;
        for renewal in ATTEMPTS {
            let tokens = self.tokens(cx, renewal).await?;
            let reply = self.attempt(cx, call, &tokens.value.access).await?;
            if reply.status != StatusCode::UNAUTHORIZED {
                return Ok(reply);
            }
            self.cell.reject(&tokens);
            rejected = Some(error::from_reply(&reply, Stage::Call));
        }
        Err(rejected.unwrap_or_else(|| AdapterError::timeout(&self.adapter, call.operation)))
    }

    async fn attempt(
        &self,
        cx: &CallContext,
        call: &Call,
        access: &Secret,
    ) -> Result<Reply, AdapterError> {
        let request = self
            .http
            .request(call.operation, call.method.clone(), call.url.clone())?;
        let mut request = request.header(TOKEN_HEADER, access.expose());
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        if call.is_write {
            self.http.send_write(cx, call.operation, request).await
        } else {
            self.http.send(cx, call.operation, request).await
        }
    }

    async fn tokens(
        &self,
        cx: &CallContext,
        renewal: Renewal,
    ) -> Result<Arc<Credential<Tokens>>, AdapterError> {
        let obtain = |previous: Option<Arc<Credential<Tokens>>>| async move {
            let refresh = match renewal {
                Renewal::Refresh => previous.and_then(|tokens| tokens.value.refresh.clone()),
                Renewal::Login => None,
            };
            if let Some(refresh) = refresh
                && let Some(tokens) = self.refresh(cx, &refresh).await?
            {
                return Ok(tokens);
            }
            self.log_in(cx).await
        };
        self.cell.get(cx, &self.adapter, obtain).await
    }

    /// New tokens for a refresh token; `None` when Sugar refuses it.
    async fn refresh(
        &self,
        cx: &CallContext,
        refresh: &Secret,
    ) -> Result<Option<(Tokens, Option<Duration>)>, AdapterError> {
        let refresh_token = refresh.expose();
        let reply = self
            .grant(cx, Grant::RefreshToken { refresh_token })
            .await?;
        if is_refusal(reply.status) {
            tracing::info!(adapter = %self.adapter, "Sugar refused the refresh token; logging in");
            return Ok(None);
        }
        tokens_of(&reply).map(Some)
    }

    async fn log_in(&self, cx: &CallContext) -> Result<(Tokens, Option<Duration>), AdapterError> {
        let grant = Grant::Password {
            username: &self.login.username,
            password: self.login.password.expose(),
        };
        tokens_of(&self.grant(cx, grant).await?)
    }

    async fn grant(&self, cx: &CallContext, grant: Grant<'_>) -> Result<Reply, AdapterError> {
        let operation = Operation::Authenticate;
        let body = TokenRequest {
            client_id: &self.login.client_id,
            client_secret: self.login.client_secret.expose(),
            platform: &self.login.platform,
            grant,
        };
        let request = self
            .http
            .request(operation, Method::POST, self.token_url.clone())?
            .json(&body);
        self.http.send(cx, operation, request).await
    }
}

/// Whether Sugar refuses the refresh token, as opposed to being unwell or too busy to say.
fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error()
        && !matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        )
}

fn tokens_of(reply: &Reply) -> Result<(Tokens, Option<Duration>), AdapterError> {
    if !reply.status.is_success() {
        return Err(error::from_reply(reply, Stage::Login));
    }
    let body: TokenReply = reply.json()?;
    let tokens = Tokens {
        access: Secret::new(body.access_token),
        refresh: body.refresh_token.map(Secret::new),
    };
    Ok((tokens, body.expires_in.map(usable_for)))
}

/// How long a token is used that expires in `seconds`: until the margin before, but no less than
/// half of its life.
fn usable_for(seconds: u64) -> Duration {
    let lifetime = Duration::from_secs(seconds).min(LONGEST_LIFETIME);
    lifetime.saturating_sub(RENEWAL_MARGIN).max(lifetime / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_a_minute_before_it_expires() {
        for (expires_in, seconds) in [
            (3600, 3540),
            (90, 45),
            (1, 0),
            (0, 0),
            (u64::MAX, 24 * 3600 - 60),
        ] {
            assert_eq!(usable_for(expires_in).as_secs(), seconds, "{expires_in}");
        }
    }
}
