//! What a person has to look at after an import.

use std::fmt;

/// A part of a template that was not translated, or for which the translation had to guess.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The line of the template, from 1.
    pub line: u32,
    /// The element in that line, for example `Request`.
    pub element: String,
    /// Whether something is missing from the description or only uncertain.
    pub concern: Concern,
    /// What it is about, and why.
    pub why: String,
    /// What to do about it.
    pub advice: String,
}

/// How much of a part of a template is in the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// It is missing.
    Lost,
    /// It is there, but the template does not say all that the description needs.
    Guessed,
}

impl Concern {
    /// As it stands in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "not translated",
            Self::Guessed => "to check",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            element,
            concern,
            why,
            advice,
        } = self;
        let concern = concern.as_str();
        write!(f, "line {line}: <{element}>: {concern}: {why}; {advice}")
    }
}

/// Where in a template something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) element: &'static str,
}

impl Place {
    /// The element with this name in this line.
    pub(crate) fn new(element: &'static str, line: u32) -> Self {
        Self { line, element }
    }
}

/// The notes of one import.
#[derive(Debug, Default)]
pub(crate) struct Notes(Vec<Note>);

impl Notes {
    /// Something is missing from the description.
    pub(crate) fn lost(&mut self, at: Place, why: impl Into<String>, advice: impl Into<String>) {
        self.add(at, Concern::Lost, why.into(), advice.into());
    }

    /// Something in the description is uncertain.
    pub(crate) fn guess(&mut self, at: Place, why: impl Into<String>, advice: impl Into<String>) {
        self.add(at, Concern::Guessed, why.into(), advice.into());
    }

    fn add(&mut self, at: Place, concern: Concern, why: String, advice: String) {
        let note = Note {
            line: at.line,
            element: at.element.to_owned(),
            concern,
            why,
            advice,
        };
        // The same expression may be translated for several places.
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    /// In the order of the template.
    pub(crate) fn sorted(mut self) -> Vec<Note> {
        self.0.sort();
        self.0
    }
}
