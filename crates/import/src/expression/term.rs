//! What is left of an expression where the names are known, and how it is written.

use super::{Condition, quoted};

/// A value: constant, a Jinja expression, or made of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Term {
    Constant(String),
    /// A Jinja expression that can be an operand.
    Code(String, Kind),
    Join(Vec<Self>),
    Choice(Box<Condition>, Box<Self>, Box<Self>),
}

/// What kind of value an expression yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    /// A time in RFC 3339; whether it is meant in local time.
    Time {
        is_local: bool,
    },
    /// Seconds.
    Span,
}

impl Term {
    /// A text value.
    pub(crate) fn text(code: impl Into<String>) -> Self {
        Self::Code(code.into(), Kind::Text)
    }

    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self::Constant(String::new())
    }

    /// Several, one behind the other.
    pub(crate) fn join(parts: Vec<Self>) -> Self {
        let mut joined: Vec<Self> = Vec::new();
        for part in parts {
            match (joined.last_mut(), part) {
                (_, Self::Constant(text)) if text.is_empty() => {}
                (Some(Self::Constant(before)), Self::Constant(text)) => before.push_str(&text),
                (_, Self::Join(inner)) => joined.extend(inner),
                (_, part) => joined.push(part),
            }
        }
        match joined.len() {
            0 => Self::empty(),
            1 => joined.pop().unwrap_or_else(Self::empty),
            _ => Self::Join(joined),
        }
    }

    /// One of two.
    pub(crate) fn choice(condition: Condition, then: Self, otherwise: Self) -> Self {
        match condition {
            Condition::Always => then,
            Condition::Never => otherwise,
            _ if then == otherwise => then,
            condition => Self::Choice(Box::new(condition), Box::new(then), Box::new(otherwise)),
        }
    }

    /// The text, if it is constant.
    pub(crate) fn constant(&self) -> Option<&str> {
        match self {
            Self::Constant(text) => Some(text),
            _ => None,
        }
    }

    /// How many bytes its parts have.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Constant(text) | Self::Code(text, _) => text.len(),
            Self::Join(parts) => parts.iter().map(Self::len).sum(),
            Self::Choice(condition, then, otherwise) => {
                condition.len() + then.len() + otherwise.len()
            }
        }
    }

    /// What kind of value it is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Code(_, kind) => *kind,
            _ => Kind::Text,
        }
    }

    /// As a Jinja template.
    pub(crate) fn template(&self) -> String {
        match self {
            Self::Constant(text) => escaped(text),
            Self::Code(code, _) => format!("{{{{ {} }}}}", bare(code)),
            Self::Join(parts) => parts.iter().map(Self::template).collect(),
            Self::Choice(condition, then, otherwise) => {
                let mut text = format!("{{% if {} %}}{}", condition.expression(), then.template());
                let mut rest: &Self = otherwise;
                while let Self::Choice(condition, then, otherwise) = rest {
                    text.push_str("{% elif ");
                    text.push_str(&condition.expression());
                    text.push_str(" %}");
                    text.push_str(&then.template());
                    rest = otherwise;
                }
                if rest.constant() != Some("") {
                    text.push_str("{% else %}");
                    text.push_str(&rest.template());
                }
                text.push_str("{% endif %}");
                text
            }
        }
    }

    /// As a Jinja expression that can be an operand.
    pub(crate) fn code(&self) -> String {
        self.code_with(quoted)
    }

    /// As a Jinja expression that stands alone and yields numbers and truth values as such.
    pub(crate) fn typed_expression(&self) -> String {
        let code = self.code_with(|text| match text.trim().to_ascii_lowercase().as_str() {
            "" | "null" => "none".to_owned(),
            lower @ ("true" | "false") => lower.to_owned(),
            number if number.parse::<i64>().is_ok() => number.to_owned(),
            _ => quoted(text),
        });
        bare(&code).to_owned()
    }

    fn code_with(&self, constant: fn(&str) -> String) -> String {
        match self {
            Self::Constant(text) => constant(text),
            Self::Code(code, _) => code.clone(),
            Self::Join(parts) => {
                let parts: Vec<String> =
                    parts.iter().map(|part| part.code_with(constant)).collect();
                format!("({})", parts.join(" ~ "))
            }
            Self::Choice(condition, then, otherwise) => format!(
                "({} if {} else {})",
                then.code_with(constant),
                condition.expression(),
                otherwise.code_with(constant)
            ),
        }
    }

    /// As a Jinja expression that stands alone.
    pub(crate) fn expression(&self) -> String {
        bare(&self.code()).to_owned()
    }
}

/// Without the parentheses around the whole.
fn bare(code: &str) -> &str {
    let Some(inner) = code
        .strip_prefix('(')
        .and_then(|code| code.strip_suffix(')'))
    else {
        return code;
    };
    let mut depth = 0_i32;
    let mut is_quoted = false;
    let mut is_escaped = false;
    for c in inner.chars() {
        match c {
            '"' if !is_escaped => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted => depth -= 1,
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
        if depth < 0 {
            return code;
        }
    }
    inner
}

/// A text as part of a template.
fn escaped(text: &str) -> String {
    if ["{{", "{%", "{#"].iter().any(|open| text.contains(open)) || text.ends_with('{') {
        format!("{{{{ {} }}}}", quoted(text))
    } else {
        text.to_owned()
    }
}
