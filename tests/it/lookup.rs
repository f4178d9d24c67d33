//! Lookups: what the telephone system sees when CRMs are well, slow or dead.

use std::time::{Duration, Instant};

use serde_json::json;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED, TWELVE_SPELLINGS, UNKNOWN},
    upstream::Fault,
};

use crate::harness::{PATIENT, ask, start, world};

const PLAIN: &str = "";

#[tokio::test]
async fn one_person_in_three_crms_is_one_contact() {
    let (_world, gateway) = world(PLAIN).await;
    let reply = gateway.lookup(MIA_NUMBER).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-lookup-complete"), "true");
    assert_eq!(reply.header("content-type"), "application/json");
    let adapters: Vec<_> = reply
        .timing()
        .into_iter()
        .map(|(adapter, _)| adapter)
        .collect();
    assert_eq!(adapters, ["sugar", "hubspot", "erp"]);
    assert_eq!(reply.outcomes(), ["ok", "ok", "ok"]);
    let [mia] = reply.contacts().as_slice() else {
        panic!("one contact: {reply:?}");
    };
    assert_eq!(mia["name"], "Mia Keller");
    assert_eq!(mia["company"], "Keller AG");
    assert_eq!(mia["crmName"], "Sugar CRM");
    assert_eq!(mia["crmLogo"], "https://cdn.example.com/sugar.svg");
    assert!(mia["contactUri"].as_str().unwrap().starts_with("http"));
    let id = mia["id"].as_str().unwrap();
    for source in ["sugar:", "hubspot:13", "erp:13"] {
        assert!(id.contains(source), "{source} in {id}");
    }
    let actions = mia["crmActions"].as_array().unwrap();
    assert!(actions.contains(&json!("CallFlow")), "{actions:?}");
    for other in ["HubSpot", "ERP"] {
        assert!(
            mia["customData"][other]
                .as_str()
                .unwrap()
                .starts_with("http"),
            "{mia}"
        );
    }
}

#[tokio::test]
async fn every_contact_is_tagged_with_its_crm() {
    let (world, gateway) = world("[merge]\nmode = \"record\"\n[gateway]\nmax_results = 50").await;
    let reply = gateway.lookup(MIA_NUMBER).await;
    let tags: Vec<_> = reply
        .contacts()
        .iter()
        .map(|c| (&c["crmName"], &c["crmLogo"]))
        .collect();
    let logo = |name: &str| json!(format!("https://cdn.example.com/{name}.svg"));
    assert_eq!(
        tags,
        [
            (&json!("Sugar CRM"), &logo("sugar")),
            (&json!("HubSpot"), &logo("hubspot")),
            (&json!("ERP"), &logo("erp")),
        ]
    );
    drop(world);
}

#[tokio::test]
async fn all_twelve_spellings_are_found_by_any_of_them() {
    let (_world, gateway) = world("[gateway]\nmax_results = 50").await;
    for asked in TWELVE_SPELLINGS.into_iter().chain([SPELLED]) {
        let reply = gateway.lookup(asked).await;
        assert_eq!(reply.contacts().len(), 12, "{asked}");
        for contact in reply.contacts() {
            let id = contact["id"].as_str().unwrap();
            assert_eq!(
                id.split(',').count(),
                3,
                "each of the twelve is in three CRMs: {id}"
            );
        }
    }
}

#[tokio::test]
async fn the_number_may_come_in_query_or_body_or_both() {
    let (_world, gateway) = world(PLAIN).await;
    let body = |number: &str| json!({ "inputs": { "phoneNumber": number } });
    let requests = [
        gateway.get(&format!("/Lookup?PhoneNumber={MIA_NUMBER}")),
        gateway.get(&format!("/Lookup?phonenumber={MIA_NUMBER}")),
        gateway.post(&format!("/Lookup?PhoneNumber={MIA_NUMBER}")),
        gateway.post("/Lookup").json(&body(MIA_NUMBER)),
        gateway.get("/Lookup").json(&body(MIA_NUMBER)),
        gateway
            .post(&format!("/Lookup?PhoneNumber={UNKNOWN}"))
            .json(&body(MIA_NUMBER)),
        gateway
            .post("/Lookup")
            .json(&json!({ "inputs": { "PHONENUMBER": 41_791_234_567_i64 } })),
    ];
    for request in requests {
        let described = format!("{request:?}");
        let reply = ask(request).await;
        assert_eq!(reply.contacts().len(), 1, "{described}");
    }
}

#[tokio::test]
async fn a_number_that_no_crm_can_know_is_answered_without_asking() {
    let (world, gateway) = world(PLAIN).await;
    let before = world.request_counts();
    for number in ["", "anonymous", "4711", "0", "*21#", "266696687"] {
        let reply = gateway.lookup(number).await;
        assert_eq!((reply.status, &reply.body), (200, &json!([])), "{number:?}");
        assert_eq!(reply.header("x-lookup-complete"), "true");
        assert_eq!(reply.outcomes(), ["skipped"; 3]);
    }
    assert_eq!(world.request_counts(), before);
}

