//! Requests under way, each shared by all callers with the same question.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use whocalls_core::{
    AdapterError, CallContext, ContactQuery, CrmAdapter, ErrorKind, LookupAnswer, Operation,
};

use super::entry::{Key, Store};

/// A request under way. Dropping it leaves the request alone.
pub(super) type Flight = Shared<BoxFuture<'static, Result<LookupAnswer, AdapterError>>>;

/// The requests under way of one adapter.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<Key, Flight>>);

impl Flights {
    /// The request for `query` that is under way; a new one if there is none.
    ///
    /// The request runs in a task, until `cx.deadline` at most, and stores its answer.
    pub(super) fn join_or_start(
        self: &Arc<Self>,
        adapter: &Arc<dyn CrmAdapter>,
        store: &Arc<Store>,
        cx: CallContext,
        query: &ContactQuery,
    ) -> Flight {
        let key = Key::new(query);
        let mut flights = self.lock();
        if let Some(flight) = key.as_ref().and_then(|key| flights.get(key)) {
            return flight.clone();
        }
        let landing = Landing {
            flights: Arc::clone(self),
            key: key.clone(),
        };
        let adapter = Arc::clone(adapter);
        let store = Arc::clone(store);
        let query = query.clone();
        let id = adapter.info().id.clone();
        let era = store.era();
        let task = tokio::spawn(async move {
            let result = adapter.lookup(&cx, &query).await;
            if let Ok(answer) = &result {
                store.put(era, &query, answer);
            }
            drop(landing);
            result
        });
        let flight = task
            .map(move |joined| {
                joined.unwrap_or_else(|_| {
                    let kind = ErrorKind::Internal;
                    let message = "the adapter panicked; this is a bug, please report it";
                    Err(AdapterError::new(kind, &id, Operation::Lookup, message))
                })
            })
            .boxed()
            .shared();
        if let Some(key) = key {
            flights.insert(key, flight.clone());
        }
        flight
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Flight>> {
        // No statement under the lock can leave the map half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a request off the list when its task ends, even by a panic.
struct Landing {
    flights: Arc<Flights>,
    key: Option<Key>,
}

impl Drop for Landing {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.flights.lock().remove(key);
        }
    }
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Flights").field(&self.lock().len()).finish()
    }
}
