//! One request: from templates to method, URL, headers and body.
//!
//! Whatever a value contains, it stays where its template put it: the path is assembled from
//! encoded pieces, and query, form and JSON are serialised after rendering.

use std::sync::OnceLock;

use indexmap::IndexMap;
use minijinja::Value;
use url::Url;
use whocalls_http::{
    BaseUrl, Method,
    header::{self, HeaderName, HeaderValue},
};

use crate::{
    body::Body,
    compile::Problems,
    config::{BodySettings, ParameterMap},
    credential::Access,
    parameters::Parameters,
    scope::{Scope, Variables},
    template::{NoText, Place, Template},
};

/// Headers that other settings or the HTTP client are responsible for, and what to use instead.
const RESERVED: [(HeaderName, &str); 8] = [
    (
        header::AUTHORIZATION,
        "use `credential`, which keeps it secret",
    ),
    (header::COOKIE, "use `credential`, which keeps it secret"),
    (
        header::PROXY_AUTHORIZATION,
        "proxies with a password are not supported",
    ),
    (header::CONTENT_TYPE, "use `body.content_type`"),
    (header::CONTENT_LENGTH, "the gateway sets it"),
    (header::TRANSFER_ENCODING, "the gateway sets it"),
    (header::CONNECTION, "the gateway sets it"),
    (header::HOST, "it follows from `base_url`"),
];

/// The settings of a request, whatever it is for.
pub(crate) struct Parts<'s> {
    pub(crate) method: Method,
    pub(crate) path: &'s str,
    pub(crate) query: &'s ParameterMap,
    pub(crate) headers: &'s IndexMap<String, String>,
    pub(crate) body: Option<&'s BodySettings>,
}

/// A request with templates in it.
pub(crate) struct Request {
    method: Method,
    /// The path of its settings.
    at: String,
    path: Template,
    /// Where the path is always the same: the first `base_url` it was used with, and the address
    /// that both make.
    address: OnceLock<(String, Url)>,
    query: Parameters,
    headers: Vec<(HeaderName, Template)>,
    body: Option<Body>,
}

/// A request ready to be sent, but for the credential.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<(HeaderValue, String)>,
}

impl Request {
    /// Reads the request whose settings are at the path `at`.
    pub(crate) fn compile(
        parts: &Parts<'_>,
        at: &str,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Self {
        if parts.method == Method::GET && parts.body.is_some() {
            problems.add(
                &format!("{at}.body"),
                "a GET request has no body; add method = \"POST\"",
            );
        }
        Self {
            method: parts.method.clone(),
            at: at.to_owned(),
            query: Parameters::compile(parts.query, &format!("{at}.query"), scope, problems),
            path: problems.template(&format!("{at}.path"), parts.path, Place::Path, scope),
            address: OnceLock::new(),
            headers: headers(parts.headers, at, scope, problems),
            body: parts
                .body
                .and_then(|body| Body::compile(body, &format!("{at}.body"), scope, problems)),
        }
    }

    /// Whether one of the templates uses this variable.
    pub(crate) fn uses(&self, variable: &str) -> bool {
        let headers = self.headers.iter().map(|(_, template)| template);
        std::iter::once(&self.path)
            .chain(headers)
            .any(|template| template.uses(variable))
            || self.query.uses(variable)
            || self.body.as_ref().is_some_and(|body| body.uses(variable))
    }

    pub(crate) fn has_header(&self, wanted: &HeaderName) -> bool {
        self.headers.iter().any(|(name, _)| name == wanted)
    }

    /// The request for these variables.
    ///
    /// # Errors
    /// [`NoText::Broken`] with the setting whose template does not work, [`NoText::Absent`] when
    /// the path needs a value that is absent.
    pub(crate) fn render(&self, access: &Access, variables: Variables) -> Result<Rendered, NoText> {
        let variables = &access.complete(variables);
        let mut url = self.address(access.base(), variables)?;
        self.query.add_to(&mut url, variables)?;
        let mut headers = Vec::with_capacity(self.headers.len() + 1);
        for (name, template) in &self.headers {
            let Some(text) = template.render_part(variables)? else {
                continue;
            };
            let value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
                NoText::Broken(format!(
                    "{}.headers.{name}: a header cannot carry this text",
                    self.at
                ))
            })?;
            headers.push((name.clone(), value));
        }
        for (name, value) in access.shared().headers() {
            if !self.has_header(name) {
                headers.push((name.clone(), value.clone()));
            }
        }
        if !headers.iter().any(|(name, _)| name == header::ACCEPT) {
            headers.push((header::ACCEPT, HeaderValue::from_static("application/json")));
        }
        let body = match &self.body {
            Some(body) => Some(body.render(variables)?),
            None => None,
        };
        Ok(Rendered {
            method: self.method.clone(),
            url,
            headers,
            body,
        })
    }

    /// The address without its query.
    fn address(&self, base: &BaseUrl, variables: &Value) -> Result<Url, NoText> {
        if let Some((known, url)) = self.address.get()
            && known == base.as_str()
        {
            return Ok(url.clone());
        }
        let url = join(base, &self.path.render(variables)?).map_err(NoText::Broken)?;
        if self.path.is_fixed() {
            // After a login that told another address, the first one stays.
            let _is_first = self.address.set((base.as_str().to_owned(), url.clone()));
        }
        Ok(url)
    }
}

fn headers(
    settings: &IndexMap<String, String>,
    at: &str,
    scope: &Scope,
    problems: &mut Problems,
) -> Vec<(HeaderName, Template)> {
    let mut headers = Vec::with_capacity(settings.len());
    for (text, source) in settings {
        let path = format!("{at}.headers.{text}");
        let template = problems.template(&path, source, Place::RequestText, scope);
        if let Some(name) = header_name(text, &path, problems) {
            headers.push((name, template));
        }
    }
    headers
}

/// Reads the name of a header that a description sets.
pub(crate) fn header_name(text: &str, path: &str, problems: &mut Problems) -> Option<HeaderName> {
    let name = problems.header_name(path, text)?;
    if problems.is_login() && [header::AUTHORIZATION, header::COOKIE].contains(&name) {
        return Some(name);
    }
    if let Some((_, instead)) = RESERVED.iter().find(|(reserved, _)| *reserved == name) {
        problems.add(path, format!("this header cannot be set here: {instead}"));
    } else if problems.is_credential(&name) {
        problems.add(path, "`credential` sets this header already");
    }
    Some(name)
}

/// Whether a rendered path can stand behind `base_url` and stays there.
///
/// # Errors
/// A sentence about what it must not contain. What expressions yield is encoded, so the culprit is
/// the text around them.
pub(crate) fn check_path(path: &str) -> Result<(), String> {
    if !path.starts_with('/') {
        return Err("the path must begin with `/`".to_owned());
    }
    if path.contains(['?', '#']) {
        return Err("the path must have no `?` and no `#`; put parameters into `query`".to_owned());
    }
    if path.contains(|c: char| c == '\\' || c.is_control()) {
        return Err("the path must have no backslash and no control character".to_owned());
    }
    let is_dots = |segment: &str| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    };
    if path.split('/').any(is_dots) {
        return Err("the path must have no segments `.` and `..`".to_owned());
    }
    Ok(())
}

fn join(base: &BaseUrl, path: &str) -> Result<Url, String> {
    check_path(path)?;
    Url::parse(&format!("{}{path}", base.as_str()))
        .map_err(|error| format!("path and base_url make no URL: {error}"))
}

#[cfg(test)]
mod tests;
