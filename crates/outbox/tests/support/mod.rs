//! An outbox in a folder of its own, with adapters in memory at the other end.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use metrics::NoopRecorder;
use serde_json::Map;
use tempfile::TempDir;
use tokio::time::Instant;
use whocalls_core::{
    AdapterError, AdapterId, CallContext, CallDetails, CrmAdapter, Direction, WorkflowReceipt,
    WorkflowRequest,
};
use whocalls_outbox::{
    Answer, Courier, Delivery, Details, Kept, Outbox, OutboxSettings, Store, StoreError, Target,
    UnknownCaller,
};
use whocalls_testkit::fake::FakeAdapter;

/// Long enough for anything on a busy machine.
pub(crate) const TIME: Duration = Duration::from_secs(20);
/// Deliveries to one adapter at once.
pub(crate) const PARALLEL: usize = 4;

/// The other end.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    adapters: HashMap<AdapterId, Arc<FakeAdapter>>,
    caller: Mutex<Option<String>>,
    retry_after: Mutex<Option<Duration>>,
}

impl Desk {
    /// From now on, unknown callers turn out to be this record.
    pub(crate) fn set_caller(&self, record: Option<&str>) {
        *self.caller.lock().unwrap() = record.map(str::to_owned);
    }

    /// From now on, failures say when to come back.
    pub(crate) fn set_retry_after(&self, wait: Option<Duration>) {
        *self.retry_after.lock().unwrap() = wait;
    }
}

#[async_trait]
impl Courier for Desk {
    async fn find_caller(
        &self,
        _: &CallContext,
        _: &Delivery,
    ) -> Result<Option<String>, AdapterError> {
        Ok(self.caller.lock().unwrap().clone())
    }

    async fn deliver(
        &self,
        cx: &CallContext,
        delivery: &Delivery,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let request = WorkflowRequest {
            name: delivery.details.workflow.clone(),
            contact: delivery.target.record.clone(),
            call: delivery.details.call.clone(),
            idempotency_key: delivery.id.to_string(),
            progress: delivery.progress.clone(),
            ..WorkflowRequest::default()
        };
        let adapter = &self.adapters[&delivery.target.adapter];
        let wait = *self.retry_after.lock().unwrap();
        let result = adapter.run_workflow(cx, &request).await;
        result.map_err(|error| error.with_retry_after(wait))
    }
}

/// An outbox with its surroundings.
pub(crate) struct Office {
    pub(crate) desk: Arc<Desk>,
    outbox: Arc<Outbox>,
    settings: OutboxSettings,
    folder: Arc<TempDir>,
}

impl Office {
    /// An empty outbox with these adapters.
    pub(crate) fn open(adapters: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let path = folder.path().join("outbox.db");
        Self::at(path, folder, desk(adapters))
    }

    /// An outbox whose folder does not exist.
    pub(crate) fn without_folder(adapters: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let path = folder.path().join("missing").join("outbox.db");
        Self::at(path, folder, desk(adapters))
    }

    pub(crate) fn make_folder(&self) {
        std::fs::create_dir(self.settings.path.parent().unwrap()).unwrap();
    }

    fn at(path: PathBuf, folder: Arc<TempDir>, desk: Arc<Desk>) -> Self {
        let day = Duration::from_hours(24);
        let settings = OutboxSettings {
            path,
            kept: Kept {
                waiting: day,
                delivered: day,
                recognised: day,
            },
            parallel: PARALLEL,
            attempt_timeout: TIME,
            unknown_outcome_wait: Duration::from_millis(100),
        };
        let courier: Arc<dyn Courier> = Arc::<Desk>::clone(&desk);
        let outbox = Outbox::new(&settings, courier, Arc::new(NoopRecorder)).unwrap();
        outbox.start(&settings);
        Self {
            desk,
            outbox,
            settings,
            folder,
        }
    }

    /// Another process on the same file, with adapters of its own.
    pub(crate) fn beside(&self, adapters: &[&str]) -> Self {
        Self::at(
            self.settings.path.clone(),
            Arc::clone(&self.folder),
            desk(adapters),
        )
    }

    /// The file as a command of the operator sees it.
    pub(crate) fn store_beside(&self) -> Store {
        Store::new(self.settings.path.clone()).unwrap()
    }

    /// Ends this process and starts the next one, with the same adapters.
    pub(crate) async fn restart(self) -> Self {
        self.stop().await;
        Self::at(self.settings.path, self.folder, self.desk)
    }

    pub(crate) async fn stop(&self) {
        self.outbox.stop(TIME).await;
    }

    pub(crate) fn crm(&self, adapter: &str) -> &FakeAdapter {
        &self.desk.adapters[adapter]
    }

    /// A workflow for the adapter `crm`.
    pub(crate) async fn submit(
        &self,
        details: &Details,
        time: Duration,
    ) -> Result<Answer, StoreError> {
        self.submit_to(details, &["crm"], time).await
    }

    pub(crate) async fn submit_to(
        &self,
        details: &Details,
        adapters: &[&str],
        time: Duration,
    ) -> Result<Answer, StoreError> {
        let target = |adapter: &&str| target(adapter, Some("51"), UnknownCaller::Ignore);
        let targets = adapters.iter().map(target).collect();
        self.submit_targets(details, targets, time).await
    }

    pub(crate) async fn submit_targets(
        &self,
        details: &Details,
        targets: Vec<Target>,
        time: Duration,
    ) -> Result<Answer, StoreError> {
        let now = Instant::now();
        // However busy the machine is: what is tested is not the speed of its disk.
        self.outbox
            .submit(details.clone(), targets, now + TIME, now + time)
            .await
    }
}

fn desk(adapters: &[&str]) -> Arc<Desk> {
    let adapters = adapters.iter().map(|id| {
        let adapter = FakeAdapter::new(id, Vec::new());
        (adapter.info().id.clone(), Arc::new(adapter))
    });
    Arc::new(Desk {
        adapters: adapters.collect(),
        ..Desk::default()
    })
}

pub(crate) fn target(adapter: &str, record: Option<&str>, caller: UnknownCaller) -> Target {
    Target {
        adapter: AdapterId::new(adapter).unwrap(),
        record: record.map(str::to_owned),
        caller,
    }
}

/// A call of this contact that rings.
pub(crate) fn call(contact: &str) -> Details {
    Details {
        workflow: FakeAdapter::WORKFLOW.to_owned(),
        contact: Some(format!("crm:{contact}")),
        user: None,
        call: CallDetails {
            direction: Some(Direction::Incoming),
            originator_number: Some("41791234567".to_owned()),
            started_at: Timestamp::from_second(0).ok(),
            ..CallDetails::default()
        },
        extra: Map::new(),
    }
}

/// The same call when it has ended.
pub(crate) fn ended(mut details: Details) -> Details {
    details.call.answered_at = Timestamp::from_second(5).ok();
    details.call.ended_at = Timestamp::from_second(65).ok();
    details
}

/// Waits until `happened`.
pub(crate) async fn eventually(happened: impl Fn() -> bool) {
    let deadline = Instant::now() + TIME;
    while !happened() {
        assert!(Instant::now() < deadline, "it does not happen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
