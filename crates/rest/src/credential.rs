//! What identifies the gateway to the CRM, ready to be sent.

use base64::{Engine, prelude::BASE64_STANDARD};
use url::Url;
use whocalls_core::Secret;
use whocalls_http::{
    RequestBuilder,
    header::{AUTHORIZATION, HeaderName, HeaderValue},
};

use crate::{
    compile::Problems,
    config::{CredentialSettings, UserName},
};

/// A credential and where in a request it goes. `Debug` does not show it.
#[derive(Debug)]
pub(crate) enum Credential {
    None,
    /// The value is marked as sensitive, which hides it in `Debug`.
    Header(HeaderName, HeaderValue),
    Query(String, Secret),
}

impl Credential {
    pub(crate) fn compile(settings: &CredentialSettings, problems: &mut Problems) -> Self {
        let value_at = |key: &str| format!("credential.{key}");
        match settings {
            CredentialSettings::None => Self::None,
            CredentialSettings::Header {
                name,
                value,
                prefix,
            } => match problems.header_name("credential.name", name) {
                Some(name) => {
                    let text = format!("{prefix}{}", value.expose());
                    Self::header(name, &text, &value_at("value"), problems)
                }
                None => Self::None,
            },
            CredentialSettings::Query { name, value } => {
                if name.is_empty() {
                    problems.add("credential.name", "the name of the parameter is missing");
                }
                Self::Query(name.clone(), value.clone())
            }
            CredentialSettings::Basic { username, password } => {
                let text = basic(username, password.as_ref(), problems);
                Self::header(AUTHORIZATION, &text, &value_at("username"), problems)
            }
            CredentialSettings::Bearer { token } => {
                let text = format!("Bearer {}", token.expose());
                Self::header(AUTHORIZATION, &text, &value_at("token"), problems)
            }
        }
    }

    fn header(name: HeaderName, text: &str, path: &str, problems: &mut Problems) -> Self {
        match problems.header_value(path, text) {
            Some(mut value) => {
                value.set_sensitive(true);
                Self::Header(name, value)
            }
            None => Self::None,
        }
    }

    /// The header that carries the credential.
    pub(crate) fn header_name(&self) -> Option<&HeaderName> {
        match self {
            Self::Header(name, _) => Some(name),
            Self::None | Self::Query(..) => None,
        }
    }

    /// Whether there is a credential.
    pub(crate) fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Adds the credential to a URL, if that is where it goes.
    pub(crate) fn add_to_url(&self, url: &mut Url) {
        if let Self::Query(name, value) = self {
            url.query_pairs_mut().append_pair(name, value.expose());
        }
    }

    /// Adds the credential to the headers, if that is where it goes.
    pub(crate) fn add_to_headers(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Header(name, value) => request.header(name, value),
            Self::None | Self::Query(..) => request,
        }
    }
}

/// `Basic` and the base64 of user name, colon and password (RFC 7617 §2).
fn basic(username: &UserName, password: Option<&Secret>, problems: &mut Problems) -> String {
    let username = match username {
        UserName::Text(text) => text,
        UserName::Secret(secret) => secret.expose(),
    };
    if username.contains(':') {
        problems.add(
            "credential.username",
            "a user name cannot contain a colon (RFC 7617)",
        );
    }
    let password = password.map_or("", Secret::expose);
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{username}:{password}"))
    )
}
