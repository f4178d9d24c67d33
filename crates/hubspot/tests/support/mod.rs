//! A simulated HubSpot with an adapter in front of it.

use std::{path::PathBuf, sync::Arc};

use serde_json::{Value, json};
use whocalls_core::{AdapterId, BuildContext, CrmAdapter};
use whocalls_testkit::{
    number_plan,
    sim::hubspot::HubSpot,
    upstream::{SimulatedCrm, Upstream},
};

/// An adapter, the account behind it and the server in between.
pub(crate) struct Started {
    pub(crate) adapter: Arc<dyn CrmAdapter>,
    pub(crate) upstream: Upstream,
    pub(crate) crm: Arc<HubSpot>,
}

/// Starts an account and an adapter with these settings beside `base_url`.
pub(crate) fn start(crm: HubSpot, settings: Value) -> Started {
    let crm = Arc::new(crm);
    let upstream = Upstream::start(Arc::clone(&crm) as Arc<dyn SimulatedCrm>);
    Started {
        adapter: adapter(&upstream, settings),
        upstream,
        crm,
    }
}

/// An adapter in front of any server.
pub(crate) fn adapter(upstream: &Upstream, mut settings: Value) -> Arc<dyn CrmAdapter> {
    settings["base_url"] = upstream.url().into();
    let context = BuildContext {
        id: AdapterId::new("hubspot").unwrap(),
        crm_name: "HubSpot".to_owned(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: PathBuf::new(),
    };
    let build = whocalls_hubspot::factory().build;
    build(context, settings).expect("good settings")
}

/// Settings that sign in with the service key. Details may take their time, so that a busy
/// machine changes no result, and searches are hardly limited.
pub(crate) fn with_token() -> Value {
    json!({
        "token": { "value": HubSpot::TOKEN },
        "details_timeout_ms": 5_000,
        "searches_per_second": 100,
    })
}

/// The same with OAuth.
pub(crate) fn with_oauth() -> Value {
    json!({
        "client_id": HubSpot::CLIENT_ID,
        "client_secret": { "value": HubSpot::CLIENT_SECRET },
        "refresh_token": { "value": HubSpot::REFRESH_TOKEN },
        "searches_per_second": 100,
        "details_timeout_ms": 5_000,
    })
}
