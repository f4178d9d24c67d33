//! An event as a line for people: `2026-01-15T09:30:00.123456Z  INFO lookup contacts=1`.

use std::{
    error::Error,
    fmt::{self, Debug, Write},
    iter,
};

use tracing::{
    Event, Level,
    field::{Field, Visit},
};

use super::{quoted, time};

/// Appends the event and the end of the line.
pub(super) fn write(line: &mut String, event: &Event<'_>) -> fmt::Result {
    time::write_now(line);
    line.push_str(match *event.metadata().level() {
        Level::TRACE => " TRACE ",
        Level::DEBUG => " DEBUG ",
        Level::INFO => "  INFO ",
        Level::WARN => "  WARN ",
        Level::ERROR => " ERROR ",
    });
    let mut fields = Fields {
        line,
        is_first: true,
        result: Ok(()),
    };
    event.record(&mut fields);
    fields.result?;
    line.push('\n');
    Ok(())
}

struct Fields<'a> {
    line: &'a mut String,
    is_first: bool,
    result: fmt::Result,
}

impl Fields<'_> {
    /// Appends what comes before a value. Returns whether it is the message, which has no name.
    fn begin(&mut self, field: &Field) -> bool {
        if !std::mem::take(&mut self.is_first) {
            self.line.push(' ');
        }
        let is_message = is_message(field);
        if !is_message {
            self.line.push_str(shown_name(field));
            self.line.push('=');
        }
        is_message
    }

    fn put(&mut self, field: &Field, text: &str) {
        self.begin(field);
        self.line.push_str(text);
    }
}

fn is_message(field: &Field) -> bool {
    field.name() == "message"
}

/// `type` for a field that is written `r#type` in Rust.
fn shown_name(field: &Field) -> &str {
    let name = field.name();
    name.strip_prefix("r#").unwrap_or(name)
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if self.result.is_err() {
            return;
        }
        let is_message = self.begin(field);
        let start = self.line.len();
        self.result = write!(self.line, "{value:?}");
        if is_message {
            disarm(self.line, start);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if is_message(field) {
            return self.record_debug(field, &format_args!("{value}"));
        }
        self.begin(field);
        if !quoted::push(self.line, value) {
            self.result = self.result.and_then(|()| write!(self.line, "{value:?}"));
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, if value { "true" } else { "false" });
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, itoa::Buffer::new().format(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, itoa::Buffer::new().format(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(field, itoa::Buffer::new().format(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = value.to_string();
        let sources = iter::successors(value.source(), |it| Error::source(*it));
        let sources: Vec<_> = sources.map(ToString::to_string).collect();
        if !sources.is_empty() {
            let name = field.name();
            text = format!("{text} {name}.sources=[{}]", sources.join(", "));
        }
        disarm(&mut text, 0);
        self.record_debug(field, &format_args!("{text}"));
    }
}

/// Replaces what could command a terminal in `line` from the byte `start` on.
fn disarm(line: &mut String, start: usize) {
    let is_command = |c: char| matches!(c, '\x07' | '\x08' | '\x0c' | '\x1b' | '\x7f'..='\u{9f}');
    let written = line.get(start..).unwrap_or_default();
    if !written.contains(is_command) {
        return;
    }
    for c in line.split_off(start).chars() {
        match u8::try_from(c) {
            _ if !is_command(c) => line.push(c),
            Ok(byte @ ..0x80) => line.extend(byte.escape_ascii().map(char::from)),
            _ => line.extend(c.escape_unicode()),
        }
    }
}
