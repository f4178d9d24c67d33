//! Query languages: how a value becomes a literal, so that it cannot end it.
//!
//! Between quotes, every character is data; the rules are those of the language ([`Language`]).
//! Outside of quotes a value is one word that means itself: a number, an identifier such as a GUID
//! or a date, in search languages a word. Whatever else it is (it may have been an operator) is
//! refused, and the request is not sent.

use std::{borrow::Cow, fmt};

use jiff::{Timestamp, civil};
use minijinja::{Error, ErrorKind, Value};

use super::{
    marks::{self, Piece, pieces},
    text_of,
};

/// Between the text of a value and its JSON.
const TYPED: char = '\u{fdd2}';

/// Reserved in a SOSL search: "escaped (preceded by the backslash), even if the `SearchQuery` is
/// enclosed in double quotes" (Salesforce, SOQL and SOSL Reference, "FIND clause").
const SOSL: &str = "?&|!{}[]()^~*:\\\"'+-";
/// Reserved in a Lucene query (`QueryParserBase.escape`), with `=`, `<` and `>`, which Elasticsearch
/// reserves too (Query DSL, "Query string query: reserved characters").
const LUCENE: &str = "\\+-!():^[]\"{}~*?|&/=<>";

/// A language that texts of a request may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// `OData`: a quote in a string is doubled (`OData` 4.01 ABNF, `SQUOTE-in-string`).
    Odata,
    /// SQL and what resembles it. A quote is doubled (ISO 9075-2 §5.3) and so is a backslash, which
    /// some databases take for an escape (`MySQL` manual §11.1.1); where it is none, the text has one
    /// too many, and finds nothing.
    Sql,
    /// Salesforce SOQL: `\'` and `\\` (SOQL and SOSL Reference, "Quoted String Escape Sequences").
    Soql,
    /// Salesforce SOSL: a backslash before each of [`SOSL`]; SOQL in its single quotes.
    Sosl,
    /// Lucene, Solr and Elasticsearch query strings: a backslash before each of [`LUCENE`].
    Lucene,
    /// JSON as text (RFC 8259 §7); outside of quotes a value becomes JSON of its type.
    JsonText,
}

/// Where in a text of the language a value stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Position {
    /// The quote that is open.
    quote: Option<char>,
    /// The character before was a backslash that escapes the next one.
    is_escaped: bool,
}

impl Position {
    /// Whether a quote is open.
    pub(super) fn is_open(self) -> bool {
        self.quote.is_some()
    }

    /// Whether a backslash stands in front.
    pub(super) fn is_escaped(self) -> bool {
        self.is_escaped
    }
}

impl Language {
    /// All languages.
    pub(crate) const ALL: [Self; 6] = [
        Self::Odata,
        Self::Sql,
        Self::Soql,
        Self::Sosl,
        Self::Lucene,
        Self::JsonText,
    ];

