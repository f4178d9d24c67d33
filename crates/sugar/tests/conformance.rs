//! The adapter keeps the contract of `CrmAdapter`, whichever way it looks numbers up.

#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the other tests use more of it; a broken set-up has to fail the test"
)]
mod support;

use std::sync::Arc;

use serde_json::{Value, json};
use support::{Bench, simulated};
use whocalls_testkit::{
    conformance::{self, Subject},
    sim::sugar::Sugar,
};

fn subject(sugar: Sugar, strategy: &str) -> Subject {
    subject_with(sugar, strategy, |_| {})
}

fn subject_with(sugar: Sugar, strategy: &str, change: impl FnOnce(&mut Value)) -> Subject {
    let bench = Bench::with(sugar, strategy, change);
    let (expiring, issuing, creating) = (
        Arc::clone(&bench.sugar),
        Arc::clone(&bench.sugar),
        bench.sugar,
    );
    let mut subject =
        Subject::with_upstream(bench.adapter, bench.upstream).with_secret(Sugar::PASSWORD);
    subject.expire_tokens = Some(Box::new(move || expiring.expire_tokens()));
    subject.tokens_issued = Some(Box::new(move || issuing.tokens_issued()));
    subject.objects_created = Some(Box::new(move || creating.created()));
    subject
}

#[tokio::test]
async fn by_global_search_it_keeps_the_contract() {
    conformance::check(|| subject(simulated(), "search")).await;
}

#[tokio::test]
async fn by_filter_it_keeps_the_contract() {
    conformance::check(|| subject(simulated(), "filter")).await;
}

#[tokio::test]
async fn without_global_search_it_keeps_the_contract() {
    conformance::check(|| subject(simulated().without_search(), "auto")).await;
}

#[tokio::test]
async fn with_a_search_that_leaves_companies_out_it_keeps_the_contract() {
    conformance::check(|| subject(simulated().with_sparse_search(), "auto")).await;
}

#[tokio::test]
async fn without_ids_of_its_own_it_keeps_the_contract() {
    let without_ids = |settings: &mut Value| settings["own_ids"] = json!(false);
    conformance::check(|| subject_with(simulated(), "auto", without_ids)).await;
}
