//! Where a text is taken from.

use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{
        Error, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

/// Where a text comes from: one source, or a list of which the first that yields something counts.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum Sources {
    // First, because a list can also be read as the members of a table.
    /// Sources in the order of preference.
    Several(Vec<Source>),
    /// One source.
    One(Source),
}

/// Where a text comes from.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum Source {
    /// A JSONPath (RFC 9535), for example `$.person.name`; `$` is the hit or the reply. It yields
    /// texts and numbers; an array yields its elements; `null`, `false` and an empty text are as
    /// good as absent.
    Path(String),
    /// A source with more to it.
    Made(Box<SourceSettings>),
}

/// A source: one of `path`, `template` and `header`, and what is done with its text.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SourceSettings {
    /// A JSONPath (RFC 9535), for example `$.url`.
    pub(crate) path: Option<String>,
    /// A template, for texts made of several values. In a field it knows `hit`, `account`,
    /// `base_url` and, except in the field `id`, `id`; elsewhere `reply` instead of `hit`. For
    /// example `{{ hit.first }} {{ hit.last }}`.
    pub(crate) template: Option<String>,
    /// Name of a header of the reply, for example `OData-EntityId`. Not in the fields of a hit.
    pub(crate) header: Option<String>,
    /// The name of a step with `index_by`: the source is read from the hits of that step whose
    /// `index_by` equals `key`. Only in fields. For example `companies`.
    pub(crate) step: Option<String>,
    /// Sources of the text that `index_by` has to equal, in the hit itself. Needed with `step`.
    /// For example `$.org_id`.
    pub(crate) key: Option<Sources>,
    /// A regular expression: what its first group matches is the text, or all that it matches
    /// where it has no group; a text that it does not match is as good as absent. Default: the
    /// text as it is. For example `\(([^)]+)\)$`.
    pub(crate) pattern: Option<String>,
    /// What a text becomes, by the text; one that is not listed is as good as absent. Default: the
    /// text as it is. For example `{ Contact = "contact", Account = "company" }`.
    pub(crate) map: Option<IndexMap<String, String>>,
}

// By hand, because of an untagged enum serde only says that no variant fits, and not which key of a
// source is misspelled.

impl<'de> Deserialize<'de> for Sources {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SourcesVisitor)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SourceVisitor)
    }
}

struct SourcesVisitor;

impl<'de> Visitor<'de> for SourcesVisitor {
    type Value = Sources;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSONPath, a source such as { template = \"…\" }, or a list of them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Sources, E> {
        SourceVisitor.visit_str(text).map(Sources::One)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Sources, A::Error> {
        SourceVisitor.visit_map(map).map(Sources::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Sources, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Sources::Several)
    }
}

struct SourceVisitor;

impl<'de> Visitor<'de> for SourceVisitor {
    type Value = Source;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSONPath, or a source such as { template = \"…\" }")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Source, E> {
        Ok(Source::Path(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Source, A::Error> {
        let settings = SourceSettings::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Source::Made(Box::new(settings)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_misspelled_key_is_named() {
        for (sources, expected) in [
            (json!({"pth": "$.a"}), "unknown field `pth`"),
            (json!(["$.a", {"stp": "a"}]), "unknown field `stp`"),
            (json!({"path": "$.a", "map": ["x"]}), "expected a map"),
            (json!({"key": {"pth": "$.a"}}), "unknown field `pth`"),
            (json!(7), "expected a JSONPath"),
        ] {
            let error = serde_json::from_value::<Sources>(sources.clone()).unwrap_err();
            assert!(error.to_string().contains(expected), "{sources}: {error}");
        }
    }
}
