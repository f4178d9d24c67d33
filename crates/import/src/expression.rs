//! Texts of templates with values in them.
//!
//! 3CX puts them in brackets (`[Number]`, [`brackets`]), Yeastar in the braces of Go's
//! `text/template` (`{{.CallerNumber}}`, [`braces`]); both become an [`Expression`]. A [`Term`] is
//! what is left of one where the names are known: what can be decided is decided, the rest is
//! written as Jinja.

mod braces;
mod brackets;
mod condition;
mod format;
mod methods;
mod resolve;
mod term;

pub(crate) use condition::Condition;
pub(crate) use methods::millis;
pub(crate) use resolve::{Names, Resolved, Resolver};
pub(crate) use term::{Kind, Term};

/// A text with values in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expression {
    Text(String),
    Variable(String),
    /// One behind the other.
    Join(Vec<Self>),
    /// A method of a value, or a function of it.
    Call {
        on: Box<Self>,
        method: String,
        arguments: Vec<Self>,
    },
    Choice {
        condition: Box<Self>,
        then: Box<Self>,
        otherwise: Box<Self>,
    },
    Compare {
        left: Box<Self>,
        operator: Operator,
        right: Box<Self>,
    },
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// What holds where this does not.
    pub(crate) fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
        }
    }

    /// As Jinja and the templates write it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Expression {
    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self::Text(String::new())
    }

    /// Reads a text with brackets.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn bracketed(text: &str) -> Result<Self, String> {
        brackets::text(text)
    }

    /// Reads a condition with brackets: `[CallType]!=Inbound||[EntityId]==""`.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn bracketed_condition(text: &str) -> Result<Self, String> {
        brackets::condition(text)
    }

    /// Reads a text with braces.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn braced(text: &str) -> Result<Self, String> {
        braces::text(text)
    }

    /// Several, one behind the other.
    pub(crate) fn join(parts: Vec<Self>) -> Self {
        let mut joined: Vec<Self> = Vec::new();
        for part in parts {
            match (joined.last_mut(), part) {
                (_, Self::Text(text)) if text.is_empty() => {}
                (Some(Self::Text(before)), Self::Text(text)) => before.push_str(&text),
                (_, part) => joined.push(part),
            }
        }
        match joined.len() {
            0 => Self::empty(),
            1 => joined.pop().unwrap_or_else(Self::empty),
            _ => Self::Join(joined),
        }
    }

    /// The text, if there is no value in it.
    pub(crate) fn constant(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The name, if it is one value and nothing else.
    pub(crate) fn variable(&self) -> Option<&str> {
        match self {
            Self::Variable(name) => Some(name),
            _ => None,
        }
    }

    /// The names of all values in it.
    pub(crate) fn variables(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect(&mut names);
        names
    }

    fn collect<'e>(&'e self, names: &mut Vec<&'e str>) {
        if let Self::Variable(name) = self {
            names.push(name);
        }
        for part in self.parts() {
            part.collect(names);
        }
    }

    /// The expressions that it is made of.
    fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Text(_) | Self::Variable(_) => Vec::new(),
            Self::Join(parts) => parts.iter().collect(),
            Self::Call { on, arguments, .. } => std::iter::once(&**on).chain(arguments).collect(),
            Self::Choice {
                condition,
                then,
                otherwise,
            } => vec![condition, then, otherwise],
            Self::Compare { left, right, .. } | Self::And(left, right) | Self::Or(left, right) => {
                vec![left, right]
            }
            Self::Not(inner) => vec![inner],
        }
    }
}

/// A text as a literal of Jinja.
pub(crate) fn quoted(text: &str) -> String {
    let mut literal = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                literal.push('\\');
                literal.push(c);
            }
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests;
