//! Signing in: a service key as it is, or OAuth access tokens that are renewed
//! (`crm-apis.md` §1.1).

use std::{iter, sync::Arc, time::Duration};

use whocalls_core::Secret;
use whocalls_http::{Confidential, Credential, CredentialCell};

use crate::wire::TokenReply;

/// An access token is renewed when this part of its life is over, in per cent.
const RENEW_AT_PERCENT: u32 = 80;

/// How the adapter signs in.
#[derive(Debug)]
pub(crate) enum Auth {
    /// A token that does not expire.
    Token(Secret),
    /// Access tokens from the token endpoint.
    OAuth {
        grant: Grant,
        cell: Box<CredentialCell<AccessToken>>,
    },
}

/// What gets access tokens.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    /// The configured refresh token; a reply may replace it.
    pub(crate) refresh_token: Secret,
}

/// An access token and what gets the next one.
#[derive(Debug)]
pub(crate) struct AccessToken {
    pub(crate) secret: Secret,
    pub(crate) refresh_token: Option<Secret>,
}

impl Confidential for AccessToken {
    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        iter::once(&self.secret).chain(&self.refresh_token)
    }
}

/// The token of one request.
#[derive(Debug)]
pub(crate) enum Bearer<'a> {
    Fixed(&'a Secret),
    Renewable(Arc<Credential<AccessToken>>),
}

impl Auth {
    pub(crate) fn token(token: Secret) -> Self {
        Self::Token(token)
    }

    pub(crate) fn oauth(grant: Grant) -> Self {
        Self::OAuth {
            grant,
            cell: Box::default(),
        }
    }

    /// Tells that HubSpot refused the token. Returns whether another one can be had.
    pub(crate) fn reject(&self, bearer: &Bearer<'_>) -> bool {
        match (self, bearer) {
            (Self::OAuth { cell, .. }, Bearer::Renewable(credential)) => {
                cell.reject(credential);
                true
            }
            _ => false,
        }
    }
}

impl Bearer<'_> {
    /// The token itself.
    pub(crate) fn expose(&self) -> &str {
        match self {
            Self::Fixed(token) => token.expose(),
            Self::Renewable(credential) => credential.value.secret.expose(),
        }
    }
}

impl AccessToken {
    /// Reads a reply of the token endpoint: the token, and how long it is used.
    pub(crate) fn of_reply(reply: TokenReply) -> (Self, Option<Duration>) {
        let lifetime = reply.expires_in.map(Duration::from_secs);
        let use_for = lifetime.map(|life| life / 100 * RENEW_AT_PERCENT);
        let (secret, refresh_token) = reply.into_secrets();
        let token = Self {
            secret,
            refresh_token,
        };
        (token, use_for)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_used_for_four_fifths_of_its_life() {
        let cases = [
            (
                json!({ "access_token": "a", "expires_in": 1800, "refresh_token": "r" }),
                Some(1440),
                true,
            ),
            (
                json!({ "access_token": "a", "refresh_token": "" }),
                None,
                false,
            ),
        ];
        for (reply, seconds, has_next) in cases {
            let reply = serde_json::from_value(reply).unwrap();
            let (token, use_for) = AccessToken::of_reply(reply);
            assert_eq!(use_for, seconds.map(Duration::from_secs));
            assert_eq!(token.refresh_token.is_some(), has_next);
        }
    }
}
