//! Workflows: the call ends up in the CRM of its contact.

use serde_json::{Value, json};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    upstream::Fault,
    world::World,
};

use crate::harness::{Running, ask, eventually, start_in, world};

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
async fn a_dead_crm_gets_the_call_when_it_is_back() {
    let (world, gateway) = world("[gateway]\nworkflow_timeout_ms = 3000").await;
    let upstream = world.upstream("hubspot").control();
    upstream.set_fault(Fault::Refused);
    let reply = ask(gateway.post("/CallFlow").json(&call("hubspot:13"))).await;
    assert_eq!((reply.status, &reply.body), (200, &json!({})));
    assert_eq!(reply.header("x-workflow-status"), "queued");
    let id = reply.header("x-workflow-id").to_owned();
    upstream.set_fault(Fault::None);
    eventually(|| world.hubspot.created().len() == 1).await;
    let again = ask(gateway.post("/CallFlow").json(&call("hubspot:13"))).await;
    assert_eq!(again.header("x-workflow-status"), "repeated");
    assert_eq!(again.header("x-workflow-id"), id);
    assert_eq!(again.body["id"], world.hubspot.created()[0].id);
}

#[tokio::test]
async fn the_same_call_sent_twice_gets_the_same_reply_also_after_a_restart() {
    let (world, gateway) = world(USERS).await;
    let send =
        async |gateway: &Running| ask(gateway.post("/CallFlow").json(&call("hubspot:13"))).await;
    let first = send(&gateway).await;
    let second = send(&gateway).await;
    assert_eq!(second.header("x-workflow-status"), "repeated");
    assert_eq!(second.body, first.body);
    let gateway = gateway.restart(&world.adapters_toml());
    let third = send(&gateway).await;
    assert_eq!(third.header("x-workflow-status"), "repeated");
    assert_eq!(third.body, first.body);
    assert_eq!(world.hubspot.created().len(), 1);
}

#[tokio::test]
async fn a_later_report_of_a_call_updates_its_object() {
    let (world, gateway) = world(USERS).await;
    let ended = call("hubspot:13");
    let mut ringing = ended.clone();
    for input in ["answeredTime", "endedTime"] {
        ringing["inputs"][input] = json!("");
    }
    let first = ask(gateway.post("/CallFlow").json(&ringing)).await;
    let second = ask(gateway.post("/CallFlow").json(&ended)).await;
    assert_eq!(second.header("x-workflow-status"), "done");
    assert_eq!(second.body["id"], first.body["id"]);
    let created = world.hubspot.created();
    assert_eq!(created.len(), 1);
    assert_eq!(created[0].properties["hs_call_status"], "COMPLETED");
}

#[tokio::test]
async fn a_merged_contact_goes_to_all_its_crms_if_so_configured() {
    let (world, gateway) = world("[workflows.CallFlow]\nsend_to = \"all\"").await;
    let lookup = gateway.lookup(MIA_NUMBER).await;
    let id = lookup.contacts()[0]["id"].as_str().unwrap();
    let reply = ask(gateway.post("/CallFlow").json(&call(id))).await;
    assert_eq!(reply.header("x-workflow-status"), "done", "{reply:?}");
    assert_eq!(
        (world.sugar.created(), world.hubspot.created().len()),
        (1, 1)
    );
}

#[tokio::test]
async fn an_unknown_caller_is_found_or_made_a_contact_if_so_configured() {
    let route = "[workflows.CallFlow]\nadapters = [\"hubspot\"]\nunknown_caller = \"create\"";
    let (world, gateway) = world(route).await;
    let mut known = call("");
    known["inputs"]["contactCrmId"] = Value::Null;
    let reply = ask(gateway.post("/CallFlow").json(&known)).await;
    assert_eq!(reply.header("x-workflow-status"), "done", "{reply:?}");
    assert_eq!(
        world.hubspot.created().len(),
        1,
        "the call of a known contact"
    );
    let mut unknown = known;
    unknown["inputs"]["originatorNumber"] = json!("41791112299");
    let reply = ask(gateway.post("/CallFlow").json(&unknown)).await;
    assert_eq!(reply.header("x-workflow-status"), "done", "{reply:?}");
    assert_eq!(world.hubspot.created().len(), 3, "a contact and its call");
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused() {
    let world = World::start(&messy_contacts(0));
    let folder = tempfile::tempdir().unwrap();
    // A folder where the file is to be: nothing can be opened there, whoever asks.
    let file = folder.path().join("outbox.db");
    std::fs::create_dir(&file).unwrap();
    let text = format!(
        "[gateway]\nworkflow_timeout_ms = 5000\n{}",
        world.adapters_toml()
    );
    let gateway = start_in(folder, &text);
    gateway.ready().await;
    let reply = ask(gateway.post("/CallFlow").json(&call("hubspot:13"))).await;
    assert_eq!((reply.status, reply.code()), (503, "outbox_failed"));
    assert!(!reply.header("retry-after").is_empty());
    assert_eq!(world.hubspot.created().len(), 0);
    let lookup = gateway.lookup(MIA_NUMBER).await;
    assert_eq!(lookup.status, 200, "lookups go on");
    std::fs::remove_dir(&file).unwrap();
    let reply = ask(gateway.post("/CallFlow").json(&call("hubspot:13"))).await;
    assert_eq!(
        reply.status, 200,
        "and workflows as soon as the disk is well"
    );
}

#[tokio::test]
async fn a_user_is_the_one_of_the_list_or_found_by_e_mail() {
    // The simulated HubSpot knows the owner 4711 by this address.
    let (world, gateway) =
        world("[users]\n\"anna@example.ch\" = { sugar = \"seed_anna_id\" }").await;
    let reply = ask(gateway.post("/CallFlow").json(&call("hubspot:13"))).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let created = world.hubspot.created();
    assert_eq!(created[0].properties["hubspot_owner_id"], "4711");
}
