//! What logging in brings beside the credential: values of replies, by name.

use indexmap::IndexMap;
use serde_json::Value;
use whocalls_core::{AdapterError, ErrorKind, Secret};
use whocalls_http::Reply;

use crate::{
    account::Account,
    compile::Problems,
    config::Sources as SourcesSettings,
    credential::Access,
    scope::Scope,
    select::{Hit, Reach, Sources},
    template::Place,
};

/// Where a reply has which values.
pub(crate) struct Captures {
    /// The path of the setting.
    at: String,
    sources: Vec<(String, Sources)>,
}

impl Captures {
    /// Reads the setting `capture` at the path `at`.
    pub(crate) fn compile(
        settings: &IndexMap<String, SourcesSettings>,
        at: String,
        account: &Account,
        problems: &mut Problems,
    ) -> Self {
        let scope = Scope::reply(account);
        let sources = settings.iter().map(|(name, sources)| {
            let path = format!("{at}.{name}");
            if !is_name(name) {
                problems.add(
                    &path,
                    "a name consists of letters, digits and `_`, and begins with no digit",
                );
            }
            let reach = Reach::reply(&scope);
            let sources = Sources::compile(sources, &path, Place::RecordText, &reach, problems);
            (name.clone(), sources)
        });
        let sources = sources.collect();
        Self { at, sources }
    }

    /// The values of a reply.
    ///
    /// # Errors
    /// `Unauthenticated` when one is missing: an error with status 200 looks like that. `Protocol`
    /// when there is something else than JSON instead, such as a page.
    pub(crate) fn read(
        &self,
        reply: &Reply,
        access: &Access,
    ) -> Result<Vec<(String, Secret)>, AdapterError> {
        // A reply that is no JSON can still have headers.
        let document: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let hit = Hit::reply(&document, access).with_headers(&reply.headers);
        let read = |(name, sources): &(String, Sources)| match sources.first(&hit, None) {
            Some(text) => Ok((name.clone(), Secret::new(text))),
            None => Err(self.missing(name, reply)),
        };
        self.sources.iter().map(read).collect()
    }

    fn missing(&self, name: &str, reply: &Reply) -> AdapterError {
        if !reply.body.is_empty()
            && let Err(error) = reply.json::<Value>()
        {
            return error;
        }
        let message = format!(
            "the reply to the login has no value for {}.{name}: the CRM refused the login, or the \
             setting is wrong; check the user name and password, then look at the reply with \
             `whocalls check --trace`",
            self.at
        );
        reply.error(ErrorKind::Unauthenticated, message)
    }
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
