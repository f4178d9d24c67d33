//! The deliveries to one adapter: in order where they belong together, a few at a time, and none
//! while the CRM is in trouble. Another adapter's trouble does not concern it.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};
use whocalls_core::{
    AdapterError, AdapterId, CallContext, ErrorKind, Operation, Progress, RequestId,
    WorkflowReceipt,
};

use crate::{
    Courier, Delivery, Failure, Store, Summary, UnknownCaller,
    health::Health,
    meter::Meter,
    schedule,
    store::{Claimed, Outcome},
    waiters::Waiters,
};

/// How long to wait before the end of an attempt is written again, when the disk refused it.
const WRITE_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What all lanes share.
#[derive(Clone)]
pub(crate) struct LaneContext {
    pub(crate) store: Store,
    pub(crate) courier: Arc<dyn Courier>,
    pub(crate) waiters: Waiters,
    pub(crate) meter: Meter,
    /// Deliveries under way at once.
    pub(crate) parallel: usize,
    /// The time for one attempt.
    pub(crate) attempt_timeout: Duration,
    /// The time until the next attempt when an answer was lost.
    pub(crate) unknown_outcome_wait: Duration,
    /// Turns true when no more deliveries are to be begun.
    pub(crate) stop: watch::Receiver<bool>,
}

/// The right to begin a delivery at once.
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Slot {
    const fn new(permit: OwnedSemaphorePermit) -> Self {
        Self { _permit: permit }
    }
}

/// The deliveries to one adapter.
pub(crate) struct Lane {
    adapter: AdapterId,
    shared: LaneContext,
    health: Mutex<Health>,
    slots: Arc<Semaphore>,
    /// Something may be due.
    wake: Notify,
    /// Deliveries that were taken as they were stored.
    direct: mpsc::UnboundedSender<(Delivery, Slot)>,
}

impl Lane {
    /// Starts to deliver to `adapter`, in a task of its own that ends after `stop`.
    pub(crate) fn start(adapter: AdapterId, shared: LaneContext) -> (Arc<Self>, LaneTask) {
        let (direct, arriving) = mpsc::unbounded_channel();
        let lane = Arc::new(Self {
            adapter,
            health: Mutex::default(),
            slots: Arc::new(Semaphore::new(shared.parallel)),
            wake: Notify::new(),
            direct,
            shared,
        });
        let task = tokio::spawn(Arc::clone(&lane).run(arriving));
        (lane, task)
    }

    /// A slot for a delivery that is about to be stored; none when it would have to wait.
    pub(crate) fn reserve(&self) -> Option<Slot> {
        let is_healthy = self.health().paused_until().is_none();
        let permit = || Arc::clone(&self.slots).try_acquire_owned().ok();
        is_healthy.then(permit).flatten().map(Slot::new)
    }

    /// Begins a delivery that was taken as it was stored.
    pub(crate) fn begin(&self, delivery: Delivery, slot: Slot) {
        // The receiver lives as long as the lane's task, which outlives all requests. If not, the
        // delivery is found again after the restart.
        drop(self.direct.send((delivery, slot)));
    }

    /// Looks whether something is due.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Until when nothing is sent.
    pub(crate) fn paused_until(&self) -> Option<Instant> {
        self.health().paused_until()
    }

