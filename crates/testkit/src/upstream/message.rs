//! Requests and replies as simulated CRMs see them.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

/// A CRM's interface, as a function from request to reply. Holds its own state.
pub trait SimulatedCrm: Send + Sync + 'static {
    /// Answers one request.
    fn respond(&self, request: &Request) -> Response;

    /// Answers a request whose credentials are no good any longer, a sign-in included, in the
    /// CRM's own words.
    fn refuse(&self, request: &Request) -> Response {
        let _ = request;
        Response::status(401)
    }
}

/// A request, read completely.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, in upper case.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query, still percent-encoded, without `?`; empty when there is none.
    pub query: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// The path's segments, percent-decoded.
    pub fn segments(&self) -> Vec<String> {
        let decode = |segment: &str| {
            // `+` stands for itself in a path and for a blank in a form.
            let form = segment.replace('+', "%2B");
            url::form_urlencoded::parse(format!("x={form}").as_bytes())
                .next()
                .map_or_else(String::new, |(_, value)| value.into_owned())
        };
        self.path
            .split('/')
            .filter(|s| !s.is_empty())
            .map(decode)
            .collect()
    }

    /// The decoded query parameters, in order.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        pairs(self.query.as_bytes())
    }

    /// The first query parameter of that name.
    pub fn query_value(&self, name: &str) -> Option<String> {
        first(self.query_pairs(), name)
    }

    /// The fields of a form body, in order.
    pub fn form_pairs(&self) -> Vec<(String, String)> {
        pairs(&self.body)
    }

    /// The first form field of that name.
    pub fn form_value(&self, name: &str) -> Option<String> {
        first(self.form_pairs(), name)
    }

    /// The header of that lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded).into_owned().collect()
}

fn first(pairs: Vec<(String, String)>, name: &str) -> Option<String> {
    pairs
        .into_iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

/// A reply.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers; `content-length` is added by itself.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Response {
    /// A reply without body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// A JSON reply.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("serialisable");
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.into(),
        }
    }

    /// The same reply with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}
