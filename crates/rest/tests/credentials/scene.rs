//! A simulated CRM and adapters that log in to it.

use std::{path::Path, sync::Arc, time::Duration};

use serde_json::{Value, json};
use whocalls_core::{AdapterError, AdapterId, BuildContext, CallContext, CrmAdapter, RequestId};
use whocalls_testkit::{contacts::MIA_NUMBER, number_plan, query, upstream::Upstream};

use crate::crm::{CLIENT_ID, CLIENT_SECRET, FIRST_REFRESH_TOKEN, LoginCrm, Manners, PASSWORD};

/// More than any of these tests takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A simulated CRM and an adapter that logs in to it.
pub(crate) struct Scene {
    pub(crate) crm: Arc<LoginCrm>,
    pub(crate) upstream: Upstream,
}

impl Scene {
    pub(crate) fn new(manners: Manners) -> Self {
        let crm = Arc::new(LoginCrm::new(manners));
        let upstream = Upstream::start(Arc::clone(&crm) as _);
        Self { crm, upstream }
    }

    /// An adapter with this credential, whose token endpoint is that of the CRM.
    pub(crate) fn adapter(&self, credential: Value) -> Arc<dyn CrmAdapter> {
        self.adapter_in(Path::new(""), credential)
    }

    pub(crate) fn adapter_in(&self, folder: &Path, mut credential: Value) -> Arc<dyn CrmAdapter> {
        if credential["kind"] == "oauth2" && credential.get("token_url").is_none() {
            credential["token_url"] = format!("{}/oauth/token", self.upstream.url()).into();
        }
        build(folder, settings(&self.upstream.url(), &credential))
    }
}

pub(crate) fn build(folder: &Path, settings: Value) -> Arc<dyn CrmAdapter> {
    let context = BuildContext {
        id: AdapterId::new("rest").expect("a valid id"),
        crm_name: "REST".to_owned(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: folder.to_owned(),
    };
    (whocalls_rest::factory().build)(context, settings).expect("the description is right")
}

pub(crate) fn settings(base_url: &str, credential: &Value) -> Value {
    json!({
        "base_url": base_url,
        "credential": credential,
        "lookup": {
            "path": "/api/contacts",
            "query": { "phone": "{{ number.wild }}", "perPage": "50" },
            "hits": "$.items[*]",
            "fields": {
                "id": "$.id",
                "name": "$.person.name",
                "phones": ["$.phones.mobile", "$.phones.work"],
                "company": "$.company.name",
                "contact_uri": { "template": "{{ base_url }}/contacts/{{ id }}" },
                "company_uri": { "template": "{{ base_url }}/companies/{{ hit.company.id }}" },
            },
        },
        "workflows": { "CallFlow": {
            "id": "$.id",
            "create": {
                "path": "/api/notes",
                "headers": { "Idempotency-Key": "{{ workflow.key }}" },
                "body": { "json": { "subject": "{{ subject }}" } },
            },
            "repeat_safe": true,
            "url": { "template": "{{ base_url }}/notes/{{ object.id }}" },
        } },
    })
}

/// The settings of a credential, with further ones laid over.
pub(crate) fn oauth(grant: &str, more: &Value) -> Value {
    let mut credential = json!({
        "kind": "oauth2",
        "grant": grant,
        "client_id": CLIENT_ID,
        "client_secret": { "value": CLIENT_SECRET },
    });
    if grant == "refresh_token" {
        credential["refresh_token"] = json!({ "value": FIRST_REFRESH_TOKEN });
    }
    for (key, value) in more.as_object().expect("a table") {
        credential[key] = value.clone();
    }
    credential
}

pub(crate) fn cx() -> CallContext {
    CallContext::within(PATIENCE, RequestId::new("test"))
}

/// How many matches the number of Mia has.
pub(crate) async fn ask(adapter: &Arc<dyn CrmAdapter>) -> Result<usize, AdapterError> {
    let answer = adapter.lookup(&cx(), &query(MIA_NUMBER)).await?;
    Ok(answer.matches().len())
}

/// The failure of a lookup, which says neither secrets nor what the CRM wrote.
pub(crate) async fn refusal(adapter: &Arc<dyn CrmAdapter>) -> AdapterError {
    let error = ask(adapter).await.expect_err("the login is refused");
    let shown = format!("{error} {error:?} {adapter:?} {adapter}");
    for hidden in [
        CLIENT_SECRET,
        PASSWORD,
        FIRST_REFRESH_TOKEN,
        "t0ken",
        "r3fresh",
        "Keller",
    ] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    error
}
