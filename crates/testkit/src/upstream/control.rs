//! How a test steers and observes a simulated server.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use super::{Fault, Request};

/// How long a server may take to open or close its port, on a busy machine.
pub(super) const SWITCH: Duration = Duration::from_secs(30);

/// Steers one simulated server and records what it was asked.
#[derive(Debug)]
pub struct Control {
    fault: watch::Sender<Fault>,
    held: watch::Sender<bool>,
    arrived: watch::Sender<usize>,
    requests: Mutex<Vec<Request>>,
    is_listening: Mutex<bool>,
    switched: Condvar,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            fault: watch::Sender::new(Fault::None),
            held: watch::Sender::new(false),
            arrived: watch::Sender::new(0),
            requests: Mutex::default(),
            is_listening: Mutex::new(true),
            switched: Condvar::new(),
        }
    }
}

impl Control {
    /// From now on, the server misbehaves like this. Returns when its port is open or closed
    /// accordingly.
    pub fn set_fault(&self, fault: Fault) {
        self.fault.send_replace(fault);
        let wanted = fault != Fault::Refused;
        let is_listening = self
            .is_listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (is_listening, outcome) = self
            .switched
            .wait_timeout_while(is_listening, SWITCH, |is_listening| *is_listening != wanted)
            .unwrap_or_else(PoisonError::into_inner);
        drop(is_listening);
        assert!(
            !outcome.timed_out(),
            "the server does not open or close its port"
        );
    }

    pub(super) fn set_listening(&self, is_listening: bool) {
        *self
            .is_listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = is_listening;
        self.switched.notify_all();
    }

    /// How the server misbehaves now.
    pub fn fault(&self) -> Fault {
        *self.fault.borrow()
    }

    /// Keeps all replies back until the returned value is dropped. Requests are still counted as
    /// they arrive, so a test can wait for them instead of for time to pass.
    pub fn hold(&self) -> Hold<'_> {
        self.held.send_replace(true);
        Hold { held: &self.held }
    }

    /// Waits until this many requests have arrived since the server was started.
    pub async fn arrived(&self, count: usize) {
        let mut arrived = self.arrived.subscribe();
        arrived
            .wait_for(|seen| *seen >= count)
            .await
            .expect("the sender lives in self");
    }

    /// Every request that arrived, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.lock().clone()
    }

    /// How many requests arrived.
    pub fn request_count(&self) -> usize {
        self.lock().len()
    }

    pub(super) fn record(&self, request: Request) {
        self.lock().push(request);
        self.arrived.send_modify(|count| *count += 1);
    }

    pub(super) async fn released(&self) {
        let mut held = self.held.subscribe();
        held.wait_for(|held| !held)
            .await
            .expect("the sender lives in self");
    }

    pub(super) fn watch_fault(&self) -> watch::Receiver<Fault> {
        self.fault.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Request>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps replies back while it lives.
#[derive(Debug)]
pub struct Hold<'a> {
    held: &'a watch::Sender<bool>,
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.held.send_replace(false);
    }
}
