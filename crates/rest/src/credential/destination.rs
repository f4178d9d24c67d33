//! The address of the CRM: a setting, or what a login says.

use minijinja::Value;
use whocalls_core::{AdapterError, AdapterId, ErrorKind, Operation};
use whocalls_http::BaseUrl;

use super::{hosts::Hosts, reader::Reader};
use crate::{
    scope::{Scope, Variables},
    template::{Place, Template},
};

/// Where the requests go.
pub(crate) enum Destination {
    /// To this address.
    Fixed(BaseUrl),
    /// To the address that a login brings, if its host is one of these.
    Told {
        address: Box<Template>,
        account: Value,
        hosts: Hosts,
    },
}

impl Destination {
    /// Reads `base_url`. It is told by the login when its template uses `auth`, whose names are
    /// `auth`.
    pub(crate) fn compile(
        base_url: &str,
        allowed_hosts: &[String],
        auth: &[String],
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let hosts = Hosts::compile(allowed_hosts, reader.problems);
        let before = reader.problems.count();
        if !uses_auth(base_url) {
            if !allowed_hosts.is_empty() {
                reader.problems.add(
                    "allowed_hosts",
                    "this is for a base_url that uses `auth`; the requests go to the host of \
                     base_url and to no other",
                );
            }
            let text = reader.address_text("base_url", base_url);
            if reader.problems.count() > before {
                return None;
            }
            let base = BaseUrl::parse("base_url", &text);
            return reader.problems.kept(base).map(Self::Fixed);
        }
        let scope = Scope::told_address(reader.account, auth);
        let place = Place::Address;
        let template = reader
            .problems
            .template("base_url", base_url, place, &scope);
        Some(Self::Told {
            address: Box::new(template),
            account: reader.account.public().clone(),
            hosts,
        })
    }

    /// The address in the settings.
    pub(crate) fn fixed(&self) -> Option<&BaseUrl> {
        match self {
            Self::Fixed(base) => Some(base),
            Self::Told { .. } => None,
        }
    }

    /// Also allows the host that the login itself takes place at.
    pub(crate) fn allow(&mut self, url: &url::Url) {
        if let Self::Told { hosts, .. } = self {
            hosts.allow(url);
        }
    }

    /// The address, for what the login brought.
    ///
    /// # Errors
    /// `Protocol` when it brought no address, or one that is not allowed.
    pub(crate) fn resolve(
        &self,
        auth: &Value,
        adapter: &AdapterId,
    ) -> Result<BaseUrl, AdapterError> {
        let (address, account, hosts) = match self {
            Self::Fixed(base) => return Ok(base.clone()),
            Self::Told {
                address,
                account,
                hosts,
            } => (address, account, hosts),
        };
        let refuse = |reason: &str| {
            let message = format!(
                "the address of the CRM that the login brought (base_url) cannot be used: {reason}"
            );
            AdapterError::new(
                ErrorKind::Protocol,
                adapter,
                Operation::Authenticate,
                message,
            )
        };
        let variables = Variables::default()
            .with("account", account.clone())
            .with("auth", auth.clone());
        let text = address
            .render(&Value::from(variables))
            .map_err(|_| refuse("it is empty or no address"))?;
        let base = BaseUrl::parse("base_url", &text).map_err(|_| refuse("it is no address"))?;
        hosts.check(&base.join([])).map_err(refuse)?;
        Ok(base)
    }
}

/// Whether a template uses what a login brings. A wrong guess is reported when it is compiled.
fn uses_auth(source: &str) -> bool {
    source.contains("{{") && source.contains("auth.")
}
