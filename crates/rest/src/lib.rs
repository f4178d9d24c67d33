//! The declarative REST adapter: connects whocalls to any CRM with a REST interface by description
//! alone. `README.md` is the reference of the description language.
//!
//! A description is read in three steps: the settings say what may be written, compiling gathers
//! everything that is wrong with them, and the adapter carries out what is left.
//!
//! | module | idea |
//! |---|---|
//! | `config` | the language: types of the settings |
//! | `compile` | from settings to a description, with all problems at once |
//! | `template`, `scope`, `number` | templates, their variables, and the asked number as they see it |
//! | `request`, `body`, `credential` | one request: method, URL, headers, body, credential |
//! | `hits`, `select`, `fields` | one reply: its hits, the texts in a hit, the record |
//! | `search` | a request together with the hits of its reply |
//! | `lookup` | a search whose hits are contacts |
//! | `workflow` | the requests that create, find and update an object |
//! | `adapter`, `client`, `probe` | the adapter, its way to the CRM, what a probe tells |
//! | `notice`, `error` | warnings and failures of its own |
//!
//! A lookup is one request so far, and so is each step of a workflow. Whatever a description may
//! need beyond that (several requests, pages, rules for errors) becomes a module beside `search`,
//! which both are made of.

mod adapter;
mod body;
mod client;
mod compile;
mod config;
mod credential;
mod error;
mod fields;
mod hits;
mod lookup;
mod notice;
mod number;
mod probe;
mod request;
mod scope;
mod search;
mod select;
mod template;
mod workflow;

use std::sync::Arc;

use serde_json::Value;
use whocalls_core::{
    AdapterFactory, BuildContext, CrmAdapter, SettingProblem, factory::read_settings,
};

/// The value of `kind` in `adapters.toml`.
const KIND: &str = "rest";

/// The adapter kind `rest`.
pub fn factory() -> AdapterFactory {
    AdapterFactory {
        kind: KIND,
        summary: "Any CRM with a REST interface, by description.",
        example_toml: include_str!("../examples/erp.toml"),
        settings_schema: || schemars::schema_for!(config::Settings),
        build,
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature is that of all factories"
)]
fn build(
    context: BuildContext,
    settings: Value,
) -> Result<Arc<dyn CrmAdapter>, Vec<SettingProblem>> {
    let settings: config::Settings = read_settings(settings)?;
    let description = compile::compile(&settings, &context)?;
    Ok(Arc::new(adapter::RestAdapter::new(
        &context,
        &settings.http,
        description,
    )))
}
