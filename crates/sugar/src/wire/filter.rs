//! The filter language (`crm-apis.md` §2.3), as far as it is used.
//!
//! The filter of a lookup has a hundred conditions, so it is a flat list that is written straight
//! into the body of the request, without a tree of JSON values in between.

use serde::{Serialize, Serializer};

/// Which records are meant.
pub(crate) enum Filter<'a> {
    /// All of them.
    All,
    /// Those for which the condition holds.
    One(Condition<'a>),
    /// Those for which at least one condition holds.
    AnyOf(Vec<Condition<'a>>),
}

/// A test of one field.
pub(crate) struct Condition<'a> {
    /// The name of the field.
    pub(crate) field: &'a str,
    /// What is asked of it.
    pub(crate) test: Test<'a>,
}

/// What is asked of a field.
#[derive(Clone, Copy, Serialize)]
pub(crate) enum Test<'a> {
    /// The text stands somewhere in the field.
    #[serde(rename = "$contains")]
    Contains(&'a str),
    /// The field holds this text and nothing else.
    #[serde(rename = "$equals")]
    Equals(&'a str),
    /// The field holds one of these texts.
    #[serde(rename = "$in")]
    In(&'a [&'a str]),
}

/// A list of definitions that all have to hold.
impl Serialize for Filter<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Or<'a> {
            #[serde(rename = "$or")]
            conditions: &'a [Condition<'a>],
        }
        match self {
            Self::All => serializer.collect_seq([(); 0]),
            Self::One(condition) => serializer.collect_seq([condition]),
            Self::AnyOf(conditions) => serializer.collect_seq([Or { conditions }]),
        }
    }
}

/// `{"<field>": {"<operator>": …}}`.
impl Serialize for Condition<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.field, self.test)])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filter_is_a_list_of_definitions() {
        let is = |field, test| Condition { field, test };
        let anna = || is("user_name", Test::Equals("a \"b\""));
        let cases = [
            (Filter::All, json!([])),
            (
                Filter::One(is("id", Test::In(&["1", "2"]))),
                json!([{ "id": { "$in": ["1", "2"] } }]),
            ),
            (
                Filter::AnyOf(vec![anna(), is("phone_work", Test::Contains("21 5"))]),
                json!([{ "$or": [
                    { "user_name": { "$equals": "a \"b\"" } },
                    { "phone_work": { "$contains": "21 5" } },
                ] }]),
            ),
        ];
        for (filter, expected) in cases {
            assert_eq!(serde_json::to_value(filter).unwrap(), expected);
        }
    }
}
