//! A large reply keeps no thread that serves clients. A process of its own, because tracing
//! remembers for the whole process which events somebody listens to.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

mod support;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, ThreadId},
    time::Duration,
};

use serde_json::json;
use support::adapter_at;
use tracing::Level;
use tracing_subscriber::{Layer, Registry, layer::Context, prelude::*};
use whocalls_core::{CallContext, CrmAdapter, RequestId};
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    query,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

/// Of every hit, the first source of the id cannot be rendered, which is logged.
const CRM: &str = r#"
[adapters.crm]
kind = "rest"

[adapters.crm.settings]
base_url = "https://crm.example.com/api"

[adapters.crm.settings.lookup]
path = "/contacts"
query.phone = "{{ number.nsn }}"
hits = "$.value[*]"

[adapters.crm.settings.lookup.fields]
id = [{ template = "{{ hit.name | duration('ms') }}" }, "$.id"]
name = "$.name"
phones = "$.phone"
"#;

/// Returns so many contacts with a note of so many bytes each; the last one owns the number.
struct Large {
    hits: usize,
    note: usize,
}

impl SimulatedCrm for Large {
    fn respond(&self, _: &Request) -> Response {
        let note = "x".repeat(self.note);
        let hit = |id| {
            let is_owner = id == self.hits;
            let phone = if is_owner {
                MIA_NUMBER
            } else {
                "041 000 00 00"
            };
            json!({ "id": id, "name": "Mia Keller", "phone": phone, "note": note })
        };
        let hits: Vec<_> = (1..=self.hits).map(hit).collect();
        Response::json(200, &json!({ "value": hits }))
    }
}

/// Notes the thread of each event about a hit. The first one of a lookup, on another thread than
/// `serving`, is held up until a task on that one made a turn: others are served meanwhile.
#[derive(Clone)]
struct Watcher {
    serving: ThreadId,
    turns: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<ThreadId>>>,
}

impl<S: tracing::Subscriber> Layer<S> for Watcher {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let event = event.metadata();
        if !event.target().starts_with("whocalls_rest") || *event.level() != Level::DEBUG {
            return;
        }
        let here = thread::current().id();
        let mut seen = self.seen.lock().unwrap();
        seen.push(here);
        let is_held_up = seen.len() == 1 && here != self.serving;
        let turns = self.turns.load(Ordering::Relaxed);
        while is_held_up && self.turns.load(Ordering::Relaxed) == turns {
            thread::yield_now();
        }
    }
}

impl Watcher {
    /// The threads on which the hits of a reply became records.
    async fn look_up(&self, crm: Large) -> Vec<ThreadId> {
        let upstream = Upstream::start(Arc::new(crm));
        let adapter: Arc<dyn CrmAdapter> = adapter_at(CRM, &upstream.url(), "key");
        let cx = CallContext::within(Duration::from_mins(1), RequestId::new("test"));
        let answer = adapter.lookup(&cx, &query(MIA_NUMBER)).await.unwrap();
        assert_eq!(answer.matches().len(), 1);
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

#[tokio::test]
async fn a_large_reply_is_gone_through_on_another_thread_while_others_are_served() {
    let watcher = Watcher {
        serving: thread::current().id(),
        turns: Arc::default(),
        seen: Arc::default(),
    };
    let subscriber = Registry::default().with(watcher.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let turns = Arc::clone(&watcher.turns);
    let other = tokio::spawn(async move {
        loop {
            turns.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let here = watcher.serving;

    // What takes no time stays where it is.
    let seen = watcher.look_up(Large { hits: 3, note: 10 }).await;
    assert_eq!(seen, [here; 3]);

    // Almost 4 MB, few bytes with many hits, and many bytes with few hits.
    for crm in [
        Large {
            hits: 4000,
            note: 900,
        },
        Large { hits: 200, note: 0 },
        Large {
            hits: 2,
            note: 100_000,
        },
    ] {
        let hits = crm.hits;
        let seen = watcher.look_up(crm).await;
        assert_eq!(seen.len(), hits);
        assert!(!seen.contains(&here), "{hits} hits keep the thread");
    }
    other.abort();
}
