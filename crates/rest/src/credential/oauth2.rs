//! Access tokens from a token endpoint (RFC 6749; `crm-apis.md` §4.2).

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::Value;
use url::{Url, form_urlencoded};
use whocalls_core::{AdapterError, BuildContext, ErrorKind, Operation, Secret};
use whocalls_http::{
    BaseUrl, Method, Reply,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue},
    usable_for,
};

use super::{
    captures::Captures,
    login::{Brought, Desk},
    pass::{Access, Carried},
    reader::Reader,
};
use crate::{
    config::{Encoding, Grant, OAuth2Settings},
    outcome::Outcomes,
    shared::Shared,
};
use assertion::Assertion;
use grant::{client, flow, grant_type, report_idle_settings};
use rotation::Rotation;
use token::{Answer, Token};

mod assertion;
mod grant;
mod refusal;
mod rotation;
mod token;

/// What gets access tokens.
pub(super) struct OAuth2 {
    url: Url,
    origin: BaseUrl,
    grant: Grant,
    flow: Flow,
    /// The parameters that are the same each time.
    parameters: Vec<(&'static str, Secret)>,
    further: Vec<(String, Secret)>,
    client: Option<HeaderValue>,
    encoding: Encoding,
    header: HeaderName,
    prefix: String,
    lifetime_secs: Option<u64>,
    captures: Captures,
    outcomes: Outcomes,
}

/// What differs from one request for a token to the next.
enum Flow {
    Same,
    Refresh(Rotation),
    Assertion(Box<Assertion>),
}

impl OAuth2 {
    pub(super) fn compile(
        settings: &OAuth2Settings,
        needs_tls: bool,
        context: &BuildContext,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let at = |key: &str| format!("credential.{key}");
        let url = reader.address("credential.token_url", &settings.token_url, needs_tls);
        let mut parameters = vec![("grant_type", Secret::new(grant_type(settings.grant)))];
        let client = client(settings, &mut parameters, reader);
        if let Some(scope) = &settings.scope {
            parameters.push(("scope", Secret::new(reader.text("credential.scope", scope))));
        }
        report_idle_settings(settings, reader);
        let flow = flow(settings, &mut parameters, url.as_ref(), context, reader);
        let further = settings.parameters.iter().map(|(name, value)| {
            let value = reader.value(&format!("credential.parameters.{name}"), value);
            (name.clone(), value)
        });
        let further = further.collect();
        let header = reader
            .problems
            .header_name("credential.header", &settings.header);
        let problems = &mut *reader.problems;
        if HeaderValue::from_str(&settings.prefix).is_err() {
            problems.add("credential.prefix", "a header cannot carry this text");
        }
        let captures =
            Captures::compile(&settings.capture, at("capture"), reader.account, problems);
        let outcomes = Outcomes::compile(&settings.outcomes, "credential.outcomes", problems);
        Some(Self {
            origin: BaseUrl::parse(
                "credential.token_url",
                &url.as_ref()?.origin().ascii_serialization(),
            )
            .ok()?,
            url: url?,
            grant: settings.grant,
            flow: flow?,
            parameters,
            further,
            client,
            encoding: settings.encoding,
            header: header?,
            prefix: settings.prefix.clone(),
            lifetime_secs: settings.lifetime_secs,
            captures,
            outcomes,
        })
    }

    /// The address of the token endpoint.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Gets an access token.
    pub(super) async fn log_in(
        &self,
        desk: Desk<'_>,
        shared: &Arc<Shared>,
    ) -> Result<Brought, AdapterError> {
        let (token, reply) = match &self.flow {
            Flow::Same => self.token(desk, None).await?,
            Flow::Refresh(rotation) => self.refresh(desk, rotation).await?,
            Flow::Assertion(assertion) => {
                let signed = assertion.sign(Timestamp::now()).ok_or_else(|| {
                    let message = "credential.private_key cannot sign; use another RSA key";
                    let kind = ErrorKind::Internal;
                    AdapterError::new(kind, desk.adapter, Operation::Authenticate, message)
                })?;
                self.token(desk, Some(("assertion", &signed))).await?
            }
        };
        let access = Access::new(
            self.origin.clone(),
            Arc::clone(shared),
            minijinja::Value::UNDEFINED,
        );
        let auth = self.captures.read(&reply, &access)?;
        let text = format!("{}{}", self.prefix, token.access.expose());
        let value = HeaderValue::from_str(&text).map_err(|_| {
            let message = "the access token has characters that no header can carry";
            reply.error(ErrorKind::Protocol, message)
        })?;
        let mut carried = Carried::default();
        carried.add_header(self.header.clone(), value);
        let lifetime = token.expires_in.or(self.lifetime_secs);
        let use_for: Option<Duration> = lifetime.map(usable_for);
        Ok(Brought {
            carried,
            auth,
            use_for,
        })
    }

    /// Gets an access token for the newest refresh token, and keeps the one that replaces it.
    async fn refresh(
        &self,
        desk: Desk<'_>,
        rotation: &Rotation,
    ) -> Result<(Token, Reply), AdapterError> {
        const NAME: &str = "refresh_token";
        let mut used = rotation.current().await;
        let mut result = self.token(desk, Some((NAME, &used))).await;
        if let Err(error) = &result
            && error.kind == ErrorKind::Unauthenticated
            && let Some(other) = rotation.other_than(&used).await
        {
            used = other;
            result = self.token(desk, Some((NAME, &used))).await;
        }
        let (mut token, reply) = result?;
        if let Some(next) = token.refresh.take().filter(|next| *next != used) {
            desk.cx.hide(&next);
            rotation.keep(next).await;
        }
        Ok((token, reply))
    }

    /// Asks for a token once.
    async fn token(
        &self,
        desk: Desk<'_>,
        changing: Option<(&str, &Secret)>,
    ) -> Result<(Token, Reply), AdapterError> {
        let operation = Operation::Authenticate;
        let fixed = self.parameters.iter().map(|(name, value)| (*name, value));
        let further = self.further.iter();
        let further = further.map(|(name, value)| (name.as_str(), value));
        let all = fixed.chain(changing).chain(further);
        let (content_type, body) = encode(self.encoding, all);
        let mut request = desk
            .http
            .request(operation, Method::POST, self.url.clone())?
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, content_type)
            .body(body);
        if let Some(client) = &self.client {
            request = request.header(AUTHORIZATION, client);
        }
        if let Some((_, secret)) = changing {
            desk.cx.hide(secret);
        }
        let reply = desk.http.send(desk.cx, operation, request).await?;
        match token::read(&reply, &self.outcomes)? {
            Answer::Token(token) => {
                desk.cx.hide(&token.access);
                Ok((token, reply))
            }
            Answer::Refusal(code) => Err(refusal::of(&reply, &code, self.grant)),
        }
    }
}

/// The body with these parameters, and its type.
fn encode<'p>(
    encoding: Encoding,
    parameters: impl Iterator<Item = (&'p str, &'p Secret)>,
) -> (&'static str, String) {
    match encoding {
        Encoding::Form => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            for (name, value) in parameters {
                form.append_pair(name, value.expose());
            }
            ("application/x-www-form-urlencoded", form.finish())
        }
        Encoding::Json => {
            let members = parameters.map(|(name, value)| (name.to_owned(), value.expose().into()));
            let object = Value::Object(members.collect());
            ("application/json", object.to_string())
        }
    }
}
