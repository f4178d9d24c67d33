//! What one run of one program came to: figures by name.

/// Figures with their names, which carry the unit.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sample(Vec<(String, f64)>);

impl Sample {
    /// Adds a figure.
    pub(crate) fn put(&mut self, name: impl Into<String>, value: f64) {
        self.0.push((name.into(), value));
    }

    /// The figure of this name.
    pub(crate) fn get(&self, name: &str) -> Option<f64> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| *value)
    }

    /// The names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

/// Names of figures that several scenarios have.
pub(crate) const THROUGHPUT: &str = "requests/s";
pub(crate) const CPU: &str = "CPU s / 10,000";
pub(crate) const P50: &str = "p50 ms";
pub(crate) const P99: &str = "p99 ms";
pub(crate) const P999: &str = "p99.9 ms";
pub(crate) const ADDED_P50: &str = "added p50 ms";
pub(crate) const ADDED_P99: &str = "added p99 ms";
pub(crate) const ADDED_P999: &str = "added p99.9 ms";
pub(crate) const PEAK: &str = "peak MB";
pub(crate) const FAILED: &str = "failed %";
pub(crate) const PARTIAL: &str = "partial %";
pub(crate) const UPSTREAM: &str = "upstream / lookup";
pub(crate) const CONNECTION: &str = "bytes / connection";

/// Bytes of a megabyte.
pub(crate) const MB: f64 = 1_000_000.0;
