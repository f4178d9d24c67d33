//! An event as a JSON object: `{"timestamp":"…","level":"INFO","message":"lookup","contacts":1}`.

use std::fmt::{self, Debug, Write};

use tracing::{
    Event,
    field::{Field, Visit},
};

use super::{quoted, time};

/// Appends the event and the end of the line.
pub(super) fn write(line: &mut String, event: &Event<'_>) -> fmt::Result {
    line.push_str("{\"timestamp\":\"");
    time::write_now(line);
    line.push_str("\",\"level\":\"");
    line.push_str(event.metadata().level().as_str());
    line.push('"');
    let mut fields = Fields {
        line,
        shown: String::new(),
        result: Ok(()),
    };
    event.record(&mut fields);
    fields.result?;
    line.push_str("}\n");
    Ok(())
}

struct Fields<'a> {
    line: &'a mut String,
    /// A value as it is displayed.
    shown: String,
    result: fmt::Result,
}

impl Fields<'_> {
    fn begin(&mut self, field: &Field) {
        self.line.push(',');
        self.put_text(field.name());
        self.line.push(':');
    }

    fn put(&mut self, field: &Field, text: &str) {
        self.begin(field);
        self.line.push_str(text);
    }

    fn put_text(&mut self, text: &str) {
        if !quoted::push(self.line, text) {
            match serde_json::to_string(text) {
                Ok(text) => self.line.push_str(&text),
                Err(_) => self.result = Err(fmt::Error),
            }
        }
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut shown = std::mem::take(&mut self.shown);
        shown.clear();
        match write!(shown, "{value:?}") {
            Ok(()) => self.record_str(field, &shown),
            Err(error) => self.result = Err(error),
        }
        self.shown = shown;
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.begin(field);
        self.put_text(value);
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

    /// As text: most readers of JSON have no numbers of that size.
    fn record_u128(&mut self, field: &Field, value: u128) {
        self.record_str(field, itoa::Buffer::new().format(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // One that is not finite is `null`.
        self.put(field, &serde_json::Value::from(value).to_string());
    }
}
