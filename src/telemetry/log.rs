//! The log: one line for each event, on standard error.
//!
//! Lines are those of `tracing-subscriber`, byte for byte, which a test makes sure of; this writes
//! them in a quarter of the instructions. Every lookup has one, and the library's would be a fourth
//! of what an answer from memory takes. Terminals get the library's own lines, in colours.
//!
//! There are no spans: a line says with its `request_id` what it belongs to.
//!
//! Lines are formatted where they arise and written by a thread of their own, so that nobody who
//! serves a client waits for the reader of the log. When the process ends in order, also by a panic
//! of its main thread, they are written first. Only a process that is killed loses lines: those of
//! its last 20 ms, and those that the reader left waiting.

mod buffer;
mod json;
mod panics;
mod quoted;
mod text;
mod time;
mod writer;

use std::{
    fmt,
    io::{self, IsTerminal},
    sync::Arc,
    thread,
    time::Duration,
};

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use self::buffer::Buffer;
use super::Metrics;
use crate::config::schema::{Log, LogFormat, LogLevel};

/// Room for the line of a lookup with three adapters.
const USUAL_BYTES: usize = 512;
/// How long the end of the process waits for a reader that stands still.
const END_TIMEOUT: Duration = Duration::from_secs(2);

/// The log of this process while it runs. What waits is written when this is dropped, unless the
/// reader of standard error takes longer than two seconds for it.
#[derive(Debug)]
#[must_use = "lines may be lost when the process ends before this is dropped"]
pub struct RunningLog(Arc<Buffer>);

impl RunningLog {
    /// Writes `line`, which has its line end, as it is: after all that was logged before.
    pub fn write(&self, line: &str) {
        self.0.push(line.as_bytes());
    }
}

impl Drop for RunningLog {
    fn drop(&mut self) {
        // Nothing can be done about lines that nobody reads.
        self.0.drain(END_TIMEOUT);
    }
}

/// Starts logging to standard error; from now on panics are lines of the log, too. After a second
/// call in one process lines go where they went before.
///
/// The level is that of whocalls' own crates. Libraries log only warnings, because their traces
/// show URLs and headers, and with them numbers and credentials.
///
/// # Errors
/// When the operating system starts no further thread.
pub fn start_log(log: &Log, metrics: &Metrics) -> io::Result<RunningLog> {
    let buffer = Arc::new(Buffer::new(metrics.lost_log_lines()));
    let lines = Arc::clone(&buffer);
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || writer::write_lines(&lines, io::stderr()))?;
    let libraries = match log.level {
        LogLevel::Error => LogLevel::Error,
        _ => LogLevel::Warn,
    };
    let directives = format!("{},whocalls={}", libraries.as_str(), log.level.as_str());
    let registry = tracing_subscriber::registry().with(EnvFilter::new(directives));
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(Arc::clone(&buffer))
        .with_target(false);
    let in_colours = log.format == LogFormat::Text && io::stderr().is_terminal();
    let result = if in_colours {
        registry.with(layer.with_ansi(true)).try_init()
    } else {
        registry
            .with(layer.event_format(Lines(log.format)))
            .try_init()
    };
    if result.is_ok() {
        panics::log_panics(Arc::clone(&buffer));
    } else {
        tracing::debug!("logging was started before");
    }
    Ok(RunningLog(buffer))
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
