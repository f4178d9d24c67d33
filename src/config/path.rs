//! Where in the configuration something stands.

use std::fmt;

use serde_json::Value;

/// One step from a table or array to something in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// A place in an array, from 0.
    Index(usize),
}

impl Step {
    /// What it leads to from `value`.
    pub(super) fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match self {
            Self::Key(key) => value.as_object()?.get(key),
            Self::Index(index) => value.as_array()?.get(*index),
        }
    }
}

/// The way from the root of the configuration to one of its values.
///
/// `Display` writes it as TOML would: `gateway.tokens[0].name`, `users."anna@example.ch"`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct KeyPath(Vec<Step>);

impl KeyPath {
    /// The path made of these keys.
    pub fn of<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Self {
        Self(keys.into_iter().map(|key| Step::Key(key.into())).collect())
    }

    /// The path of `key` in the table at this path.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.then(Step::Key(key.into()))
    }

    /// The path of the element `index` of the array at this path.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    /// This path and one more step.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The path of the table or array that holds this value; none for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    /// The key that this path ends with.
    pub fn last_key(&self) -> Option<&str> {
        match self.0.last()? {
            Step::Key(key) => Some(key),
            Step::Index(_) => None,
        }
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is `other` or lies in it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The value at this path.
    pub fn find<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(root, |value, step| step.of(value))
    }

    /// Reads a JSON Pointer (RFC 6901) to a place in `root`. Only `root` tells keys that look like
    /// numbers from indices.
    pub(super) fn from_pointer(pointer: &str, root: &Value) -> Self {
        let tokens = pointer
            .split('/')
            .skip(1)
            .map(|token| token.replace("~1", "/").replace("~0", "~"));
        Self::descend(tokens, Some(root))
    }

    /// Reads keys and indices joined by `.`, as in [`SettingProblem::path`], from `root` on.
    ///
    /// [`SettingProblem::path`]: whocalls_core::SettingProblem::path
    pub(super) fn from_dotted(dotted: &str, root: &Value) -> Self {
        let tokens = dotted
            .split('.')
            .filter(|token| !token.is_empty())
            .map(str::to_owned);
        Self::descend(tokens, Some(root))
    }

    fn descend(tokens: impl Iterator<Item = String>, mut value: Option<&Value>) -> Self {
        let mut path = Self::default();
        for token in tokens {
            if let (Some(Value::Array(items)), Ok(index)) = (value, token.parse()) {
                value = items.get(index);
                path = path.index(index);
            } else {
                value = value.and_then(|value| value.get(&token));
                path = path.key(token);
            }
        }
        path
    }

    /// Both paths, one after the other.
    #[must_use]
    pub(super) fn join(&self, rest: &Self) -> Self {
        Self(self.0.iter().chain(&rest.0).cloned().collect())
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    if place > 0 {
                        f.write_str(".")?;
                    }
                    if is_bare(key) {
                        f.write_str(key)?;
                    } else {
                        write!(f, "{key:?}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether TOML takes the key without quotes (TOML 1.0, "Keys").
fn is_bare(key: &str) -> bool {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !key.is_empty() && key.chars().all(is_bare)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_reads_like_toml() {
        let path = KeyPath::of(["gateway", "tokens"]).index(0).key("name");
        assert_eq!(path.to_string(), "gateway.tokens[0].name");
        let path = KeyPath::of(["users", "anna@example.ch", ""]);
        assert_eq!(path.to_string(), r#"users."anna@example.ch"."""#);
        assert_eq!(KeyPath::default().to_string(), "");
    }

    #[test]
    fn the_document_tells_keys_from_indices() {
        let root = json!({ "a": [{ "7": { "": { "b/~": 1 } } }] });
        let path = KeyPath::from_pointer("/a/0/7//b~1~0", &root);
        assert_eq!(
            path,
            KeyPath::of(["a"])
                .index(0)
                .join(&KeyPath::of(["7", "", "b/~"]))
        );
        assert_eq!(path.find(&root), Some(&json!(1)));
        assert_eq!(KeyPath::from_dotted("a.0.7", &root).to_string(), "a[0].7");
        assert!(KeyPath::from_pointer("", &root).is_root());
    }
}
