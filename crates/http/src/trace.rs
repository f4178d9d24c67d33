//! Writing exchanges down for a [`Trace`].
//!
//! What carries a credential by its name is masked here; credentials by their value are masked by
//! the trace, which learns those of headers here and the others from the configuration and from
//! [`CredentialCell`](crate::CredentialCell).

mod body;
mod names;

use std::fmt;

use reqwest::{
    Request,
    header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, PROXY_AUTHORIZATION, SET_COOKIE},
};
use tokio::time::Instant;
use url::Url;
use whocalls_core::{AdapterError, AdapterId, Operation, Secret, Trace, TraceKind};

use crate::Reply;
use names::is_telling;

/// What stands in the place of a credential.
const MASK: &str = "***";
/// A shorter cookie may be a language or a flag, and masking it everywhere would hide the rest.
const MIN_COOKIE_CHARS: usize = 8;

/// A request under way that is written down.
pub(crate) struct Exchange<'t> {
    trace: &'t Trace,
    adapter: &'t AdapterId,
    operation: Operation,
    number: u32,
    started: Instant,
}

impl<'t> Exchange<'t> {
    /// Writes `request` down.
    pub(crate) fn begin(
        trace: &'t Trace,
        adapter: &'t AdapterId,
        operation: Operation,
        request: &Request,
    ) -> Self {
        let exchange = Self {
            trace,
            adapter,
            operation,
            number: trace.exchange(),
            started: Instant::now(),
        };
        let bytes = request.body().and_then(reqwest::Body::as_bytes);
        let body = bytes.and_then(|bytes| body::shown(bytes, request.headers(), operation));
        let event = TraceKind::Request {
            exchange: exchange.number,
            operation,
            method: request.method().to_string(),
            url: shown_url(request.url()),
            headers: exchange.shown_headers(request.headers()),
            body: body.map(Into::into),
        };
        trace.add(adapter, event);
        exchange
    }

    /// Writes down what came of it.
    pub(crate) fn end(self, result: &Result<Reply, AdapterError>) {
        let (exchange, took) = (self.number, self.started.elapsed());
        let event = match result {
            Ok(reply) => TraceKind::Reply {
                exchange,
                took,
                status: reply.status.as_u16(),
                headers: self.shown_headers(&reply.headers),
                body: body::shown(&reply.body, &reply.headers, self.operation).map(Into::into),
            },
            Err(error) => TraceKind::Failure {
                exchange,
                took,
                message: format!("{}: {}", error.kind, error.message),
            },
        };
        self.trace.add(self.adapter, event);
    }

    fn shown_headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        let mut shown = Vec::with_capacity(headers.len());
        for (name, value) in headers {
            let text = String::from_utf8_lossy(value.as_bytes());
            let text = if name == COOKIE || name == SET_COOKIE {
                self.shown_cookies(&text)
            } else if is_credential(name.as_str(), value) {
                self.shown_credential(&text)
            } else {
                text.into_owned()
            };
            shown.push((name.to_string(), text));
        }
        shown
    }

    /// `Bearer ***`: the scheme is no secret.
    fn shown_credential(&self, text: &str) -> String {
        let (scheme, credential) = text.split_once(' ').unwrap_or(("", text));
        self.trace.hide(&Secret::new(credential));
        format!("{scheme} {MASK}").trim_start().to_owned()
    }

    /// The names of cookies without their values and attributes.
    fn shown_cookies(&self, text: &str) -> String {
        let cookies = text.split(';').map(|cookie| {
            let (name, value) = cookie.trim().split_once('=').unwrap_or((cookie.trim(), ""));
            if value.chars().count() >= MIN_COOKIE_CHARS {
                self.trace.hide(&Secret::new(value));
            }
            format!("{name}={MASK}")
        });
        cookies.collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Debug for Exchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exchange({})", self.number)
    }
}

fn is_credential(name: &str, value: &HeaderValue) -> bool {
    value.is_sensitive() || name == AUTHORIZATION || name == PROXY_AUTHORIZATION || is_telling(name)
}

/// The address with the values of telling parameters masked.
fn shown_url(url: &Url) -> String {
    let Some(query) = url.query() else {
        return url.to_string();
    };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_telling(name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    let pairs: Vec<String> = pairs.collect();
    let mut shown = url.clone();
    shown.set_query(None);
    format!("{shown}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests;
