//! A preset, its fixture, and the simulated CRM behind it.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::Value;
use whocalls_core::{AdapterId, BuildContext, CallContext, CrmAdapter, RequestId};
use whocalls_testkit::{
    conformance::Subject,
    contacts::messy_contacts,
    number_plan,
    upstream::{SimulatedCrm, Upstream},
};

use crate::{
    crm::{Crm, shown},
    fixture::Fixture,
    settings::Preset,
};

/// A preset and its fixture.
pub(crate) struct Scene {
    pub(crate) preset: Preset,
    pub(crate) fixture: Arc<Fixture>,
    complaints: Arc<Mutex<Vec<String>>>,
}

/// A simulated CRM with an adapter in front.
pub(crate) struct Running {
    pub(crate) adapter: Arc<dyn CrmAdapter>,
    pub(crate) crm: Arc<Crm>,
    pub(crate) upstream: Upstream,
}

impl Scene {
    pub(crate) fn of(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/presets");
        let path = folder.join(format!("{name}.toml"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let fixture = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            preset: Preset::of(name),
            fixture: Arc::new(fixture),
            complaints: Arc::default(),
        }
    }

    /// With the account of the fixture.
    pub(crate) fn start(&self) -> Running {
        self.start_with(str::to_owned, |_| {})
    }

    /// With other secrets, or other settings.
    pub(crate) fn start_with(
        &self,
        secret: impl Fn(&str) -> String,
        change: impl FnOnce(&mut Value),
    ) -> Running {
        // The simulated CRM has to know its own address; what it holds does not depend on it.
        let account = self.preset.account(&self.fixture, "UPSTREAM");
        let account = minijinja::Value::from_pairs(account);
        let crm = Crm::new(
            &self.fixture,
            account,
            &messy_contacts(60),
            &self.complaints,
        );
        let crm = Arc::new(crm);
        let upstream = Upstream::start(Arc::clone(&crm) as Arc<dyn SimulatedCrm>);
        crm.is_at(&upstream.url());
        let mut settings = self.preset.at(&self.fixture, &upstream.url(), secret);
        change(&mut settings);
        let built = (whocalls_rest::factory().build)(context(), settings);
        let adapter = built.unwrap_or_else(|problems| panic!("{problems:#?}"));
        Running {
            adapter,
            crm,
            upstream,
        }
    }

    /// The subject of the conformance suite.
    pub(crate) fn subject(&self, has_workflows: bool) -> Subject {
        let Running {
            adapter,
            crm,
            upstream,
        } = self.start_with(str::to_owned, |settings| {
            if let (false, Some(settings)) = (has_workflows, settings.as_object_mut()) {
                settings.remove("workflows");
            }
        });
        let issues = self.fixture.routes.iter().any(|route| route.issues);
        let (created, expiring, issuing) = (Arc::clone(&crm), Arc::clone(&crm), crm);
        let record = &self.fixture.known.record;
        Subject {
            objects_created: Some(Box::new(move || created.objects_created())),
            expire_tokens: issues.then(|| Box::new(move || expiring.expire_tokens()) as _),
            tokens_issued: issues.then(|| Box::new(move || issuing.tokens_issued()) as _),
            has_links: record.contact_uri.is_some() && record.company_uri.is_some(),
            secrets: self.preset.secrets(&self.fixture),
            ..Subject::with_upstream(adapter, upstream)
        }
    }

    /// No request came that the fixture does not know.
    pub(crate) fn assert_all_requests_known(&self) {
        let complaints = self
            .complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        assert!(
            complaints.is_empty(),
            "unknown to the fixture: {}",
            complaints[0]
        );
    }
}

impl Running {
    /// The requests that came but for logins, sorted.
    pub(crate) fn requests(&self) -> Vec<String> {
        let requests = self.upstream.control().requests();
        let requests = requests
            .iter()
            .filter(|request| !self.crm.is_login(request));
        sorted(requests.map(shown))
    }
}

/// Requests in words, with their bodies in one form, sorted.
pub(crate) fn sorted(requests: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut requests: Vec<String> = requests.into_iter().map(|it| canonical(&it)).collect();
    requests.sort();
    requests
}

fn canonical(request: &str) -> String {
    let (line, body) = request
        .trim()
        .split_once('\n')
        .unwrap_or((request.trim(), ""));
    match serde_json::from_str::<Value>(body) {
        Ok(json) => format!("{line}\n{}", ordered(json)),
        Err(_) => request.trim().to_owned(),
    }
}

/// Members in the order of their names, because JSON knows none.
fn ordered(json: Value) -> Value {
    match json {
        Value::Object(table) => {
            let mut members: Vec<_> = table.into_iter().collect();
            members.sort_by(|(left, _), (right, _)| left.cmp(right));
            members
                .into_iter()
                .map(|(name, value)| (name, ordered(value)))
                .collect()
        }
        Value::Array(items) => items.into_iter().map(ordered).collect(),
        json => json,
    }
}

fn context() -> BuildContext {
    BuildContext {
        id: AdapterId::new("crm").expect("a valid id"),
        crm_name: "CRM".to_owned(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: PathBuf::new(),
    }
}

/// Time enough.
pub(crate) fn patient() -> CallContext {
    CallContext::within(Duration::from_secs(20), RequestId::new("preset"))
}
