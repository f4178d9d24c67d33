//! The fields of a record as texts, read without what nobody asks for: a lookup waits for it.

use serde::{Deserialize, Deserializer, de::MapAccess};
use serde_json::Number;
use whocalls_http::decode_entities;

use whocalls_http::{Lenient, lenient};

/// Room for the fields that a module is asked for.
const ROOM: usize = 16;

/// Texts by the names of fields. A field without text is known too, as one that the record came
/// with.
///
/// There are some fifteen: a search through all of them is quicker than a hash.
#[derive(Default)]
pub(crate) struct Texts(Vec<(String, Text)>);

/// The text of a field as a person wrote it: without HTML entities and the white space around it.
/// None for what is no text, number or flag.
#[derive(Default)]
pub(crate) struct Text(Option<String>);

impl Texts {
    /// No texts, with room for those of a record.
    pub(crate) fn with_room() -> Self {
        Self(Vec::with_capacity(ROOM))
    }

    /// The text of a field. SuiteCRM sends the empty string for a field without a value: that
    /// counts as absent.
    pub(crate) fn get(&self, field: &str) -> Option<&str> {
        let mut fields = self.0.iter().rev().filter(|(name, _)| name == field);
        let text = fields.find_map(|(_, text)| text.0.as_deref());
        text.filter(|text| !text.is_empty())
    }

    /// The same, for good.
    pub(crate) fn take(&mut self, field: &str) -> Option<String> {
        self.remove(field).0.filter(|text| !text.is_empty())
    }

    /// The text of a field, also an empty one, for good.
    pub(crate) fn remove(&mut self, field: &str) -> Text {
        let mut fields = self.0.iter_mut().rev().filter(|(name, _)| name == field);
        Text(fields.find_map(|(_, text)| text.0.take()))
    }

    /// Whether the record came with the field.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(name, _)| name == field)
    }

    /// Adds a field, whose text, if it has one, counts instead of the one that is there.
    pub(crate) fn push(&mut self, field: String, text: Text) {
        self.0.push((field, text));
    }
}

impl Lenient for Texts {
    fn of_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut texts = Self::with_room();
        while let Some((field, text)) = map.next_entry()? {
            texts.push(field, text);
        }
        Ok(texts)
    }
}

impl Lenient for Text {
    fn of_text(text: &str) -> Self {
        Self(Some(decode_entities(text).trim().to_owned()))
    }

    fn of_number(number: Number) -> Self {
        Self(Some(number.to_string()))
    }

    fn of_flag(flag: bool) -> Self {
        Self(Some(flag.to_string()))
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn texts(fields: Value) -> Texts {
        serde_json::from_value(fields).unwrap()
    }

    #[test]
    fn a_field_has_its_text_until_it_is_taken() {
        let mut texts = texts(json!({
            "name": " O&#039;Neill&nbsp;", "phone_work": "", "phone_home": "&nbsp;", "fax": null,
            "rating_c": 4.5, "count": 7, "less": -7, "flag": false, "tags": ["a"], "link": {},
        }));
        for (field, text) in [
            ("name", Some("O'Neill")),
            ("rating_c", Some("4.5")),
            ("count", Some("7")),
            ("less", Some("-7")),
            ("flag", Some("false")),
            ("phone_work", None),
            ("phone_home", None),
            ("fax", None),
            ("tags", None),
            ("link", None),
        ] {
            assert!(texts.has(field), "{field}");
            assert_eq!(texts.get(field), text, "{field}");
            assert_eq!(texts.take(field).as_deref(), text, "{field}");
            assert_eq!(texts.take(field), None, "{field}");
        }
        assert!(!texts.has("email1"));
    }

    #[test]
    fn a_later_text_counts_and_a_later_field_without_one_does_not() {
        let mut texts = texts(json!({ "account_name": "Text AG" }));
        texts.push("account_name".to_owned(), Text::default());
        assert_eq!(texts.get("account_name"), Some("Text AG"));
        for (text, counts) in [("Linked AG", Some("Linked AG")), ("", None)] {
            texts.push("account_name".to_owned(), Text::of_text(text));
            assert_eq!(texts.get("account_name"), counts);
        }
    }

    /// PHP writes an empty object as a list.
    #[test]
    fn what_is_no_object_has_no_fields() {
        for odd in [
            json!([]),
            json!(["a"]),
            json!(null),
            json!("a"),
            json!(1),
            json!(true),
        ] {
            assert!(!texts(odd).has("a"));
        }
    }
}
