//! Requests under way, each shared by all callers with the same question.

use std::{
    collections::HashMap,
    fmt,
    num::NonZeroUsize,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared, select_ok},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use whocalls_core::{
    AdapterError, AdapterId, CallContext, ContactQuery, CrmAdapter, ErrorKind, LookupAnswer,
    Operation,
};

use super::{
    entry::Key,
    meter::{Meter, Refresh},
    placement::Placement,
    store::{Found, Store},
};

/// A request that has taken so long may hang for ever, while the CRM is well again: whoever asks
/// the same question sends another one, and takes the answer that comes first.
const OVERDUE_AFTER: Duration = Duration::from_millis(2500);

/// A request under way. Dropping it leaves the request alone.
pub(super) type Flight = Shared<BoxFuture<'static, Result<LookupAnswer, AdapterError>>>;

/// What becomes of a question.
pub(super) enum Asked {
    /// There is an answer.
    Answered(Found),
    /// The same question is under way.
    Joined(Flight),
    /// The CRM is asked.
    Started(Flight),
    /// Too many questions are under way.
    Refused,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Somebody waits.
    Caller,
    /// A stale answer was given.
    Refresh,
}

/// A request on the list.
struct Listed {
    id: u64,
    since: Instant,
    flight: Flight,
}

impl Listed {
    fn is_overdue(&self) -> bool {
        self.since.elapsed() >= OVERDUE_AFTER
    }
}

/// The requests under way of one adapter.
pub(super) struct Flights {
    adapter: Arc<dyn CrmAdapter>,
    store: Arc<Store>,
    meter: Arc<Meter>,
    late_answer: Duration,
    placement: Placement,
    places: Arc<Semaphore>,
    max: usize,
    under_way: Mutex<HashMap<Key, Listed>>,
    next_id: AtomicU64,
}

impl Flights {
    /// At most `max` requests of `adapter`, each for `late_answer` at most unless its first caller
    /// waits longer. Answers go to `store`.
    pub(super) fn new(
        adapter: Arc<dyn CrmAdapter>,
        store: Arc<Store>,
        meter: Arc<Meter>,
        late_answer: Duration,
        max: NonZeroUsize,
        placement: Placement,
    ) -> Self {
        let max = max.get().min(Semaphore::MAX_PERMITS);
        Self {
            adapter,
            store,
            meter,
            late_answer,
            placement,
            places: Arc::new(Semaphore::new(max)),
            max,
            under_way: Mutex::default(),
            next_id: AtomicU64::new(0),
        }
    }

