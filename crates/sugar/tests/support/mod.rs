//! An adapter with a simulated Sugar behind it.

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
pub(crate) fn simulated() -> Sugar {
    Sugar::new(&messy_contacts(60))
}

/// Settings for the simulated instance at `url`.
pub(crate) fn settings(url: &str, strategy: &str) -> Value {
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
pub(crate) fn adapter(settings: Value) -> Arc<dyn CrmAdapter> {
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
pub(crate) fn cx() -> CallContext {
    CallContext::within(Duration::from_secs(20), RequestId::new("test"))
}

/// An adapter, its simulated instance, and the server between them.
pub(crate) struct Bench {
    pub(crate) sugar: Arc<Sugar>,
    pub(crate) upstream: Upstream,
    pub(crate) adapter: Arc<dyn CrmAdapter>,
}

impl Bench {
    pub(crate) fn new(sugar: Sugar, strategy: &str) -> Self {
        Self::with(sugar, strategy, |_| {})
    }

    /// A bench whose settings are changed before the adapter is built.
    pub(crate) fn with(sugar: Sugar, strategy: &str, change: impl FnOnce(&mut Value)) -> Self {
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

    pub(crate) async fn lookup(&self, number: &str) -> Result<LookupAnswer, AdapterError> {
        self.adapter.lookup(&cx(), &query(number)).await
    }

    /// How many records a lookup finds.
    pub(crate) async fn count(&self, number: &str) -> usize {
        self.lookup(number).await.unwrap().matches().len()
    }

    /// The methods and paths of the writes since the server started, without `/rest/v11/`.
    pub(crate) fn writes(&self) -> Vec<String> {
        let requests = self.upstream.control().requests();
        let paths = self.paths();
        let is_write = |path: &str| {
            let read = ["filter", "globalsearch", "bulk", "token"];
            !read.iter().any(|last| path.ends_with(last))
        };
        requests
            .iter()
            .zip(paths)
            .filter(|(request, path)| request.method != "GET" && is_write(path))
            .map(|(request, path)| format!("{} {path}", request.method))
            .collect()
    }

    /// The paths asked for since the server started, without `/rest/v11/`.
    pub(crate) fn paths(&self) -> Vec<String> {
        let requests = self.upstream.control().requests();
        requests
            .iter()
            .map(|request| request.path.trim_start_matches("/rest/v11/").to_owned())
            .collect()
    }
}

/// The record id of a contact that owns `number`, of this module.
pub(crate) async fn owner(bench: &Bench, number: &str, module: &str) -> String {
    let answer = bench.lookup(number).await.unwrap();
    let mut ids = answer.matches().iter().map(|found| found.record.id.clone());
    ids.find(|id| id.starts_with(module)).unwrap()
}
