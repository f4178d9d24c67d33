//! What can be wrong with a template.

use std::fmt;

/// Which of the two templates of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The title of the object in the CRM.
    Subject,
    /// The body of the object in the CRM.
    Text,
}

impl Part {
    /// The key in the configuration: `subject` or `text`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Text => "text",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something wrong with a template of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {part} of workflow `{workflow}`{}: {message}", in_line(*line))]
pub struct TemplateProblem {
    /// The workflow whose template it is.
    pub workflow: String,
    /// Which template of that workflow.
    pub part: Part,
    /// The line of the template, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, and what would be right. Holds no line and no workflow.
    pub message: String,
}

fn in_line(line: Option<usize>) -> String {
    line.map(|line| format!(", line {line}"))
        .unwrap_or_default()
}
