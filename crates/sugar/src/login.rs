//! How tokens are got: by a login, or by a refresh (`crm-apis.md` §2.1).

use std::{iter, sync::Arc, time::Duration};

use url::Url;
use whocalls_core::{AdapterError, AdapterId, CallContext, Operation, Secret};
use whocalls_http::{Confidential, HttpClient, Method, Reply, StatusCode, usable_for};

use crate::{
    config::Settings,
    error::{self, Stage},
    site::Site,
    wire::{Grant, TokenReply, TokenRequest},
};

/// A pair of tokens.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// What requests carry.
    pub(crate) access: Secret,
    /// What the next pair is asked for with; good for one refresh.
    pub(crate) refresh: Option<Secret>,
}

impl Confidential for Tokens {
    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        iter::once(&self.access).chain(&self.refresh)
    }
}

/// Tokens, and how long to use them; no time when Sugar does not say.
pub(crate) type Issued = (Tokens, Option<Duration>);

/// The API user at the door of Sugar.
#[derive(Debug)]
pub(crate) struct Login {
    adapter: AdapterId,
    http: Arc<HttpClient>,
    token_url: Url,
    username: String,
    password: Secret,
    platform: String,
    client_id: String,
    client_secret: Secret,
}

impl Login {
    /// The login that the settings describe.
    pub(crate) fn new(
        adapter: AdapterId,
        http: Arc<HttpClient>,
        site: &Site,
        settings: &Settings,
    ) -> Self {
        let client_secret = settings.client_secret.clone();
        Self {
            adapter,
            http,
            token_url: site.resource(["oauth2", "token"]),
            username: settings.username.clone(),
            password: settings.password.clone(),
            platform: settings.platform.clone(),
            client_id: settings.client_id.clone(),
            client_secret: client_secret.unwrap_or_else(|| Secret::new("")),
        }
    }

    /// New tokens for name and password.
    pub(crate) async fn log_in(&self, cx: &CallContext) -> Result<Issued, AdapterError> {
        let grant = Grant::Password {
            username: &self.username,
            password: self.password.expose(),
        };
        issued(&self.grant(cx, grant).await?)
    }

    /// New tokens for a refresh token; `None` when Sugar refuses it.
    pub(crate) async fn refresh(
        &self,
        cx: &CallContext,
        refresh: &Secret,
    ) -> Result<Option<Issued>, AdapterError> {
        let refresh_token = refresh.expose();
        let reply = self
            .grant(cx, Grant::RefreshToken { refresh_token })
            .await?;
        if is_refusal(reply.status) {
            tracing::info!(adapter = %self.adapter, "Sugar refused the refresh token; logging in");
            return Ok(None);
        }
        issued(&reply).map(Some)
    }

    async fn grant(&self, cx: &CallContext, grant: Grant<'_>) -> Result<Reply, AdapterError> {
        let operation = Operation::Authenticate;
        let body = TokenRequest {
            client_id: &self.client_id,
            client_secret: self.client_secret.expose(),
            platform: &self.platform,
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

fn issued(reply: &Reply) -> Result<Issued, AdapterError> {
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
