//! The adapter keeps the contract of `CrmAdapter`, whichever way it reaches SuiteCRM.

#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the other tests use more of it; a broken set-up has to fail the test"
)]
mod support;

use std::sync::Arc;

use support::{Bench, Way, simulated};
use whocalls_testkit::{
    conformance::{self, Subject},
    sim::suitecrm::SuiteCrm,
};

fn subject(suite: SuiteCrm, way: Way) -> Subject {
    let bench = Bench::new(suite, way);
    let (expiring, issuing, creating) = (
        Arc::clone(&bench.suite),
        Arc::clone(&bench.suite),
        bench.suite,
    );
    let mut subject = Subject::with_upstream(bench.adapter, bench.upstream)
        .with_secret(SuiteCrm::PASSWORD)
        .with_secret(SuiteCrm::CLIENT_SECRET);
    subject.expire_tokens = Some(Box::new(move || expiring.expire_tokens()));
    subject.tokens_issued = Some(Box::new(move || issuing.tokens_issued()));
    subject.objects_created = Some(Box::new(move || creating.created()));
    subject
}

#[tokio::test]
async fn through_v8_with_a_client_it_keeps_the_contract() {
    conformance::check(|| subject(simulated(), Way::Client)).await;
}

#[tokio::test]
async fn through_v8_with_a_user_it_keeps_the_contract() {
    conformance::check(|| subject(simulated(), Way::User)).await;
}

#[tokio::test]
async fn through_v8_without_refresh_tokens_it_keeps_the_contract() {
    conformance::check(|| subject(simulated().without_refresh(), Way::User)).await;
}

#[tokio::test]
async fn through_v4_1_it_keeps_the_contract() {
    conformance::check(|| subject(simulated(), Way::Session)).await;
}
