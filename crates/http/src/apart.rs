//! Long work, away from the threads that serve clients.

use std::{future, panic};

use tracing::Span;

/// Does the work at once or, if it takes long, on a thread for blocking work: lookups run on the
/// threads that serve clients, and none of these is to be kept for more than a few milliseconds. A
/// panic of the work is one of the caller.
///
/// # Cancellation
/// Work on another thread is done to its end; nobody gets the result.
pub async fn apart<T: Send + 'static>(
    is_long: bool,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    if !is_long {
        return work();
    }
    let span = Span::current();
    let done = tokio::task::spawn_blocking(move || span.in_scope(work)).await;
    match done.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => panic::resume_unwind(panic),
        // The runtime ends, and nobody waits any longer.
        Err(Err(_)) => future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::{panic::AssertUnwindSafe, thread};

    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn only_long_work_is_done_on_another_thread() {
        let here = thread::current().id();
        let thread_of = |is_long| apart(is_long, || thread::current().id());
        assert_eq!(thread_of(false).await, here);
        assert_ne!(thread_of(true).await, here);
    }

    #[tokio::test]
    async fn a_panic_there_is_one_here() {
        let work = apart(true, || panic!("a bug"));
        let panic = AssertUnwindSafe(work).catch_unwind().await.unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"a bug"));
    }
}
