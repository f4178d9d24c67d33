//! Reading the texts in the settings of a credential: constants, once `account` is known.

use minijinja::Value;
use url::Url;
use whocalls_core::Secret;

use super::hosts::is_loopback;
use crate::{
    account::Account,
    compile::Problems,
    config::TextOrSecret,
    scope::{Scope, Variables},
    template::Place,
};

/// Reads texts and notes what is wrong with them.
pub(crate) struct Reader<'r> {
    pub(crate) account: &'r Account,
    pub(crate) problems: &'r mut Problems,
}

impl Reader<'_> {
    /// The text of a template that knows `account`; empty if an optional value is all it has.
    pub(crate) fn text(&mut self, path: &str, source: &str) -> String {
        let variables = Variables::default().with("account", self.account.all().clone());
        let scope = Scope::constant(self.account);
        self.render(path, source, Place::RequestText, &scope, variables)
    }

    /// The text of a template, or a secret.
    pub(crate) fn value(&mut self, path: &str, value: &TextOrSecret) -> Secret {
        match value {
            TextOrSecret::Secret(secret) => secret.clone(),
            TextOrSecret::Text(source) => Secret::new(self.text(path, source)),
        }
    }

    /// As [`value`](Self::value), for what must not be written down as it is.
    pub(crate) fn secret(&mut self, path: &str, value: &TextOrSecret) -> Secret {
        if let TextOrSecret::Text(source) = value
            && !source.contains("{{")
        {
            self.problems.add(
                path,
                "a secret is given by reference, for example { env = \"CRM_TOKEN\" }, or by a \
                 template such as {{ account.token }}",
            );
        }
        self.value(path, value)
    }

    /// As [`secret`](Self::secret), for a setting that this kind of credential needs.
    pub(crate) fn needed_secret(&mut self, path: &str, value: Option<&TextOrSecret>) -> Secret {
        let Some(value) = value else {
            self.problems.add(path, "this setting is needed");
            return Secret::new("");
        };
        self.secret(path, value)
    }

    /// The address in a template that knows what people may see of `account`. Secrets are sent to
    /// it, so it must be reached through TLS where the CRM itself is.
    pub(crate) fn address(&mut self, path: &str, source: &str, needs_tls: bool) -> Option<Url> {
        let before = self.problems.count();
        let text = self.address_text(path, source);
        if self.problems.count() > before {
            return None;
        }
        let problem = match Url::parse(&text) {
            Err(error) => format!("not a URL ({error}); for example https://crm.example.com/token"),
            Ok(url) if !matches!(url.scheme(), "http" | "https") => {
                "the URL must start with https:// or http://".to_owned()
            }
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                "the URL must not contain credentials; use the settings for them".to_owned()
            }
            Ok(url) if url.scheme() == "http" && needs_tls && !is_loopback(&url) => {
                "secrets would be sent to it unencrypted; it must start with https://".to_owned()
            }
            Ok(url) => return Some(url),
        };
        self.problems.add(path, problem);
        None
    }

    /// The text of a template of an address.
    pub(crate) fn address_text(&mut self, path: &str, source: &str) -> String {
        let variables = Variables::default().with("account", self.account.public().clone());
        let scope = Scope::address(self.account);
        self.render(path, source, Place::Address, &scope, variables)
    }

    fn render(
        &mut self,
        path: &str,
        source: &str,
        place: Place,
        scope: &Scope,
        variables: Variables,
    ) -> String {
        let before = self.problems.count();
        let template = self.problems.template(path, source, place, scope);
        if self.problems.count() > before {
            return String::new();
        }
        let text = template.render_part(&Value::from(variables));
        text.ok().flatten().unwrap_or_default()
    }
}
