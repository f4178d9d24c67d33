//! x
#![allow(dead_code, reason = "wip")]
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
mod select;
mod template;

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
