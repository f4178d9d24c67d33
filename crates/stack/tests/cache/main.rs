//! What the cache gives, when it asks, whom it asks for, and what it keeps, on a virtual clock.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken test set-up has to fail the test"
)]

mod answers;
mod bounds;
mod full;
mod given_often;
mod memory_only;
mod notifications;
mod property;
mod refresh;
mod saved;
mod sharing;
mod visible;

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use whocalls_core::{
    AdapterError, CallContext, CrmAdapter, ErrorKind, Freshness, LookupAnswer, RequestId,
};
use whocalls_stack::{AttemptTimeout, Budget, Cache, CacheHandle, CacheSettings};
use whocalls_testkit::{
    contacts::messy_contacts, fake::FakeAdapter, query, recorder::TestRecorder,
};

const SECOND: Duration = Duration::from_secs(1);
/// Questions under way at once; refreshes start while there are less than half of them.
const MAX_BACKGROUND: usize = 4;

struct Fixture {
    fake: Arc<FakeAdapter>,
    cache: Budget,
    handle: CacheHandle,
    recorder: TestRecorder,
}

/// Fresh for 300 s (nobody: 30 s), stale for 600 s more; callers wait 1 s, the CRM has 10 s.
fn fixture() -> Fixture {
    fixture_with(300 * SECOND)
}

/// The same with another lifetime of answers with contacts.
fn fixture_with(ttl: Duration) -> Fixture {
    let fake = Arc::new(FakeAdapter::seeded("crm", &messy_contacts(50)));
    let settings = CacheSettings {
        ttl,
        empty_ttl: 30 * SECOND,
        stale: 600 * SECOND,
        max_bytes: 1 << 20,
        max_background: NonZeroUsize::new(MAX_BACKGROUND).unwrap(),
    };
    let inner = AttemptTimeout::new(Arc::clone(&fake) as Arc<dyn CrmAdapter>, None);
    let recorder = TestRecorder::default();
    let cache = Cache::new(Arc::new(inner), settings, 10 * SECOND, None, &recorder);
    Fixture {
        fake,
        handle: cache.handle(),
        cache: Budget::of_lookups(Arc::new(cache), SECOND),
        recorder,
    }
}

impl Fixture {
    async fn ask(&self, number: &str) -> Result<LookupAnswer, AdapterError> {
        let cx = CallContext::within(SECOND, RequestId::new("test"));
        self.cache.lookup(&cx, &query(number)).await
    }

    async fn freshness(&self, number: &str) -> Freshness {
        self.ask(number).await.unwrap().freshness()
    }

    async fn failure(&self, number: &str) -> ErrorKind {
        self.ask(number).await.unwrap_err().kind
    }

    /// Lets background tasks run until they wait for something.
    async fn settle(&self) {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
}

fn is_stale(freshness: Freshness) -> bool {
    matches!(freshness, Freshness::Stale { .. })
}

fn is_cached(freshness: Freshness) -> bool {
    matches!(freshness, Freshness::Cached { .. })
}
