//! Sessions that requests of their own open, such as one with a challenge and one with the answer.

use std::{sync::Arc, time::Duration};

use minijinja::Value;
use whocalls_core::{AdapterError, ErrorKind, Operation, Secret};
use whocalls_http::{
    BaseUrl, Reply,
    header::{COOKIE, HeaderName, HeaderValue},
    usable_for,
};

use super::{
    captures::Captures,
    destination::Destination,
    login::{Brought, Desk, auth_value},
    pass::{Access, Carried},
    reader::Reader,
};
use crate::{
    client::build,
    config::{LoginStepSettings, SendSettings, SessionSettings},
    error,
    outcome::{Outcome, Outcomes},
    request::{Parts, Request},
    scope::{Common, Scope, Variables},
    shared::Shared,
    template::{NoText, Place, Template},
};

/// A session that requests of its own open.
pub(super) struct Session {
    /// Where the steps go, if not to the CRM itself.
    login_url: Option<BaseUrl>,
    shared: Arc<Shared>,
    steps: Vec<Step>,
    send: Send,
    use_for: Option<Duration>,
}

/// A request that opens a session, or prepares that.
struct Step {
    /// The path of its settings.
    at: String,
    request: Request,
    captures: Captures,
    outcomes: Outcomes,
}

/// Where a session goes in every request.
struct Send {
    headers: Vec<(HeaderName, Template)>,
    query: Vec<(String, Template)>,
    cookies: Vec<(String, Template)>,
}

impl Session {
    pub(super) fn compile(
        settings: &SessionSettings,
        common: &Common<'_>,
        shared: Arc<Shared>,
        needs_tls: bool,
        reader: &mut Reader<'_>,
    ) -> Self {
        let login_url = settings.login_url.as_ref().and_then(|source| {
            let url = reader.address("credential.login_url", source, needs_tls)?;
            let base = BaseUrl::parse("credential.login_url", url.as_str());
            reader.problems.kept(base)
        });
        if settings.steps.is_empty() {
            let message = "at least one request is needed";
            reader.problems.add("credential.steps", message);
        }
        let mut known = Vec::new();
        let mut steps = Vec::with_capacity(settings.steps.len());
        for (index, step) in settings.steps.iter().enumerate() {
            let so_far = Common {
                auth: &known,
                ..*common
            };
            let at = format!("credential.steps.{index}");
            steps.push(Step::compile(step, at, &so_far, reader));
            known.extend(step.capture.keys().cloned());
        }
        Self {
            login_url,
            shared,
            steps,
            send: Send::compile(&settings.send, &Scope::login(common), reader),
            use_for: settings.lifetime_secs.map(usable_for),
        }
    }

    /// Where the steps go, if not to the CRM itself.
    pub(super) fn login_url(&self) -> Option<&BaseUrl> {
        self.login_url.as_ref()
    }

    pub(super) async fn log_in(
        &self,
        desk: Desk<'_>,
        destination: &Destination,
    ) -> Result<Brought, AdapterError> {
        let mut auth: Vec<(String, Secret)> = Vec::new();
        let base = match &self.login_url {
            Some(base) => base.clone(),
            None => destination.resolve(&Value::UNDEFINED, desk.adapter)?,
        };
        let access = |auth: &[(String, Secret)]| {
            Access::new(base.clone(), Arc::clone(&self.shared), auth_value(auth))
        };
        for step in &self.steps {
            let reply = step.exchange(desk, &access(&auth)).await?;
            for (name, value) in step.captures.read(&reply, &access(&auth))? {
                desk.cx.hide(&value);
                auth.push((name, value));
            }
        }
        let variables = access(&auth).complete(Variables::default());
        let carried = self.send.render(&variables);
        let carried = carried
            .map_err(|reason| error::not_rendered(desk.adapter, Operation::Authenticate, reason))?;
        Ok(Brought {
            carried,
            auth,
            use_for: self.use_for,
        })
    }
}

