//! What all requests of a description share: the account, and the headers in `headers`.

use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;
use whocalls_http::header::{HeaderName, HeaderValue};

use crate::{
    account::Account,
    compile::Problems,
    request,
    scope::{Scope, Variables},
    template::{NoText, Place},
};

/// What all requests share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    account: Account,
    /// Each of them unless a request has its own of that name.
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Shared {
    /// Reads the setting `headers`. What its templates yield never changes, so it is known at once.
    pub(crate) fn compile(
        account: Account,
        headers: &IndexMap<String, String>,
        problems: &mut Problems,
    ) -> Arc<Self> {
        let scope = Scope::constant(&account);
        let variables: Value = Variables::default()
            .with("account", account.all().clone())
            .into();
        let mut known = Vec::with_capacity(headers.len());
        for (text, source) in headers {
            let path = format!("headers.{text}");
            let before = problems.count();
            let template = problems.template(&path, source, Place::RequestText, &scope);
            let name = request::header_name(text, &path, problems);
            let (Some(name), true) = (name, problems.count() == before) else {
                continue;
            };
            match template.render_part(&variables) {
                Ok(Some(text)) => {
                    if let Some(mut value) = problems.header_value(&path, &text) {
                        value.set_sensitive(template.uses("account"));
                        known.push((name, value));
                    }
                }
                Ok(None) | Err(NoText::Absent) => {}
                Err(NoText::Broken(reason)) => problems.add(&path, reason),
            }
        }
        Arc::new(Self {
            account,
            headers: known,
        })
    }

    /// The account.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// The headers of every request.
    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }
}
