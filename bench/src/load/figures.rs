//! What a load run saw.

use std::time::Duration;

use hdrhistogram::Histogram;

/// The largest latency that is told apart, in microseconds.
const MAX_MICROS: u64 = 120_000_000;
/// Significant digits of latencies.
const DIGITS: u8 = 3;

/// What a load run saw.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) requests: u64,
    /// Replies other than 200, and connections that broke.
    pub(crate) failures: u64,
    /// Replies with less than everything.
    pub(crate) partial: u64,
    /// From the start to the last reply.
    pub(crate) elapsed: Duration,
    /// In microseconds.
    latencies: Histogram<u64>,
}

impl Figures {
    /// Nothing seen yet.
    ///
    /// # Errors
    /// Never: the bounds are valid.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            requests: 0,
            failures: 0,
            partial: 0,
            elapsed: Duration::ZERO,
            latencies: Histogram::new_with_bounds(1, MAX_MICROS, DIGITS)?,
        })
    }

    /// Counts a request.
    pub(crate) fn add(&mut self, latency: Duration, reply: Option<super::Reply>) {
        self.requests += 1;
        match reply {
            Some(reply) if reply.status == 200 => self.partial += u64::from(reply.is_partial),
            _ => self.failures += 1,
        }
        let micros = u64::try_from(latency.as_micros()).unwrap_or(MAX_MICROS);
        self.latencies.saturating_record(micros);
    }

    /// Requests a second.
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
    pub(crate) fn throughput(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that so many of a hundred requests did not exceed, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "bounded by MAX_MICROS")]
    pub(crate) fn millis_at(&self, percent: f64) -> f64 {
        self.latencies.value_at_percentile(percent) as f64 / 1000.0
    }
}
