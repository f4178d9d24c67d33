//! What protects a CRM and those who wait for it: breaker, retry, rate limit, attempt timeout and
//! hedge, on a virtual clock with an adapter in memory.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

mod attempt;
mod breaker;
mod hedge;
mod rate;
mod retry;
mod together;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use whocalls_core::{
    AdapterError, CallContext, CrmAdapter, ErrorKind, LookupAnswer, ProbeReport, RequestId,
    WorkflowReceipt, WorkflowRequest,
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    fake::FakeAdapter,
    query,
    recorder::TestRecorder,
};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

/// A fake CRM, and layers around it.
struct Fixture {
    fake: Arc<FakeAdapter>,
    adapter: Arc<dyn CrmAdapter>,
    recorder: TestRecorder,
    started: Instant,
}

impl Fixture {
    /// Puts layers around a fake CRM.
    fn with(
        layers: impl FnOnce(Arc<dyn CrmAdapter>, &TestRecorder) -> Arc<dyn CrmAdapter>,
    ) -> Self {
        let fake = Arc::new(FakeAdapter::seeded("crm", &messy_contacts(50)));
        let recorder = TestRecorder::default();
        let adapter = layers(Arc::clone(&fake) as Arc<dyn CrmAdapter>, &recorder);
        Self {
            fake,
            adapter,
            recorder,
            started: Instant::now(),
        }
    }

    async fn lookup(&self, budget: Duration) -> Result<LookupAnswer, AdapterError> {
        self.adapter.lookup(&cx(budget), &query(MIA_NUMBER)).await
    }

    /// The kind of a failed lookup, with ten seconds of time.
    async fn failure(&self) -> ErrorKind {
        self.lookup(10 * SECOND).await.unwrap_err().kind
    }

    async fn probe(&self) -> Result<ProbeReport, AdapterError> {
        self.adapter.probe(&cx(10 * SECOND)).await
    }

    async fn workflow(&self) -> Result<WorkflowReceipt, AdapterError> {
        let request = WorkflowRequest {
            name: FakeAdapter::WORKFLOW.to_owned(),
            ..WorkflowRequest::default()
        };
        self.adapter.run_workflow(&cx(10 * SECOND), &request).await
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The counter of a metric of the adapter, by the value of its other label.
    fn counter(&self, name: &str, label: &str, value: &str) -> u64 {
        let key = format!("whocalls_{name}_total{{adapter=crm,{label}={value}}}");
        self.recorder.counter(&key)
    }
}

fn cx(budget: Duration) -> CallContext {
    CallContext::within(budget, RequestId::new("test"))
}
