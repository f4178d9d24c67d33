//! The thread that writes the log, in as few writes as possible.
//!
//! A write on a thread that serves clients took 9 % of the processor time of an answer from memory,
//! and all of its clients waited when the reader of standard error stood still. Here only this
//! thread waits.
//!
//! `tracing_appender::non_blocking` wakes its thread for each line, which costs more than the write
//! that it saves, and writes line by line; therefore this is our own.

use std::{
    io::{self, ErrorKind},
    thread,
    time::Duration,
};

use super::buffer::{Buffer, MAX_BYTES};

/// The rest after each write, in which lines gather and nobody has to wake this thread: at most 50
/// writes and wake-ups a second, which is next to nothing for the processor. Shorter than what a
/// person who follows the log would notice; and 20 ms of lookups are far from filling the buffer.
const PAUSE: Duration = Duration::from_millis(20);

/// Writes what is pushed to `buffer`, for as long as the process lives. The first line after a
/// quiet moment is written at once. What cannot be written is lost, but not what comes later.
pub(super) fn write_lines(buffer: &Buffer, mut out: impl io::Write) -> ! {
    let mut batch = Vec::with_capacity(MAX_BYTES);
    loop {
        let lost = buffer.take(&mut batch);
        if lost > 0 {
            // It follows this batch, where the lost lines would be, and finds room in the buffer,
            // which was just emptied.
            tracing::warn!(
                lines = lost,
                "lines of the log were lost: standard error is read too slowly"
            );
        }
        let unwritten = write(&mut out, &batch);
        buffer.set_written(batch.len(), unwritten);
        batch.clear();
        buffer.pause(PAUSE);
    }
}

/// Returns what could not be written.
fn write<'a>(out: &mut impl io::Write, mut bytes: &'a [u8]) -> &'a [u8] {
    while !bytes.is_empty() {
        match out.write(bytes) {
            Ok(0) => break,
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A terminal or pipe that another program made non-blocking, and which is full.
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::park_timeout(PAUSE),
            Err(_) => break,
        }
    }
    bytes
}

#[cfg(test)]
mod tests;
