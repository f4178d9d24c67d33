//! The `SuiteCRM` adapter of whocalls: SuiteCRM 7 and 8 through V8 or `v4_1`, SugarCRM Community
//! Edition 6.5 through `v4_1`.
//!
//! | module | idea |
//! |---|---|
//! | `config` | the settings, and which of them belong together |
//! | `site` | the addresses of one instance: interface and pages |
//! | `module` | Contacts, Leads, Accounts and what differs between them |
//! | `pattern` | the `LIKE` pattern of a number: digits and `%` |
//! | `interface` | what both interfaces do for the adapter |
//! | `v8` | the JSON:API with OAuth 2: requests, tokens, refusals |
//! | `v4_1` | the form protocol: requests, sessions, faults |
//! | `error` | what both have in common when they fail |
//! | `texts` | the fields of a record, whatever their shape |
//! | `record` | SuiteCRM's record as a contact of whocalls |
//! | `lookup` | one request for each module |
//! | `journal` | what each workflow writes, once |
//! | `object`, `workflow` | a call, a case or a person as SuiteCRM wants it |
//! | `probe` | what an administrator learns before going live |
//! | `adapter` | the trait |
//!
//! The crate's README tells how to set SuiteCRM up and which requests are sent.

mod adapter;
mod config;
mod error;
mod interface;
mod journal;
mod lookup;
mod module;
mod object;
mod pattern;
mod probe;
mod record;
mod site;
mod texts;
mod v4_1;
mod v8;
mod workflow;

use std::sync::Arc;

use schemars::schema_for;
use whocalls_core::{AdapterFactory, CrmAdapter, factory::read_settings};

/// The value of `kind` in `adapters.toml`.
const KIND: &str = "suitecrm";

/// An adapter that builds.
const EXAMPLE_TOML: &str = r#"[adapters.suite]
kind = "suitecrm"
crm_name = "SuiteCRM"
crm_logo = "https://cdn.example.com/suitecrm.svg"
actions = ["CallFlow", "CreateCase"]
[adapters.suite.settings]
base_url = "https://suite.example.com"
api = "v8"                            # or "v4_1" with username and password
api_path = "/Api"                     # SuiteCRM 8: "/legacy/Api"
client_id = "3f1d6a52-0c5e-4f0a-9a52-6f0d9f3f1c11"   # Admin > OAuth2 Clients and Tokens
client_secret = { env = "SUITECRM_SECRET" }
modules = ["Contacts", "Leads", "Accounts"]
custom_fields = { "Job title" = "title" }
"#;

/// The adapter kind `suitecrm`.
pub fn factory() -> AdapterFactory {
    AdapterFactory {
        kind: KIND,
        summary: "SuiteCRM 7 and 8 (V8 or v4_1), SugarCRM Community Edition 6.5 (v4_1)",
        example_toml: EXAMPLE_TOML,
        settings_schema: || schema_for!(config::Settings),
        presets: &[],
        build: |context, settings| {
            let settings: config::Settings = read_settings(settings)?;
            let adapter: Arc<dyn CrmAdapter> =
                Arc::new(adapter::SuiteCrm::new(&context, settings)?);
            Ok(adapter)
        },
    }
}

#[cfg(test)]
mod tests;
