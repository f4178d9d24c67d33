//! Which connections a request may use.

use std::sync::OnceLock;

use reqwest::Client;
use thread_local::ThreadLocal;
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::once::get_or_try;

/// The connections to one CRM: one pool for each thread that runs its own runtime, and one for all
/// threads that share one.
///
/// A connection is served by the runtime that opened it. Used by another one, each request wakes
/// that runtime's thread, and each reply wakes the asking thread, which takes longer than all that
/// the gateway itself does for a lookup.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    own: ThreadLocal<Client>,
    shared: OnceLock<Client>,
}

impl Pools {
    /// The client whose connections belong to the runtime that runs this code. `build` makes one
    /// where there is none yet.
    ///
    /// # Errors
    /// Those of `build`; the next call tries again.
    pub(crate) fn client(
        &self,
        build: impl FnOnce() -> Result<Client, String>,
    ) -> Result<&Client, String> {
        if is_thread_alone() {
            return self.own.get_or_try(build);
        }
        get_or_try(&self.shared, build)
    }
}

/// Whether the current runtime has no other thread.
fn is_thread_alone() -> bool {
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    flavor.is_ok_and(|flavor| flavor == RuntimeFlavor::CurrentThread)
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, thread};

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    /// How often a client was built for three requests on each of two threads.
    fn built(runtime: impl Fn() -> Runtime + Sync) -> usize {
        let pools = Pools::default();
        let on_a_thread = || {
            let count = Cell::new(0);
            runtime().block_on(async {
                for _ in 0..3 {
                    let build = || {
                        count.set(count.get() + 1);
                        crate::tls::crypto_provider();
                        let client = Client::builder().tls_certs_only([]).build();
                        client.map_err(|error| error.to_string())
                    };
                    pools.client(build).unwrap();
                }
            });
            count.get()
        };
        let here = on_a_thread();
        here + thread::scope(|scope| scope.spawn(on_a_thread).join().unwrap())
    }

    #[test]
    fn each_thread_with_a_runtime_of_its_own_has_its_own_connections() {
        let alone = || Builder::new_current_thread().build().unwrap();
        assert_eq!(built(alone), 2);
    }

    #[test]
    fn threads_of_one_runtime_share_their_connections() {
        let many = || {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(1).build().unwrap()
        };
        assert_eq!(built(many), 1);
    }
}
