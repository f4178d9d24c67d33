//! Logs and metrics. Neither carries credentials, names or unmasked numbers.

mod log;

use std::{fmt, sync::Arc};

use metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder, SharedString, Unit};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use whocalls_stack::{KeptMetrics, Timed};

pub use log::{RunningLog, start_log};

/// Upper bounds of the buckets of all durations, in seconds: fine where the second ring is near.
const BUCKETS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0,
];
/// The same for the ages of cached answers: minutes, hours, days.
const AGE_BUCKETS: [f64; 10] = [
    1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0, 86_400.0, 604_800.0,
];
const CACHE_AGE: &str = "whocalls_cache_age_seconds";
const IN_FLIGHT: &str = "whocalls_lookups_in_flight";
const LOST_LOG_LINES: &str = "whocalls_log_lines_lost_total";
/// What each metric means, for those who read `/metrics`. Those with a unit are histograms.
const DESCRIPTIONS: [(&str, Option<Unit>, &str); 23] = [
    (
        "whocalls_requests_total",
        None,
        "Requests of clients, by route, status and token.",
    ),
    (
        "whocalls_request_seconds",
        Some(Unit::Seconds),
        "Time to answer a client, by route.",
    ),
    (IN_FLIGHT, None, "Lookups that wait for an answer."),
    (
        "whocalls_requests_shed_total",
        None,
        "Requests that got less than usual or were refused, by route, reason and outcome.",
    ),
    (
        "whocalls_adapter_calls_total",
        None,
        "Calls to an adapter, by operation and outcome.",
    ),
    (
        "whocalls_adapter_call_seconds",
        Some(Unit::Seconds),
        "Time that a caller waited for a CRM; answers from memory do not count.",
    ),
    (
        "whocalls_breaker_state",
        None,
        "Whether a CRM is asked, by adapter: 0 closed (yes), 1 half-open (one call tries), 2 open (no).",
    ),
    (
        "whocalls_breaker_transitions_total",
        None,
        "Changes of a circuit breaker's state, by adapter and new state.",
    ),
    (
        "whocalls_limit_refusals_total",
        None,
        "Calls that were not sent for want of a place, by adapter and limit: rate or concurrency.",
    ),
    (
        "whocalls_retries_total",
        None,
        "Lookups asked again after a failure, by adapter and outcome: ok, failed, refused or over_budget.",
    ),
    (
        "whocalls_hedges_total",
        None,
        "Second requests for slow lookups, by adapter and outcome: won, lost, failed or over_budget.",
    ),
    (
        "whocalls_cache_lookups_total",
        None,
        "Lookups, by adapter and what the cache did: hit, stale, miss, joined or refused.",
    ),
    (
        CACHE_AGE,
        Some(Unit::Seconds),
        "Age of the answers that were given from the cache, by adapter.",
    ),
    (
        "whocalls_cache_entries",
        None,
        "Answers in the cache, by adapter.",
    ),
    (
        "whocalls_cache_bytes",
        None,
        "Memory of the answers in the cache, by adapter; an estimate.",
    ),
    (
        "whocalls_cache_requests_in_flight",
        None,
        "Questions to an adapter that are under way, also those whose caller has left.",
    ),
    (
        "whocalls_cache_refreshes_total",
        None,
        "Refreshes of stale answers, by adapter and outcome: ok, failed or left_out.",
    ),
    (
        "whocalls_reloads_total",
        None,
        "Reloads of the configuration, by outcome.",
    ),
    (
        "whocalls_outbox_deliveries",
        None,
        "Workflows in the outbox, by adapter and state.",
    ),
    (
        "whocalls_outbox_oldest_seconds",
        None,
        "How long the oldest waiting workflow has waited, by adapter.",
    ),
    (
        "whocalls_outbox_attempts_total",
        None,
        "Attempts to deliver a workflow, by adapter and outcome.",
    ),
    (
        "whocalls_outbox_not_stored_total",
        None,
        "Workflows that were refused because the outbox could not be written.",
    ),
    (
        LOST_LOG_LINES,
        None,
        "Lines of the log that standard error was read too slowly for, or that could not be written.",
    ),
];
const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, None);

