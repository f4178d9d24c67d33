//! Paths into a document (JSONPath, RFC 9535).

use std::ops::ControlFlow;

use serde_json::Value;
use serde_json_path::{JsonPath, ParseError};

/// A path into a document.
#[derive(Debug)]
pub(crate) struct Path(Way);

#[derive(Debug)]
enum Way {
    /// Most paths: they are gone step by step. The library lists what every part of a path selects,
    /// which takes several times as long.
    Steps(Vec<Step>),
    /// Any other path.
    General(JsonPath),
}

/// One step from a value to those in it.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// `.name`
    Member(String),
    /// `[0]`
    Element(usize),
    /// `[*]`: all elements of an array, all members of an object.
    All,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// That of the library that evaluates any path.
    pub(crate) fn parse(text: &str) -> Result<Self, ParseError> {
        let general = JsonPath::parse(text)?;
        let way = steps(text).map_or(Way::General(general), Way::Steps);
        Ok(Self(way))
    }

    /// Has `found` look at the selected values, in their order, until it breaks.
    pub(crate) fn each<'v, B>(
        &self,
        document: &'v Value,
        mut found: impl FnMut(&'v Value) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        match &self.0 {
            Way::Steps(steps) => go(steps, document, &mut found),
            Way::General(path) => path.query(document).into_iter().try_for_each(found),
        }
    }

    /// The first selected value.
    pub(crate) fn first<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        self.each(document, ControlFlow::Break).break_value()
    }

    /// Whether a selected value passes the test.
    pub(crate) fn any(&self, document: &Value, test: impl Fn(&Value) -> bool) -> bool {
        let passes = |value| {
            if test(value) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        self.each(document, passes).is_break()
    }
}

/// The path to the whole document.
impl Default for Path {
    fn default() -> Self {
        Self(Way::Steps(Vec::new()))
    }
}

/// The steps of a valid path; none when it has more than members, elements and `[*]`.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let step = if let Some(behind) = rest.strip_prefix("[*]") {
            rest = behind;
            Step::All
        } else if let Some(behind) = rest.strip_prefix('[') {
            let (number, behind) = behind.split_once(']')?;
            rest = behind;
            let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
            Step::Element(number.parse().ok().filter(|_| is_number)?)
        } else {
            let behind = rest.strip_prefix('.')?;
            let end = behind.find(['.', '[']).unwrap_or(behind.len());
            let (name, behind) = behind.split_at_checked(end)?;
            rest = behind;
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(is_part) {
                return None;
            }
            Step::Member(name.to_owned())
        };
        steps.push(step);
    }
    Some(steps)
}

fn go<'v, B>(
    steps: &[Step],
    value: &'v Value,
    found: &mut impl FnMut(&'v Value) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut value = value;
    let mut steps = steps;
    while let Some((step, rest)) = steps.split_first() {
        let next = match (step, value) {
            (Step::Member(name), Value::Object(members)) => members.get(name),
            (Step::Element(number), Value::Array(items)) => items.get(*number),
            (Step::All, Value::Array(items)) => {
                return items.iter().try_for_each(|item| go(rest, item, found));
            }
            (Step::All, Value::Object(members)) => {
                let mut members = members.values();
                return members.try_for_each(|member| go(rest, member, found));
            }
            _ => None,
        };
        let Some(next) = next else {
            return ControlFlow::Continue(());
        };
        (value, steps) = (next, rest);
    }
    found(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn selected<'v>(path: &Path, document: &'v Value) -> Vec<&'v Value> {
        let mut values = Vec::new();
        let all = path.each(document, |value| {
            values.push(value);
            ControlFlow::<()>::Continue(())
        });
        assert!(all.is_continue());
        values
    }

    #[test]
    fn members_elements_and_wildcards_are_gone_step_by_step() {
        for (path, count) in [
            ("$", 0),
            ("$.value[*]", 2),
            ("$.a_1.B[0][*].c", 5),
            ("$[12]", 1),
        ] {
            assert_eq!(steps(path).map(|steps| steps.len()), Some(count), "{path}");
        }
        for path in [
            "$..a",
            "$.*",
            "$[ * ]",
            "$['a']",
            "$[-1]",
            "$[0:2]",
            "$[0,1]",
            "$[?@.a]",
            "$.ä",
            "$.a .b",
            "$[99999999999999999999]",
        ] {
            assert_eq!(steps(path), None, "{path}");
        }
    }

    #[test]
    fn the_first_value_ends_the_search() {
        let document = json!({"a": [{"b": 1}, {"b": 2}]});
        let path = Path::parse("$.a[*].b").unwrap();
        assert_eq!(path.first(&document), Some(&json!(1)));
        assert!(path.any(&document, |value| *value == 2));
        assert!(!path.any(&document, |value| *value == 3));
    }

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            Just(json!("a")),
            (0..9).prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 4, |inner| {
            let members = prop::collection::vec(("[abc]", inner.clone()), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                members.prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn steps_select_what_the_library_selects(
            document in documents(),
            path in r"\$(\.[abc]|\[[0-3]\]|\[\*\]){0,4}",
        ) {
            let general = JsonPath::parse(&path).unwrap();
            let path = Path::parse(&path).unwrap();
            prop_assert!(matches!(path.0, Way::Steps(_)));
            prop_assert_eq!(selected(&path, &document), general.query(&document).all());
        }
    }
}
