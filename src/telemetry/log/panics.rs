//! Panics as lines of the log.
//!
//! The standard library writes a panic to standard error at once: before lines that wait, in a form
//! that no reader of JSON understands, and on the thread that serves, which stands still when the
//! reader does. A panic in an adapter is caught, and its reply has to be in time all the same.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::{self, PanicHookInfo},
    sync::Arc,
    thread,
    time::Duration,
};

use tracing::field::display;

use super::buffer::Buffer;

/// How long a panic waits until it is written, in case that it ends the process, as one in a
/// destructor may.
const TIMEOUT: Duration = Duration::from_millis(50);

/// From now on panics are logged, with a backtrace when `RUST_BACKTRACE` asks for it.
pub(super) fn log_panics(buffer: Arc<Buffer>) {
    panic::set_hook(Box::new(move |panic| {
        log(panic);
        buffer.flush(TIMEOUT);
    }));
}

/// Without its message: those of the standard library quote what they choke on, which may be a
/// name or a number.
fn log(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(display);
    let backtrace = Backtrace::capture();
    let is_captured = backtrace.status() == BacktraceStatus::Captured;
    let backtrace = is_captured.then(|| display(backtrace));
    tracing::error!(
        thread = thread::current().name(),
        location,
        backtrace,
        "panicked; this is a bug, please report it"
    );
}

#[cfg(test)]
mod tests {
    use std::io;

    use metrics::Counter;
    use tracing::subscriber::with_default;
    use tracing_subscriber::{fmt::layer, layer::SubscriberExt, registry};

    use super::{
        super::{Lines, writer::write_lines},
        *,
    };
    use crate::config::schema::LogFormat;

    /// Standard error in memory.
    struct Out(std::sync::mpsc::Sender<String>);

    impl io::Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            self.0.send(text).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_a_line_behind_those_before_it() {
        let (writes, written) = std::sync::mpsc::channel();
        let buffer = Arc::new(Buffer::new(Counter::noop()));
        let lines = Arc::clone(&buffer);
        thread::spawn(move || write_lines(&lines, Out(writes)));
        let before = panic::take_hook();
        log_panics(Arc::clone(&buffer));
        let layer = layer().with_writer(Arc::clone(&buffer));
        let layer = layer.event_format(Lines(LogFormat::Text));
        let panicking = thread::Builder::new().name("worker".to_owned());
        let panicking = panicking.spawn(|| {
            with_default(registry().with(layer), || {
                tracing::info!("before");
                panic!("a bug of a test");
            });
        });
        panicking.unwrap().join().unwrap_err();
        panic::set_hook(before);
        assert!(buffer.flush(Duration::from_secs(30)));
        let text: String = written.try_iter().collect();
        let (before, line) = text.split_once('\n').unwrap();
        assert!(before.ends_with("INFO before"), "{text}");
        assert!(line.contains("ERROR panicked; this is a bug"), "{text}");
        for part in ["thread=\"worker\"", "panics.rs:"] {
            assert!(line.contains(part), "{part} is not in {text}");
        }
        assert!(!text.contains("a bug of a test"), "{text}");
    }
}
