//! Requests that wait for their workflow to be delivered.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::{Summary, WorkflowId};

type Senders = HashMap<WorkflowId, watch::Sender<Option<Summary>>>;

/// Everybody who waits. Cloning gives another handle.
#[derive(Clone, Default)]
pub(crate) struct Waiters(Arc<Mutex<Senders>>);

impl Waiters {
    /// Waits for news of a workflow, from now on.
    pub(crate) fn join(&self, id: &WorkflowId) -> Waiter {
        let mut senders = self.lock();
        let sender = senders
            .entry(id.clone())
            .or_insert_with(|| watch::Sender::new(None));
        Waiter {
            news: sender.subscribe(),
            id: id.clone(),
            all: self.clone(),
        }
    }

    /// Tells those who wait what their workflow has come to.
    pub(crate) fn tell(&self, id: &WorkflowId, summary: &Summary) {
        if let Some(sender) = self.lock().get(id) {
            sender.send_replace(Some(summary.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Senders> {
        // The map is consistent between any two statements, so a poisoned lock is still good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request that waits.
pub(crate) struct Waiter {
    news: watch::Receiver<Option<Summary>>,
    id: WorkflowId,
    all: Waiters,
}

impl Waiter {
    /// The next news. Cancel safe.
    pub(crate) async fn next(&mut self) -> Summary {
        loop {
            // The sender stays in the map as long as somebody waits.
            if self.news.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
            if let Some(summary) = self.news.borrow_and_update().clone() {
                return summary;
            }
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut senders = self.all.lock();
        let is_last = |sender: &watch::Sender<_>| sender.receiver_count() <= 1;
        if senders.get(&self.id).is_some_and(is_last) {
            senders.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Details;

    #[tokio::test]
    async fn all_who_wait_for_a_workflow_are_told_and_then_forgotten() {
        let id = Details::default().id();
        let waiters = Waiters::default();
        let (mut first, mut second) = (waiters.join(&id), waiters.join(&id));
        let done = Summary {
            is_done: true,
            ..Summary::default()
        };
        waiters.tell(&id, &done);
        assert_eq!(first.next().await, done);
        assert_eq!(second.next().await, done);
        drop(first);
        assert_eq!(waiters.lock().len(), 1);
        drop(second);
        assert_eq!(waiters.lock().len(), 0);
        waiters.tell(&id, &done);
    }
}
