//! OAuth 2 tokens: got once for all calls, renewed before they expire and when SuiteCRM rejects one
//! (`crm-apis.md` §3.1).

use std::{iter, sync::Arc, time::Duration};

use url::Url;
use whocalls_core::{AdapterError, AdapterId, CallContext, Operation, Secret};
use whocalls_http::{
    Confidential, Credential, CredentialCell, HttpClient, Method, Reply, usable_for,
};

use super::{error, wire::TokenReply};
use crate::{config::Account, error::json};

/// The tokens of one login.
#[derive(Debug)]
pub(super) struct Tokens {
    /// What requests carry.
    pub(super) access: Secret,
    /// What the next ones are asked for with; only clients with the grant type password get it.
    refresh: Option<Secret>,
}

impl Confidential for Tokens {
    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        iter::once(&self.access).chain(&self.refresh)
    }
}

/// Tokens, and how long to use them; no time when SuiteCRM does not say.
type Issued = (Tokens, Option<Duration>);

/// The holder of one adapter's tokens.
#[derive(Debug)]
pub(super) struct TokenSource {
    adapter: AdapterId,
    http: Arc<HttpClient>,
    url: Url,
    client: Account,
    user: Option<Account>,
    cell: CredentialCell<Tokens>,
}

impl TokenSource {
    /// Tokens from `url`, for a client alone or for a user through a client.
    pub(super) fn new(
        adapter: AdapterId,
        http: Arc<HttpClient>,
        url: Url,
        client: Account,
        user: Option<Account>,
    ) -> Self {
        Self {
            adapter,
            http,
            url,
            client,
            user,
            cell: CredentialCell::default(),
        }
    }

    /// The current tokens; new ones when there are none, or when they were rejected or expire.
    pub(super) async fn get(
        &self,
        cx: &CallContext,
    ) -> Result<Arc<Credential<Tokens>>, AdapterError> {
        let obtain = |previous: Option<Arc<Credential<Tokens>>>| async move {
            let refresh = previous.and_then(|tokens| tokens.value.refresh.clone());
            if let Some(refresh) = refresh
                && let Some(issued) = self.refresh(cx, &refresh).await?
            {
                return Ok(issued);
            }
            self.log_in(cx).await
        };
        self.cell.get(cx, &self.adapter, obtain).await
    }

    /// Tells that SuiteCRM refused the token.
    pub(super) fn reject(&self, tokens: &Credential<Tokens>) {
        self.cell.reject(tokens);
    }

    async fn log_in(&self, cx: &CallContext) -> Result<Issued, AdapterError> {
        let reply = match &self.user {
            None => {
                self.request(cx, &[("grant_type", "client_credentials")])
                    .await
            }
            Some(user) => {
                let grant = [
                    ("grant_type", "password"),
                    ("username", &user.name),
                    ("password", user.secret.expose()),
                ];
                self.request(cx, &grant).await
            }
        };
        issued(&reply?)
    }

    /// New tokens for a refresh token; `None` when SuiteCRM refuses it.
    async fn refresh(
        &self,
        cx: &CallContext,
        refresh: &Secret,
    ) -> Result<Option<Issued>, AdapterError> {
        let user = self.user.as_ref().map_or("", |user| &user.name);
        let grant = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.expose()),
            // Releases look for the user of the new token here (class `AccessTokenRepository`).
            ("username", user),
        ];
        let reply = self.request(cx, &grant).await?;
        if error::is_refresh_refused(&reply) {
            tracing::info!(adapter = %self.adapter, "SuiteCRM refused the refresh token; logging in");
            return Ok(None);
        }
        issued(&reply).map(Some)
    }

    /// Sends a form: of JSON, SuiteCRM would not see the user's name (class
    /// `AccessTokenRepository` reads it from `$_POST`).
    async fn request(
        &self,
        cx: &CallContext,
        grant: &[(&str, &str)],
    ) -> Result<Reply, AdapterError> {
        let operation = Operation::Authenticate;
        let client = [
            ("client_id", self.client.name.as_str()),
            ("client_secret", self.client.secret.expose()),
        ];
        let form: Vec<(&str, &str)> = grant.iter().copied().chain(client).collect();
        let request = self
            .http
            .request(operation, Method::POST, self.url.clone())?
            .form(&form);
        self.http.send(cx, operation, request).await
    }
}

fn issued(reply: &Reply) -> Result<Issued, AdapterError> {
    if !reply.status.is_success() {
        return Err(error::from_token_reply(reply));
    }
    let body: TokenReply = json(reply)?;
    let tokens = Tokens {
        access: Secret::new(body.access_token),
        refresh: body.refresh_token.map(Secret::new),
    };
    Ok((tokens, body.expires_in.map(usable_for)))
}
