//! TOML text to [`Document`].

use std::collections::HashMap;

use serde_json::{Map, Number, Value};
use toml::{
    Spanned,
    de::{DeFloat, DeInteger, DeTable, DeValue},
};

use super::{
    document::{Document, Origin},
    path::KeyPath,
    repair::{self, Repaired},
    report::{Place, Problem},
    source::Span,
};

/// What could be read of a text.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) document: Document,
    pub(super) problems: Vec<Problem>,
    /// Lines that were left out because of their syntax.
    pub(super) damaged: Vec<Span>,
}

/// Reads all of `text` that can be read, and says what cannot.
pub(super) fn parse(text: &str) -> Parsed {
    let Repaired {
        text,
        problems,
        damaged,
    } = repair::repair(text);
    let (table, _) = DeTable::parse_recoverable(&text);
    let mut reader = Reader {
        origins: HashMap::new(),
        problems,
    };
    let value = reader.table(table.get_ref(), &KeyPath::default());
    let is_damaged = !reader.problems.is_empty();
    Parsed {
        document: Document::new(Value::Object(value), reader.origins, is_damaged),
        problems: reader.problems,
        damaged,
    }
}

/// Reads one value in TOML's notation, as given in an environment variable.
pub(super) fn parse_value(text: &str) -> Option<Value> {
    let value = DeValue::parse(text).ok()?;
    let mut reader = Reader {
        origins: HashMap::new(),
        problems: Vec::new(),
    };
    reader.value(&value, &KeyPath::default())
}

struct Reader {
    origins: HashMap<KeyPath, Origin>,
    problems: Vec<Problem>,
}

impl Reader {
    /// The keys of a table in the order of the file, whatever order the parser met them in.
    fn table(&mut self, table: &DeTable<'_>, path: &KeyPath) -> Map<String, Value> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut object = Map::new();
        for (key, value) in entries {
            let path = path.key(key.get_ref().as_ref());
            self.note(&path, Some(key.span()), value.span());
            if let Some(value) = self.value(value, &path) {
                object.insert(key.get_ref().to_string(), value);
            }
        }
        object
    }

    /// The value, or nothing for a number that JSON has no room for.
    fn value(&mut self, value: &Spanned<DeValue<'_>>, path: &KeyPath) -> Option<Value> {
        let span = value.span();
        Some(match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(flag) => Value::Bool(*flag),
            DeValue::Datetime(time) => Value::String(time.to_string()),
            DeValue::Integer(number) => self.number(integer(number), path, span)?,
            DeValue::Float(number) => self.number(float(number), path, span)?,
            DeValue::Table(table) => Value::Object(self.table(table, path)),
            DeValue::Array(items) => {
                let mut array = Vec::with_capacity(items.len());
                for item in &**items {
                    let path = path.index(array.len());
                    self.note(&path, None, item.span());
                    array.extend(self.value(item, &path));
                }
                Value::Array(array)
            }
        })
    }

    fn number(&mut self, number: Option<Number>, path: &KeyPath, span: Span) -> Option<Value> {
        if number.is_none() {
            self.problems.push(
                Problem::error("this number is too large or not finite")
                    .at(path.clone(), Place::Text(span)),
            );
        }
        number.map(Value::Number)
    }

    fn note(&mut self, path: &KeyPath, key: Option<Span>, value: Span) {
        self.origins
            .insert(path.clone(), Origin::Text { key, value });
    }
}

fn integer(number: &DeInteger<'_>) -> Option<Number> {
    let (digits, radix) = (number.as_str(), number.radix());
    u64::from_str_radix(digits, radix)
        .map(Number::from)
        .or_else(|_| i64::from_str_radix(digits, radix).map(Number::from))
        .ok()
}

/// A whole float is an integer, as in JSON Schema: `800.0` is as good as `800`.
fn float(number: &DeFloat<'_>) -> Option<Number> {
    /// Up to 2^53 every whole number is a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number: f64 = number.as_str().parse().ok()?;
    if number.fract() == 0.0 && number.abs() < EXACT {
        // Written without exponent and fraction, so that it parses.
        return format!("{number:.0}").parse::<i64>().ok().map(Number::from);
    }
    Number::from_f64(number)
}
