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
//! | `account`, `shared` | what differs from one account to the next, and what all requests share |
//! | `request`, `parameters`, `body`, `credential` | one request: method, URL, headers, body, credential |
//! | `outcome` | what a reply means: success, nobody, or which failure |
//! | `hits`, `select`, `fields` | one reply: its hits, the texts in a hit, the record |
//! | `pages` | what follows a reply that is one page of several |
//! | `search` | a request together with the meaning and the hits of its reply |
//! | `asked` | what is asked, and which hits answer it |
//! | `lookup` | searches that build on each other, and whose hits are contacts |
//! | `notification` | what the CRM sends when records change |
//! | `workflow` | the requests that create, find and update an object |
//! | `adapter`, `client`, `probe` | the adapter, its way to the CRM, what a probe tells |
//! | `presets` | the descriptions that ship with the kind |
//! | `measured` | what the benchmark measures apart from the network |
//! | `notice`, `error` | warnings and failures of its own |
//!
//! Requests are sent by two modules: `lookup::run` and `workflow::delivery`, through `client`. All others
//! are pure, so what follows from which reply can be read and tested without a network.

mod account;
mod adapter;
mod asked;
mod body;
mod client;
mod compile;
mod config;
mod credential;
mod error;
mod fields;
mod hits;
mod lookup;
#[doc(hidden)]
pub mod measured;
mod notice;
mod notification;
mod number;
mod outcome;
mod pages;
mod parameters;
mod presets;
mod probe;
mod request;
mod scope;
mod search;
mod select;
mod shared;
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
        summary: "any CRM with a REST interface, by preset or by description",
        example_toml: include_str!("../examples/erp.toml"),
        settings_schema: || schemars::schema_for!(config::Settings),
        presets: presets::PRESETS,
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
