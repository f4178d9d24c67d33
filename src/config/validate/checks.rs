//! What holds between several keys. Each check runs only where the keys that it compares are sound,
//! so that one mistake is not reported twice.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use whocalls_core::AdapterFactory;

use super::{
    cache_file, references,
    shape::{Shape, is_enabled},
};
use crate::config::{
    document::Document,
    nearest::{choices, ticked},
    path::KeyPath,
    report::Problem,
    schema::{Config, Token},
};

/// What the checks look at.
pub(in crate::config) struct Checks<'c> {
    /// The sound part of the configuration.
    pub(in crate::config) config: &'c Config,
    pub(in crate::config) document: &'c Document,
    pub(in crate::config) shape: &'c Shape,
    pub(in crate::config) registry: &'c [AdapterFactory],
}

impl Checks<'_> {
    /// All problems, in no particular order.
    pub(in crate::config) fn run(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(self.open_listener());
        problems.extend(self.open_admin_listener());
        problems.extend(self.shared_address());
        problems.extend(self.repeated_token_names());
        problems.extend(references::unknown_adapters(self));
        problems.extend(cache_file::weak_protection(self));
        problems.extend(self.late_adapters());
        problems.extend(self.kinds_of_other_builds());
        problems.extend(self.nobody_to_ask());
        problems
    }

    fn open_listener(&self) -> Option<Problem> {
        let gateway = &self.config.gateway;
        let is_open = gateway.tokens.is_empty() && !is_loopback(gateway.listen);
        let path = KeyPath::of(["gateway", "listen"]);
        let is_certain = self.shape.is_sound(&KeyPath::of(["gateway", "tokens"]));
        (is_open && is_certain).then(|| {
            self.error(
                path,
                "whoever reaches this address may ask; add a token ([[gateway.tokens]]) or listen \
                 on a loopback address such as 127.0.0.1:8080",
            )
        })
    }

    fn open_admin_listener(&self) -> Option<Problem> {
        let gateway = &self.config.gateway;
        let is_open = gateway.admin_token.is_none() && !is_loopback(gateway.admin_listen);
        let path = KeyPath::of(["gateway", "admin_listen"]);
        let is_certain = self
            .shape
            .is_sound(&KeyPath::of(["gateway", "admin_token"]));
        (is_open && is_certain).then(|| {
            self.error(
                path,
                "whoever reaches this address sees the operator's pages; set gateway.admin_token \
                 or listen on a loopback address such as 127.0.0.1:8081",
            )
        })
    }

    fn shared_address(&self) -> Option<Problem> {
        let gateway = &self.config.gateway;
        // Port 0 stands for any free port.
        let is_shared = gateway.listen == gateway.admin_listen && gateway.listen.port() != 0;
        let is_certain = self.shape.is_sound(&KeyPath::of(["gateway", "listen"]))
            && self
                .shape
                .is_sound(&KeyPath::of(["gateway", "admin_listen"]));
        (is_shared && is_certain).then(|| {
            self.error(
                KeyPath::of(["gateway", "admin_listen"]),
                "this is the address of gateway.listen; operators need a port of their own",
            )
        })
    }

    fn repeated_token_names(&self) -> Vec<Problem> {
        let tokens = &self.config.gateway.tokens;
        let is_repeated = |index: usize, token: &Token| {
            let mut before = tokens.iter().take(index);
            before.any(|other| other.name == token.name)
        };
        tokens
            .iter()
            .enumerate()
            .filter(|(index, token)| is_repeated(*index, token))
            .map(|(index, token)| {
                let path = KeyPath::of(["gateway", "tokens"]).index(index).key("name");
                let name = ticked(&token.name);
                self.error(
                    path,
                    format!("another token is called {name} too; names are unique"),
                )
            })
            .collect()
    }

    /// Adapters that may take longer than a whole lookup.
    fn late_adapters(&self) -> Vec<Problem> {
        let Config {
            gateway,
            defaults,
            adapters,
            ..
        } = self.config;
        let limit = gateway.request_timeout_ms;
        if !self
            .shape
            .is_sound(&KeyPath::of(["gateway", "request_timeout_ms"]))
        {
            return Vec::new();
        }
        let inherited = KeyPath::of(["defaults", "timeout_ms"]);
        let own = |id: &str| KeyPath::of(["adapters", id, "timeout_ms"]);
        let configured = adapters.iter().filter(|(_, adapter)| adapter.enabled).map(
            |(id, adapter)| match adapter.timeout_ms {
                Some(timeout) => (own(id), timeout),
                None => (inherited.clone(), defaults.timeout_ms),
            },
        );
        configured
            .filter(|(_, timeout)| Duration::from_millis(*timeout) > gateway.request_timeout())
            .map(|(path, timeout)| {
                let message = format!(
                    "{timeout} is more than gateway.request_timeout_ms, which ends the whole \
                     lookup after {limit} (milliseconds)"
                );
                let place = self.document.place_of_value(&path);
                Problem::warning(message).at(path, place)
            })
            .collect()
    }

    /// Adapters that are not in use and whose kind this build does not have.
    fn kinds_of_other_builds(&self) -> Vec<Problem> {
        let kinds: Vec<&str> = self.registry.iter().map(|factory| factory.kind).collect();
        let adapters = self.config.adapters.iter();
        adapters
            .filter(|(_, adapter)| !adapter.enabled && !kinds.contains(&adapter.kind.as_str()))
            .map(|(id, adapter)| {
                let message = format!(
                    "this build has no kind {}, so the adapter could not be enabled; {}",
                    ticked(&adapter.kind),
                    choices(&kinds, ticked)
                );
                let path = KeyPath::of(["adapters", id, "kind"]);
                let place = self.document.place_of_value(&path);
                Problem::warning(message).at(path, place)
            })
            .collect()
    }

    fn nobody_to_ask(&self) -> Option<Problem> {
        let ids = self.adapter_ids();
        let is_certain = self.shape.is_sound(&KeyPath::of(["adapters"]));
        let is_idle = !ids.iter().any(|id| is_enabled(&self.document.value, id));
        (is_certain && is_idle).then(|| {
            let path = KeyPath::of(["adapters"]);
            let place = self.document.place_of_key(&path);
            Problem::warning("no adapter is enabled, so that nobody is ever found").at(path, place)
        })
    }

    /// The ids of all adapters, also of those whose tables have mistakes.
    pub(super) fn adapter_ids(&self) -> Vec<&str> {
        let adapters = self
            .document
            .value
            .get("adapters")
            .and_then(Value::as_object);
        adapters
            .into_iter()
            .flat_map(|table| table.keys().map(String::as_str))
            .collect()
    }

    pub(super) fn error(&self, path: KeyPath, message: impl Into<String>) -> Problem {
        let place = self.document.place_of_value(&path);
        Problem::error(message).at(path, place)
    }
}

fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}
