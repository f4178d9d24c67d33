//! All problems of a configuration, gathered in one report.

use std::{borrow::Cow, fmt, path::Path};

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    layers::DescriptionText,
    path::KeyPath,
    render,
    source::{Position, Source, Span},
};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// The configuration works, but probably not as meant.
    Warning,
}

impl Severity {
    /// The severity as it is printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Where the text that causes a problem comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// The file as a whole.
    File,
    /// These bytes of the file.
    Text(Span),
    /// These bytes of a description that settings name, by the number of its file.
    Description {
        /// Which file.
        file: usize,
        /// Where in it.
        span: Span,
    },
    /// The environment variable of this name.
    Variable(String),
}

impl Place {
    /// A place in the text of the description number `file` as one in the whole configuration.
    pub(super) fn in_description(self, file: usize) -> Self {
        match self {
            Self::Text(span) => Self::Description { file, span },
            Self::File => Self::Description { file, span: 0..0 },
            other => other,
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The key that is concerned; the root if it is none.
    pub path: KeyPath,
    /// Where it was written.
    pub place: Place,
    /// What is wrong and what is allowed, in one sentence; never the value of a secret.
    pub message: String,
}

impl Problem {
    /// An error that concerns the file as a whole.
    pub(super) fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            path: KeyPath::default(),
            place: Place::File,
            message: message.into(),
        }
    }

    /// A warning that concerns the file as a whole.
    pub(super) fn warning(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(message)
        }
    }

    /// The same problem at `path`, which stands at `place`.
    pub(super) fn at(self, path: KeyPath, place: Place) -> Self {
        Self {
            path,
            place,
            ..self
        }
    }
}

/// Everything that is wrong with a configuration, in the order of the file.
///
/// `Display` is [`render`](Self::render) without styles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub(super) name: String,
    /// The text of the file, with asterisks instead of secrets.
    pub(super) shown: String,
    /// The descriptions that it names.
    pub(super) descriptions: Vec<DescriptionText>,
    pub(super) entries: Vec<Entry>,
}

/// A problem and its position in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) problem: Problem,
    pub(super) position: Option<Position>,
}

impl Report {
    /// Sorts `problems` by position and drops repetitions. `shown` is the text of `source` with
    /// its secrets masked, byte by byte.
    pub(super) fn new(
        source: &Source,
        shown: String,
        descriptions: Vec<DescriptionText>,
        mut problems: Vec<Problem>,
    ) -> Self {
        problems.sort_by(|a, b| rank(&a.place).cmp(&rank(&b.place)));
        let mut entries: Vec<Entry> = Vec::with_capacity(problems.len());
        for problem in problems {
            if entries.iter().any(|entry| entry.problem == problem) {
                continue;
            }
            let position = match &problem.place {
                Place::Text(span) => Some(Position::of(source.text(), span.start)),
                Place::Description { file, span } => descriptions
                    .get(*file)
                    .map(|description| Position::of(&description.shown, span.start)),
                Place::File | Place::Variable(_) => None,
            };
            entries.push(Entry { problem, position });
        }
        Self {
            name: source.name().to_owned(),
            shown,
            descriptions,
            entries,
        }
    }

    /// A report of one problem of a file whose text is not known.
    pub(super) fn of_file(name: String, problem: Problem) -> Self {
        Self {
            name,
            shown: String::new(),
            descriptions: Vec::new(),
            entries: vec![Entry {
                problem,
                position: None,
            }],
        }
    }

    /// The report with one more error at `path`, which showed when the configuration was tried.
    #[must_use]
    pub fn with_error(mut self, path: KeyPath, message: impl Into<String>) -> Self {
        let problem = Problem::error(message).at(path, Place::File);
        let entry = Entry {
            problem,
            position: None,
        };
        self.entries.insert(0, entry);
        self
    }

    /// The problems in the order of the file.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.entries.iter().map(|entry| &entry.problem)
    }

    /// The files that the configuration names as descriptions, whether or not they can be read.
    pub fn descriptions(&self) -> impl Iterator<Item = &Path> {
        self.descriptions.iter().map(|it| it.path.as_path())
    }

    /// The name and the text of the file that a place is in.
    pub(super) fn text_of(&self, place: &Place) -> (Cow<'_, str>, &str) {
        let described = match place {
            Place::Description { file, .. } => self.descriptions.get(*file),
            Place::File | Place::Text(_) | Place::Variable(_) => None,
        };
        match described {
            Some(DescriptionText { path, shown }) => (path.to_string_lossy(), shown),
            None => (Cow::Borrowed(&self.name), &self.shown),
        }
    }

    /// Whether there is nothing to report.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many problems of this severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.problems()
            .filter(|problem| problem.severity == severity)
            .count()
    }

    /// The report for people: for each problem its place and sentence, and the line of the file
    /// with a mark below. `styled` adds ANSI colours, for a terminal.
    pub fn render(&self, styled: bool) -> String {
        render::render(self, styled)
    }

    /// The problems for programs: an array of objects with `severity`, `path`, `message`, and
    /// either `file` with `line` and `column`, or `variable`.
    pub fn to_json(&self) -> Value {
        let problem = |entry| json!(JsonProblem::of(self, entry));
        self.entries.iter().map(problem).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Report {}

/// A problem for programs.
#[derive(Serialize)]
struct JsonProblem<'r> {
    severity: &'static str,
    path: String,
    message: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Cow<'r, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variable: Option<&'r str>,
}

impl<'r> JsonProblem<'r> {
    fn of(report: &'r Report, Entry { problem, position }: &'r Entry) -> Self {
        let variable = match &problem.place {
            Place::Variable(name) => Some(name.as_str()),
            Place::File | Place::Text(_) | Place::Description { .. } => None,
        };
        let (file, _) = report.text_of(&problem.place);
        Self {
            severity: problem.severity.as_str(),
            path: problem.path.to_string(),
            message: &problem.message,
            file: variable.is_none().then_some(file),
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            variable,
        }
    }
}

/// The order of places: the file as a whole, its text from the top, likewise that of each
/// description, then variables by name.
fn rank(place: &Place) -> (u8, usize, usize, &str) {
    match place {
        Place::File => (0, 0, 0, ""),
        Place::Text(span) => (1, 0, span.start, ""),
        Place::Description { file, span } => (2, *file, span.start, ""),
        Place::Variable(name) => (3, 0, 0, name),
    }
}
