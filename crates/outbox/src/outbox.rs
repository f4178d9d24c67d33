//! Takes requests in, starts a lane for each adapter, and keeps house.

use std::{
    collections::HashMap,
    fmt, io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use metrics::Recorder;
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, timeout, timeout_at},
};
use whocalls_core::{AdapterId, WorkflowReceipt};

use crate::{
    Courier, Details, Kept, Store, StoreError, Summary, Target, WorkflowId,
    keeper::Keeper,
    lane::{Lane, LaneContext, LaneTask},
    lock::DeliveryLock,
    meter::Meter,
    store::{Novelty, Stored},
    waiters::Waiters,
};

/// How often a request looks for the end of its delivery when another process delivers.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How an outbox works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxSettings {
    /// The file.
    pub path: PathBuf,
    /// How long things are kept.
    pub kept: Kept,
    /// Deliveries to one adapter at once, at least 1.
    pub parallel: usize,
    /// The time for one attempt.
    pub attempt_timeout: Duration,
    /// How long after an attempt whose answer was lost the next one comes: until the CRM has
    /// carried out what is still under way, and its search knows of it.
    pub unknown_outcome_wait: Duration,
}

/// Workflows on their way to a CRM.
pub struct Outbox {
    store: Store,
    lanes: Mutex<HashMap<AdapterId, (Arc<Lane>, LaneTask)>>,
    context: LaneContext,
    /// Whether this process delivers, and not another one with the same file.
    delivers: AtomicBool,
    /// The right to deliver. Held until nothing is under way any longer.
    lock: Mutex<Option<DeliveryLock>>,
    stop: watch::Sender<bool>,
}

/// What a request is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The workflow.
    pub id: WorkflowId,
    /// How far it is.
    pub status: Status,
    /// What the CRM made of it; empty unless it is done.
    pub receipt: WorkflowReceipt,
}

/// How far a workflow is when its request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The CRM has it.
    Done,
    /// It is on disk and will be delivered.
    Queued,
    /// It is a repetition, and the CRM has it.
    Repeated,
}

impl Status {
    /// The status as it is shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Queued => "queued",
            Self::Repeated => "repeated",
        }
    }
}

