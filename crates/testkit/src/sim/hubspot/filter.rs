//! The operators of a search (`crm-apis.md` §1.3).

use serde_json::Value;

use super::{objects::Object, reply, route::ObjectKind, schema::Schema};
use crate::upstream::Response;

const MAX_GROUPS: usize = 5;
const MAX_FILTERS_IN_GROUP: usize = 6;
const MAX_FILTERS: usize = 18;

/// One condition.
#[derive(Debug)]
enum Filter {
    Equals(String, String),
    In(String, Vec<String>),
    ContainsToken(String, String),
    /// The object is associated with one of these contacts.
    OfContacts(Vec<String>),
}

/// Groups are alternatives; the filters of a group must all hold.
#[derive(Debug)]
pub(super) struct Groups(Vec<Vec<Filter>>);

impl Groups {
    /// Reads and checks `filterGroups`.
    pub(super) fn read(schema: &Schema, kind: ObjectKind, body: &Value) -> Result<Self, Response> {
        let list = |value: &Value, key: &str| {
            let found = value.get(key).and_then(Value::as_array);
            found.cloned().unwrap_or_default()
        };
        let groups = list(body, "filterGroups");
        if groups.len() > MAX_GROUPS {
            return Err(reply::invalid("too many filter groups: at most 5"));
        }
        let groups = groups
            .iter()
            .map(|group| {
                let filters = list(group, "filters");
                if filters.len() > MAX_FILTERS_IN_GROUP {
                    return Err(reply::invalid("too many filters in a group: at most 6"));
                }
                let read = |filter| Filter::read(schema, kind, filter);
                filters.iter().map(read).collect::<Result<Vec<_>, _>>()
            })
            .collect::<Result<Vec<_>, _>>()?;
        if groups.iter().map(Vec::len).sum::<usize>() > MAX_FILTERS {
            return Err(reply::invalid("too many filters: at most 18"));
        }
        Ok(Self(groups))
    }

    pub(super) fn accept(&self, object: &Object) -> bool {
        self.0.is_empty()
            || self
                .0
                .iter()
                .any(|group| group.iter().all(|filter| filter.accepts(object)))
    }
}

impl Filter {
    fn read(schema: &Schema, kind: ObjectKind, filter: &Value) -> Result<Self, Response> {
        let text = |key: &str| filter.get(key).and_then(Value::as_str).map(str::to_owned);
        let (Some(property), Some(operator)) = (text("propertyName"), text("operator")) else {
            return Err(reply::invalid(
                "Cannot build Filter, some of required attributes are not set [propertyName, operator]",
            ));
        };
        let value = || text("value").ok_or_else(|| reply::invalid("the filter has no value"));
        let values = || {
            let values = filter.get("values").and_then(Value::as_array);
            let values = values.ok_or_else(|| reply::invalid("the filter has no values"))?;
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let values: Option<Vec<String>> = values.iter().map(text).collect();
            values.ok_or_else(|| reply::invalid("values are texts"))
        };
        if schema.is_association(kind, &property) {
            return match operator.as_str() {
                "EQ" => Ok(Self::OfContacts(vec![value()?])),
                "IN" => Ok(Self::OfContacts(values()?)),
                _ => Err(reply::invalid("an operator that is not simulated")),
            };
        }
        if !schema.defines(kind, &property) {
            return Err(reply::unknown_property(&property));
        }
        match operator.as_str() {
            "EQ" => Ok(Self::Equals(property, value()?.to_lowercase())),
            "CONTAINS_TOKEN" => Ok(Self::ContainsToken(property, value()?.to_lowercase())),
            "IN" => Ok(Self::In(property, values()?)),
            _ => Err(reply::invalid("an operator that is not simulated")),
        }
    }

    fn accepts(&self, object: &Object) -> bool {
        let stored = |property: &str| {
            let text = object.properties.get(property);
            text.map(|text| text.to_lowercase())
        };
        match self {
            Self::Equals(property, value) => stored(property).as_ref() == Some(value),
            // Not folded: values that are not in lower case find nothing.
            Self::In(property, values) => stored(property).is_some_and(|s| values.contains(&s)),
            Self::OfContacts(ids) => object.contacts.iter().any(|id| ids.contains(id)),
            Self::ContainsToken(property, pattern) => stored(property)
                .is_some_and(|text| tokens(&text).any(|token| is_match(pattern, token))),
        }
    }
}

/// The words of a text: runs of letters and digits.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|token| !token.is_empty())
}

/// Whether a token fits a pattern in which `*` stands for any characters.
fn is_match(pattern: &str, token: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == token;
    };
    let Some(token) = token.strip_prefix(head) else {
        return false;
    };
    (0..=token.len())
        .filter_map(|start| token.get(start..))
        .any(|tail| is_match(rest, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_whole_tokens() {
        let cases = [
            ("791234567", "791234567", true),
            ("*791234567", "791234567", true),
            ("*791234567", "41791234567", true),
            ("*791234567", "7912345678", false),
            ("791*567", "791234567", true),
            ("7*1*7", "791234567", true),
            ("7*2*1", "791234567", false),
            ("791", "791234567", false),
            ("*", "x", true),
        ];
        for (pattern, token, expected) in cases {
            assert_eq!(is_match(pattern, token), expected, "{pattern} on {token}");
        }
        assert_eq!(
            tokens("+41 79/123.45").collect::<Vec<_>>(),
            ["41", "79", "123", "45"]
        );
    }
}
