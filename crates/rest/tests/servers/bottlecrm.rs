//! BottleCRM with 300 contacts: a login of its own, and a search that knows no wildcards.

use std::{fs, path::Path, process::Command};

use serde_json::json;
use whocalls_core::ErrorKind;
use whocalls_http::Method;
use whocalls_testkit::contacts::messy_contacts;

use crate::{
    crm::Crm,
    server::{Server, program},
};

const DESCRIPTION: &str = include_str!("../../examples/bottlecrm.toml");
/// As in the description.
const USER: &str = "cti@example.ch";
const PASSWORD: &str = "bottlecrm-test";

#[tokio::test]
async fn bottlecrm_knows_the_callers_and_keeps_calls() {
    let Some(python) = program("WHOCALLS_BOTTLECRM", "install-bottlecrm") else {
        return;
    };
    let contacts = messy_contacts(287);
    let seeds = contacts.iter().map(|contact| {
        json!({
            "first_name": contact.first_name,
            "last_name": contact.last_name,
            "email": contact.email,
            "company": contact.company,
            // It has one field for numbers.
            "phone": format!("{}{}", contact.mobile, contact.work),
        })
    });
    let seeds: Vec<_> = seeds.collect();
    let seeds = json!({ "user": USER, "password": PASSWORD, "contacts": seeds });
    let server = Server::start("bottlecrm", "api/contacts/", |folder, port| {
        let file = folder.join("contacts.json");
        fs::write(&file, seeds.to_string()).expect("the seeds are written");
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/bottlecrm");
        let mut command = Command::new(python);
        command
            // Leaves nothing beside the script.
            .arg("-B")
            .arg(scripts.join("serve.py"))
            .arg(format!("127.0.0.1:{port}"))
            .arg(file)
            .env("BOTTLECRM_DATABASE", folder.join("data.sqlite3"));
        command
    })
    .await;

    let crm = Crm {
        description: DESCRIPTION,
        url: server.url(),
        secret: PASSWORD,
        refusal: ErrorKind::Unauthenticated,
        filter: ("phone = \"{{ item", "phnoe = \"{{ item"),
        contacts: &contacts,
    };
    crm.knows_its_callers(12).await;

    let mia = crm.mia().await;
    assert_eq!(mia.emails, ["contact13@example.ch"]);

    let (told, receipt) = crm.logs_a_call_once(&mia.id).await;
    let login = json!({ "email": USER, "password": PASSWORD });
    let path = "api/auth/login/";
    let login = server.ask(Method::POST, path, None, Some(&login)).await;
    let token = format!("JWT {}", login["token"].as_str().expect("a token"));
    let path = format!("api/contacts/{}/", mia.id);
    let contact = server.get(&path, ("authorization", &token)).await;
    let [comment] = contact["comments"].as_array().expect("a list").as_slice() else {
        panic!("exactly one comment: {contact}");
    };
    assert_eq!(Some(comment["id"].to_string()), receipt.id);
    let text = format!("{} ({})", told.subject, told.marker());
    assert_eq!(comment["comment"], text);
}
