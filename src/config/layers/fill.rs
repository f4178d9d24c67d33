//! Filling the gaps of a table with what a lower layer has.

use serde_json::Value;

use crate::config::{
    path::{KeyPath, Step},
    view::{Form, View},
};

/// Puts everything of `lower` into `upper` that it lacks. Tables are mixed; arrays and all else
/// count as a whole, and so do secrets and choices. The paths of what was put in go to `laid`.
pub(super) fn fill(
    upper: &mut Value,
    lower: &Value,
    view: &View<'_>,
    path: &KeyPath,
    laid: &mut Vec<KeyPath>,
) {
    let (Value::Object(upper), Value::Object(lower)) = (upper, lower) else {
        return;
    };
    for (key, value) in lower {
        let path = path.key(key);
        let Some(present) = upper.get_mut(key) else {
            upper.insert(key.clone(), value.clone());
            list(value, path, laid);
            continue;
        };
        let view = view.child(&Step::Key(key.clone()), Some(value));
        if are_mixed(present, value, &view) {
            fill(present, value, &view, &path, laid);
        }
    }
}

/// Whether two tables say parts of the same. Of a choice, such as that between kinds of
/// credentials, the upper one alone counts, unless both choose the same or it leaves that open.
fn are_mixed(upper: &Value, lower: &Value, view: &View<'_>) -> bool {
    match view.form() {
        Form::Single => true,
        Form::Choice => false,
        Form::Tagged(tag) => upper
            .get(tag)
            .is_none_or(|chosen| lower.get(tag) == Some(chosen)),
    }
}

/// Lists the path of `value` and those of everything in it.
fn list(value: &Value, path: KeyPath, laid: &mut Vec<KeyPath>) {
    match value {
        Value::Object(table) => {
            for (key, value) in table {
                list(value, path.key(key), laid);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                list(value, path.index(index), laid);
            }
        }
        _ => {}
    }
    laid.push(path);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        let form = |kind: &str| {
            json!({
                "type": "object",
                "properties": { "kind": { "const": kind }, "a": {}, "b": {} },
                "required": ["kind"],
            })
        };
        json!({
            "properties": {
                "credential": { "oneOf": [form("x"), form("y")] },
                "source": { "anyOf": [{ "type": "string" }, { "type": "object" }] },
                "secret": { "type": "object", "x-whocalls-secret": true },
            },
        })
    }

    fn filled(mut upper: Value, lower: &Value) -> Value {
        let schema = schema();
        let view = View::new(&schema, None);
        fill(
            &mut upper,
            lower,
            &view,
            &KeyPath::default(),
            &mut Vec::new(),
        );
        upper
    }

    #[test]
    fn tables_are_mixed_and_all_else_is_replaced() {
        let lower = json!({ "t": { "a": 1, "u": { "b": 2 } }, "list": [1, 2], "n": 1, "only": { "x": [1] } });
        let upper = json!({ "t": { "u": { "c": 3 } }, "list": [3], "n": { "m": 0 } });
        let expected = json!({
            "t": { "u": { "c": 3, "b": 2 }, "a": 1 }, "list": [3], "n": { "m": 0 }, "only": { "x": [1] }
        });
        assert_eq!(filled(upper, &lower), expected);
    }

    #[test]
    fn a_choice_is_not_mixed_with_another_one() {
        let lower = json!({ "credential": { "kind": "x", "a": 1 } });
        for (upper, expected) in [
            (
                json!({ "kind": "y", "b": 2 }),
                json!({ "kind": "y", "b": 2 }),
            ),
            (
                json!({ "kind": "x", "b": 2 }),
                json!({ "kind": "x", "b": 2, "a": 1 }),
            ),
            (json!({ "b": 2 }), json!({ "b": 2, "kind": "x", "a": 1 })),
        ] {
            let whole = filled(json!({ "credential": upper }), &lower);
            assert_eq!(whole, json!({ "credential": expected }));
        }
        for key in ["source", "secret"] {
            let upper = json!({ key: { "env": "A" } });
            let lower = json!({ key: { "file": "b" } });
            assert_eq!(filled(upper.clone(), &lower), upper, "{key}");
        }
    }

    #[test]
    fn what_was_put_in_is_listed_with_all_that_is_in_it() {
        let mut upper = json!({ "t": { "a": 1 } });
        let lower = json!({ "t": { "a": 2, "b": [{ "c": 3 }] } });
        let schema = schema();
        let mut laid = Vec::new();
        let view = View::new(&schema, None);
        fill(&mut upper, &lower, &view, &KeyPath::default(), &mut laid);
        let shown: Vec<_> = laid.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["t.b[0].c", "t.b[0]", "t.b"]);
    }
}
