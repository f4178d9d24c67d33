//! What a probe found.

/// The result of a successful [`probe`](crate::CrmAdapter::probe).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProbeReport {
    /// One line for the operator: what answered, as whom; no secret.
    pub summary: String,
    /// Things that work but deserve attention, one sentence each.
    pub warnings: Vec<String>,
}

impl ProbeReport {
    /// A report without warnings.
    pub fn new(summary: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            warnings: Vec::new(),
        }
    }
}
