//! The `phonebook` adapter of whocalls: contacts from a CSV or vCard file.
//!
//! The file is read at the first call and again when it has changed; lookups are answered from
//! memory. See the README for the settings.
//!
//! | module | holds |
//! |---|---|
//! | `config` | the settings |
//! | `adapter` | the trait's implementation |
//! | `store` | when the file is read, and what is answered meanwhile |
//! | `load` | from a file to a book |
//! | `csv`, `rows`, `header`, `titles` | reading tables |
//! | `vcard` | reading vCards |
//! | `text` | encodings, and texts cleaned of what exports leave in them |
//! | `contact` | what the readers find |
//! | `book` | all contacts, in little memory |
//! | `tail`, `field`, `index` | which contacts may own a number |
//! | `log` | the call log: a CSV file with a row for each call |

mod adapter;
mod book;
mod config;
mod contact;
mod csv;
mod field;
mod header;
mod index;
mod load;
mod log;
mod rows;
mod store;
mod tail;
#[cfg(test)]
mod testing;
mod text;
mod titles;
mod vcard;

use std::sync::Arc;

use serde_json::Value;
use whocalls_core::{
    AdapterFactory, BuildContext, CrmAdapter, SettingProblem, factory::read_settings,
};

pub use crate::config::{Columns, Format, Settings, Titles};

/// The value of `kind` in `adapters.toml`.
const KIND: &str = "phonebook";

const EXAMPLE: &str = r#"[adapters.phonebook]
enabled = true
kind = "phonebook"
crm_name = "Phone book"

[adapters.phonebook.settings]
file = "examples/contacts.csv"    # .csv or .vcf; relative to this file
# call_log = "calls.csv"          # calls are logged here
custom_fields = { City = "Ort" }  # title on the card -> column of the file
"#;

/// The adapter kind `phonebook`.
pub fn factory() -> AdapterFactory {
    AdapterFactory {
        kind: KIND,
        summary: "contacts from a CSV or vCard file, read again when it changes",
        example_toml: EXAMPLE,
        settings_schema: || schemars::schema_for!(Settings),
        presets: &[],
        build,
    }
}

fn build(place: BuildContext, settings: Value) -> Result<Arc<dyn CrmAdapter>, Vec<SettingProblem>> {
    let settings: Settings = read_settings(settings)?;
    let problems = settings.problems();
    if problems.is_empty() {
        Ok(Arc::new(adapter::Phonebook::new(place, settings)))
    } else {
        Err(problems)
    }
}