    async fn run(self: Arc<Self>, mut arriving: mpsc::UnboundedReceiver<(Delivery, Slot)>) {
        let mut stop = self.shared.stop.clone();
        let mut under_way = JoinSet::new();
        let mut look_again = self.begin_due(&mut under_way).await;
        loop {
            tokio::select! {
                Some((delivery, slot)) = arriving.recv() => {
                    under_way.spawn(Arc::clone(&self).attempt(delivery, slot));
                    continue;
                }
                Some(_ended) = under_way.join_next() => {}
                () = self.wake.notified() => {}
                () = at(look_again) => {}
                _stopped = stop.wait_for(|stop| *stop) => break,
            }
            look_again = self.begin_due(&mut under_way).await;
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Begins what is due and returns when to look again, unless something happens before.
    async fn begin_due(self: &Arc<Self>, under_way: &mut JoinSet<()>) -> Option<Instant> {
        let now = Instant::now();
        let (allowed, paused_until) = {
            let health = self.health();
            let allowed = health.allowed(self.shared.parallel, now);
            (allowed, health.paused_until())
        };
        let mut slots = Vec::new();
        while self.shared.parallel - self.slots.available_permits() < allowed
            && let Ok(permit) = Arc::clone(&self.slots).try_acquire_owned()
        {
            slots.push(Slot::new(permit));
        }
        if slots.is_empty() {
            return paused_until.filter(|until| *until > now);
        }
        let (adapter, most) = (self.adapter.clone(), slots.len());
        let claimed = self
            .shared
            .store
            .claim(adapter, most, Timestamp::now())
            .await;
        match claimed {
            Ok(Claimed {
                deliveries,
                next_due,
            }) => {
                for (delivery, slot) in deliveries.into_iter().zip(slots) {
                    under_way.spawn(Arc::clone(self).attempt(delivery, slot));
                }
                next_due.map(instant)
            }
            Err(error) => {
                tracing::error!(adapter = %self.adapter, %error, "deliveries wait for the outbox");
                Some(now + WRITE_AGAIN_AFTER)
            }
        }
    }

    async fn attempt(self: Arc<Self>, delivery: Delivery, slot: Slot) {
        let started = Instant::now();
        let request_id = RequestId::new(delivery.id.as_str());
        let cx = CallContext::within(self.shared.attempt_timeout, request_id).in_background();
        let carried = AssertUnwindSafe(self.carry(&cx, &delivery)).catch_unwind();
        let result = carried.await.unwrap_or_else(|_panic| Err(self.panicked()));
        let failure = result.as_ref().err().map(|error| error.kind);
        self.shared.meter.attempt(&self.adapter, failure);
        self.note_health(&result).await;
        let outcome = self.outcome(&delivery, result, started);
        if let Some(summary) = self.keep(delivery.seq, outcome).await {
            self.shared.waiters.tell(&delivery.id, &summary);
        }
        drop(slot);
    }

    /// Finds out who called, if that is wanted, and takes the delivery to the CRM.
    async fn carry(
        &self,
        cx: &CallContext,
        delivery: &Delivery,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let courier = &*self.shared.courier;
        let target = &delivery.target;
        let is_known = target.record.is_some() || target.caller == UnknownCaller::Ignore;
        if is_known || matches!(delivery.progress, Progress::Exists(_)) {
            return courier.deliver(cx, delivery).await;
        }
        let mut delivery = delivery.clone();
        if let Some(record) = courier.find_caller(cx, &delivery).await? {
            // If this is not written, the next attempt finds the same record again.
            let kept = self.shared.store.keep_record(delivery.seq, record.clone());
            if let Err(error) = kept.await {
                tracing::warn!(workflow = %delivery.id, %error, "the contact found was not noted");
            }
            delivery.target.record = Some(record);
        }
        courier.deliver(cx, &delivery).await
    }

    async fn note_health(&self, result: &Result<WorkflowReceipt, AdapterError>) {
        let now = Instant::now();
        let long_outage_is_over = match result {
            Err(error) if schedule::is_the_crms_trouble(error.kind) => {
                self.health()
                    .failed(now, error.retry_after, fastrand::f64());
                false
            }
            // Our own trouble says nothing of the CRM.
            Err(error) if matches!(error.kind, ErrorKind::Internal | ErrorKind::Unsupported) => {
                false
            }
            _ => self.health().succeeded(now),
        };
        if long_outage_is_over {
            let store = &self.shared.store;
            let hurried = store.hurry(self.adapter.clone(), Timestamp::now()).await;
            tracing::info!(
                adapter = %self.adapter,
                waiting = hurried.unwrap_or_default(),
                "the CRM takes workflows again; all that wait are due"
            );
            self.wake();
        }
    }

    fn outcome(
        &self,
        delivery: &Delivery,
        result: Result<WorkflowReceipt, AdapterError>,
        started: Instant,
    ) -> Outcome {
        let (id, adapter) = (&delivery.id, &self.adapter);
        let elapsed_ms = started.elapsed().as_millis();
        let error = match result {
            Ok(receipt) => {
                tracing::info!(
                    workflow = %id, name = delivery.details.workflow, %adapter, elapsed_ms,
                    failed_attempts = delivery.attempts, "workflow delivered"
                );
                return Outcome::Delivered(receipt);
            }
            Err(error) => error,
        };
        let now = Timestamp::now();
        let age = now.duration_since(delivery.waiting_since);
        let age = Duration::try_from(age).unwrap_or_default();
        let mut wait = schedule::delivery_wait(error.kind, age, error.retry_after, fastrand::f64());
        if error.kind == ErrorKind::OutcomeUnknown {
            wait = wait.max(self.shared.unknown_outcome_wait);
        }
        tracing::warn!(
            workflow = %id, name = delivery.details.workflow, %adapter, elapsed_ms,
            kind = %error.kind, failed_attempts = delivery.attempts.saturating_add(1),
            next_attempt_secs = wait.as_secs(), "workflow not delivered yet"
        );
        let failure = Failure {
            kind: error.kind,
            message: error.message,
            created: error.created.as_deref().cloned().unwrap_or_default(),
        };
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let next_attempt_at = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        Outcome::Failed(failure, next_attempt_at)
    }

    /// Writes how an attempt ended, for as long as that takes. `None` when the process stops
    /// before: the next one finds out by itself.
    async fn keep(&self, seq: i64, outcome: Outcome) -> Option<Summary> {
        loop {
            let written = self
                .shared
                .store
                .finish(seq, outcome.clone(), Timestamp::now());
            match written.await {
                Ok(summary) => return Some(summary),
                Err(error) if *self.shared.stop.borrow() => {
                    tracing::warn!(adapter = %self.adapter, %error, "an outcome was not noted");
                    return None;
                }
                Err(error) => {
                    tracing::error!(adapter = %self.adapter, %error, "an outcome waits for the outbox");
                    sleep(WRITE_AGAIN_AFTER).await;
                }
            }
        }
    }

    /// A panic may have come after the request was sent.
    fn panicked(&self) -> AdapterError {
        let kind = ErrorKind::OutcomeUnknown;
        let message = "the delivery panicked; please report it as a bug";
        AdapterError::new(kind, &self.adapter, Operation::Workflow, message)
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        // The state is consistent between any two statements, so a poisoned lock is still good.
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends when the lane has been stopped and nothing is under way.
pub(crate) type LaneTask = tokio::task::JoinHandle<()>;

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// The instant of a time of the day, as the clocks stand now.
fn instant(time: Timestamp) -> Instant {
    let wait = time.duration_since(Timestamp::now());
    Instant::now() + Duration::try_from(wait).unwrap_or_default()
}
