//! What each grant needs, read from the settings.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Map;
use url::{Url, form_urlencoded};
use whocalls_core::{BuildContext, Secret};
use whocalls_http::header::HeaderValue;

use super::{Assertion, Flow, Rotation};
use crate::{
    config::{ClientAuth, Grant, OAuth2Settings},
    credential::reader::Reader,
};

/// The parameter `grant_type` of the grant `jwt_bearer` (RFC 7523 §2.1).
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The parameter `grant_type`.
pub(super) fn grant_type(grant: Grant) -> &'static str {
    match grant {
        Grant::ClientCredentials => "client_credentials",
        Grant::RefreshToken => "refresh_token",
        Grant::Password => "password",
        Grant::JwtBearer => JWT_BEARER,
    }
}

/// Puts the client into the parameters, or into the header that is returned.
pub(super) fn client(
    settings: &OAuth2Settings,
    parameters: &mut Vec<(&'static str, Secret)>,
    reader: &mut Reader<'_>,
) -> Option<HeaderValue> {
    let id = settings.client_id.as_ref();
    let id = id.map(|id| reader.value("credential.client_id", id));
    let secret = settings.client_secret.as_ref();
    let secret = secret.map(|secret| reader.secret("credential.client_secret", secret));
    let needs_both =
        settings.grant == Grant::ClientCredentials || settings.client_auth == ClientAuth::Basic;
    for (key, is_missing) in [
        ("credential.client_id", needs_both && id.is_none()),
        ("credential.client_secret", needs_both && secret.is_none()),
    ] {
        if is_missing {
            reader.problems.add(key, "this setting is needed");
        }
    }
    match settings.client_auth {
        ClientAuth::Body => {
            parameters.extend(id.map(|id| ("client_id", id)));
            parameters.extend(secret.map(|secret| ("client_secret", secret)));
            None
        }
        ClientAuth::Basic => {
            let (id, secret) = (id?, secret?);
            // Both are form-encoded first (RFC 6749 §2.3.1).
            let part = |text: &Secret| {
                form_urlencoded::byte_serialize(text.expose().as_bytes()).collect::<String>()
            };
            let pair = BASE64_STANDARD.encode(format!("{}:{}", part(&id), part(&secret)));
            let mut value = HeaderValue::from_str(&format!("Basic {pair}")).ok()?;
            value.set_sensitive(true);
            Some(value)
        }
    }
}

/// Reports settings of other grants: whoever writes them expects them to do something.
pub(super) fn report_idle_settings(settings: &OAuth2Settings, reader: &mut Reader<'_>) {
    let is = |grant| settings.grant == grant;
    let idle = [
        (
            "refresh_token",
            settings.refresh_token.is_some(),
            is(Grant::RefreshToken),
        ),
        (
            "refresh_token_file",
            settings.refresh_token_file.is_some(),
            is(Grant::RefreshToken),
        ),
        ("username", settings.username.is_some(), is(Grant::Password)),
        ("password", settings.password.is_some(), is(Grant::Password)),
        (
            "private_key",
            settings.private_key.is_some(),
            is(Grant::JwtBearer),
        ),
        ("key_id", settings.key_id.is_some(), is(Grant::JwtBearer)),
        ("claims", !settings.claims.is_empty(), is(Grant::JwtBearer)),
    ];
    for (key, is_set, is_used) in idle {
        if is_set && !is_used {
            reader.problems.add(
                &format!("credential.{key}"),
                "this grant does not use the setting; remove it, or choose the other grant",
            );
        }
    }
}

/// Reads what the grant needs; none when that cannot be used.
pub(super) fn flow(
    settings: &OAuth2Settings,
    parameters: &mut Vec<(&'static str, Secret)>,
    url: Option<&Url>,
    context: &BuildContext,
    reader: &mut Reader<'_>,
) -> Option<Flow> {
    match settings.grant {
        Grant::ClientCredentials => Some(Flow::Same),
        Grant::Password => {
            let Some(username) = &settings.username else {
                let message = "this setting is needed";
                reader.problems.add("credential.username", message);
                return None;
            };
            let username = reader.value("credential.username", username);
            parameters.push(("username", username));
            let password = settings.password.as_ref();
            let password = reader.needed_secret("credential.password", password);
            parameters.push(("password", password));
            Some(Flow::Same)
        }
        Grant::RefreshToken => {
            let token = settings.refresh_token.as_ref();
            let token = reader.needed_secret("credential.refresh_token", token);
            let file = settings.refresh_token_file.as_ref();
            let file = file.map(|file| context.base_dir.join(file));
            Some(Flow::Refresh(Rotation::new(
                context.id.clone(),
                token,
                file,
            )))
        }
        Grant::JwtBearer => {
            assertion(settings, url, reader).map(|assertion| Flow::Assertion(Box::new(assertion)))
        }
    }
}

fn assertion(
    settings: &OAuth2Settings,
    url: Option<&Url>,
    reader: &mut Reader<'_>,
) -> Option<Assertion> {
    let mut claims = Map::new();
    if let Some(id) = &settings.client_id {
        let id = reader.value("credential.client_id", id);
        claims.insert("iss".to_owned(), id.expose().into());
    }
    claims.insert("aud".to_owned(), url.map_or("", Url::as_str).into());
    for (name, value) in &settings.claims {
        let value = reader.value(&format!("credential.claims.{name}"), value);
        claims.insert(name.clone(), value.expose().into());
    }
    if !claims.contains_key("iss") {
        reader.problems.add(
            "credential.claims",
            "the claim `iss` is needed: who signs; by default it is client_id",
        );
    }
    let before = reader.problems.count();
    let key = settings.private_key.as_ref();
    let key = reader.needed_secret("credential.private_key", key);
    if reader.problems.count() > before {
        return None;
    }
    Assertion::new(&key, settings.key_id.as_deref(), claims)
        .map_err(|message| reader.problems.add("credential.private_key", message))
        .ok()
}
