//! The contract of all adapters, in each variant of this one.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

mod support;

use std::sync::Arc;

use serde_json::{Value, json};
use support::{Started, start, with_oauth, with_token};
use whocalls_testkit::{
    conformance::{self, Subject},
    contacts::messy_contacts,
    sim::hubspot::HubSpot,
};

fn account() -> HubSpot {
    HubSpot::new(&messy_contacts(60)).with_search_lag()
}

fn subject(crm: HubSpot, settings: Value) -> Subject {
    let Started {
        adapter,
        upstream,
        crm,
    } = start(crm, settings);
    let [objects, lagging] = [(); 2].map(|()| Arc::clone(&crm));
    Subject {
        objects_created: Some(Box::new(move || objects.created().len())),
        catch_up: Some(Box::new(move || lagging.catch_up())),
        ..Subject::with_upstream(adapter, upstream)
    }
    .with_secret(HubSpot::TOKEN)
    .with_secret(HubSpot::CLIENT_SECRET)
    .with_secret(HubSpot::REFRESH_TOKEN)
}

fn set(mut settings: Value, key: &str, value: Value) -> Value {
    settings[key] = value;
    settings
}

#[tokio::test]
async fn keeps_the_contract_with_a_service_key() {
    conformance::check(|| subject(account(), with_token())).await;
}

#[tokio::test]
async fn keeps_the_contract_in_the_numbered_layout() {
    let settings = set(with_token(), "api_version", json!("v3"));
    conformance::check(|| subject(account(), settings.clone())).await;
}

#[tokio::test]
async fn keeps_the_contract_when_objects_come_without_links() {
    conformance::check(|| subject(account().without_urls(), with_token())).await;
}

#[tokio::test]
async fn keeps_the_contract_while_companies_are_searched_too() {
    let settings = set(with_token(), "companies", json!(true));
    conformance::check(|| subject(account(), settings.clone())).await;
}

#[tokio::test]
async fn keeps_the_contract_while_leads_are_searched_too() {
    let settings = set(with_token(), "leads", json!(true));
    let with_lead = || account().with_lead(701, "Somebody else", &[31]);
    conformance::check(|| subject(with_lead(), settings.clone())).await;
}

/// Nothing catches up: such objects are recognised without the search.
#[tokio::test]
async fn keeps_the_contract_with_a_unique_property() {
    let property = json!({ "calls": "whocalls_id" });
    let settings = set(with_token(), "unique_property", property);
    let account = || account().with_unique_property("calls", "whocalls_id");
    let subject = || Subject {
        catch_up: None,
        ..subject(account(), settings.clone())
    };
    conformance::check(subject).await;
}

#[tokio::test]
async fn keeps_the_contract_with_oauth() {
    let start = || {
        let Started {
            adapter,
            upstream,
            crm,
        } = start(account(), with_oauth());
        let [expiring, issuing, objects, lagging] = [(); 4].map(|()| Arc::clone(&crm));
        Subject {
            expire_tokens: Some(Box::new(move || expiring.expire_tokens())),
            tokens_issued: Some(Box::new(move || issuing.tokens_issued())),
            objects_created: Some(Box::new(move || objects.created().len())),
            catch_up: Some(Box::new(move || lagging.catch_up())),
            ..Subject::with_upstream(adapter, upstream)
        }
        .with_secret(HubSpot::CLIENT_SECRET)
        .with_secret(HubSpot::REFRESH_TOKEN)
        .with_secret("CSIM-access-1")
    };
    conformance::check(start).await;
}
