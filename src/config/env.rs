//! The process environment as a value. Nothing else in the gateway reads it.

use std::{collections::BTreeMap, ffi::OsString, fmt};

/// What the names of variables that override the file begin with.
pub(super) const OVERRIDE_PREFIX: &str = "WHOCALLS__";

/// The environment variables that the configuration may use. Handed down, so that tests pass a
/// map.
///
/// `Debug` shows neither names nor values, since many of them are secrets.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

/// A variable whose value is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotText;

impl Environment {
    /// The variables of this process. Those whose names are not UTF-8 are of no use and left out.
    pub fn from_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect()
    }

    /// The value of a variable; none when it is not set.
    pub(super) fn get(&self, name: &str) -> Option<Result<&str, NotText>> {
        self.0.get(name).map(|value| value.to_str().ok_or(NotText))
    }

    /// The variables that override keys, sorted by name, so that a table comes before its keys.
    pub(super) fn overrides(&self) -> impl Iterator<Item = (&str, Result<&str, NotText>)> {
        self.0
            .range(OVERRIDE_PREFIX.to_owned()..)
            .take_while(|(name, _)| name.starts_with(OVERRIDE_PREFIX))
            .map(|(name, value)| (name.as_str(), value.to_str().ok_or(NotText)))
    }
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environment({} variables)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_with_the_prefix_override() {
        let environment: Environment = [
            ("WHOCALLS_CONFIG", "a"),
            ("WHOCALLS__B", "b"),
            ("WHOCALLS__A", "a"),
            ("WHOCALLT", "x"),
            ("PATH", "x"),
        ]
        .into_iter()
        .collect();
        let names: Vec<&str> = environment.overrides().map(|(name, _)| name).collect();
        assert_eq!(names, ["WHOCALLS__A", "WHOCALLS__B"]);
        assert_eq!(format!("{environment:?}"), "Environment(5 variables)");
    }

    #[test]
    fn the_process_environment_is_read() {
        let environment = Environment::from_process();
        assert!(matches!(environment.get("PATH"), Some(Ok(path)) if !path.is_empty()));
        assert_eq!(environment.get("NO SUCH VARIABLE"), None);
    }
}
