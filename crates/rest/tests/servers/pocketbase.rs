//! PocketBase with 1,000 contacts. Its search takes wildcards.

use std::{ffi::OsString, process::Command, time::Instant};

use serde_json::{Value, json};
use whocalls_core::ErrorKind;
use whocalls_http::Method;
use whocalls_testkit::contacts::{SeedContact, messy_contacts};

use crate::{
    crm::Crm,
    server::{Server, program},
};

const DESCRIPTION: &str = include_str!("../../examples/pocketbase.toml");
const USER: &str = "cti@example.ch";
const PASSWORD: &str = "pocketbase-test";

#[tokio::test]
async fn pocketbase_knows_the_callers_and_keeps_calls() {
    let Some(program) = program("WHOCALLS_POCKETBASE", "install-pocketbase") else {
        return;
    };
    let contacts = messy_contacts(987);
    let server = start(program).await;
    let token = log_in(&server).await;
    seed(&server, &token, &contacts).await;

    let crm = Crm {
        description: DESCRIPTION,
        url: server.url(),
        secret: &token,
        // It takes a wrong token for no token (`crm-apis.md` §7).
        refusal: ErrorKind::PermissionDenied,
        filter: ("query.filter = \"mobile", "query.fitler = \"mobile"),
        contacts: &contacts,
    };
    crm.knows_its_callers(7).await;

    let mia = crm.mia().await;
    assert_eq!(mia.company.as_deref(), Some("Keller AG"));
    assert_eq!(mia.phones, ["079 123 45 67"]);
    let page = format!(
        "{}/_/#/collections?collection=contacts&record={}",
        server.url(),
        mia.id
    );
    assert_eq!(mia.contact_uri.as_deref(), Some(page.as_str()));

    let (told, receipt) = crm.logs_a_call_once(&mia.id).await;
    let path = "api/collections/calls/records";
    let calls = server.get(path, ("authorization", &token)).await;
    let [call] = calls["items"].as_array().expect("a list").as_slice() else {
        panic!("exactly one call: {calls}");
    };
    assert_eq!(call["id"].as_str(), receipt.id.as_deref());
    assert_eq!(call["contact"], mia.id);
    assert_eq!(call["subject"], told.subject);
    assert_eq!(call["text"], told.text);
}

async fn start(program: OsString) -> Server {
    Server::start("pocketbase", "api/health", |folder, port| {
        // Its migrations go beside the data.
        let mut data = OsString::from("--dir=");
        data.push(folder.join("data"));
        let user = Command::new(&program)
            .args(["superuser", "upsert", USER, PASSWORD])
            .arg(&data)
            .output()
            .expect("the program runs");
        assert!(user.status.success(), "{user:?}");
        let mut command = Command::new(&program);
        command
            .arg("serve")
            .arg(format!("--http=127.0.0.1:{port}"))
            .arg(&data);
        command
    })
    .await
}

async fn log_in(server: &Server) -> String {
    let login = json!({ "identity": USER, "password": PASSWORD });
    let path = "api/collections/_superusers/auth-with-password";
    let login = server.ask(Method::POST, path, None, Some(&login)).await;
    login["token"].as_str().expect("a token").to_owned()
}

/// Creates the two collections, and the contacts in one of them.
async fn seed(server: &Server, token: &str, contacts: &[SeedContact]) {
    let started = Instant::now();
    let header = Some(("authorization", token));
    let collections = [
        (
            "contacts",
            "first_name last_name company email mobile work job_title",
        ),
        ("calls", "key contact subject text"),
    ];
    for (name, fields) in collections {
        let fields = fields.split(' ');
        let fields: Vec<_> = fields
            .map(|name| json!({ "name": name, "type": "text" }))
            .collect();
        let collection = json!({ "name": name, "type": "base", "fields": fields });
        let path = "api/collections";
        server
            .ask(Method::POST, path, header, Some(&collection))
            .await;
    }

    let batch = json!({ "batch": { "enabled": true, "maxRequests": contacts.len() } });
    let path = "api/settings";
    server.ask(Method::PATCH, path, header, Some(&batch)).await;
    let requests: Vec<Value> = contacts.iter().map(creation).collect();
    let requests = json!({ "requests": requests });
    let created = server
        .ask(Method::POST, "api/batch", header, Some(&requests))
        .await;
    assert_eq!(created.as_array().map(Vec::len), Some(contacts.len()));
    eprintln!("seeded in {:?}", started.elapsed());
}

fn creation(contact: &SeedContact) -> Value {
    json!({
        "method": "POST",
        "url": "/api/collections/contacts/records",
        "body": {
            "first_name": contact.first_name,
            "last_name": contact.last_name,
            "company": contact.company,
            "email": contact.email,
            "mobile": contact.mobile,
            "work": contact.work,
            "job_title": contact.job_title,
        },
    })
}