impl Outbox {
    /// The outbox of `settings`, which delivers through `courier`. The file is opened when it is
    /// first used, so that lookups are answered even when it cannot be written.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(
        settings: &OutboxSettings,
        courier: Arc<dyn Courier>,
        recorder: Arc<dyn Recorder + Send + Sync>,
    ) -> io::Result<Arc<Self>> {
        let store = Store::new(settings.path.clone())?;
        let stop = watch::Sender::new(false);
        let context = LaneContext {
            store: store.clone(),
            courier,
            waiters: Waiters::default(),
            meter: Meter::new(recorder),
            parallel: settings.parallel.max(1),
            attempt_timeout: settings.attempt_timeout,
            unknown_outcome_wait: settings.unknown_outcome_wait,
            stop: stop.subscribe(),
        };
        Ok(Arc::new(Self {
            store,
            lanes: Mutex::default(),
            context,
            delivers: AtomicBool::new(false),
            lock: Mutex::default(),
            stop,
        }))
    }

    /// Begins to deliver, as soon as no other process does, and to keep house, in a task that ends
    /// after [`stop`](Self::stop).
    pub fn start(self: &Arc<Self>, settings: &OutboxSettings) -> JoinHandle<()> {
        let keeper = Keeper::new(Arc::clone(self), settings);
        tokio::spawn(keeper.run(self.stop.subscribe()))
    }

    /// The file.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stores a workflow, waits until `wait_until` for its delivery, and tells what has become of
    /// it. What is stored is delivered whether or not anybody waits; a `wait_until` that has passed
    /// only stores.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be stored by `store_by`.
    ///
    /// # Cancellation
    /// A request whose caller has left may have been stored.
    pub async fn submit(
        self: &Arc<Self>,
        details: Details,
        targets: Vec<Target>,
        store_by: Instant,
        wait_until: Instant,
    ) -> Result<Answer, StoreError> {
        let mut waiter = self.context.waiters.join(&details.id());
        let adapters: Vec<AdapterId> = targets.iter().map(|to| to.adapter.clone()).collect();
        // In a task of its own: a delivery that was taken must not be left alone.
        let taken_in = tokio::spawn(Arc::clone(self).take_in(details, targets, store_by));
        let taken_in = timeout_at(store_by, taken_in).await;
        let stored = taken_in.unwrap_or(Ok(Err(StoreError::Slow)));
        let stored = stored
            .unwrap_or(Err(StoreError::Stopped))
            .inspect_err(|error| {
                self.context.meter.not_stored();
                tracing::error!(%error, "a workflow could not be stored");
            })?;
        let Stored {
            id,
            novelty,
            mut summary,
            ..
        } = stored;
        while !summary.is_done && self.is_worth_waiting(&summary, &adapters, wait_until) {
            let news = async {
                if self.delivers() {
                    Ok(waiter.next().await)
                } else {
                    tokio::time::sleep(LOOK_EVERY).await;
                    self.store.summary(id.clone()).await
                }
            };
            match timeout_at(wait_until, news).await {
                Ok(Ok(news)) => summary = news,
                Ok(Err(_)) | Err(_) => break,
            }
        }
        let status = match (summary.is_done, novelty) {
            (false, _) => Status::Queued,
            (true, Novelty::Known) => Status::Repeated,
            (true, Novelty::New | Novelty::Changed) => Status::Done,
        };
        Ok(Answer {
            id,
            status,
            receipt: summary.receipt,
        })
    }

    /// Whether an attempt may end before `wait_until`.
    fn is_worth_waiting(
        &self,
        summary: &Summary,
        adapters: &[AdapterId],
        wait_until: Instant,
    ) -> bool {
        let time_left = wait_until.saturating_duration_since(Instant::now());
        let is_due_in_time = summary.next_attempt_at.is_some_and(|due| {
            Duration::try_from(due.duration_since(Timestamp::now())).unwrap_or_default() < time_left
        });
        let lanes = self.lanes();
        let may_deliver = |adapter: &AdapterId| {
            let paused_until = lanes.get(adapter).and_then(|(lane, _)| lane.paused_until());
            paused_until.is_none_or(|until| until < wait_until)
        };
        summary.is_sending || is_due_in_time && adapters.iter().any(may_deliver)
    }

    async fn take_in(
        self: Arc<Self>,
        details: Details,
        targets: Vec<Target>,
        store_by: Instant,
    ) -> Result<Stored, StoreError> {
        let mut lanes = Vec::new();
        let mut slots = HashMap::new();
        if self.delivers() {
            for target in &targets {
                let lane = self.lane(&target.adapter);
                if let Some(slot) = lane.reserve() {
                    slots.insert(target.adapter.clone(), slot);
                }
                lanes.push(lane);
            }
        }
        let (id, name) = (details.id(), details.workflow.clone());
        let claimable = slots.keys().cloned().collect();
        let stored = self
            .store
            .submit(details, targets, claimable, store_by, Timestamp::now());
        let mut stored = stored.await?;
        if stored.novelty != Novelty::Known {
            tracing::info!(workflow = %id, name, novelty = ?stored.novelty, "workflow stored");
        }
        for delivery in stored.claimed.drain(..) {
            let adapter = delivery.target.adapter.clone();
            if let Some(slot) = slots.remove(&adapter) {
                self.lane(&adapter).begin(delivery, slot);
            }
        }
        // What was not taken is due for its lane, and what was reserved in vain is free again.
        drop(slots);
        for lane in lanes {
            lane.wake();
        }
        Ok(stored)
    }

    /// Ends after the deliveries under way, or after `grace`.
    pub async fn stop(&self, grace: Duration) {
        self.stop.send_replace(true);
        let mut tasks: JoinSet<_> = {
            let mut lanes = self.lanes();
            lanes.drain().map(|(_, (_, task))| task).collect()
        };
        let all_ended = async { while tasks.join_next().await.is_some() {} };
        if timeout(grace, all_ended).await.is_ok() {
            drop(self.lock().take());
        } else {
            tracing::warn!("deliveries were cut short; they are resolved after the next start");
        }
    }

    /// Starts the lanes that have something to do, and makes all of them look again.
    pub(crate) async fn wake_lanes(&self) -> Result<(), StoreError> {
        for adapter in self.store.waiting_adapters().await? {
            self.lane(&adapter);
        }
        for (lane, _) in self.lanes().values() {
            lane.wake();
        }
        Ok(())
    }

    /// From now on, this process delivers.
    pub(crate) fn set_delivers(&self, lock: DeliveryLock) {
        *self.lock() = Some(lock);
        self.delivers.store(true, Ordering::Release);
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.context.meter
    }

    fn delivers(&self) -> bool {
        self.delivers.load(Ordering::Acquire)
    }

    fn lane(&self, adapter: &AdapterId) -> Arc<Lane> {
        let mut lanes = self.lanes();
        let (lane, _) = lanes
            .entry(adapter.clone())
            .or_insert_with(|| Lane::start(adapter.clone(), self.context.clone()));
        Arc::clone(lane)
    }

    fn lock(&self) -> MutexGuard<'_, Option<DeliveryLock>> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<AdapterId, (Arc<Lane>, LaneTask)>> {
        // The map is consistent between any two statements, so a poisoned lock is still good.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}
