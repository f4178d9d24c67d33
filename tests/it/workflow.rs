//! Workflows: the call ends up in the CRM of its contact.

use serde_json::{Value, json};
use whocalls_testkit::{contacts::MIA_NUMBER, upstream::Fault};

use crate::harness::{ask, world};

fn call(contact: &str) -> Value {
    json!({ "inputs": {
        "contactCrmId": contact,
        "userCrmId": "anna@example.ch",
        "originatorNumber": MIA_NUMBER,
        "originatorName": "Mia Keller",
        "destinationNumber": "41445550100",
        "direction": "incoming",
        "startedTime": "2026-11-22T09:30:00+01:00",
        "answeredTime": "2026-11-22T09:30:08+01:00",
        "endedTime": "2026-11-22T09:33:12+01:00",
        "declinedTime": "",
        "inventedInFuture": { "kept": true },
    }})
}

const USERS: &str =
    "[users]\n\"anna@example.ch\" = { hubspot = \"4711\", sugar = \"seed_anna_id\" }";

#[tokio::test]
async fn a_call_is_logged_in_the_crm_of_its_contact() {
    let (world, gateway) = world(USERS).await;
    let reply = ask(gateway.post("/CallFlow").json(&call("hubspot:13"))).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-workflow-status"), "done");
    assert!(!reply.header("x-workflow-id").is_empty());
    assert!(!reply.body["id"].as_str().unwrap().is_empty());
    assert!(reply.body["url"].as_str().unwrap().starts_with("https://"));
    assert_eq!(world.hubspot.created().len(), 1);
    assert_eq!(world.sugar.created(), 0);
}

#[tokio::test]
async fn a_merged_contact_of_a_lookup_leads_back_to_its_first_crm() {
    let (world, gateway) = world(USERS).await;
    let lookup = gateway.lookup(MIA_NUMBER).await;
    let id = lookup.contacts()[0]["id"].as_str().unwrap();
    let reply = ask(gateway.post("/CallFlow").json(&call(id))).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(
        (world.sugar.created(), world.hubspot.created().len()),
        (1, 0)
    );
    let ticket = ask(gateway.post("/CreateTicket").json(&call(id))).await;
    assert_eq!(ticket.status, 200, "{ticket:?}");
    assert_eq!(world.hubspot.created().len(), 1, "only HubSpot has tickets");
}

#[tokio::test]
async fn without_a_contact_the_configured_adapter_gets_it() {
    let (world, gateway) = world("[workflows.CallFlow]\nadapters = [\"hubspot\"]").await;
    let mut inputs = call("");
    inputs["inputs"]["contactCrmId"] = Value::Null;
    let reply = ask(gateway.post("/CallFlow").json(&inputs)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(world.hubspot.created().len(), 1);
}

#[tokio::test]
async fn a_dead_crm_is_never_reported_as_done() {
    let (world, gateway) = world("[gateway]\nworkflow_timeout_ms = 500").await;
    let upstream = world.upstream("hubspot").control();
    upstream.set_fault(Fault::Refused);
    let reply = ask(gateway.post("/CallFlow").json(&call("hubspot:13"))).await;
    assert_eq!((reply.status, reply.code()), (502, "crm_failed"));
    upstream.set_fault(Fault::Hang);
    let reply = ask(gateway.post("/CallFlow").json(&call("hubspot:13"))).await;
    assert_eq!((reply.status, reply.code()), (504, "outcome_unknown"));
}
