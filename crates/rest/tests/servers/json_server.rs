//! json-server with 1,000 contacts. Its search takes regular expressions.

use std::{fs, path::Path, process::Command};

use serde_json::json;
use whocalls_core::ErrorKind;
use whocalls_testkit::contacts::messy_contacts;

use crate::{
    crm::Crm,
    server::{Server, program},
};

const DESCRIPTION: &str = include_str!("../../examples/json-server.toml");
const TOKEN: &str = "json-server-test";

#[tokio::test]
async fn json_server_knows_the_callers_and_keeps_calls() {
    let Some(program) = program("WHOCALLS_JSON_SERVER", "install-json-server") else {
        return;
    };
    let contacts = messy_contacts(987);
    let records = contacts.iter().map(|contact| {
        json!({
            "id": contact.id,
            "first_name": contact.first_name,
            "last_name": contact.last_name,
            "company": contact.company,
            "email": contact.email,
            "mobile": contact.mobile,
            "work": contact.work,
            "job_title": contact.job_title,
        })
    });
    let records: Vec<_> = records.collect();
    let data = json!({ "contacts": records, "calls": [] });
    let server = Server::start("json-server", "", |folder, port| {
        let file = folder.join("data.json");
        fs::write(&file, data.to_string()).expect("the contacts are written");
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/json_server");
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .args(["--quiet", "--host", "127.0.0.1", "--port"])
            .arg(port.to_string())
            .arg("--middlewares")
            .arg(scripts.join("token.js"))
            .arg("--")
            .arg(file)
            .env("JSON_SERVER_TOKEN", TOKEN);
        command
    })
    .await;

    let crm = Crm {
        description: DESCRIPTION,
        url: server.url(),
        secret: TOKEN,
        refusal: ErrorKind::Unauthenticated,
        filter: ("_like = ", "_lik = "),
        contacts: &contacts,
    };
    crm.knows_its_callers(7).await;

    let mia = crm.mia().await;
    assert_eq!(mia.company.as_deref(), Some("Keller AG"));
    assert_eq!(mia.phones, ["079 123 45 67"]);

    let (told, receipt) = crm.logs_a_call_once(&mia.id).await;
    let calls = server.get("calls", ("x-token", TOKEN)).await;
    let [call] = calls.as_array().expect("a list").as_slice() else {
        panic!("exactly one call: {calls}");
    };
    assert_eq!(Some(call["id"].to_string()), receipt.id);
    assert_eq!(call["contact"], mia.id);
    assert_eq!(call["subject"], told.subject);
    assert_eq!(call["text"], told.text);
    let page = format!("{}/calls/{}", server.url(), call["id"]);
    assert_eq!(receipt.url.as_deref(), Some(page.as_str()));
}