    /// Gives what is stored, joins the request for `query` that is under way, or starts one.
    pub(super) fn ask(self: &Arc<Self>, cx: &CallContext, query: &ContactQuery) -> Asked {
        let key = Key::new(query);
        // Under the lock: a request that is no longer on the list has stored its answer.
        let mut under_way = self.lock();
        if let Some(found) = self.store.get(query) {
            return Asked::Answered(found);
        }
        let listed = key.as_ref().and_then(|key| under_way.get(key));
        let overdue = match listed {
            Some(listed) if !listed.is_overdue() => return Asked::Joined(listed.flight.clone()),
            listed => listed.map(|listed| listed.flight.clone()),
        };
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return overdue.map_or(Asked::Refused, Asked::Joined);
        };
        let cx = cx.with_late_deadline(Instant::now() + self.late_answer);
        let mut started = self.start(place, Purpose::Caller, cx, query, key.clone());
        if let Some(overdue) = overdue {
            started.flight = first_of(overdue, started.flight);
        }
        let flight = started.flight.clone();
        if let Some(key) = key {
            under_way.insert(key, started);
        }
        Asked::Started(flight)
    }

    /// Asks for a newer answer to `query`, unless that is under way or there is much to do.
    pub(super) fn refresh(self: &Arc<Self>, cx: &CallContext, query: &ContactQuery) {
        let Some(key) = Key::new(query) else {
            return;
        };
        let mut under_way = self.lock();
        let is_under_way = under_way
            .get(&key)
            .is_some_and(|listed| !listed.is_overdue());
        let found = self.store.get(query);
        if is_under_way || found.is_none_or(|found| !found.is_refresh_due) {
            return;
        }
        let used = self.max - self.places.available_permits();
        let is_calm = used < self.max.div_ceil(2);
        let place = Arc::clone(&self.places).try_acquire_owned();
        let (true, Ok(place)) = (is_calm, place) else {
            self.meter.refresh(Refresh::LeftOut);
            return;
        };
        let deadline = cx.deadline.max(Instant::now() + self.late_answer);
        let cx = CallContext::new(deadline, cx.request_id.clone()).in_background();
        let started = self.start(place, Purpose::Refresh, cx, query, Some(key.clone()));
        under_way.insert(key, started);
    }

    /// Starts a request in a task, which ends at `cx.deadline` at the latest, stores its answer,
    /// and takes itself off the list.
    fn start(
        self: &Arc<Self>,
        place: OwnedSemaphorePermit,
        purpose: Purpose,
        cx: CallContext,
        query: &ContactQuery,
        key: Option<Key>,
    ) -> Listed {
        self.meter.started();
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let flights = Arc::clone(self);
        let landing = Landing {
            flights: Arc::clone(self),
            id,
            key,
            _place: place,
        };
        let query = query.clone();
        let era = self.store.era();
        let request = async move {
            let lookup = AssertUnwindSafe(flights.adapter.lookup(&cx, &query));
            let caught = lookup.catch_unwind().await;
            let result = caught.unwrap_or_else(|_panic| Err(broken(&flights.adapter.info().id)));
            match &result {
                Ok(answer) => flights.store.put(era, &query, answer),
                Err(error) => flights.store.postpone(&query, error),
            }
            if purpose == Purpose::Refresh {
                flights.note_refresh(&result);
            }
            drop(landing);
            result
        };
        let task = self.placement.spawn(request);
        let adapter = self.adapter.info().id.clone();
        let flight = task.map(move |joined| joined.unwrap_or_else(|_| Err(broken(&adapter))));
        Listed {
            id,
            since: Instant::now(),
            flight: flight.boxed().shared(),
        }
    }

    /// Nobody waits for a refresh, so nobody else reports its failure.
    fn note_refresh(&self, result: &Result<LookupAnswer, AdapterError>) {
        match result {
            Ok(_) => self.meter.refresh(Refresh::Answered),
            Err(error) => {
                self.meter.refresh(Refresh::Failed);
                let AdapterError {
                    adapter,
                    kind,
                    status,
                    message,
                    ..
                } = error;
                if error.is_own_refusal() {
                    tracing::debug!(%adapter, %kind, "a stale answer is not refreshed: {message}");
                } else {
                    tracing::warn!(%adapter, %kind, status, "no refresh of a stale answer: {message}");
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Listed>> {
        // No statement under the lock can leave the map half-changed.
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first answer of two requests; a failure when both fail.
fn first_of(older: Flight, newer: Flight) -> Flight {
    select_ok([older, newer])
        .map(|first| first.map(|(answer, _other)| answer))
        .boxed()
        .shared()
}

/// The adapter's code broke off.
fn broken(adapter: &AdapterId) -> AdapterError {
    let message = "the adapter panicked; this is a bug, please report it";
    AdapterError::new(ErrorKind::Internal, adapter, Operation::Lookup, message)
}

/// Takes a request off the list when its task ends, however it does.
struct Landing {
    flights: Arc<Flights>,
    id: u64,
    key: Option<Key>,
    _place: OwnedSemaphorePermit,
}

impl Drop for Landing {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            let mut under_way = self.flights.lock();
            // A newer request may have taken the place of an overdue one.
            if under_way
                .get(key)
                .is_some_and(|listed| listed.id == self.id)
            {
                under_way.remove(key);
            }
        }
        self.flights.meter.ended();
    }
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Flights").field(&self.lock().len()).finish()
    }
}