#[tokio::test]
async fn a_number_outside_every_numbering_plan_is_looked_up() {
    let (_world, gateway) = world(PLAIN).await;
    for number in ["4178907228", "99912345678901234567"] {
        let reply = gateway.lookup(number).await;
        assert_eq!((reply.status, &reply.body), (200, &json!([])), "{number}");
        assert_eq!(reply.outcomes(), ["empty"; 3]);
    }
}

#[tokio::test]
async fn a_repeated_lookup_asks_no_crm() {
    let (world, gateway) = world(PLAIN).await;
    let first = gateway.lookup(MIA_NUMBER).await;
    let before = world.request_counts();
    let second = gateway.lookup("079 123 45 67").await;
    assert_eq!(second.outcomes(), ["cached"; 3]);
    assert_eq!(second.body, first.body);
    assert_eq!(world.request_counts(), before);
}

#[tokio::test]
async fn a_slow_crm_is_left_out_in_time() {
    let (world, gateway) = world("[gateway]\nrequest_timeout_ms = 5000").await;
    world.upstream("hubspot").control().set_fault(Fault::Hang);
    let started = Instant::now();
    let reply = gateway.lookup(MIA_NUMBER).await;
    assert!(
        started.elapsed() < PATIENT,
        "the reply does not wait for the CRM"
    );
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-lookup-complete"), "false");
    assert_eq!(reply.outcomes(), ["ok", "timeout", "ok"]);
    assert_eq!(reply.contacts().len(), 1);
}

#[tokio::test]
async fn a_broken_crm_is_left_out() {
    for fault in [
        Fault::Refused,
        Fault::Reset,
        Fault::Garbage,
        Fault::Html,
        Fault::Status(503),
    ] {
        let (world, gateway) = world(PLAIN).await;
        world.upstream("sugar").control().set_fault(fault);
        let reply = gateway.lookup(MIA_NUMBER).await;
        assert_eq!(reply.status, 200, "{fault:?}");
        assert_eq!(reply.header("x-lookup-complete"), "false");
        assert_eq!(reply.outcomes(), ["error", "ok", "ok"], "{fault:?}");
        assert_eq!(reply.contacts()[0]["crmName"], "HubSpot");
    }
}

#[tokio::test]
async fn when_all_crms_fail_nobody_is_not_the_answer() {
    let (world, gateway) = world("[defaults]\ntimeout_ms = 4000").await;
    let set_all = |fault| {
        for upstream in &world.upstreams {
            upstream.control().set_fault(fault);
        }
    };
    set_all(Fault::Refused);
    let reply = gateway.lookup(MIA_NUMBER).await;
    assert_eq!((reply.status, reply.code()), (502, "crms_failed"));
    assert_eq!(reply.header("x-lookup-complete"), "false");
    assert_eq!(reply.outcomes(), ["error"; 3]);
    set_all(Fault::Hang);
    let reply = gateway.lookup(UNKNOWN).await;
    assert_eq!((reply.status, reply.code()), (504, "crms_timed_out"));
    assert_eq!(reply.outcomes(), ["timeout"; 3]);
}

#[tokio::test]
async fn a_stale_answer_is_better_than_none() {
    let (world, gateway) = world("[defaults.cache]\nttl_secs = 1\nstale_secs = 600").await;
    gateway.lookup(MIA_NUMBER).await;
    for upstream in &world.upstreams {
        upstream.control().set_fault(Fault::Refused);
    }
    let stale = async {
        loop {
            let reply = gateway.lookup(MIA_NUMBER).await;
            assert_eq!(reply.contacts().len(), 1);
            if reply.outcomes() == ["stale"; 3] {
                return;
            }
            assert!(
                reply
                    .outcomes()
                    .iter()
                    .all(|it| ["cached", "stale"].contains(&it.as_str()))
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENT, stale).await.unwrap();
}

#[tokio::test]
async fn a_changed_contact_file_shows_at_the_next_call() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("contacts.csv");
    let write =
        |name: &str| std::fs::write(&file, format!("Name,Phone\n{name},{MIA_NUMBER}\n")).unwrap();
    write("Mia Keller");
    let gateway = start(&format!(
        "[adapters.book]\nkind = \"phonebook\"\nsettings = {{ file = {file:?}, check_interval_ms = 0 }}"
    ));
    gateway.ready().await;
    assert_eq!(
        gateway.lookup(MIA_NUMBER).await.contacts()[0]["name"],
        "Mia Keller"
    );
    write("Mia Keller-Rossi");
    // The lookup that notices the change may still be answered from the old contents.
    let shows_new = async {
        while gateway.lookup(MIA_NUMBER).await.contacts()[0]["name"] != "Mia Keller-Rossi" {}
    };
    tokio::time::timeout(PATIENT, shows_new).await.unwrap();
}

#[tokio::test]
async fn the_older_connector_generation_gets_its_field_names() {
    let (_world, gateway) = world(
        "[gateway]\nreply_case = \"pascal\"\ncustom_data_key = \"both\"\nroot_path = \"/services\"",
    )
    .await;
    assert!(gateway.url.ends_with("/services"));
    let reply = gateway.lookup(MIA_NUMBER).await;
    let mia = &reply.contacts()[0];
    assert_eq!(mia["Name"], "Mia Keller");
    assert_eq!(mia["CustomData"], mia["CustomFields"]);
}
