//! The command `outbox`, run as an operator runs it.

use std::{fs, path::Path};

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    upstream::Fault,
    world::World,
};

use crate::{
    commands::{fine, folder_with, run},
    harness::{ask, eventually, world},
};

/// Long enough for a first attempt on a busy machine, short enough for CRMs that stay dead.
const IMPATIENT: &str = "[gateway]\nworkflow_timeout_ms = 5000";
const CALL: [&str; 6] = [
    "workflow",
    "CallFlow",
    "--input=contactCrmId=hubspot:13",
    "--input=originatorName=Mia Keller",
    "--input=originatorNumber=41791234567",
    "--input=startedTime=2026-11-22T09:30:00+01:00",
];

/// A folder with the configuration of `world`.
fn folder_of(world: &World, more: &str) -> TempDir {
    folder_with(&format!("{more}\n{}", world.adapters_toml()))
}

/// CRMs of which HubSpot is dead, and a folder with one workflow for it.
fn one_waiting() -> (World, TempDir) {
    let world = World::start(&messy_contacts(0));
    let folder = folder_of(&world, IMPATIENT);
    hubspot_is(&world, Fault::Refused);
    fine(&CALL, folder.path());
    (world, folder)
}

fn hubspot_is(world: &World, fault: Fault) {
    world.upstream("hubspot").control().set_fault(fault);
}

fn json(arguments: &[&str], folder: &Path) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    serde_json::from_str(&fine(&arguments, folder)).unwrap()
}

/// The deliveries in the outbox.
fn deliveries(folder: &Path) -> Vec<Value> {
    let document = json(&["outbox", "list"], folder);
    document["deliveries"].as_array().unwrap().clone()
}

/// The id of the only workflow.
fn only_id(folder: &Path) -> String {
    let deliveries = deliveries(folder);
    assert_eq!(deliveries.len(), 1);
    deliveries[0]["id"].as_str().unwrap().to_owned()
}

/// The first `digits` of an id.
fn start(id: &str, digits: usize) -> &str {
    id.get(..digits).unwrap()
}

/// Changes the outbox in a way that takes days otherwise.
fn change(folder: &Path, statement: &str) {
    let database = Connection::open(folder.join("whocalls.db")).unwrap();
    database.execute_batch(statement).unwrap();
}

#[test]
fn what_a_dead_crm_did_not_take_is_listed_without_personal_data() {
    let world = World::start(&messy_contacts(0));
    let folder = folder_of(&world, IMPATIENT);
    hubspot_is(&world, Fault::Refused);
    let told = fine(&CALL, folder.path());
    let id = only_id(folder.path());
    assert!(told.starts_with("CallFlow: queued\n"), "{told}");
    assert!(
        told.contains(&id) && told.contains("unavailable: "),
        "{told}"
    );
    assert!(told.contains("The running gateway delivers it, or else the next start"));

    let list = fine(&["outbox", "list"], folder.path());
    let lines: Vec<&str> = list.lines().collect();
    let [heading, line, "", counts] = lines[..] else {
        panic!("{list}")
    };
    assert!(
        heading.starts_with("ID        WORKFLOW  ADAPTER  STATE"),
        "{list}"
    );
    let expected = format!("{}  CallFlow  hubspot  waiting  ", start(&id, 8));
    assert!(
        line.starts_with(&expected) && line.ends_with("unavailable"),
        "{list}"
    );
    assert_eq!(
        counts,
        "1 waiting, 0 sending, 0 delivered, 0 given_up, 0 dropped"
    );
    let document = json(&["outbox", "list"], folder.path());
    assert_eq!(document["counts"]["waiting"], 1);
    assert!(document["deliveries"][0]["error"].is_string());
    for text in [list, document.to_string()] {
        for personal in ["Keller", "791234567", "hubspot:13"] {
            assert!(!text.contains(personal), "{text}");
        }
    }
    let elsewhere = ["outbox", "list", "--adapter", "sugar"];
    assert_eq!(
        fine(&elsewhere, folder.path()).lines().count(),
        1,
        "only the counts"
    );
}

#[test]
fn one_workflow_is_shown_with_all_that_is_known_of_it() {
    let (_world, folder) = one_waiting();
    let id = only_id(folder.path());
    let shown = fine(&["outbox", "show", start(&id, 6)], folder.path());
    for expected in [
        &*format!("Workflow {id}\n"),
        "  from name         Mia Keller\n",
        "  from number       41791234567\n",
        "  started           2026-11-22 09:30:00\n",
        "To hubspot: waiting\n",
        "  next attempt      20",
        "  error             unavailable: ",
    ] {
        assert!(shown.contains(expected), "{expected} in\n{shown}");
    }
    let document = json(&["outbox", "show", &id.to_uppercase()], folder.path());
    assert_eq!(document["id"], id);
    assert_eq!(document["details"]["call"]["originator_name"], "Mia Keller");
    assert_eq!(document["deliveries"][0]["adapter"], "hubspot");
    assert_eq!(document["deliveries"][0]["may_exist"], false);
}

