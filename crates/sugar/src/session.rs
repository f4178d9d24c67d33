//! When tokens are got: one session for all calls, renewed before it expires and when Sugar rejects
//! it (`crm-apis.md` §2.1).
//!
//! Sugar keeps one session for each user and platform and gives a new refresh token with every
//! refresh. So there is one renewal at a time, and the newest pair is the only one kept.

use std::{borrow::Cow, sync::Arc};

use url::Url;
use whocalls_core::{AdapterError, AdapterId, CallContext, Operation};
use whocalls_http::{
    Credential, CredentialCell, HttpClient, Method, Reply, StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};

use crate::{
    config::Settings,
    login::{Login, Tokens},
    site::Site,
};

/// The header that all releases accept; newer ones take `Authorization: Bearer` too.
const TOKEN_HEADER: HeaderName = HeaderName::from_static("oauth-token");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How a missing or rejected token is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Renewal {
    /// By the refresh token; by a login when there is none or Sugar refuses it.
    Refresh,
    /// By a login.
    Login,
}

/// A request to an authenticated resource. Not printable: the body holds personal data.
pub(crate) struct Call<'a> {
    /// What it is a part of.
    pub(crate) operation: Operation,
    /// The method.
    pub(crate) method: Method,
    /// The address.
    pub(crate) url: Cow<'a, Url>,
    /// The JSON body.
    pub(crate) body: Option<String>,
    /// Whether it creates something, so that nobody knows what there is when its answer is lost. A
    /// change of what there is can simply be repeated.
    pub(crate) is_creation: bool,
}

/// The session of one adapter.
#[derive(Debug)]
pub(crate) struct Session {
    adapter: AdapterId,
    http: Arc<HttpClient>,
    login: Login,
    cell: CredentialCell<Tokens>,
}

impl Session {
    /// A session that is opened by the first request.
    pub(crate) fn new(
        adapter: AdapterId,
        http: HttpClient,
        site: &Site,
        settings: &Settings,
    ) -> Self {
        let http = Arc::new(http);
        Self {
            login: Login::new(adapter.clone(), Arc::clone(&http), site, settings),
            adapter,
            http,
            cell: CredentialCell::default(),
        }
    }

    /// Sends a request with the token. After a rejection the token is refreshed, after another one
    /// replaced by a login, and the request repeated: Sugar checks the token before it does
    /// anything, so that even a write is safe.
    ///
    /// # Errors
    /// Transport failures and failed logins. Statuses are left to the caller, also a 401 when Sugar
    /// rejects even a token from a new login.
    pub(crate) async fn send(
        &self,
        cx: &CallContext,
        call: &Call<'_>,
    ) -> Result<Reply, AdapterError> {
        for _ in 0..2 {
            let reply = self.attempt(cx, call, Renewal::Refresh).await?;
            if reply.status != StatusCode::UNAUTHORIZED {
                return Ok(reply);
            }
        }
        self.attempt(cx, call, Renewal::Login).await
    }

    /// Sends the request once, with the current token or, when that is no good, with a new one.
    async fn attempt(
        &self,
        cx: &CallContext,
        call: &Call<'_>,
        renewal: Renewal,
    ) -> Result<Reply, AdapterError> {
        let tokens = self.tokens(cx, renewal).await?;
        let request =
            self.http
                .request(call.operation, call.method.clone(), Url::clone(&call.url))?;
        let mut request = request.header(TOKEN_HEADER, tokens.value.access.expose());
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, JSON).body(body.clone());
        }
        let reply = if call.is_creation {
            self.http.send_write(cx, call.operation, request).await?
        } else {
            self.http.send(cx, call.operation, request).await?
        };
        if reply.status == StatusCode::UNAUTHORIZED {
            self.cell.reject(&tokens);
        }
        Ok(reply)
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
                && let Some(tokens) = self.login.refresh(cx, &refresh).await?
            {
                return Ok(tokens);
            }
            self.login.log_in(cx).await
        };
        self.cell.get(cx, &self.adapter, obtain).await
    }
}
