//! Going on after a syntax error.
//!
//! The parser recovers from an error inside a value, but an open bracket swallows the rest of the
//! file and yields a cascade of errors that are none. So each pass reports one error and blanks out
//! the statement that contains it, until the rest is sound. All else keeps its place in the file.

use toml::{
    Spanned,
    de::{DeTable, DeValue, Error},
};

use super::{
    lines::{is_header, line_around, lines_of, replace_bytes},
    path::KeyPath,
    report::{Place, Problem},
    source::Span,
};

/// A text whose broken statements are blanked out.
#[derive(Debug)]
pub(super) struct Repaired {
    /// As long as the original.
    pub(super) text: String,
    pub(super) problems: Vec<Problem>,
    /// The lines that were blanked out, without their ends.
    pub(super) damaged: Vec<Span>,
}

/// A file with more broken statements than this is not TOML; the first ones are enough.
const MAX_PASSES: usize = 50;

/// Reports every broken statement of `text` once and removes it.
pub(super) fn repair(text: &str) -> Repaired {
    let mut repaired = Repaired {
        text: text.to_owned(),
        problems: Vec::new(),
        damaged: Vec::new(),
    };
    for _ in 0..MAX_PASSES {
        let (table, errors) = DeTable::parse_recoverable(&repaired.text);
        let Some(fault) = Fault::first(&errors, table.get_ref(), &repaired.text) else {
            return repaired;
        };
        repaired.problems.push(fault.problem);
        let lines = lines_of(&repaired.text, fault.extent);
        if lines.is_empty() {
            break;
        }
        repaired.text = without(&repaired.text, &lines);
        repaired.damaged.extend(lines);
    }
    // What is left cannot be told apart; nothing of it is used.
    let rest = lines_of(&repaired.text, 0..text.len());
    repaired.text = without(&repaired.text, &rest);
    repaired.damaged.extend(rest);
    repaired
}

/// A syntax error and the part of the text that is lost with it.
struct Fault {
    problem: Problem,
    extent: Span,
}

impl Fault {
    fn first(errors: &[Error], table: &DeTable<'_>, text: &str) -> Option<Self> {
        let offset = |error: &Error| error.span().map_or(0, |span| span.start);
        let first = errors.iter().min_by_key(|error| offset(error))?;
        let at = offset(first);
        let Some(statement) = statement_around(table, at) else {
            return Some(Self {
                problem: problem(sentence(first.message()), first.span().unwrap_or(at..at)),
                extent: extent_without_statement(text, at),
            });
        };
        let opening = statement.value.start;
        let missing = never_closed(text, &statement.value, errors);
        let extent = match missing {
            // The value runs on and on; only its first line is surely its own.
            Some(_) => opening..opening,
            None => statement.key.start..statement.value.end.max(at),
        };
        let is_later = at > line_around(text, opening).end;
        let problem = match missing {
            Some(message) if is_later => problem(message, opening..opening),
            _ => problem(sentence(first.message()), first.span().unwrap_or(at..at)),
        };
        Some(Self { problem, extent })
    }
}

fn problem(message: impl Into<String>, span: Span) -> Problem {
    Problem::error(message).at(KeyPath::default(), Place::Text(span))
}

/// Improves on the parser's words where they are short of one.
fn sentence(message: &str) -> String {
    const SCALARS: [&str; 4] = ["float", "integer", "boolean", "date-time"];
    if message == "duplicate key" {
        return "this is defined a second time; keep one of the two".to_owned();
    }
    let message = [", expected literal string", ", expected nothing"]
        .iter()
        .fold(message, |message, end| message.trim_end_matches(end));
    let subject = message.strip_prefix("invalid ").unwrap_or_default();
    if SCALARS.iter().any(|scalar| subject.starts_with(scalar)) {
        return format!("{message}; a text needs quotes");
    }
    message.to_owned()
}

/// What to say of a value that is opened and never closed.
fn never_closed(text: &str, value: &Span, errors: &[Error]) -> Option<&'static str> {
    let written = text.get(value.clone())?.trim_end();
    let kinds = [
        ("[", "]", "this array is never closed; a `]` is missing"),
        ("{", "}", "this table is never closed; a `}` is missing"),
        (
            r#"""""#,
            r#"""""#,
            "this text is never closed; three quotes are missing",
        ),
        (
            "'''",
            "'''",
            "this text is never closed; three quotes are missing",
        ),
    ];
    let (open, close, message) = kinds
        .into_iter()
        .find(|(open, ..)| written.starts_with(open))?;
    let is_closed = written.len() >= open.len() + close.len() && written.ends_with(close);
    // A header at the very end of the file closes nothing, though it ends with a bracket.
    let is_last = text
        .get(value.end..)
        .is_some_and(|rest| rest.trim().is_empty());
    let is_unclosed = |error: &Error| error.message().starts_with("unclosed");
    let reaches_end = is_last && errors.iter().any(is_unclosed);
    (!is_closed || reaches_end).then_some(message)
}

/// A `key = value`.
struct Statement {
    key: Span,
    value: Span,
}

/// The outermost statement whose text contains `offset`.
fn statement_around(table: &DeTable<'_>, offset: usize) -> Option<Statement> {
    for (key, value) in table {
        let (key, span) = (key.span(), value.span());
        // A table with a header starts with the bracket before its key.
        if key.end <= span.start {
            if (key.start..=span.end).contains(&offset) {
                return Some(Statement { key, value: span });
            }
            continue;
        }
        if let Some(statement) = tables_in(value).find_map(|t| statement_around(t, offset)) {
            return Some(statement);
        }
    }
    None
}

fn tables_in<'t, 'i>(
    value: &'t Spanned<DeValue<'i>>,
) -> impl Iterator<Item = &'t DeTable<'i>> + use<'t, 'i> {
    let items = value.get_ref().as_array().map_or(&[][..], |items| items);
    let tables = items.iter().filter_map(|item| item.get_ref().as_table());
    value.get_ref().as_table().into_iter().chain(tables)
}

/// A broken header takes its table along, whose keys would else belong to the table before. Any
/// other line is lost alone.
fn extent_without_statement(text: &str, offset: usize) -> Span {
    let line = line_around(text, offset);
    if !is_header(text.get(line.clone()).unwrap_or_default()) {
        return line;
    }
    let mut end = line.end;
    while end < text.len() {
        let next = line_around(text, end + 1);
        if is_header(text.get(next.clone()).unwrap_or_default()) {
            break;
        }
        end = next.end;
    }
    line.start..end
}

/// The text with blanks instead of these lines; every other byte keeps its place.
fn without(text: &str, lines: &[Span]) -> String {
    replace_bytes(text, lines, b' ')
}
