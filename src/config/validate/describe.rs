//! What a schema says about itself.

use serde_json::Value;

/// The first sentence of a schema's description.
pub(super) fn description(schema: &Value) -> Option<String> {
    let text = schema.get("description")?.as_str()?;
    let end = [". ", ".\n"].iter().filter_map(|end| text.find(end)).min();
    let sentence = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let sentence = sentence.trim_end_matches('.').replace('\n', " ");
    (!sentence.is_empty()).then_some(sentence)
}

/// The first sentence of a schema's description, or of that of the schema that it refers to.
pub(super) fn description_of_key(schema: &Value, root: &Value) -> Option<String> {
    let target = || {
        let reference = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
        description(root.pointer(reference)?)
    };
    description(schema).or_else(target)
}
