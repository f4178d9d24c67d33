//! The `SugarCRM` adapter of whocalls, for Sugar Sell, Serve and Enterprise (REST v10 and v11).
//!
//! | module | idea |
//! |---|---|
//! | `config` | the settings and their checks |
//! | `site` | the addresses of one instance: interface, records, pages |
//! | `module` | Contacts, Leads, Accounts and what differs between them |
//! | `wire` | what goes over the wire, as serde types |
//! | `error` | what Sugar's refusals mean |
//! | `login` | how tokens are got: login and refresh |
//! | `session` | when they are got: before they expire, and when Sugar rejects one |
//! | `client` | the requests |
//! | `filter` | the texts that a stored spelling of a number contains |
//! | `search` | whether global search is worth a try |
//! | `lookup` | which requests answer a lookup |
//! | `completion` | what the search index may leave out |
//! | `record` | Sugar's record as a contact of whocalls |
//! | `journal` | what each workflow writes: calls, cases, people |
//! | `objects` | each object once: resolved, created, brought up to date |
//! | `identity` | by what an object of an earlier delivery is recognised |
//! | `users` | which Sugar user an object belongs to |
//! | `workflow` | a call, a case or a person as Sugar wants it |
//! | `hook` | what Sugar's web logic hooks say |
//! | `probe` | what an administrator learns before going live |
//! | `adapter` | the trait |
//! | `measured` | what the benchmark measures apart from the network |
//!
//! The crate's README tells how to set Sugar up and which requests are sent.

mod adapter;
mod client;
mod completion;
mod config;
mod error;
mod filter;
mod hook;
mod identity;
mod journal;
mod login;
mod lookup;
#[doc(hidden)]
pub mod measured;
mod module;
mod objects;
mod probe;
mod record;
mod search;
mod session;
mod site;
mod users;
mod wire;
mod workflow;

use std::sync::Arc;

use schemars::schema_for;
use whocalls_core::{AdapterFactory, CrmAdapter, factory::read_settings};

/// The value of `kind` in `adapters.toml`.
const KIND: &str = "sugar";

/// An adapter that builds.
const EXAMPLE_TOML: &str = r#"[adapters.sugar]
kind = "sugar"
crm_name = "Sugar CRM"
crm_logo = "https://cdn.example.com/sugar.svg"
actions = ["CallFlow", "CreateCase"]
[adapters.sugar.settings]
base_url = "https://crm.example.com/rest/v11"
username = "cti"
password = { env = "SUGAR_PASSWORD" }
platform = "whocalls"                 # register it in Sugar: Admin > Configure API Platforms
modules = ["Contacts", "Leads", "Accounts"]
custom_fields = { "Job title" = "title" }
notifications = { secret = { env = "SUGAR_HOOK_SECRET" } }   # the end of the web logic hooks' URL
"#;

/// The adapter kind `sugar`.
pub fn factory() -> AdapterFactory {
    AdapterFactory {
        kind: KIND,
        summary: "SugarCRM (Sell, Serve, Enterprise) through REST v10 or v11",
        example_toml: EXAMPLE_TOML,
        settings_schema: || schema_for!(config::Settings),
        presets: &[],
        build: |context, settings| {
            let settings: config::Settings = read_settings(settings)?;
            let adapter: Arc<dyn CrmAdapter> = Arc::new(adapter::Sugar::new(&context, settings)?);
            Ok(adapter)
        },
    }
}

#[cfg(test)]
mod tests;