/// The metrics of one gateway.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    in_flight: Gauge,
    /// The metrics of the replies that there were: route, token, status.
    replies: Arc<KeptMetrics<(&'static str, Box<str>, u16)>>,
}

impl Metrics {
    /// Metrics that are all zero.
    ///
    /// # Errors
    /// Never with the built-in buckets; the library checks them.
    pub fn new() -> Result<Self, BuildError> {
        let suffix = Matcher::Suffix("_seconds".to_owned());
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(suffix, &BUCKETS)?
            .set_buckets_for_metric(Matcher::Full(CACHE_AGE.to_owned()), &AGE_BUCKETS)?
            .build_recorder();
        for (name, unit, text) in DESCRIPTIONS {
            let text = SharedString::const_str(text);
            match unit {
                Some(unit) => recorder.describe_histogram(name.into(), Some(unit), text),
                None if name == IN_FLIGHT => recorder.describe_gauge(name.into(), None, text),
                None => recorder.describe_counter(name.into(), None, text),
            }
        }
        Ok(Self {
            handle: recorder.handle(),
            in_flight: recorder.register_gauge(&Key::from_name(IN_FLIGHT), &METADATA),
            recorder: Arc::new(recorder),
            replies: Arc::default(),
        })
    }

    /// Where adapters report to.
    pub fn recorder(&self) -> Arc<dyn Recorder + Send + Sync> {
        Arc::clone(&self.recorder) as Arc<dyn Recorder + Send + Sync>
    }

    /// All metrics in the Prometheus text format.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Frees what old samples take; to be called every few seconds.
    pub fn run_upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// Counts and times one request. `route` and `token` come from closed sets.
    pub fn request(&self, route: &'static str, token: &str, status: u16, seconds: f64) {
        self.replies.record(
            |(r, t, s)| (*r, &**t, *s) == (route, token, status),
            seconds,
            || {
                (
                    (route, token.into(), status),
                    self.register(route, token, status),
                )
            },
        );
    }

    fn register(&self, route: &'static str, token: &str, status: u16) -> Timed {
        let labels = vec![
            Label::new("route", route),
            Label::new("status", status.to_string()),
            Label::new("token", token.to_owned()),
        ];
        let counted = Key::from_parts("whocalls_requests_total", labels);
        let labels = vec![Label::new("route", route)];
        let timed = Key::from_parts("whocalls_request_seconds", labels);
        Timed {
            count: self.recorder.register_counter(&counted, &METADATA),
            seconds: self.recorder.register_histogram(&timed, &METADATA),
        }
    }

    /// Counts one request that was not served as usual. All labels come from closed sets.
    pub fn shed(&self, route: &'static str, reason: &'static str, outcome: &'static str) {
        let labels = vec![
            Label::new("route", route),
            Label::new("reason", reason),
            Label::new("outcome", outcome),
        ];
        let key = Key::from_parts("whocalls_requests_shed_total", labels);
        self.recorder.register_counter(&key, &METADATA).increment(1);
    }

    /// Counts a lookup as being in flight until the returned value is dropped.
    pub fn lookup_in_flight(&self) -> InFlight<'_> {
        self.in_flight.increment(1);
        InFlight(&self.in_flight)
    }

    /// Counts lines of the log that are lost.
    pub(crate) fn lost_log_lines(&self) -> Counter {
        self.recorder
            .register_counter(&Key::from_name(LOST_LOG_LINES), &METADATA)
    }

    /// Counts one reload of the configuration.
    pub fn reload(&self, succeeded: bool) {
        let outcome = if succeeded { "ok" } else { "error" };
        let key = Key::from_parts(
            "whocalls_reloads_total",
            vec![Label::new("outcome", outcome)],
        );
        self.recorder.register_counter(&key, &METADATA).increment(1);
    }
}

/// A lookup in flight.
#[must_use = "the lookup counts as ended when this is dropped"]
pub struct InFlight<'a>(&'a Gauge);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

impl fmt::Debug for InFlight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InFlight").finish()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
