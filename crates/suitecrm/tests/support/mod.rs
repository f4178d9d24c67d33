//! An adapter with a simulated SuiteCRM behind it.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use whocalls_core::{
    AdapterError, AdapterId, BuildContext, CallContext, CrmAdapter, LookupAnswer, RequestId,
};
use whocalls_testkit::{
    contacts::messy_contacts,
    number_plan, query,
    sim::suitecrm::SuiteCrm,
    upstream::{SimulatedCrm, Upstream},
};

/// The ways in which an adapter reaches SuiteCRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// V8 with an OAuth 2 client alone.
    Client,
    /// V8 with a user through an OAuth 2 client.
    User,
    /// `v4_1`.
    Session,
}

impl Way {
    pub(crate) const ALL: [Self; 3] = [Self::Client, Self::User, Self::Session];
}

/// An instance with the messy contacts of all tests.
pub(crate) fn simulated() -> SuiteCrm {
    SuiteCrm::new(&messy_contacts(60))
}

/// Settings for the simulated instance at `url`.
pub(crate) fn settings(url: &str, way: Way) -> Value {
    let common = json!({ "base_url": url, "custom_fields": { "Job title": "title" } });
    let client = |id: &str| {
        json!({
            "api": "v8", "client_id": id, "client_secret": { "value": SuiteCrm::CLIENT_SECRET },
        })
    };
    let user = json!({
        "username": SuiteCrm::USERNAME, "password": { "value": SuiteCrm::PASSWORD },
    });
    let parts = match way {
        Way::Client => vec![common, client(SuiteCrm::CLIENT_ID)],
        Way::User => vec![common, client(SuiteCrm::PASSWORD_CLIENT_ID), user],
        Way::Session => vec![common, json!({ "api": "v4_1" }), user],
    };
    let mut settings = json!({});
    for part in parts {
        let part = part.as_object().unwrap().clone();
        settings.as_object_mut().unwrap().extend(part);
    }
    settings
}

/// An adapter for these settings.
pub(crate) fn adapter(settings: Value) -> Arc<dyn CrmAdapter> {
    let context = BuildContext {
        id: AdapterId::new("suite").unwrap(),
        crm_name: "SuiteCRM".to_owned(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: ".".into(),
    };
    (whocalls_suitecrm::factory().build)(context, settings).unwrap()
}

/// Long enough for any local exchange on a busy machine.
pub(crate) fn cx() -> CallContext {
    CallContext::within(Duration::from_secs(20), RequestId::new("test"))
}

/// An adapter, its simulated instance, and the server between them.
pub(crate) struct Bench {
    pub(crate) suite: Arc<SuiteCrm>,
    pub(crate) upstream: Upstream,
    pub(crate) adapter: Arc<dyn CrmAdapter>,
}

impl Bench {
    pub(crate) fn new(suite: SuiteCrm, way: Way) -> Self {
        Self::with(suite, way, |_| {})
    }

    /// A bench whose settings are changed before the adapter is built.
    pub(crate) fn with(suite: SuiteCrm, way: Way, change: impl FnOnce(&mut Value)) -> Self {
        let suite = Arc::new(suite);
        let upstream = Upstream::start(Arc::clone(&suite) as Arc<dyn SimulatedCrm>);
        let mut settings = settings(&upstream.url(), way);
        change(&mut settings);
        Self {
            suite,
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

    /// What was asked for since the server started: the last part of a path, or the method of
    /// `v4_1` and its module.
    pub(crate) fn asked(&self) -> Vec<String> {
        let requests = self.upstream.control().requests();
        let asked = requests.iter().map(|request| {
            let Some(method) = request.form_value("method") else {
                let last = request.path.rsplit('/').next().unwrap();
                return last.to_owned();
            };
            let data: Value =
                serde_json::from_str(&request.form_value("rest_data").unwrap()).unwrap();
            match data.get("module_name").and_then(Value::as_str) {
                Some(module) => format!("{method} {module}"),
                None => method,
            }
        });
        asked.collect()
    }
}

/// The record id of a contact that owns `number`, of this module.
pub(crate) async fn owner(bench: &Bench, number: &str, module: &str) -> String {
    let answer = bench.lookup(number).await.unwrap();
    let mut ids = answer.matches().iter().map(|found| found.record.id.clone());
    ids.find(|id| id.starts_with(module)).unwrap()
}
