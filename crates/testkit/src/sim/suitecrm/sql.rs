//! The small part of SQL that a `v4_1` query may hold: `table.column LIKE 'text'` or `= 'text'`,
//! joined by `OR` and `AND`, in parentheses (`crm-apis.md` §3.2, §7).

use super::store::{Module, Record, field, like};

/// A condition, read and checked.
#[derive(Debug)]
pub(super) enum Condition {
    True,
    Any(Vec<Self>),
    All(Vec<Self>),
    Like(String, String),
    Equals(String, String),
}

/// Why a query is not carried out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The validator of SuiteCRM refuses it: fault 40.
    Forbidden,
    /// The database does: status 500.
    Database,
}

/// What the validator refuses besides sub-selects.
const FORBIDDEN: [&str; 5] = ["select", "union", "replace(", "--", "limit "];

/// Reads a `WHERE` clause without `WHERE`.
pub(super) fn read(module: Module, query: &str) -> Result<Condition, Refusal> {
    if query.trim().is_empty() {
        return Ok(Condition::True);
    }
    let lower = query.to_lowercase();
    if FORBIDDEN.iter().any(|word| lower.contains(word)) {
        return Err(Refusal::Forbidden);
    }
    let tokens = tokens(query)?;
    let mut reader = Reader {
        module,
        tokens: &tokens,
    };
    let condition = reader.any()?;
    if reader.tokens.is_empty() {
        Ok(condition)
    } else {
        Err(Refusal::Database)
    }
}

impl Condition {
    pub(super) fn holds(&self, record: &Record) -> bool {
        match self {
            Self::True => true,
            Self::Any(parts) => parts.iter().any(|part| part.holds(record)),
            Self::All(parts) => parts.iter().all(|part| part.holds(record)),
            Self::Like(column, pattern) => like(field(record, column), pattern),
            Self::Equals(column, text) => field(record, column) == text,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

/// A text that does not end is a syntax error: so a stray `'` makes the database fail.
fn tokens(query: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
        let (token, after) = match first {
            '\'' => {
                let (text, after) = after.split_once('\'').ok_or(Refusal::Database)?;
                (Token::Text(text.to_owned()), after)
            }
            '(' | ')' | '=' => (Token::Sign(first), after),
            _ if is_word(first) => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                (Token::Word(word.to_owned()), after)
            }
            _ => return Err(Refusal::Database),
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

struct Reader<'a> {
    module: Module,
    tokens: &'a [Token],
}

impl<'a> Reader<'a> {
    fn any(&mut self) -> Result<Condition, Refusal> {
        let mut parts = vec![self.all()?];
        while self.has_word("OR") {
            parts.push(self.all()?);
        }
        Ok(Condition::Any(parts))
    }

    fn all(&mut self) -> Result<Condition, Refusal> {
        let mut parts = vec![self.one()?];
        while self.has_word("AND") {
            parts.push(self.one()?);
        }
        Ok(Condition::All(parts))
    }

    fn one(&mut self) -> Result<Condition, Refusal> {
        match self.take()? {
            Token::Sign('(') => {
                let inner = self.any()?;
                match self.take()? {
                    Token::Sign(')') => Ok(inner),
                    _ => Err(Refusal::Database),
                }
            }
            Token::Word(column) => {
                let column = self.column(column)?;
                let is_like = self.has_word("LIKE");
                if !is_like && self.take()? != &Token::Sign('=') {
                    return Err(Refusal::Database);
                }
                match self.take()? {
                    Token::Text(text) if is_like => Ok(Condition::Like(column, text.clone())),
                    Token::Text(text) => Ok(Condition::Equals(column, text.clone())),
                    _ => Err(Refusal::Database),
                }
            }
            _ => Err(Refusal::Database),
        }
    }

    /// A column needs its table in front, or it is ambiguous among the joined tables.
    fn column(&self, word: &str) -> Result<String, Refusal> {
        let (table, column) = word.split_once('.').ok_or(Refusal::Database)?;
        if table == self.module.table && self.module.fields.contains(&column) {
            Ok(column.to_owned())
        } else {
            Err(Refusal::Database)
        }
    }

    fn has_word(&mut self, word: &str) -> bool {
        match self.tokens {
            [Token::Word(first), rest @ ..] if first.eq_ignore_ascii_case(word) => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn take(&mut self) -> Result<&'a Token, Refusal> {
        let (first, rest) = self.tokens.split_first().ok_or(Refusal::Database)?;
        self.tokens = rest;
        Ok(first)
    }
}