impl Step {
    fn compile(
        settings: &LoginStepSettings,
        at: String,
        common: &Common<'_>,
        reader: &mut Reader<'_>,
    ) -> Self {
        let parts = Parts {
            method: settings.method.into(),
            path: &settings.path,
            query: &settings.query,
            headers: &settings.headers,
            body: settings.body.as_ref(),
        };
        let scope = Scope::login(common);
        let capture = format!("{at}.capture");
        let outcomes = format!("{at}.outcomes");
        Self {
            request: reader
                .problems
                .of_login(|problems| Request::compile(&parts, &at, &scope, problems)),
            captures: Captures::compile(
                &settings.capture,
                capture,
                reader.account,
                reader.problems,
            ),
            outcomes: Outcomes::compile(&settings.outcomes, &outcomes, reader.problems),
            at,
        }
    }

    /// Sends the request and reads a reply that is no failure.
    async fn exchange(&self, desk: Desk<'_>, access: &Access) -> Result<Reply, AdapterError> {
        let operation = Operation::Authenticate;
        let rendered = self
            .request
            .render(access, Variables::default())
            .map_err(|reason| error::not_rendered(desk.adapter, operation, reason))?;
        let request = build(desk.http, operation, rendered, None)?;
        let reply = desk.http.send(desk.cx, operation, request).await?;
        match self.outcomes.of(&reply) {
            Outcome::Success => Ok(reply),
            Outcome::Nobody => Err(self.refused(&reply, ErrorKind::Unauthenticated)),
            Outcome::Failure(failure) => Err(self.failure(&reply, failure)),
        }
    }

    /// A failure in the words of a login, where the status or a rule says that it was refused.
    fn failure(&self, reply: &Reply, failure: AdapterError) -> AdapterError {
        match failure.kind {
            ErrorKind::Unauthenticated
            | ErrorKind::PermissionDenied
            | ErrorKind::InvalidRequest => self.refused(reply, failure.kind),
            ErrorKind::NotFound => reply.error(
                ErrorKind::Protocol,
                format!(
                    "there is nothing at {}.path; correct it, or the address",
                    self.at
                ),
            ),
            _ => failure,
        }
    }

    fn refused(&self, reply: &Reply, kind: ErrorKind) -> AdapterError {
        reply.error(
            kind,
            format!(
                "the CRM refuses the login ({}); correct the user name, password or key that it \
                 uses",
                self.at
            ),
        )
    }
}

impl Send {
    fn compile(settings: &SendSettings, scope: &Scope, reader: &mut Reader<'_>) -> Self {
        let at = "credential.send";
        let mut templates = |key: &str, settings: &indexmap::IndexMap<String, String>| {
            let compile = |(name, source): (&String, &String)| {
                let path = format!("{at}.{key}.{name}");
                let place = Place::RequestText;
                let template = reader.problems.template(&path, source, place, scope);
                (name.clone(), template)
            };
            settings.iter().map(compile).collect::<Vec<_>>()
        };
        let headers = templates("header", &settings.header);
        let query = templates("query", &settings.query);
        let cookies = templates("cookie", &settings.cookie);
        let headers = headers.into_iter().filter_map(|(name, template)| {
            let path = format!("{at}.header.{name}");
            Some((reader.problems.header_name(&path, &name)?, template))
        });
        Self {
            headers: headers.collect(),
            query,
            cookies,
        }
    }

    fn render(&self, variables: &Value) -> Result<Carried, NoText> {
        let mut carried = Carried::default();
        for (name, template) in &self.headers {
            let text = template.render(variables)?;
            carried.add_header(name.clone(), header_value(&text)?);
        }
        for (name, template) in &self.query {
            carried.add_parameter(name, Secret::new(template.render(variables)?));
        }
        let mut cookies = Vec::with_capacity(self.cookies.len());
        for (name, template) in &self.cookies {
            let text = template.render(variables)?;
            if text.contains([';', ',', ' ']) {
                return Err(NoText::Broken("a cookie cannot carry this text".to_owned()));
            }
            cookies.push(format!("{name}={text}"));
        }
        if !cookies.is_empty() {
            carried.add_header(COOKIE, header_value(&cookies.join("; "))?);
        }
        Ok(carried)
    }
}

fn header_value(text: &str) -> Result<HeaderValue, NoText> {
    HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| NoText::Broken("a header cannot carry what the login brought".to_owned()))
}
