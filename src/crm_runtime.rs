//! Threads for requests to CRMs, beside those that serve clients.
//!
//! Adapters that may keep their thread for long ask here: on the threads that serve clients they
//! would keep every reply from leaving at its deadline, while here the operating system lets others
//! run. So do calls that come one by one, whose connections all threads share.

use std::{io, num::NonZeroUsize, thread};

use tokio::runtime::{Builder, Handle, Runtime};

/// A runtime whose tasks are dropped with it.
#[derive(Debug)]
pub struct CrmRuntime(Option<Runtime>);

impl CrmRuntime {
    /// Starts one thread a core.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new() -> io::Result<Self> {
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(threads).thread_name("crm");
        Ok(Self(Some(builder.enable_all().build()?)))
    }

    /// Where tasks can be started.
    pub fn handle(&self) -> Option<&Handle> {
        self.0.as_ref().map(Runtime::handle)
    }
}

impl Drop for CrmRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Waiting for tasks is not allowed inside of another runtime, and nobody needs them.
            runtime.shutdown_background();
        }
    }
}
