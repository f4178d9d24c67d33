//! The filters of templates: those that descriptions need and no others.

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{Timestamp, tz::TimeZone};
use md5::{Digest, Md5};
use minijinja::{Environment, Error, ErrorKind, Value, filters, tests::is_defined};
use ring::digest::{SHA256, digest};

use super::language::Language;

/// All filters, for messages.
const NAMES: [&str; 25] = [
    "base64",
    "date",
    "default",
    "duration",
    "first",
    "int",
    "join",
    "json",
    "json_text",
    "last",
    "length",
    "like",
    "lower",
    "lucene",
    "md5",
    "odata",
    "replace",
    "sha256",
    "soql",
    "sosl",
    "split",
    "sql",
    "title",
    "trim",
    "upper",
];

/// The names of all filters, as they stand in a sentence.
pub(super) fn names() -> String {
    let mut names: Vec<String> = NAMES.iter().map(|name| format!("`{name}`")).collect();
    names.push("`urlencode`".to_owned());
    names.join(", ")
}

/// Adds the filters and tests.
pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.add_filter("default", filters::default);
    environment.add_filter("first", filters::first);
    environment.add_filter("join", filters::join);
    environment.add_filter("last", filters::last);
    environment.add_filter("length", filters::length);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("replace", filters::replace);
    environment.add_filter("title", filters::title);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("urlencode", filters::urlencode);
    environment.add_filter("json", json);
    environment.add_filter("date", date);
    environment.add_filter("int", int);
    environment.add_filter("split", split);
    environment.add_filter("duration", duration);
    environment.add_filter("like", |value: Value| on_text(&value, like));
    environment.add_filter("base64", |value: Value| {
        on_text(&value, |text| BASE64_STANDARD.encode(text))
    });
    environment.add_filter("md5", |value: Value| {
        on_text(&value, |text| hex(&Md5::digest(text)))
    });
    environment.add_filter("sha256", |value: Value| {
        on_text(
            &value,
            |text| hex(digest(&SHA256, text.as_bytes()).as_ref()),
        )
    });
    for language in Language::ALL {
        environment.add_filter(language.name(), move |value: Value| {
            on_text(&value, |text| language.literal(text))
        });
    }
    environment.add_test("defined", is_defined);
}

/// What becomes of a text; what is absent stays absent.
fn on_text(value: &Value, change: impl FnOnce(&str) -> String) -> Value {
    if value.is_undefined() || value.is_none() {
        return value.clone();
    }
    change(
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
            .as_str(),
    )
    .into()
}

/// The text for the pattern of a `LIKE`: its wildcards, and the character that databases disagree
/// about escaping them with, become `_`, which stands for any one character. So the pattern finds
/// the text, and a few others that verification drops.
fn like(text: &str) -> String {
    text.replace(['%', '_', '\\'], "_")
}

/// The value as JSON text.
fn json(value: &Value) -> Result<Value, Error> {
    if value.is_undefined() {
        return Ok(value.clone());
    }
    serde_json::to_string(value)
        .map(Value::from)
        .map_err(|_| Error::new(ErrorKind::BadSerialization, "no JSON"))
}

/// The whole number that a text stands for; anything else stays as it is, and the CRM says so.
fn int(value: &Value) -> Value {
    let number = value.as_str().and_then(|text| text.parse::<i64>().ok());
    number.map_or_else(|| value.clone(), Value::from)
}

/// The parts of a text between the separators; what is absent stays absent.
fn split(value: &Value, separator: &str) -> Value {
    value.as_str().map_or_else(
        || value.clone(),
        |text| text.split(separator).map(Value::from).collect(),
    )
}

/// A time in another form: RFC 3339 or seconds since 1970, to what strftime directives say in a
/// time zone (IANA name; UTC where none is given).
fn date(value: &Value, format: &str, zone: Option<&str>) -> Result<Value, Error> {
    let wrong = |message: &'static str| Error::new(ErrorKind::InvalidOperation, message);
    if value.is_undefined() || value.is_none() {
        return Ok(value.clone());
    }
    let time: Timestamp = match value.as_str() {
        Some(text) => text
            .parse()
            .map_err(|_| wrong("`date` takes RFC 3339 or seconds since 1970"))?,
        None => i64::try_from(value.clone())
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .ok_or_else(|| wrong("`date` takes RFC 3339 or seconds since 1970"))?,
    };
    let zone = match zone {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name)
            .map_err(|_| wrong("`date` knows no such time zone; for example Europe/Zurich"))?,
    };
    jiff::fmt::strtime::format(format, &time.to_zoned(zone))
        .map(Value::from)
        .map_err(|_| wrong("`date` takes a format such as %Y-%m-%d %H:%M:%S"))
}

/// Seconds in another form: `hh:mm:ss`, `mm:ss`, `hh:mm` and `minutes` (both rounded), or `ms`.
fn duration(value: &Value, form: &str) -> Result<Value, Error> {
    const HALF_A_MINUTE: u64 = 30;
    let wrong = |message: &'static str| Error::new(ErrorKind::InvalidOperation, message);
    if value.is_undefined() || value.is_none() {
        return Ok(value.clone());
    }
    let seconds = u32::try_from(value.clone())
        .map(u64::from)
        .map_err(|_| wrong("`duration` takes seconds"))?;
    let minutes = (seconds + HALF_A_MINUTE) / 60;
    Ok(match form {
        "hh:mm:ss" => {
            let (hours, rest) = (seconds / 3600, seconds % 3600);
            format!("{hours:02}:{:02}:{:02}", rest / 60, rest % 60).into()
        }
        "mm:ss" => format!("{:02}:{:02}", seconds / 60, seconds % 60).into(),
        "hh:mm" => format!("{:02}:{:02}", minutes / 60, minutes % 60).into(),
        "minutes" => minutes.into(),
        "ms" => (seconds * 1000).into(),
        _ => {
            return Err(wrong(
                "`duration` knows 'hh:mm:ss', 'mm:ss', 'hh:mm', 'minutes' and 'ms'",
            ));
        }
    })
}

fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _infallible = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests;
