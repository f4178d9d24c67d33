//! The contacts of a file that may change: loaded at the first call, looked after at later ones.
//!
//! All file access happens on the blocking pool, in one task at a time, which every caller that
//! needs its result shares. The task is not bound to a caller: one whose deadline passes leaves it
//! running for the next.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};
use whocalls_core::AdapterId;

use crate::{
    book::Book,
    load::{LoadError, Stamp},
};

/// Where the contacts come from.
pub(crate) trait Source: fmt::Debug + Send + Sync + 'static {
    /// The state of the source, without reading it.
    fn stamp(&self) -> Result<Stamp, LoadError>;
    /// Reads all of it. Blocks.
    fn load(&self) -> Result<Book, LoadError>;
}

/// Why there are no contacts to answer from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unready {
    /// The deadline passed while the file was being read.
    Timeout,
    /// The file yields no contacts.
    Failed(LoadError),
    /// Reading it broke off: a bug.
    Lost,
}

/// The newest usable contacts of a [`Source`].
#[derive(Debug)]
pub(crate) struct Store(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    adapter: AdapterId,
    source: Box<dyn Source>,
    check_interval: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What is answered from.
    book: Option<Arc<Book>>,
    /// Why the newest state of the source is not in `book`.
    failure: Option<LoadError>,
    /// The state of the source that was read last, into `book` or into `failure`.
    read: Option<Stamp>,
    /// When a lookup may look at the source again.
    next_check: Option<Instant>,
    /// Open while a task looks at the source.
    task: Option<watch::Receiver<()>>,
}

impl Store {
    /// A store that has not looked at its source yet. Lookups look at it at most once in
    /// `check_interval`.
    pub(crate) fn new(adapter: AdapterId, source: impl Source, check_interval: Duration) -> Self {
        Self(Arc::new(Shared {
            adapter,
            source: Box::new(source),
            check_interval,
            state: Mutex::default(),
        }))
    }

    /// The contacts to answer from. Waits for them only when there are none yet; otherwise a change
    /// of the source is taken in behind the caller's back.
    pub(crate) async fn book(&self, deadline: Instant) -> Result<Arc<Book>, Unready> {
        let mut task = {
            let mut state = self.0.lock();
            let task = self.look(&mut state);
            if let Some(book) = &state.book {
                return Ok(Arc::clone(book));
            }
            match (task, &state.failure) {
                (Some(task), _) => task,
                (None, Some(failure)) => return Err(Unready::Failed(failure.clone())),
                (None, None) => return Err(Unready::Lost),
            }
        };
        // Nothing is ever sent: the task ends by dropping its end.
        if timeout_at(deadline, task.changed()).await.is_err() {
            return Err(Unready::Timeout);
        }
        let state = self.0.lock();
        match (&state.book, &state.failure) {
            (Some(book), _) => Ok(Arc::clone(book)),
            (None, Some(failure)) => Err(Unready::Failed(failure.clone())),
            (None, None) => Err(Unready::Lost),
        }
    }

    /// Why the newest state of the source could not be used, if so.
    pub(crate) fn failure(&self) -> Option<LoadError> {
        self.0.lock().failure.clone()
    }

    /// The task that looks at the source, started if it is time to. `None` when it is not.
    fn look(&self, state: &mut State) -> Option<watch::Receiver<()>> {
        let is_open = |task: &&watch::Receiver<()>| task.has_changed().is_ok();
        if let Some(task) = state.task.as_ref().filter(is_open) {
            return Some(task.clone());
        }
        let now = Instant::now();
        if state.next_check.is_some_and(|next| now < next) {
            return None;
        }
        let (end, task) = watch::channel(());
        state.next_check = Some(now + self.0.check_interval);
        state.task = Some(task.clone());
        let shared = Arc::clone(&self.0);
        drop(spawn_blocking(move || {
            shared.read_if_changed();
            drop(end);
        }));
        Some(task)
    }
}

impl Shared {
    /// The state; usable even if a task panicked, since it is changed in one step.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the source unless it is in the state that was read last. Blocks.
    fn read_if_changed(&self) {
        let stamp = self.source.stamp();
        if let Ok(stamp) = stamp
            && self.lock().read == Some(stamp)
        {
            return;
        }
        let loaded = stamp.clone().and_then(|_| self.source.load());
        // The contents of before are dropped after the lock.
        let _before = self.take_in(stamp.ok(), loaded);
    }

    fn take_in(&self, stamp: Option<Stamp>, loaded: Result<Book, LoadError>) -> Option<Arc<Book>> {
        let mut state = self.lock();
        match loaded {
            Ok(book) => {
                state.read = stamp;
                state.failure = None;
                state.book.replace(Arc::new(book))
            }
            Err(failure) => {
                // What could not be read is tried again; what makes no sense only once it changes.
                let is_unread = matches!(failure, LoadError::Unreadable(_));
                state.read = stamp.filter(|_| !is_unread);
                if state.book.is_some() && state.failure.as_ref() != Some(&failure) {
                    tracing::warn!(
                        adapter = %self.adapter,
                        "the contact file has changed, but {failure}; answering from its contents of before"
                    );
                }
                state.failure = Some(failure);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
