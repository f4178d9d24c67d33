//! Lines are compared with those of the library.

use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use proptest::prelude::*;
use tracing::subscriber::with_default;
use tracing_subscriber::fmt::layer;

use super::*;

/// `2026-01-15T09:30:00.123456Z`.
const TIME_BYTES: usize = 27;

/// A log in memory.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl io::Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What `log_something` writes to the log: by the library, and here. Without times.
fn lines(format: LogFormat, log_something: impl Fn()) -> [String; 2] {
    let logs = [Memory::default(), Memory::default()];
    let [theirs, ours] = logs.clone();
    let their_layer = layer()
        .with_target(false)
        .with_writer(move || theirs.clone());
    let our_layer = layer()
        .with_writer(move || ours.clone())
        .event_format(Lines(format));
    let registry = tracing_subscriber::registry;
    match format {
        LogFormat::Text => {
            with_default(
                registry().with(their_layer.with_ansi(false)),
                &log_something,
            );
        }
        LogFormat::Json => {
            let their_layer = their_layer.json().flatten_event(true);
            with_default(registry().with(their_layer), &log_something);
        }
    }
    with_default(registry().with(our_layer), &log_something);
    let start = match format {
        LogFormat::Text => 0,
        LogFormat::Json => "{\"timestamp\":\"".len(),
    };
    logs.map(|log| {
        let mut text = String::from_utf8(log.bytes().clone()).unwrap();
        let time: String = text.drain(start..start + TIME_BYTES).collect();
        let logged: Timestamp = time.parse().unwrap();
        assert!(Timestamp::now().duration_since(logged).as_secs() < 60);
        text
    })
}

fn assert_same(log_something: impl Fn()) {
    for format in [LogFormat::Text, LogFormat::Json] {
        let [theirs, ours] = lines(format, &log_something);
        assert_eq!(ours, theirs, "{format:?}");
    }
}

#[derive(Debug)]
struct Outer(String, Option<Box<Self>>);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|it| it as &(dyn Error + 'static))
    }
}

#[test]
fn the_line_of_a_lookup_is_as_the_manual_shows_it() {
    let log_lookup = || {
        tracing::info!(
            request_id = "0197-5e1f",
            number = %"+4121*****00",
            contacts = 1_usize,
            complete = true,
            sources = "sugar;dur=0.1;desc=\"cached\";age=42",
            elapsed_ms = 3_u128,
            "lookup"
        );
    };
    let [_, text] = lines(LogFormat::Text, log_lookup);
    assert_eq!(
        text,
        "  INFO lookup request_id=\"0197-5e1f\" number=+4121*****00 contacts=1 complete=true \
         sources=\"sugar;dur=0.1;desc=\\\"cached\\\";age=42\" elapsed_ms=3\n"
    );
    let [_, json] = lines(LogFormat::Json, log_lookup);
    assert_eq!(
        json,
        "{\"timestamp\":\"\",\"level\":\"INFO\",\"message\":\"lookup\",\
         \"request_id\":\"0197-5e1f\",\"number\":\"+4121*****00\",\"contacts\":1,\
         \"complete\":true,\"sources\":\"sugar;dur=0.1;desc=\\\"cached\\\";age=42\",\
         \"elapsed_ms\":\"3\"}\n"
    );
    assert_same(log_lookup);
}

#[test]
fn levels_and_values_of_every_type_are_written_as_by_the_library() {
    assert_same(|| tracing::trace!("a message alone"));
    assert_same(|| tracing::debug!(only = "a field"));
    assert_same(
        || tracing::warn!(r#type = "raw", "a.b" = ?Some("nested"), "{} with {:?}", 1, "arguments"),
    );
    assert_same(|| {
        tracing::error!(
            small = i64::MIN,
            large = u64::MAX,
            larger = u128::MAX,
            smaller = i128::MIN,
            half = 0.5,
            whole = 1.0,
            none = f64::NAN,
            negative = -0.0,
            huge = 1e300,
            yes = true,
            no = false,
            bytes = &b"\x00\xff"[..],
            absent = Option::<u8>::None,
            "numbers"
        );
    });
}

proptest! {
    #[test]
    fn any_text_is_written_as_by_the_library(text in "\\PC*|[ -~]*|(?s).*") {
        assert_same(|| tracing::info!(text, shown = %text, debug = ?text, "{text}"));
        assert_same(|| tracing::info!(message = text.as_str()));
        let lone = Outer(text.clone(), None);
        let inner = Outer(text.clone(), Some(Box::new(Outer(text.clone(), None))));
        let outer = Outer("outer".to_owned(), Some(Box::new(inner)));
        assert_same(|| tracing::info!(error = &lone as &(dyn Error + 'static), "lone"));
        assert_same(|| tracing::info!(error = &outer as &(dyn Error + 'static), "with sources"));
    }
}
