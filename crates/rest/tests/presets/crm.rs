//! The CRM that a fixture describes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::{Value, context, value::Serde};
use whocalls_testkit::{
    contacts::SeedContact,
    upstream::{Request, Response, SimulatedCrm},
};

use crate::{
    fixture::{Failure, Fixture, Reply, Route, Rows},
    matching, render, rows,
};

/// The id of the first object that a workflow creates.
const FIRST_OBJECT: usize = 501;

/// A CRM as its fixture describes it.
pub(crate) struct Crm {
    fixture: Arc<Fixture>,
    account: Value,
    contacts: Vec<Value>,
    companies: Vec<Value>,
    state: Mutex<State>,
    /// Requests that the fixture knows nothing of.
    complaints: Arc<Mutex<Vec<String>>>,
}

#[derive(Default)]
struct State {
    upstream: String,
    objects: Vec<Value>,
    issued: usize,
    is_expired: bool,
    failure: Option<Failure>,
}

impl Crm {
    pub(crate) fn new(
        fixture: &Arc<Fixture>,
        account: Value,
        seeds: &[SeedContact],
        complaints: &Arc<Mutex<Vec<String>>>,
    ) -> Self {
        Self {
            fixture: Arc::clone(fixture),
            account,
            contacts: rows::contacts(fixture, seeds),
            companies: rows::companies(seeds),
            state: Mutex::default(),
            complaints: Arc::clone(complaints),
        }
    }

    /// The address that it is at.
    pub(crate) fn is_at(&self, upstream: &str) {
        upstream.clone_into(&mut self.state().upstream);
    }

    pub(crate) fn objects_created(&self) -> usize {
        self.state().objects.len()
    }

    pub(crate) fn tokens_issued(&self) -> usize {
        self.state().issued
    }

    pub(crate) fn expire_tokens(&self) {
        self.state().is_expired = true;
    }

    /// From now on, requests end like this.
    pub(crate) fn fail(&self, failure: Failure) {
        self.state().failure = Some(failure);
    }