    /// The name in descriptions.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Odata => "odata",
            Self::Sql => "sql",
            Self::Soql => "soql",
            Self::Sosl => "sosl",
            Self::Lucene => "lucene",
            Self::JsonText => "json_text",
        }
    }

    /// The text for a place between the quotes that the language usually has, as a filter gives it.
    pub(super) fn literal(self, text: &str) -> String {
        let quote = if self == Self::Sosl || self == Self::Lucene {
            '"'
        } else {
            '\''
        };
        self.quoted(quote, text)
    }

    /// Writes a value with marks; [`assemble`](Self::assemble) escapes it.
    pub(super) fn write(self, out: &mut dyn fmt::Write, value: &Value) -> Result<(), Error> {
        // Patterns of a number, which consist of digits and wildcards.
        if value.is_safe() {
            return Ok(write!(out, "{value}")?);
        }
        let text = without_typed(text_of(value));
        if self != Self::JsonText {
            return Ok(marks::write(out, &text)?);
        }
        Ok(marks::write(
            out,
            &format!("{text}{TYPED}{}", typed(value)?),
        )?)
    }

    /// Writes a value at a position that is known, as [`write`](Self::write) and
    /// [`assemble`](Self::assemble) together do.
    ///
    /// # Errors
    /// That of a value that cannot stand there.
    pub(super) fn insert(
        self,
        position: Position,
        value: &Value,
        out: &mut String,
    ) -> Result<(), Error> {
        let text = text_of(value);
        if value.is_safe() {
            out.push_str(&text);
            return Ok(());
        }
        if position.quote.is_none() && self == Self::JsonText {
            out.push_str(&marks::clean(&typed(value)?));
            return Ok(());
        }
        let text = without_typed(text);
        let placed = self.placed(position.quote, &marks::clean(&text), "");
        out.push_str(&placed.map_err(|reason| Error::new(ErrorKind::InvalidOperation, reason))?);
        Ok(())
    }

    /// Puts the marked values into a rendered text.
    ///
    /// # Errors
    /// A sentence about a text that does not fit the language, or a value that cannot stand outside
    /// of quotes.
    pub(super) fn assemble(self, marked: &str) -> Result<String, &'static str> {
        let mut text = String::with_capacity(marked.len() + 16);
        let mut position = Position::default();
        for piece in pieces(marked) {
            match piece {
                Piece::Text(piece) => {
                    self.advance(&mut position, piece)?;
                    text.push_str(piece);
                }
                Piece::Value(_) if position.is_escaped => {
                    return Err("a backslash stands in front of a value");
                }
                Piece::Value(value) => {
                    let (plain, typed) = value.split_once(TYPED).unwrap_or((value, ""));
                    text.push_str(&self.placed(position.quote, plain, typed)?);
                }
            }
        }
        if position.quote.is_some() {
            return Err("a quote is opened and not closed");
        }
        Ok(text)
    }

    /// What becomes of a value between these quotes, or outside of any; `typed` is its JSON.
    fn placed(self, quote: Option<char>, plain: &str, typed: &str) -> Result<String, &'static str> {
        match quote {
            Some(quote) => Ok(self.quoted(quote, plain)),
            None if self == Self::JsonText => Ok(typed.to_owned()),
            None => self.bare(plain).ok_or(
                "outside of quotes a value must be a number or one word; put quotes around it",
            ),
        }
    }

    /// Reads on over text of the description.
    ///
    /// # Errors
    /// A sentence about a text that does not fit the language.
    pub(super) fn advance(self, position: &mut Position, text: &str) -> Result<(), &'static str> {
        for c in text.chars() {
            if position.is_escaped {
                position.is_escaped = false;
            } else if c == '\\' && self == Self::Sql {
                return Err("databases disagree about what a backslash means; do without");
            } else if c == '\\' && self != Self::Odata {
                position.is_escaped = true;
            } else if position.quote == Some(c) {
                position.quote = None;
            } else if position.quote.is_none() && self.quotes().contains(c) {
                position.quote = Some(c);
            }
        }
        Ok(())
    }

    /// What opens and closes a literal.
    fn quotes(self) -> &'static str {
        match self {
            Self::Odata | Self::Soql => "'",
            Self::Sql => "'\"`",
            Self::Sosl => "\"'",
            Self::Lucene | Self::JsonText => "\"",
        }
    }

    /// A text between these quotes.
    fn quoted(self, quote: char, text: &str) -> String {
        if self == Self::JsonText {
            let json = serde_json::Value::from(text).to_string();
            let inner = json.get(1..json.len().saturating_sub(1));
            return inner.unwrap_or_default().to_owned();
        }
        let mut literal = String::with_capacity(text.len() + 8);
        for c in text.chars() {
            match self {
                // No name needs one, and a line break ends a literal here and there.
                _ if c.is_control() => literal.push(' '),
                Self::Odata if c == quote => literal.extend([c, c]),
                Self::Sql if c == quote || c == '\\' => literal.extend([c, c]),
                Self::Soql if matches!(c, '\'' | '\\') => literal.extend(['\\', c]),
                Self::Sosl if quote == '\'' => match c {
                    '\'' | '\\' => literal.extend(['\\', c]),
                    c => literal.push(c),
                },
                Self::Sosl if SOSL.contains(c) => literal.extend(['\\', c]),
                Self::Lucene if LUCENE.contains(c) => literal.extend(['\\', c]),
                _ => literal.push(c),
            }
        }
        literal
    }

    /// A text that stands for itself; none when it would not.
    fn bare(self, text: &str) -> Option<String> {
        match self {
            Self::Odata | Self::Soql => {
                (is_number(text) || is_guid(text) || is_time(text)).then(|| text.to_owned())
            }
            Self::Sql => is_number(text).then(|| text.to_owned()),
            Self::Sosl | Self::Lucene => self.word(text),
            Self::JsonText => None,
        }
    }

    /// One word of a search.
    fn word(self, text: &str) -> Option<String> {
        // Elasticsearch knows no escape for `<` and `>`.
        let is_part = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>');
        if text.is_empty() || !text.chars().all(is_part) {
            return None;
        }
        let word = self.quoted('"', text);
        let is_operator = ["AND", "OR", "NOT", "TO"]
            .iter()
            .any(|operator| operator.eq_ignore_ascii_case(&word));
        Some(if is_operator {
            format!("\"{word}\"")
        } else {
            word
        })
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text without the character between text and JSON.
fn without_typed(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.is_ascii() && text.contains(TYPED) {
        text.replace(TYPED, "\u{fffd}").into()
    } else {
        text
    }
}

/// A value as JSON of its type.
fn typed(value: &Value) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|_| Error::new(ErrorKind::BadSerialization, "the value cannot be JSON"))
}

/// Digits, with a fraction or without.
fn is_number(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').map_or_else(
        || is_digits(text),
        |(whole, part)| is_digits(whole) && is_digits(part),
    )
}

/// Hexadecimal digits in groups of 8, 4, 4, 4 and 12 (RFC 9562 §4).
fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A date, or a date with time and offset (RFC 3339).
fn is_time(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || "T:.Z+-".contains(c);
    text.chars().all(is_part)
        && (text.parse::<Timestamp>().is_ok() || text.parse::<civil::Date>().is_ok())
}

#[cfg(test)]
mod tests;
