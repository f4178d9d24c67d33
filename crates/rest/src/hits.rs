//! Where the hits are in a reply.

use std::ops::ControlFlow;

use serde_json::Value;

use crate::{
    compile::Problems,
    config::MissingHits,
    select::{Path, is_absent},
};

/// The place of the hits in a reply.
pub(crate) struct Hits {
    path: Path,
    /// The list that they are in: the part of the path in front of the first `[*]` or other
    /// selector of several values, as text and parsed.
    list: Option<(String, Path)>,
    missing: MissingHits,
}

/// The reply has no list where the hits should be. Holds the path of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoList(pub(crate) String);

impl Hits {
    /// Reads the path of the hits, which is the setting at `at`.
    pub(crate) fn compile(
        hits: &str,
        missing: MissingHits,
        at: &str,
        problems: &mut Problems,
    ) -> Self {
        let path = problems.json_path(at, hits);
        let list =
            list_in_front(hits).and_then(|text| Some((text.to_owned(), Path::parse(text).ok()?)));
        Self {
            path,
            list,
            missing,
        }
    }

    /// How many elements the list has that the hits are chosen from; none if they stand in no list.
    pub(crate) fn listed(&self, reply: &Value) -> Option<usize> {
        let (_, list) = self.list.as_ref()?;
        list.first(reply)?.as_array().map(Vec::len)
    }

    /// The hits in `reply`; none if the list is empty, `null` or `false`.
    ///
    /// A reply without the list is another reply than described, such as an error with status
    /// 200, and must not pass for "nobody".
    ///
    /// # Errors
    /// [`NoList`], unless the description says that a missing list means nobody.
    pub(crate) fn select<'v>(&self, reply: &'v Value) -> Result<Vec<&'v Value>, NoList> {
        if let Some((text, list)) = &self.list {
            match list.first(reply) {
                Some(Value::Array(_) | Value::Object(_)) => {}
                Some(value) if is_absent(value) => return Ok(Vec::new()),
                None if self.missing == MissingHits::Nobody => return Ok(Vec::new()),
                _ => return Err(NoList(text.clone())),
            }
        }
        let mut hits = Vec::new();
        let _all = self.path.each(reply, |hit| {
            hits.extend(Some(hit).filter(|hit| !is_absent(hit)));
            ControlFlow::<()>::Continue(())
        });
        Ok(hits)
    }
}

/// The part of a JSONPath that leads to one value: everything in front of the first segment that
/// can select several. None when the whole path does.
pub(crate) fn list_in_front(path: &str) -> Option<&str> {
    let mut segment = 0;
    let mut quote = None;
    let mut is_escaped = false;
    for (position, c) in path.char_indices() {
        if let Some(open) = quote {
            if c == open && !is_escaped {
                quote = None;
            }
            is_escaped = c == '\\' && !is_escaped;
            continue;
        }
        match c {
            '\'' | '"' => quote = Some(c),
            '.' if path.get(..position)?.ends_with('.') => return path.get(..segment),
            '.' | '[' => segment = position,
            '*' | '?' | ':' | ',' => return path.get(..segment),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hits(path: &str, missing: MissingHits) -> Hits {
        Hits {
            path: Path::parse(path).unwrap(),
            list: list_in_front(path).map(|text| (text.into(), Path::parse(text).unwrap())),
            missing,
        }
    }

    #[test]
    fn the_list_is_what_stands_in_front_of_the_first_plural_segment() {
        for (path, list) in [
            ("$[*]", Some("$")),
            ("$.items[*]", Some("$.items")),
            ("$.data.items[*].item", Some("$.data.items")),
            ("$[ * ].person", Some("$")),
            ("$['a[*].b'][*]", Some("$['a[*].b']")),
            (r#"$["it\"s, *"].x[*]"#, Some(r#"$["it\"s, *"].x"#)),
            (r"$['\\'][*]", Some(r"$['\\']")),
            ("$.items[?@.type == 'person']", Some("$.items")),
            ("$.items[0:5]", Some("$.items")),
            ("$.result['CONTACT','LEAD'][*]", Some("$.result")),
            ("$.a.*", Some("$.a")),
            ("$.a..person", Some("$.a")),
            ("$..person", Some("$")),
            ("$.data.person", None),
            ("$", None),
        ] {
            assert_eq!(list_in_front(path), list, "{path}");
            if let Some(list) = list {
                assert!(Path::parse(list).is_ok(), "{list}");
            }
        }
    }

    #[test]
    fn an_empty_list_is_nobody_and_a_missing_one_is_another_reply() {
        let hits = |reply| {
            hits("$.data.items[*]", MissingHits::Fail)
                .select(&reply)
                .map(|h| h.len())
        };
        let missing = Err(NoList("$.data.items".into()));
        for (reply, expected) in [
            (json!({"data": {"items": [{"id": 1}, {"id": 2}]}}), Ok(2)),
            (json!({"data": {"items": [{"id": 1}, null, false]}}), Ok(1)),
            (json!({"data": {"items": {"a": {"id": 1}}}}), Ok(1)),
            (json!({"data": {"items": []}}), Ok(0)),
            (json!({"data": {"items": null}}), Ok(0)),
            (json!({"data": {"items": false}}), Ok(0)),
            (json!({"data": {"items": "none"}}), missing.clone()),
            (json!({"data": {"items": 0}}), missing.clone()),
            (json!({"data": {}}), missing.clone()),
            (json!({"error": "token expired"}), missing.clone()),
            (json!([]), missing.clone()),
            (json!("error"), missing),
        ] {
            assert_eq!(hits(reply.clone()), expected, "{reply}");
        }
    }

    #[test]
    fn a_missing_list_may_mean_nobody() {
        let hits = hits("$.results[*]", MissingHits::Nobody);
        assert_eq!(hits.select(&json!({})), Ok(vec![]));
        assert!(hits.select(&json!({"results": "x"})).is_err());
    }

    #[test]
    fn a_path_to_one_value_finds_one_or_nobody() {
        let hits = hits("$.person", MissingHits::Fail);
        assert_eq!(hits.select(&json!({"person": {"id": 1}})).unwrap().len(), 1);
        assert_eq!(hits.select(&json!({"person": null})), Ok(vec![]));
        assert_eq!(hits.select(&json!({})), Ok(vec![]));
    }
}
