//! A CRM tells of a change, and the next caller sees it.

use ring::hmac;
use serde_json::json;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED, messy_contacts},
    world::World,
};

use crate::harness::{Running, ask, start};

const SECRET: &str = "hook-secret-0123456789";

async fn gateway(world: &World) -> Running {
    let platform = "[adapters.sugar.settings]\n";
    let hook = format!("{platform}notifications = {{ secret = {{ value = \"{SECRET}\" }} }}\n");
    let gateway = start(&world.adapters_toml().replace(platform, &hook));
    gateway.ready().await;
    gateway
}

/// The id that Sugar's record of Mia has, from a lookup.
async fn mia_in_sugar(gateway: &Running) -> String {
    let reply = gateway.lookup(MIA_NUMBER).await;
    let id = reply.contacts()[0]["id"].as_str().unwrap().to_owned();
    let record = id
        .split(',')
        .find_map(|part| part.strip_prefix("sugar:Contacts/"))
        .unwrap();
    record.to_owned()
}

#[tokio::test]
async fn the_cache_forgets_a_contact_that_the_crm_says_has_changed() {
    let world = World::start(&messy_contacts(10));
    let gateway = gateway(&world).await;
    let id = mia_in_sugar(&gateway).await;
    gateway.lookup(SPELLED).await;
    let body =
        json!({ "isUpdate": true, "dataChanges": [], "bean": "Contact", "data": { "id": id } });
    let path = format!("/notifications/sugar/{SECRET}");
    assert_eq!(ask(gateway.post(&path).json(&body)).await.status, 204);
    assert_eq!(
        gateway.lookup(MIA_NUMBER).await.outcomes(),
        ["ok", "cached", "cached"]
    );
    assert_eq!(
        gateway.lookup(SPELLED).await.outcomes(),
        ["cached"; 3],
        "others are kept"
    );
}

#[tokio::test]
async fn only_the_crm_is_believed() {
    let world = World::start(&messy_contacts(10));
    let gateway = gateway(&world).await;
    let id = mia_in_sugar(&gateway).await;
    let body =
        json!({ "isUpdate": true, "dataChanges": [], "bean": "Contact", "data": { "id": id } });
    for (path, status, code) in [
        ("/notifications/sugar/guess", 401, "unauthorized"),
        ("/notifications/sugar", 401, "unauthorized"),
        ("/notifications/hubspot", 404, "not_found"),
        ("/notifications/nobody", 404, "not_found"),
    ] {
        let reply = ask(gateway.post(path).json(&body)).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{path}");
    }
    let reply = ask(gateway
        .post(&format!("/notifications/sugar/{SECRET}"))
        .body("{"))
    .await;
    assert_eq!((reply.status, reply.code()), (400, "malformed_body"));
    assert_eq!(ask(gateway.get("/notifications/sugar")).await.status, 405);
    assert_eq!(gateway.lookup(MIA_NUMBER).await.outcomes(), ["cached"; 3]);
}

/// The signature that the REST CRM puts into `X-Hub-Signature`.
fn signature(secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, body.as_bytes());
    let digits = tag.as_ref().iter().map(|byte| format!("{byte:02x}"));
    format!("sha256={}", digits.collect::<String>())
}

#[tokio::test]
async fn a_described_crm_tells_of_changes_as_its_description_says() {
    let world = World::start(&messy_contacts(10));
    let lookup = "[adapters.erp.settings.lookup]\n";
    let notifications = format!(
        r#"
[adapters.erp.settings.notifications]
events = "$.events[*]"
when = "event.type == 'contact'"
records = "$.id"
[adapters.erp.settings.notifications.proof]
kind = "hmac"
header = "X-Hub-Signature"
prefix = "sha256="
secret = {{ value = "{SECRET}" }}
"#
    );
    let with_notifications = format!("{notifications}{lookup}");
    let gateway = start(&world.adapters_toml().replace(lookup, &with_notifications));
    gateway.ready().await;
    gateway.lookup(MIA_NUMBER).await;
    let body = json!({ "events": [{ "type": "deal", "id": 1 }, { "type": "contact", "id": 13 }] });
    let body = body.to_string();
    let path = "/notifications/erp";
    let notify = |signed_with: &str| {
        let signature = signature(signed_with, &body);
        let request = gateway.post(path).header("X-Hub-Signature", signature);
        ask(request.body(body.clone()))
    };

    let reply = notify("another-secret").await;
    assert_eq!((reply.status, reply.code()), (401, "unauthorized"));
    assert_eq!(gateway.lookup(MIA_NUMBER).await.outcomes(), ["cached"; 3]);
    assert_eq!(notify(SECRET).await.status, 204);
    assert_eq!(
        gateway.lookup(MIA_NUMBER).await.outcomes(),
        ["cached", "cached", "ok"]
    );
}