#[test]
fn the_operator_drops_a_workflow_and_changes_his_mind() {
    let (world, folder) = one_waiting();
    let id = only_id(folder.path());
    let told = fine(&["outbox", "drop", &id, start(&id, 8)], folder.path());
    assert_eq!(told, format!("{id} CallFlow: 1 delivery dropped\n"));
    let told = fine(&["outbox", "drop", &id], folder.path());
    assert_eq!(
        told,
        format!("{id} CallFlow: nothing to drop (hubspot: dropped)\n")
    );
    let dropped = [
        "outbox",
        "list",
        "--state",
        "dropped",
        "--state",
        "delivered",
    ];
    assert!(fine(&dropped, folder.path()).contains(start(&id, 8)));
    let waiting = ["outbox", "list", "--state", "waiting"];
    assert!(!fine(&waiting, folder.path()).contains(start(&id, 8)));

    let told = fine(&["outbox", "retry", &id], folder.path());
    assert!(
        told.starts_with(&format!("{id} CallFlow: 1 delivery due now\n")),
        "{told}"
    );
    let retried = json(&["outbox", "retry", &id], folder.path());
    let expected = json!([{ "id": id, "workflow": "CallFlow", "deliveries": 1 }]);
    assert_eq!(retried["retried"], expected);

    hubspot_is(&world, Fault::None);
    let again = json(&CALL, folder.path());
    assert_eq!(world.hubspot.created().len(), 1);
    let object = &world.hubspot.created()[0].id;
    assert_eq!(again["status"], "repeated");
    assert_eq!(
        (&again["workflow_id"], &again["id"]),
        (&json!(id), &json!(object))
    );
    let url = again["url"].as_str().unwrap();
    let told = fine(&CALL, folder.path());
    let expected =
        format!("CallFlow: repeated\n  workflow  {id}\n  object    {object}\n  url       {url}\n");
    assert_eq!(told, expected);
    let told = fine(&["outbox", "retry", &id], folder.path());
    assert_eq!(
        told,
        format!("{id} CallFlow: nothing to try again (hubspot: delivered)\n")
    );
    assert_eq!(
        json(&["outbox", "drop", &id], folder.path())["dropped"][0]["deliveries"],
        0
    );
}

#[test]
fn what_was_given_up_is_retried_together_and_what_was_lost_only_as_new_if_told_so() {
    let (_world, folder) = one_waiting();
    let id = only_id(folder.path());
    let given_up = "UPDATE delivery SET state = 'given_up', may_exist = 1";
    change(folder.path(), given_up);
    let shown = fine(&["outbox", "show", &id], folder.path());
    assert!(
        shown.contains("To hubspot: given_up") && shown.contains("may exist"),
        "{shown}"
    );
    let retried = json(&["outbox", "retry", "--all-given-up"], folder.path());
    assert_eq!(retried["retried"][0]["id"], id);
    let delivery = &deliveries(folder.path())[0];
    assert_eq!(
        (&delivery["state"], &delivery["may_exist"]),
        (&json!("waiting"), &json!(true))
    );
    let told = fine(&["outbox", "retry", "--all-given-up"], folder.path());
    assert_eq!(told, "nothing was given up\n");
    fine(&["outbox", "retry", "--as-new", &id], folder.path());
    assert_eq!(deliveries(folder.path())[0]["may_exist"], false);

    change(
        folder.path(),
        "UPDATE workflow SET details = NULL; UPDATE delivery SET state = 'dropped'",
    );
    let told = fine(&["outbox", "retry", &id], folder.path());
    assert!(told.contains("its contents have been forgotten"), "{told}");
    let shown = fine(&["outbox", "show", &id], folder.path());
    assert!(
        shown.contains("forgotten") && !shown.contains("Keller"),
        "{shown}"
    );
}

#[test]
fn a_wrong_id_is_64_and_nothing_is_done() {
    let (_world, folder) = one_waiting();
    let id = only_id(folder.path());
    for arguments in [
        vec!["outbox", "show", "000000"],
        vec!["outbox", "retry", &id, "000000"],
        vec!["outbox", "drop", &id, "000000"],
    ] {
        let (code, out, err) = run(&arguments, folder.path());
        assert_eq!((code, &*out), (64, ""), "{arguments:?}");
        assert!(
            err.contains("no workflow") && err.contains("000000"),
            "{err}"
        );
    }
    assert_eq!(deliveries(folder.path())[0]["state"], "waiting");

    // Two ids never begin alike by chance.
    let twin = format!("{}{}", start(&id, 12), "0".repeat(20));
    let twin = format!(
        "INSERT INTO workflow SELECT '{twin}', name, revision, details, received_at, changed_at
         FROM workflow"
    );
    change(folder.path(), &twin);
    let (code, _, err) = run(&["outbox", "drop", start(&id, 12)], folder.path());
    assert_eq!(code, 64);
    assert!(
        err.contains("several workflows") && err.contains(&id),
        "{err}"
    );
    let list = fine(&["outbox", "list"], folder.path());
    assert!(
        list.contains(&format!("\n{}  CallFlow", start(&id, 13))),
        "{list}"
    );
    fine(&["outbox", "drop", start(&id, 13)], folder.path());
}

