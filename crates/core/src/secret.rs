//! Credentials that cannot be printed by accident.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

/// A credential. `Debug` prints `***`; there is no `Display` and no `Serialize`.
///
/// In `adapters.toml` it is a reference: `{ env = "NAME" }`, `{ file = "path" }` or
/// `{ value = "text" }`. The loader replaces the first two by the third before the settings reach
/// an adapter, so that only the loader reads files and the environment.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

/// The schema keyword that marks a place where a secret reference stands.
pub const SECRET_KEYWORD: &str = "x-whocalls-secret";

impl Secret {
    /// Keeps `text` from being printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The credential itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Resolved {
            value: String,
        }
        Resolved::deserialize(deserializer).map(|resolved| Self(resolved.value))
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A credential by reference: { env = \"NAME\" }, { file = \"path\" } or { value = \"text\" }.",
            "type": "object",
            "properties": {
                "env": { "type": "string", "minLength": 1, "description": "Name of an environment variable." },
                "file": { "type": "string", "minLength": 1, "description": "Path of a file; white space at its end is dropped." },
                "value": { "type": "string", "minLength": 1, "description": "The credential itself; prefer env or file." }
            },
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
            SECRET_KEYWORD: true
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_the_credential() {
        assert_eq!(format!("{:?}", Secret::new("s3cret")), "***");
    }

    #[test]
    fn only_a_resolved_reference_is_a_secret() {
        let read = |json| serde_json::from_str::<Secret>(json);
        assert_eq!(read(r#"{"value":"x"}"#).unwrap().expose(), "x");
        assert!(read(r#"{"env":"X"}"#).is_err());
        assert!(read(r#""x""#).is_err());
    }
}
