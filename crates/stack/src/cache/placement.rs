//! On which thread a CRM is asked.

use std::{
    cell::Cell,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use thread_local::ThreadLocal;
use tokio::{runtime::Handle, task::JoinHandle, time::Instant};

/// A thread that asked so recently has an open connection: idle ones are kept for almost a minute.
const OPEN_FOR: Duration = Duration::from_secs(50);
/// So many requests under way use the connections that all threads share. Whoever comes then would
/// have to open a connection anyway.
const FEW: usize = 4;

/// Chooses the thread for each request of one adapter.
///
/// A request on the caller's own thread wakes no other thread, which at high rates takes more time
/// than everything else that a lookup does. But each thread has its own connections, and opening one
/// costs several round trips: calls that come one by one share the connections of `shared`. A thread
/// opens its own when several requests are under way, and uses them while they stay open.
pub(super) struct Placement {
    /// Threads that serve no clients; without them, every request runs where its caller is.
    shared: Option<Handle>,
    is_cooperative: bool,
    /// Requests under way on the shared threads.
    under_way: Arc<AtomicUsize>,
    /// When each thread asked last.
    asked_here: ThreadLocal<Cell<Option<Instant>>>,
}

impl Placement {
    /// Requests of an adapter that is not
    /// [cooperative](whocalls_core::Capabilities::is_cooperative) all run on `shared`.
    pub(super) fn new(shared: Option<Handle>, is_cooperative: bool) -> Self {
        Self {
            shared,
            is_cooperative,
            under_way: Arc::default(),
            asked_here: ThreadLocal::new(),
        }
    }

    /// Runs a request as a task of its own.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        request: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        match &self.shared {
            Some(shared) if !self.may_run_here() => {
                let counted = Counted::new(&self.under_way);
                shared.spawn(async move {
                    let result = request.await;
                    drop(counted);
                    result
                })
            }
            _ => tokio::spawn(request),
        }
    }

    fn may_run_here(&self) -> bool {
        if !self.is_cooperative {
            return false;
        }
        let asked = self.asked_here.get_or_default();
        let is_open = asked.get().is_some_and(|at| at.elapsed() < OPEN_FOR);
        let may_run = is_open || self.under_way.load(Ordering::Relaxed) >= FEW;
        if may_run {
            asked.set(Some(Instant::now()));
        }
        may_run
    }
}

/// A request on the shared threads, until it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(under_way: &Arc<AtomicUsize>) -> Self {
        under_way.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(under_way))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Placement")
            .field("is_cooperative", &self.is_cooperative)
            .field("under_way", &self.under_way)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::thread::{self, ThreadId};

    use tokio::runtime::{Builder, Runtime};
    use tokio::sync::Semaphore;

    use super::*;

    /// Shared threads, and a request that tells its thread once it is let go.
    struct World {
        shared: Option<Runtime>,
        gate: Arc<Semaphore>,
        placement: Placement,
    }

    impl World {
        fn new(is_cooperative: bool) -> Self {
            let shared = Builder::new_multi_thread().worker_threads(1).build();
            let shared = shared.unwrap();
            Self {
                placement: Placement::new(Some(shared.handle().clone()), is_cooperative),
                shared: Some(shared),
                gate: Arc::new(Semaphore::new(0)),
            }
        }

        fn ask(&self) -> JoinHandle<ThreadId> {
            let gate = Arc::clone(&self.gate);
            self.placement.spawn(async move {
                drop(gate.acquire().await);
                thread::current().id()
            })
        }

        /// How many of these ran on the thread of the test.
        async fn count_here(&self, asked: Vec<JoinHandle<ThreadId>>) -> usize {
            self.gate.add_permits(Semaphore::MAX_PERMITS / 2);
            let mut here = 0;
            for request in asked {
                here += usize::from(request.await.unwrap() == thread::current().id());
            }
            self.gate.forget_permits(Semaphore::MAX_PERMITS);
            here
        }

        async fn ask_many(&self, count: usize) -> usize {
            let asked = (0..count).map(|_| self.ask()).collect();
            self.count_here(asked).await
        }
    }

    impl Drop for World {
        fn drop(&mut self) {
            // Waiting for its threads is not allowed inside of another runtime.
            self.shared.take().unwrap().shutdown_background();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_come_one_by_one_share_connections() {
        let world = World::new(true);
        for _ in 0..3 * FEW {
            assert_eq!(world.ask_many(1).await, 0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_calls_at_once_stay_on_their_thread_until_its_connections_are_closed() {
        let world = World::new(true);
        assert_eq!(world.ask_many(FEW + 3).await, 3, "the others are enough");
        assert_eq!(world.ask_many(1).await, 1, "there is an open connection");
        tokio::time::advance(OPEN_FOR.mul_f64(0.9)).await;
        assert_eq!(world.ask_many(1).await, 1, "still open");
        tokio::time::advance(OPEN_FOR).await;
        assert_eq!(world.ask_many(1).await, 0, "closed");
    }

    #[tokio::test(start_paused = true)]
    async fn an_adapter_that_may_keep_its_thread_gets_another_one() {
        let world = World::new(false);
        assert_eq!(world.ask_many(3 * FEW).await, 0);
    }

    #[tokio::test]
    async fn without_shared_threads_all_runs_where_the_caller_is() {
        let placement = Placement::new(None, false);
        let asked = placement.spawn(async { thread::current().id() });
        assert_eq!(asked.await.unwrap(), thread::current().id());
    }
}
