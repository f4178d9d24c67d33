//! Lookups of more than one request, against simulated CRMs that answer in the shapes of real ones
//! (`crm-apis.md` §4.2).
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken test set-up has to fail the test"
)]

mod outcomes;
mod pages;
mod partial;
mod steps;
#[path = "../support/mod.rs"]
mod support;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use whocalls_core::{
    AdapterError, CallContext, ContactRecord, CrmAdapter, LookupAnswer, RequestId,
};
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    query,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

/// A CRM that answers as a function says.
struct Script<F>(F);

impl<F: Fn(&Request) -> Response + Send + Sync + 'static> SimulatedCrm for Script<F> {
    fn respond(&self, request: &Request) -> Response {
        (self.0)(request)
    }
}

/// A simulated CRM and the adapter that asks it.
struct Crm {
    upstream: Upstream,
    adapter: Arc<dyn CrmAdapter>,
}

impl Crm {
    /// A CRM that answers like this, described by these settings (without `base_url`).
    fn start(
        settings: &str,
        respond: impl Fn(&Request) -> Response + Send + Sync + 'static,
    ) -> Self {
        let upstream = Upstream::start(Arc::new(Script(respond)));
        let tables = settings
            .replace("\n[[", "\n[[adapters.crm.settings.")
            .replace("\n[lookup", "\n[adapters.crm.settings.lookup");
        let document = format!("[adapters.crm]\nkind = \"rest\"\n{tables}");
        Self {
            adapter: support::adapter_at(&document, &upstream.url(), ""),
            upstream,
        }
    }

    /// The answer about Mia Keller's number.
    async fn look_up(&self) -> Result<LookupAnswer, AdapterError> {
        self.adapter.lookup(&cx(), &query(MIA_NUMBER)).await
    }

    /// The only record that owns Mia Keller's number.
    async fn only_record(&self) -> ContactRecord {
        let answer = self.look_up().await.expect("an answer");
        assert!(!answer.is_partial(), "the answer is whole");
        let mut matches = answer.into_matches();
        assert_eq!(matches.len(), 1, "{matches:?}");
        matches.remove(0).record
    }

    /// The paths that were asked for, with their queries.
    fn asked(&self) -> Vec<String> {
        let requests = self.upstream.control().requests();
        let asked = requests.iter().map(|request| {
            let pairs = request.query_pairs();
            let pairs: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
            format!("{}?{}", request.path, pairs.join("&"))
        });
        asked
            .map(|asked| asked.trim_end_matches('?').to_owned())
            .collect()
    }
}

fn cx() -> CallContext {
    CallContext::within(Duration::from_secs(20), RequestId::new("test"))
}

fn ok(body: &Value) -> Response {
    Response::json(200, body)
}

/// A contact that owns Mia Keller's number.
fn mia(id: u32) -> Value {
    json!({"id": id, "name": "Mia Keller", "phone": "079 123 45 67"})
}

/// A contact that does not.
fn stranger(id: u32) -> Value {
    json!({"id": id, "name": "Luca Rossi", "phone": "044 555 01 00"})
}
