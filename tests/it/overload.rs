//! Many requests at once: a ring group, more than `max_in_flight`, more than a token may send.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    world::World,
};

use crate::harness::{PATIENT, Reply, Running, ask, eventually, start, world};

/// Nobody's numbers.
const OTHERS: [&str; 2] = ["41445558888", "41445557777"];
/// Far below the time that a lookup would wait for a held CRM, and long for a busy machine.
const AT_ONCE: Duration = Duration::from_secs(15);

/// The requests of each CRM that search for contacts.
fn searches(world: &World) -> [usize; 3] {
    let is_search = |path: &str| {
        path.ends_with("/search") || path.contains("globalsearch") || path == "/api/contacts"
    };
    world.upstreams.each_ref().map(|upstream| {
        upstream
            .control()
            .requests()
            .iter()
            .filter(|request| is_search(&request.path))
            .count()
    })
}

#[tokio::test]
async fn fifty_simultaneous_lookups_are_one_request_for_each_crm() {
    let (world, gateway) = world("").await;
    let before = searches(&world);
    let holds = world
        .upstreams
        .each_ref()
        .map(|upstream| upstream.control().hold());
    let lookups = join_all((0..50).map(|_| gateway.lookup(MIA_NUMBER)));
    let release = async {
        // All fifty are inside the gateway before any CRM answers.
        let inside = || gateway.gateway.metrics.render();
        while !inside().contains("whocalls_lookups_in_flight 50") {
            tokio::task::yield_now().await;
        }
        drop(holds);
    };
    let (replies, ()) = tokio::join!(lookups, release);
    for reply in replies {
        assert_eq!((reply.status, reply.contacts().len()), (200, 1));
        assert_eq!(reply.outcomes(), ["ok"; 3]);
    }
    let asked = searches(&world);
    assert_eq!([0, 1, 2].map(|i: usize| asked[i] - before[i]), [1, 1, 1]);
}

/// Runs `meanwhile` while two lookups wait for CRMs that are held back; returns their replies.
async fn while_two_lookups_wait(
    world: &World,
    gateway: &Running,
    meanwhile: impl AsyncFnOnce(),
) -> (Reply, Reply) {
    let upstreams = world.upstreams.each_ref();
    let holds = upstreams.map(|upstream| upstream.control().hold());
    let erp = world.upstream("erp").control();
    let before = erp.request_count();
    let meanwhile = async {
        erp.arrived(before + OTHERS.len()).await;
        meanwhile().await;
        drop(holds);
    };
    let [first, second] = OTHERS.map(|number| gateway.lookup(number));
    let (first, second, ()) = tokio::join!(first, second, meanwhile);
    (first, second)
}

fn assert_is_refused(reply: &Reply) {
    assert_eq!((reply.status, reply.code()), (503, "overloaded"));
    assert_eq!(reply.header("retry-after"), "1");
    assert_eq!(reply.header("x-lookup-complete"), "false");
}

#[tokio::test]
async fn beyond_max_in_flight_memory_answers_and_the_rest_is_refused_at_once() {
    let (world, gateway) = world("[gateway]\nmax_in_flight = 2").await;
    let erp = world.upstream("erp").control();
    let known = gateway.lookup(MIA_NUMBER).await;
    let (first, second) = while_two_lookups_wait(&world, &gateway, async || {
        let asked = erp.request_count();
        let started = Instant::now();
        let cached = gateway.lookup(MIA_NUMBER).await;
        assert_eq!((cached.status, &cached.body), (200, &known.body));
        assert_eq!(cached.header("x-lookup-complete"), "true");
        let refused = gateway.lookup(UNKNOWN).await;
        assert_is_refused(&refused);
        assert_eq!(refused.outcomes(), ["skipped"; 3]);
        assert!(started.elapsed() < AT_ONCE);
        assert_eq!(erp.request_count(), asked, "no CRM is bothered");
    })
    .await;
    for waited in [first, second] {
        assert_eq!((waited.status, &waited.body), (200, &json!([])));
        assert_eq!(waited.outcomes(), ["empty"; 3]);
    }
    assert_eq!(gateway.lookup(UNKNOWN).await.outcomes(), ["empty"; 3]);
    let labels = r#"{route="lookup",reason="in_flight",outcome="refused"} 1"#;
    let shed = format!("whocalls_requests_shed_total{labels}");
    let metrics = gateway.gateway.metrics.render();
    assert!(metrics.contains(&shed), "{metrics}");
}