#[test]
fn looking_at_an_outbox_that_was_never_written_makes_none() {
    let world = World::start(&messy_contacts(0));
    let folder = folder_of(&world, "");
    let counts = "0 waiting, 0 sending, 0 delivered, 0 given_up, 0 dropped\n";
    assert_eq!(fine(&["outbox", "list"], folder.path()), counts);
    assert_eq!(deliveries(folder.path()), Vec::<Value>::new());
    for command in ["show", "retry", "drop"] {
        assert_eq!(run(&["outbox", command, "0a1b2c"], folder.path()).0, 64);
    }
    fine(&["outbox", "retry", "--all-given-up"], folder.path());
    fine(&["check"], folder.path());
    let files: Vec<_> = fs::read_dir(&folder).unwrap().collect();
    assert_eq!(files.len(), 1, "only the configuration: {files:?}");
}

#[test]
fn an_outbox_that_cannot_be_written_is_70_and_78_for_check() {
    let world = World::start(&messy_contacts(0));
    let folder = folder_of(&world, "");
    // A folder cannot be written as a file, whoever tries.
    fs::create_dir(folder.path().join("whocalls.db")).unwrap();
    for arguments in [&["outbox", "list"][..], &CALL] {
        let (code, out, err) = run(arguments, folder.path());
        assert_eq!((code, &*out), (70, ""), "{arguments:?}");
        assert!(err.contains("the outbox cannot be written: "), "{err}");
        assert!(err.contains("check outbox.path"), "{err}");
    }
    assert_eq!(
        world.hubspot.created().len(),
        0,
        "what is not stored is not sent"
    );
    let (code, out, err) = run(&["check"], folder.path());
    assert_eq!(code, 78);
    assert!(
        err.contains("error: outbox.path: the outbox cannot be written"),
        "{err}"
    );
    assert!(
        out.contains("the configuration is wrong") && out.contains("  ok      sugar"),
        "{out}"
    );
    let (code, out, _) = run(&["check", "--json"], folder.path());
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &document["problems"][0]["path"]),
        (78, &json!("outbox.path"))
    );
    fine(&["check", "--offline"], folder.path());
}

#[test]
fn an_operator_needs_none_of_the_secrets() {
    let text = "[adapters.hubspot]\nkind = \"hubspot\"\n[adapters.hubspot.settings]\ntoken = { env = \"ABSENT\" }\n";
    let folder = folder_with(text);
    assert_eq!(run(&["lookup", MIA_NUMBER], folder.path()).0, 78);
    fine(&["outbox", "list"], folder.path());
}

#[tokio::test]
async fn a_running_gateway_delivers_what_the_operator_retries_and_the_terminal_sends() {
    let (world, gateway) = world(IMPATIENT).await;
    let toml = format!(
        "[gateway]\nworkflow_timeout_ms = 30000\n[outbox]\npath = \"outbox.db\"\n{}",
        world.adapters_toml()
    );
    fs::write(gateway.folder().join("adapters.toml"), toml).unwrap();
    hubspot_is(&world, Fault::Refused);
    let call = json!({ "inputs": { "contactCrmId": "hubspot:13" } });
    let reply = ask(gateway.post("/CallFlow").json(&call)).await;
    assert_eq!(reply.header("x-workflow-status"), "queued");
    let id = reply.header("x-workflow-id");
    fine(&["outbox", "drop", id], gateway.folder());
    hubspot_is(&world, Fault::None);
    assert_eq!(deliveries(gateway.folder())[0]["state"], "dropped");
    fine(&["outbox", "retry", id], gateway.folder());
    eventually(|| world.hubspot.created().len() == 1).await;
    assert_eq!(json(&CALL, gateway.folder())["status"], "done");
    assert_eq!(world.hubspot.created().len(), 2);
    let newest = ["outbox", "list", "--limit", "1"];
    let list = fine(&newest, gateway.folder());
    assert_eq!(list.matches("CallFlow").count(), 1, "{list}");
    assert!(
        list.contains("2 delivered") && list.contains("--limit shows more"),
        "{list}"
    );
}
