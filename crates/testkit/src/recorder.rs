//! A recorder of metrics that tests can read.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use metrics::{
    Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

/// Keeps every metric, to be read by `name{label=value}` with labels in the order of the code.
#[derive(Debug, Clone, Default)]
pub struct TestRecorder(Arc<State>);

/// Metrics of one type by key.
type Registered<T> = Mutex<HashMap<String, Arc<T>>>;

#[derive(Debug, Default)]
struct State {
    counters: Registered<AtomicU64>,
    gauges: Registered<AtomicU64>,
    samples: Registered<Samples>,
}

#[derive(Debug, Default)]
struct Samples(Mutex<Vec<f64>>);

impl HistogramFn for Samples {
    fn record(&self, value: f64) {
        lock(&self.0).push(value);
    }
}

/// `name{label=value}`, labels in the order of the code.
fn text(key: &Key) -> String {
    let labels: Vec<_> = key
        .labels()
        .map(|label| format!("{}={}", label.key(), label.value()))
        .collect();
    format!("{}{{{}}}", key.name(), labels.join(","))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn get<T>(registered: &Registered<T>, key: &str) -> Arc<T> {
    let metric = lock(registered).get(key).cloned();
    metric.unwrap_or_else(|| panic!("nobody reports {key}"))
}

fn register<T: Default>(registered: &Registered<T>, key: &Key) -> Arc<T> {
    Arc::clone(lock(registered).entry(text(key)).or_default())
}

impl TestRecorder {
    /// The value of a counter.
    pub fn counter(&self, key: &str) -> u64 {
        get(&self.0.counters, key).load(Ordering::Relaxed)
    }

    /// The value of a gauge.
    pub fn gauge(&self, key: &str) -> f64 {
        f64::from_bits(get(&self.0.gauges, key).load(Ordering::Relaxed))
    }

    /// What a histogram recorded, in order.
    pub fn samples(&self, key: &str) -> Vec<f64> {
        lock(&get(&self.0.samples, key).0).clone()
    }
}

impl Recorder for TestRecorder {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(register(&self.0.counters, key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(register(&self.0.gauges, key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(register(&self.0.samples, key))
    }
}
