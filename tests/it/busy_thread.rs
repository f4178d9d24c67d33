//! An adapter that keeps its thread busy, as one does that reads megabytes.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex},
};

use async_trait::async_trait;
use whocalls::{
    compose,
    config::{Environment, Mode, Source, load},
};
use whocalls_core::{
    AdapterError, AdapterFactory, AdapterInfo, CallContext, Capabilities, ContactQuery, CrmAdapter,
    LookupAnswer, ProbeReport, WorkflowReceipt, WorkflowRequest,
};
use whocalls_testkit::contacts::MIA_NUMBER;

use crate::harness::{PATIENT, start_loaded};

const CONFIGURATION: &str = "
[gateway]
request_timeout_ms = 500
[adapters.busy]
kind = \"busy\"
crm_name = \"Busy\"
";

static IS_FREE: Mutex<bool> = Mutex::new(false);
static CHANGED: Condvar = Condvar::new();

#[derive(Debug)]
struct Busy(AdapterInfo);

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kind)
    }
}

#[async_trait]
impl CrmAdapter for Busy {
    fn info(&self) -> &AdapterInfo {
        &self.0
    }

    async fn lookup(
        &self,
        _: &CallContext,
        _: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        let is_free = IS_FREE.lock().unwrap();
        drop(CHANGED.wait_timeout_while(is_free, 2 * PATIENT, |is_free| !*is_free));
        std::future::pending().await
    }

    async fn run_workflow(
        &self,
        _: &CallContext,
        _: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        std::future::pending().await
    }

    async fn probe(&self, _: &CallContext) -> Result<ProbeReport, AdapterError> {
        Ok(ProbeReport::default())
    }
}

/// The adapter is busy until the reply is there.
#[tokio::test]
async fn the_reply_leaves_while_an_adapter_keeps_its_thread() {
    let factory = AdapterFactory {
        kind: "busy",
        settings_schema: || schemars::json_schema!({ "type": "object" }),
        build: |place, _| {
            let info = place.info("busy", Capabilities::number_lookup([""; 0]));
            Ok(Arc::new(Busy(info)))
        },
        ..compose::registry().remove(0)
    };
    let source = Source::new("adapters.toml", CONFIGURATION, ".");
    let loaded = load(&source, &Environment::default(), &[factory], Mode::Full);
    let gateway = start_loaded(loaded.unwrap_or_else(|report| panic!("{report}")));
    gateway.ready().await;
    let reply = gateway.lookup(MIA_NUMBER).await;
    assert_eq!((reply.status, reply.code()), (504, "crms_timed_out"));
    assert_eq!(reply.outcomes(), ["timeout"]);
    *IS_FREE.lock().unwrap() = true;
    CHANGED.notify_all();
}
