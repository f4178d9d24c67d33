//! The log: one line for each event, on standard error.
//!
//! Lines are those of `tracing-subscriber`, byte for byte, which a test makes sure of; this writes
//! them in a quarter of the instructions. Every lookup has one, and the library's would be a fourth
//! of what an answer from memory takes. Terminals get the library's own lines, in colours.
//!
//! There are no spans: a line says with its `request_id` what it belongs to.

mod json;
mod quoted;
mod text;
mod time;

use std::{
    fmt,
    io::{self, IsTerminal},
};

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::config::schema::{Log, LogFormat, LogLevel};

/// Room for the line of a lookup with three adapters.
const USUAL_BYTES: usize = 512;

/// Starts logging to standard error. A second call in one process changes nothing.
///
/// The level is that of whocalls' own crates. Libraries log only warnings, because their traces
/// show URLs and headers, and with them numbers and credentials.
pub fn init_logging(log: &Log) {
    let libraries = match log.level {
        LogLevel::Error => LogLevel::Error,
        _ => LogLevel::Warn,
    };
    let directives = format!("{},whocalls={}", libraries.as_str(), log.level.as_str());
    let registry = tracing_subscriber::registry().with(EnvFilter::new(directives));
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_target(false);
    let in_colours = log.format == LogFormat::Text && io::stderr().is_terminal();
    let result = if in_colours {
        registry.with(layer.with_ansi(true)).try_init()
    } else {
        registry
            .with(layer.event_format(Lines(log.format)))
            .try_init()
    };
    if result.is_err() {
        tracing::debug!("logging was started before");
    }
}

/// Events as lines of a format.
struct Lines(LogFormat);

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        // In one piece, because each write goes through a virtual call.
        let mut line = String::with_capacity(USUAL_BYTES);
        match self.0 {
            LogFormat::Text => text::write(&mut line, event)?,
            LogFormat::Json => json::write(&mut line, event)?,
        }
        writer.write_str(&line)
    }
}

#[cfg(test)]
mod tests;
