//! An adapter with a simulated Sugar behind it.
#![allow(
    dead_code,
    clippy::missing_panics_doc,
    unreachable_pub,
    reason = "each test binary uses a part of it"
)]

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use whocalls_core::{
    AdapterError, AdapterId, BuildContext, CallContext, CrmAdapter, LookupAnswer, RequestId,
};
use whocalls_testkit::{
    contacts::messy_contacts,
    number_plan, query,
    sim::sugar::Sugar,
    upstream::{SimulatedCrm, Upstream},
};

/// An instance with the messy contacts of all tests.
pub fn simulated() -> Sugar {
    Sugar::new(&messy_contacts(60))
}

/// Settings for the simulated instance at `url`.
pub fn settings(url: &str, strategy: &str) -> Value {
    json!({
        "base_url": format!("{url}/rest/v11"),
        "username": Sugar::USERNAME,
        "password": { "value": Sugar::PASSWORD },
        "platform": Sugar::PLATFORM,
        "strategy": strategy,
        "custom_fields": { "Job title": "title" },
    })
}

/// An adapter for these settings.
pub fn adapter(settings: Value) -> Arc<dyn CrmAdapter> {
    let context = BuildContext {
        id: AdapterId::new("sugar").unwrap(),
        crm_name: "Sugar CRM".to_owned(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: ".".into(),
    };
    (whocalls_sugar::factory().build)(context, settings).unwrap()
}

/// Long enough for any local exchange on a busy machine.
pub fn cx() -> CallContext {
    CallContext::within(Duration::from_secs(20), RequestId::new("test"))
}

/// An adapter, its simulated instance, and the server between them.
pub struct Bench {
    pub sugar: Arc<Sugar>,
    pub upstream: Upstream,
    pub adapter: Arc<dyn CrmAdapter>,
}

impl Bench {
    pub fn new(sugar: Sugar, strategy: &str) -> Self {
        Self::with(sugar, strategy, |_| {})
    }

    /// A bench whose settings are changed before the adapter is built.
    pub fn with(sugar: Sugar, strategy: &str, change: impl FnOnce(&mut Value)) -> Self {
        let sugar = Arc::new(sugar);
        let upstream = Upstream::start(Arc::clone(&sugar) as Arc<dyn SimulatedCrm>);
        let mut settings = settings(&upstream.url(), strategy);
        change(&mut settings);
        Self {
            sugar,
            adapter: adapter(settings),
            upstream,
        }
    }

    pub async fn lookup(&self, number: &str) -> Result<LookupAnswer, AdapterError> {
        self.adapter.lookup(&cx(), &query(number)).await
    }

    /// How many records a lookup finds.
    pub async fn count(&self, number: &str) -> usize {
        self.lookup(number).await.unwrap().matches().len()
    }

    /// The paths asked for since the server started, without `/rest/v11/`.
    pub fn paths(&self) -> Vec<String> {
        let requests = self.upstream.control().requests();
        requests
            .iter()
            .map(|request| request.path.trim_start_matches("/rest/v11/").to_owned())
            .collect()
    }
}
