//! Building adapters from descriptions as they stand in `adapters.toml`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken test set-up has to fail the test"
)]

use std::{path::PathBuf, sync::Arc};

use serde_json::{Value, json};
use whocalls_core::{AdapterId, BuildContext, CrmAdapter};
use whocalls_testkit::number_plan;

/// The adapter `rest` as a document describes it, but at this address.
pub(crate) fn adapter_at(document: &str, base_url: &str, secret: &str) -> Arc<dyn CrmAdapter> {
    let mut settings = settings(document, secret);
    settings["base_url"] = base_url.into();
    (whocalls_rest::factory().build)(context(), settings).expect("the description is right")
}

/// The place of the adapter `rest`.
pub(crate) fn context() -> BuildContext {
    BuildContext {
        id: AdapterId::new("rest").expect("a valid id"),
        crm_name: "REST".to_owned(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: PathBuf::new(),
    }
}

/// The only adapter's settings in a TOML document, with `secret` for each of its secrets.
pub(crate) fn settings(document: &str, secret: &str) -> Value {
    let document: Value = toml::from_str(document).expect("the document is TOML");
    let adapters = document["adapters"].as_object().expect("a table");
    let adapter = adapters.values().next().expect("an adapter");
    assert_eq!(adapter["kind"], "rest");
    let mut settings = adapter["settings"].clone();
    resolve(&mut settings, secret);
    settings
}

/// Puts `secret` where a variable or file is named, as the loader of the configuration does.
pub(crate) fn resolve(value: &mut Value, secret: &str) {
    match value {
        Value::Object(table)
            if table.len() == 1 && (table.contains_key("env") || table.contains_key("file")) =>
        {
            *value = json!({ "value": secret });
        }
        Value::Object(table) => table.values_mut().for_each(|value| resolve(value, secret)),
        Value::Array(items) => items.iter_mut().for_each(|value| resolve(value, secret)),
        _ => {}
    }
}
