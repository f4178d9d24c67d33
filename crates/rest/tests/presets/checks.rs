//! What holds for every preset's lookup.

use std::time::Duration;

use whocalls_core::{AdapterError, ContactRecord};
use whocalls_testkit::{conformance, contacts::MIA_NUMBER, query};

use crate::{
    fixture::Record,
    scene::{Running, Scene, patient, sorted},
    settings::with_upstream,
};

/// The suite that every adapter passes. It leaves out workflows that it cannot carry out: its calls
/// have no contact and no user, and it wants an unconfirmed call to be made up for.
pub(crate) async fn conformance(name: &str) {
    let scene = Scene::of(name);
    let needs = scene.fixture.call.as_ref().map(|call| call.needs.len());
    let has_workflows = needs == Some(0) && scene.preset.can_find_out();
    conformance::check(|| scene.subject(has_workflows)).await;
    scene.assert_all_requests_known();
}

/// The known number: what is sent, and what is read.
pub(crate) async fn known(scene: &Scene) {
    scene.preset.check_addresses(&scene.fixture);
    let running = scene.start();
    let answer = running.adapter.lookup(&patient(), &query(MIA_NUMBER)).await;
    scene.assert_all_requests_known();
    let answer = answer.expect("an answer");
    let known = &scene.fixture.known;
    assert_eq!(running.requests(), sorted(known.requests.clone()));
    let [found] = answer.matches() else {
        panic!("exactly one contact owns the number: {answer:?}");
    };
    let upstream = running.upstream.url();
    let link = |text: &String| with_upstream(text, &upstream);
    let expected = Record {
        contact_uri: known.record.contact_uri.as_ref().map(link),
        company_uri: known.record.company_uri.as_ref().map(link),
        ..known.record.clone()
    };
    assert_eq!(read(&found.record), expected);
    assert!(!answer.is_truncated(), "there are no more");
}

fn read(record: &ContactRecord) -> Record {
    let custom = record.custom.iter();
    Record {
        id: record.id.clone(),
        kind: record.kind,
        name: record.name.clone(),
        company: record.company.clone(),
        contact_uri: record.contact_uri.clone(),
        company_uri: record.company_uri.clone(),
        phones: record.phones.clone(),
        emails: record.emails.clone(),
        updated_at: record.modified_at.map(|moment| moment.to_string()),
        custom_fields: custom
            .map(|field| (field.title.clone(), field.text.clone()))
            .collect(),
    }
}

/// A wrong credential, and the failures of the fixture.
pub(crate) async fn failures(scene: &Scene) {
    if !scene.preset.secrets(&scene.fixture).is_empty() {
        let running = scene.start_with(|secret| format!("not-{secret}"), |_| {});
        let error = failed(&running).await;
        assert_eq!(error.kind.as_str(), "unauthenticated", "{error}");
    }
    assert!(
        !scene.fixture.errors.is_empty(),
        "the fixture shows no failure"
    );
    for failure in &scene.fixture.errors {
        let running = scene.start();
        running.crm.fail(failure.clone());
        let error = failed(&running).await;
        assert_eq!(
            error.kind.as_str(),
            failure.kind,
            "{}: {error}",
            failure.body
        );
        let wait = failure.retry_after_secs.map(Duration::from_secs);
        assert_eq!(error.retry_after, wait, "{}", failure.body);
    }
    scene.assert_all_requests_known();
}

async fn failed(running: &Running) -> AdapterError {
    let result = running.adapter.lookup(&patient(), &query(MIA_NUMBER)).await;
    match result {
        Ok(answer) => panic!("it was answered: {answer:?}"),
        Err(error) => error,
    }
}
