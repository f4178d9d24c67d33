//! Tables as TOML text with comments.

use std::fmt::Write as _;

use crate::note::Note;

/// A description.
#[derive(Debug)]
pub(crate) struct Description {
    /// Lines above it.
    pub(crate) header: Vec<String>,
    /// The id of the adapter.
    pub(crate) id: String,
    /// The table `[adapters.<id>]`.
    pub(crate) adapter: Table,
}

/// A table: keys in order, each with comments above it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Table(Vec<Entry>);

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    key: String,
    item: Item,
    comments: Vec<String>,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    List(Vec<Self>),
    /// A table on the line of its key.
    Inline(Table),
    /// A table with a header of its own.
    Block(Table),
    /// Tables in a list, each with a header.
    Blocks(Vec<Table>),
}

impl Table {
    /// The table with this key, too.
    pub(crate) fn with(mut self, key: impl Into<String>, item: impl Into<Item>) -> Self {
        self.set(key, item);
        self
    }

    /// Adds a key.
    pub(crate) fn set(&mut self, key: impl Into<String>, item: impl Into<Item>) {
        self.0.push(Entry {
            key: key.into(),
            item: item.into(),
            comments: Vec::new(),
        });
    }

    /// Adds the keys of another table.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Puts a comment above the key that was added last.
    pub(crate) fn comment(&mut self, comment: impl Into<String>) {
        if let Some(entry) = self.0.last_mut() {
            entry.comments.push(comment.into());
        }
    }

    /// Whether it has no keys.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Item {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Item {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Item {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// The description as TOML, with the notes in front.
pub(crate) fn text(description: &Description, notes: &[Note]) -> String {
    let mut text = String::new();
    for line in &description.header {
        comment(&mut text, line);
    }
    if !notes.is_empty() {
        comment(&mut text, "");
        for note in notes {
            comment(&mut text, &note.to_string());
        }
    }
    text.push('\n');
    let path = format!("adapters.{}", key(&description.id));
    table(&mut text, &path, &description.adapter, &[], false);
    text
}

/// Writes a table with a header, `comments` above it.
fn table(text: &mut String, path: &str, table: &Table, comments: &[String], is_listed: bool) {
    let is_block = |entry: &&Entry| matches!(entry.item, Item::Block(_) | Item::Blocks(_));
    let has_values = table.0.iter().any(|entry| !is_block(&entry));
    let has_header = has_values || is_listed || table.is_empty();
    if (has_header || !comments.is_empty()) && !text.ends_with("\n\n") {
        text.push('\n');
    }
    for line in comments {
        comment(text, line);
    }
    if has_header {
        let (open, close) = if is_listed { ("[[", "]]") } else { ("[", "]") };
        let _infallible = writeln!(text, "{open}{path}{close}");
    }
    for entry in table.0.iter().filter(|entry| !is_block(entry)) {
        for line in &entry.comments {
            comment(text, line);
        }
        let _infallible = writeln!(text, "{} = {}", key(&entry.key), value(&entry.item));
    }
    for entry in table.0.iter().filter(is_block) {
        let path = format!("{path}.{}", key(&entry.key));
        match &entry.item {
            Item::Block(inner) => self::table(text, &path, inner, &entry.comments, false),
            Item::Blocks(tables) => tables
                .iter()
                .for_each(|inner| self::table(text, &path, inner, &entry.comments, true)),
            _ => {}
        }
    }
}

fn comment(text: &mut String, line: &str) {
    let line: String = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let _infallible = writeln!(text, "{}", format!("# {line}").trim_end());
}

fn value(item: &Item) -> String {
    match item {
        Item::Text(text) => string(text),
        Item::Integer(number) => number.to_string(),
        Item::Float(number) => format!("{number:?}"),
        Item::Bool(value) => value.to_string(),
        Item::List(items) => {
            let items: Vec<String> = items.iter().map(value).collect();
            format!("[{}]", items.join(", "))
        }
        Item::Inline(table) | Item::Block(table) => inline(table),
        Item::Blocks(tables) => {
            let tables: Vec<String> = tables.iter().map(inline).collect();
            format!("[{}]", tables.join(", "))
        }
    }
}

fn inline(table: &Table) -> String {
    if table.is_empty() {
        return "{}".to_owned();
    }
    let entries = table.0.iter();
    let entries = entries.map(|entry| format!("{} = {}", key(&entry.key), value(&entry.item)));
    let entries: Vec<String> = entries.collect();
    format!("{{ {} }}", entries.join(", "))
}

fn key(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !key.is_empty() && key.chars().all(is_bare) {
        key.to_owned()
    } else {
        basic(key)
    }
}

/// A text as TOML writes it most readably.
fn string(text: &str) -> String {
    let needs_escapes = text.contains(['"', '\\']);
    if needs_escapes && !text.contains('\'') && !text.contains(char::is_control) {
        format!("'{text}'")
    } else {
        basic(text)
    }
}

fn basic(text: &str) -> String {
    let mut string = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                string.push('\\');
                string.push(c);
            }
            '\n' => string.push_str("\\n"),
            '\r' => string.push_str("\\r"),
            '\t' => string.push_str("\\t"),
            c if c.is_control() => {
                let _infallible = write!(string, "\\u{:04X}", u32::from(c));
            }
            c => string.push(c),
        }
    }
    string.push('"');
    string
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_come_back_as_they_were() {
        let body = Table::default()
            .with("a b", "x\"y")
            .with("n", Item::Integer(5));
        let mut settings = Table::default().with("url", r"a\b'c");
        settings.comment("a comment\nin one line");
        settings.set(
            "list",
            Item::List(vec!["a".into(), true.into(), Item::Float(1.0)]),
        );
        settings.set("body", Item::Block(body.clone()));
        settings.comment("about the body");
        settings.set("steps", Item::Blocks(vec![body.clone(), body]));
        let description = Description {
            header: vec!["first".to_owned()],
            id: "x".to_owned(),
            adapter: Table::default().with("settings", Item::Block(settings)),
        };
        let text = text(&description, &[]);
        let read: toml::Table = text.parse().unwrap();
        let settings = &read["adapters"]["x"]["settings"];
        assert_eq!(settings["url"].as_str(), Some(r"a\b'c"), "{text}");
        assert_eq!(settings["body"]["a b"].as_str(), Some("x\"y"), "{text}");
        assert_eq!(
            settings["steps"].as_array().map(Vec::len),
            Some(2),
            "{text}"
        );
        assert_eq!(settings["list"][2].as_float(), Some(1.0), "{text}");
        assert!(
            text.contains("# about the body\n[adapters.x.settings.body]"),
            "{text}"
        );
    }
}
