//! Where a workflow goes.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

use std::{sync::Arc, time::Duration};

use whocalls_core::{AdapterId, CallContext, CallDetails, ErrorKind, RequestId};
use whocalls_engine::{DispatchError, Dispatched, Engine, EngineSettings, Source, WorkflowCall};
use whocalls_testkit::fake::{Act, FakeAdapter};

struct Fixture {
    sugar: Arc<FakeAdapter>,
    engine: Engine,
}

fn fixture() -> Fixture {
    let sugar = Arc::new(FakeAdapter::new("sugar", Vec::new()));
    let hubspot = Arc::new(FakeAdapter::new("hubspot", Vec::new()));
    let source = |adapter: &Arc<FakeAdapter>| Source {
        adapter: Arc::clone(adapter) as Arc<dyn whocalls_core::CrmAdapter>,
        priority: 10,
        actions: vec![FakeAdapter::WORKFLOW.to_owned()],
    };
    let engine = Engine::new(
        vec![source(&sugar), source(&hubspot)],
        EngineSettings::default(),
    );
    Fixture { sugar, engine }
}

impl Fixture {
    async fn run(
        &self,
        name: &str,
        contact: Option<&str>,
        fallback: &[&str],
    ) -> Result<Dispatched, DispatchError> {
        let call = WorkflowCall {
            name: name.to_owned(),
            contact: contact.map(|id| id.parse().unwrap()),
            fallback: fallback
                .iter()
                .map(|id| AdapterId::new(id).unwrap())
                .collect(),
            call: CallDetails::default(),
            idempotency_key: "key-1".to_owned(),
            extra: serde_json::Map::new(),
        };
        let cx = CallContext::within(Duration::from_secs(1), RequestId::new("test"));
        self.engine.dispatch(&cx, call, None, |_| None).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_workflow_goes_to_the_crm_of_its_contact() {
    let f = fixture();
    let done = f
        .run("CallFlow", Some("hubspot:51"), &["sugar"])
        .await
        .unwrap();
    assert_eq!(done.adapter.as_str(), "hubspot");
    assert_eq!(done.receipt.id.as_deref(), Some("key-1"));
    let merged = f
        .run("CallFlow", Some("sugar:1,hubspot:51"), &[])
        .await
        .unwrap();
    assert_eq!(
        merged.adapter.as_str(),
        "sugar",
        "the first of a merged contact"
    );
    let partly = f
        .run("CallFlow", Some("gone:1,hubspot:51"), &[])
        .await
        .unwrap();
    assert_eq!(
        partly.adapter.as_str(),
        "hubspot",
        "an adapter that was removed is passed over"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_contact_the_configuration_decides() {
    let f = fixture();
    let done = f.run("CallFlow", None, &["hubspot"]).await.unwrap();
    assert_eq!(done.adapter.as_str(), "hubspot");
    let error = f.run("CallFlow", None, &[]).await.unwrap_err();
    assert!(
        matches!(&error, DispatchError::NoTarget { capable } if capable == &["sugar", "hubspot"])
    );
}

#[tokio::test(start_paused = true)]
async fn unknown_names_are_answered_with_those_that_exist() {
    let f = fixture();
    let error = f.run("BakeBread", Some("sugar:1"), &[]).await.unwrap_err();
    assert!(matches!(&error, DispatchError::UnknownWorkflow { known } if known == &["CallFlow"]));
    let error = f.run("CallFlow", Some("nobody:1"), &[]).await.unwrap_err();
    assert!(
        matches!(&error, DispatchError::UnknownAdapter { known } if known == &["sugar", "hubspot"])
    );
    assert_eq!(f.sugar.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_workflow_is_an_error() {
    let f = fixture();
    f.sugar.set(Act::Panic);
    let error = f.run("CallFlow", Some("sugar:1"), &[]).await.unwrap_err();
    assert!(matches!(&error, DispatchError::Adapter(error) if error.kind == ErrorKind::Internal));
}