#[tokio::test]
async fn a_phone_book_answers_under_overload_and_says_that_the_crms_are_missing() {
    let world = World::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("contacts.csv");
    std::fs::write(&file, format!("Name,Phone\nMia Keller,{MIA_NUMBER}\n")).unwrap();
    let gateway = start(&format!(
        "[gateway]\nmax_in_flight = 2\n{}\n[adapters.book]\nkind = \"phonebook\"\n\
         settings = {{ file = {file:?} }}",
        world.adapters_toml()
    ));
    gateway.ready().await;
    while_two_lookups_wait(&world, &gateway, async || {
        let found = gateway.lookup(MIA_NUMBER).await;
        assert_eq!((found.status, found.contacts().len()), (200, 1));
        assert_eq!(found.header("x-lookup-complete"), "false");
        assert_eq!(found.outcomes(), ["skipped", "skipped", "skipped", "ok"]);
        // The phone book knows nobody of this number; the CRMs might.
        assert_is_refused(&gateway.lookup(UNKNOWN).await);
    })
    .await;
}

#[tokio::test]
async fn beyond_max_in_flight_a_workflow_is_stored_and_its_reply_does_not_wait() {
    let limits = "[gateway]\nmax_in_flight = 1\nworkflow_timeout_ms = 30000";
    let (world, gateway) = world(limits).await;
    let log_call = |contact: &str| {
        let inputs = json!({ "contactCrmId": contact, "originatorNumber": MIA_NUMBER });
        ask(gateway.post("/CallFlow").json(&json!({ "inputs": inputs })))
    };
    let hubspot = world.upstream("hubspot").control();
    let hold = hubspot.hold();
    let before = hubspot.request_count();
    let meanwhile = async {
        hubspot.arrived(before + 1).await;
        let stored = log_call("hubspot:14").await;
        assert_eq!((stored.status, stored.body.clone()), (200, json!({})));
        assert_eq!(stored.header("x-workflow-status"), "queued");
        drop(hold);
    };
    let (waited, ()) = tokio::join!(log_call("hubspot:13"), meanwhile);
    assert_eq!(waited.header("x-workflow-status"), "done");
    eventually(|| world.hubspot.created().len() == 2).await;
}

#[tokio::test]
async fn a_token_that_asks_too_often_gets_429_and_others_are_served() {
    let (world, gateway) = world(
        "[[gateway.tokens]]\nname = \"eager\"\nvalue = { value = \"eager-token\" }\n\
         requests_per_second = 1\n\
         [[gateway.tokens]]\nname = \"calm\"\nvalue = { value = \"calm-token\" }",
    )
    .await;
    let lookup = |token: &str| {
        let request = gateway.get(&format!("/Lookup?PhoneNumber={MIA_NUMBER}"));
        ask(request.header("X-Execution-Token", token))
    };
    let until = async |status: u16| {
        let wanted = async {
            loop {
                let reply = lookup("eager-token").await;
                if reply.status == status {
                    return reply;
                }
            }
        };
        tokio::time::timeout(PATIENT, wanted).await.unwrap()
    };
    assert_eq!(lookup("eager-token").await.status, 200);
    let asked = world.request_counts();
    let refused = until(429).await;
    assert_eq!(refused.code(), "rate_limited");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(lookup("calm-token").await.status, 200);
    let metrics = gateway.gateway.metrics.render();
    assert!(metrics.contains("reason=\"rate_limit\""), "{metrics}");
    assert_eq!(until(200).await.contacts().len(), 1);
    assert_eq!(world.request_counts(), asked, "the answer was cached");
}