    /// Whether a request logs in.
    pub(crate) fn is_login(&self, request: &Request) -> bool {
        self.route(request).is_ok_and(|route| route.login)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn variables(&self) -> Value {
        let state = self.state();
        let token = if state.issued == 0 || state.is_expired {
            "no token is valid".to_owned()
        } else {
            token(state.issued)
        };
        context! { account => self.account.clone(), upstream => &state.upstream, token }
    }

    /// The route of a request, or what the nearest one lacks.
    fn route(&self, request: &Request) -> Result<&Route, String> {
        let variables = self.variables();
        let mut lacking = Vec::new();
        for route in &self.fixture.routes {
            if matching::is_line(request, &route.request) {
                match matching::lacks(request, &route.needs(), &variables) {
                    None => return Ok(route),
                    Some(lack) => lacking.push(lack),
                }
            }
        }
        let told = if lacking.is_empty() {
            "no such path".to_owned()
        } else {
            lacking.join("; ")
        };
        Err(format!("{}\nlacks: {told}", shown(request)))
    }

    fn rows(&self, route: &Route) -> Vec<Value> {
        match route.rows {
            Rows::Companies => named(&self.companies, "company"),
            Rows::Objects => named(&self.state().objects, "object"),
            Rows::Contacts => {
                let is_there = |contact: &&Value| {
                    let module = contact.get_attr("module").unwrap_or_default();
                    route
                        .module
                        .as_deref()
                        .is_none_or(|wanted| module.as_str() == Some(wanted))
                };
                let there: Vec<Value> = self.contacts.iter().filter(is_there).cloned().collect();
                named(&there, "contact")
            }
        }
    }

    fn hits(&self, route: &Route, request: &Request) -> Vec<serde_json::Value> {
        let (Some(asked), Some(hit)) = (&route.asked, &route.hit) else {
            return Vec::new();
        };
        let asked = matching::asked(request, asked);
        let against = match route.rows {
            _ if !route.against.is_empty() => route.against.clone(),
            Rows::Contacts => vec!["contact.mobile".to_owned(), "contact.work".to_owned()],
            Rows::Companies => vec!["company.id".to_owned()],
            Rows::Objects => panic!("{}: objects need `against`", route.request),
        };
        let fits = |row: &Value| {
            against.iter().any(|source| {
                let stored = render::expression(source, row);
                asked
                    .iter()
                    .any(|asked| matching::fits(route.compare, &stored, asked))
            })
        };
        let rows = self.rows(route).into_iter().filter(fits);
        rows.map(|row| {
            let hit = render::json(hit, &context! { ..row, ..self.variables() });
            serde_json::from_str(&hit).unwrap_or_else(|error| panic!("{hit}: {error}"))
        })
        .collect()
    }

    fn reply(&self, reply: &Reply, variables: &Value) -> Response {
        let variables = context! { ..variables.clone(), ..self.variables() };
        let body = render::json(&reply.body, &variables);
        let mut response = Response::status(reply.status);
        if !body.is_empty() {
            response = response.with_header("content-type", "application/json");
        }
        response.body = body.into();
        for (name, value) in &reply.headers {
            response = response.with_header(name, &render::text(value, &variables));
        }
        response
    }

    fn refusal(&self, route: &Route) -> Response {
        let refused = route.refused.as_ref().unwrap_or(&self.fixture.refused);
        self.reply(refused, &Value::UNDEFINED)
    }

    fn create(&self, request: &Request) -> Value {
        let map = |pairs: Vec<(String, String)>| Value::from_pairs(pairs);
        let mut state = self.state();
        let object = context! {
            id => FIRST_OBJECT + state.objects.len(),
            sent => context! {
                json => Serde(request.json()),
                form => map(request.form_pairs()),
                query => map(request.query_pairs()),
            },
        };
        state.objects.push(object.clone());
        context! { object => object }
    }
}

impl SimulatedCrm for Crm {
    fn respond(&self, request: &Request) -> Response {
        let route = match self.route(request) {
            Ok(route) => route,
            Err(complaint) => {
                let mut complaints = self
                    .complaints
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                complaints.push(complaint);
                return Response::status(400);
            }
        };
        let failure = self.state().failure.clone();
        if let Some(failure) = failure.filter(|failure| failure.at_login == route.login) {
            return self.reply(&failure.reply(), &Value::UNDEFINED);
        }
        let needs = if route.login {
            &route.credential
        } else {
            &self.fixture.credential
        };
        if matching::lacks(request, needs, &self.variables()).is_some() {
            return self.refusal(route);
        }
        if route.issues {
            let mut state = self.state();
            state.issued += 1;
            state.is_expired = false;
        }
        if route.creates {
            return self.reply(&route.reply, &self.create(request));
        }
        let hits = self.hits(route, request);
        let reply = match &route.nobody {
            Some(nobody) if hits.is_empty() => nobody,
            _ => &route.reply,
        };
        self.reply(reply, &context! { hits => Serde(hits) })
    }

    fn refuse(&self, request: &Request) -> Response {
        match self.route(request) {
            Ok(route) => self.refusal(route),
            Err(_) => self.reply(&self.fixture.refused, &Value::UNDEFINED),
        }
    }
}

fn token(number: usize) -> String {
    format!("token-{number}-of-the-crm")
}

fn named(rows: &[Value], name: &str) -> Vec<Value> {
    rows.iter()
        .map(|row| Value::from_pairs([(name.to_owned(), row.clone())]))
        .collect()
}

/// A request in words: method, path and query in one line, decoded, and the body below.
pub(crate) fn shown(request: &Request) -> String {
    let pairs = request.query_pairs().into_iter();
    let query: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mut shown = format!("{} {}", request.method, matching::decoded_path(request));
    if !query.is_empty() {
        shown = format!("{shown}?{}", query.join("&"));
    }
    let body = String::from_utf8_lossy(&request.body);
    let is_form = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if is_form {
        let pairs = request.form_pairs().into_iter();
        let form: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{shown}\n{}", form.join("&"))
    } else if body.is_empty() {
        shown
    } else {
        format!("{shown}\n{body}")
    }
}
