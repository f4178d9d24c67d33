//! The text of a configuration file and positions in it.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::report::{Problem, Report};

/// Bytes of a text, as `start..end`.
pub(super) type Span = Range<usize>;

/// A configuration file that was read: its name, text and folder.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: String,
    base_dir: PathBuf,
}

impl Source {
    /// A text under a name, for tests and tools; relative paths in it start at `base_dir`.
    pub fn new(
        name: impl Into<String>,
        text: impl Into<String>,
        base_dir: impl Into<PathBuf>,
    ) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            base_dir: base_dir.into(),
        }
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// A report of one problem when the file cannot be read or is not UTF-8 text.
    pub fn read(path: &Path) -> Result<Self, Report> {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self::new(
                name,
                text,
                path.parent().unwrap_or(Path::new("")),
            )),
            Err(error) => {
                let message = format!(
                    "cannot be read: {error}; name another file with --config or WHOCALLS_CONFIG"
                );
                Err(Report::of_file(name, Problem::error(message)))
            }
        }
    }

    /// The name of the file, as given by the user.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The folder that relative paths in the file start from.
    pub fn base_dir(&self) -> &Path {
        &self.base_dir
    }
}

/// A place in a text as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl Position {
    /// The position of the byte at `offset`; the end of the text for all beyond.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..floor(text, offset)).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before.chars().count() - before.get(..line_start).map_or(0, count) + 1,
        }
    }
}

fn count(text: &str) -> usize {
    text.chars().count()
}

/// The nearest place at or before `offset` where a character starts.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "a\nüb\n";
        let at = |offset| {
            let Position { line, column } = Position::of(text, offset);
            (line, column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(1), (1, 2), "the end of a line belongs to it");
        assert_eq!(at(2), (2, 1));
        assert_eq!(at(3), (2, 1), "inside a character");
        assert_eq!(at(4), (2, 2));
        assert_eq!(at(99), (3, 1));
    }

    #[test]
    fn a_missing_file_is_reported_with_its_name() {
        let report = Source::read(Path::new("no/such/adapters.toml")).unwrap_err();
        let text = report.to_string();
        assert!(
            text.starts_with("no/such/adapters.toml: error: cannot be read: "),
            "{text}"
        );
        assert!(text.contains("--config"), "{text}");
    }
}
