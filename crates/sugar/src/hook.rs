//! What Sugar's web logic hooks say (`crm-apis.md` §2.8).
//!
//! A hook sends the record as it is now, and the fields that changed with their values before and
//! after. The form of the changes differs between releases, so all that matters is taken from
//! whatever form they have.

use serde::Deserialize;
use serde_json::{Map, Value};
use whocalls_core::Changes;

use crate::module::{Module, RecordRef};

/// The body of a web logic hook, as far as it is needed.
#[derive(Deserialize)]
struct Body {
    /// The PHP class of the record, such as `Contact`.
    bean: String,
    /// The record as it is now. Its id alone, when the user behind the hook may not see more.
    #[serde(default)]
    data: Value,
    /// Fields by name, or a list of fields; empty or absent when Sugar noticed no change.
    #[serde(default, rename = "dataChanges")]
    changed: Value,
    #[serde(default, rename = "isUpdate")]
    is_update: Value,
}

/// What a hook's body says has changed. Nothing when it is about another module.
///
/// `None` when it is no such body, or leaves out which record it is about.
pub(crate) fn changes(body: &[u8]) -> Option<Changes> {
    let body: Body = serde_json::from_slice(body).ok()?;
    let Some(module) = Module::of_bean(&body.bean) else {
        return Some(Changes::default());
    };
    let data = body.data.as_object()?;
    let id = data.get("id")?.as_str().filter(|id| !id.is_empty())?;
    let changed = changed_fields(&body.changed);
    Some(Changes {
        records: vec![RecordRef { module, id }.to_string()],
        numbers: numbers(module, data, &changed),
        everything: !module.is_person() && may_be_known_by_name(&body.is_update, &changed),
    })
}

/// The names of the fields that changed, with whatever tells their values. Changes come as
/// `{"name": {…}}` or as `[{"field_name": "name", …}]`.
fn changed_fields(changed: &Value) -> Vec<(&str, &Value)> {
    match changed {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .collect(),
        Value::Array(fields) => fields
            .iter()
            .filter_map(|value| Some((value.get("field_name")?.as_str()?, value)))
            .collect(),
        _ => Vec::new(),
    }
}

/// The numbers that the record owns now or owned before the change.
fn numbers(module: Module, data: &Map<String, Value>, changed: &[(&str, &Value)]) -> Vec<String> {
    let phones = module.phone_fields();
    let mut texts = Vec::new();
    for value in phones.iter().filter_map(|field| data.get(*field)) {
        collect_texts(value, &mut texts);
    }
    for (_, value) in changed.iter().filter(|(name, _)| phones.contains(name)) {
        collect_texts(value, &mut texts);
    }
    // Names of fields and types are no numbers, and a text of letters would match any number.
    texts.retain(|text| text.contains(|c: char| c.is_ascii_digit()));
    texts.sort_unstable();
    texts.dedup();
    texts.into_iter().map(str::to_owned).collect()
}

/// All texts inside a value. `serde_json` bounds how deep it goes.
fn collect_texts<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(values) => values.iter().for_each(|value| collect_texts(value, texts)),
        Value::Object(fields) => fields
            .values()
            .for_each(|value| collect_texts(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether people may be shown with a name of this company that is no longer right. A hook does not
/// say who works there. A new company has nobody yet, and a list of changes that lacks the name
/// says that it stayed; a deletion comes without such a list.
fn may_be_known_by_name(is_update: &Value, changed: &[(&str, &Value)]) -> bool {
    let is_new = *is_update == Value::Bool(false);
    let kept_its_name = !changed.is_empty() && changed.iter().all(|(name, _)| *name != "name");
    !is_new && !kept_its_name
}

#[cfg(test)]
mod tests;
