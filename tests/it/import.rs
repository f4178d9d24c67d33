//! `whocalls import`: what it prints is accepted by the REST adapter, and finds contacts.

use std::{path::Path, process::Output, sync::Arc};

use serde_json::{Value, json};
use whocalls_testkit::upstream::{Request, Response, SimulatedCrm, Upstream};

use crate::commands::{fine, folder_with, run, whocalls};

const ASKED: &str = "+41 21 552 20 00";
const STORED: &str = "021/552.20.00";
const SECRET: &str = "imported-s3cret";

/// The templates that the tests of the importer are about.
fn template(name: &str) -> String {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/import/tests/templates");
    templates.join(format!("{name}.xml")).display().to_string()
}

/// Runs a command with every secret of the description in the environment.
fn with_secrets(description: &str, arguments: &[&str]) -> (i32, String) {
    let folder = folder_with(description);
    let mut command = whocalls(arguments, folder.path());
    for variable in description.split("{ env = \"").skip(1) {
        command.env(variable.split('"').next().unwrap(), SECRET);
    }
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = [stdout, stderr].concat();
    (status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn import(name: &str) -> String {
    fine(&["import", &template(name)], Path::new("."))
}

#[test]
fn every_imported_description_is_accepted() {
    for name in ["contacts", "chain", "session", "oauth", "yeastar"] {
        let description = import(name);
        let (code, text) = with_secrets(&description, &["check", "--offline"]);
        assert_eq!(code, 0, "{name}: {text}\n{description}");
    }
}

/// Small templates, one for each way to identify oneself.
const SIGN_INS: [&str; 8] = [
    r#"<Crm Name="a"><Authentication Type="No"/>{lookup}</Crm>"#,
    r#"<Crm Name="b"><Parameters><Parameter Name="Token" Type="Password"/></Parameters>
       <Authentication Type="Bearer"><Value>[Token]</Value></Authentication>{lookup}</Crm>"#,
    r#"<Crm Name="c"><Parameters><Parameter Name="ApiKey"/></Parameters>
       <Authentication Type="Basic"><Value>[ApiKey]:X</Value></Authentication>{lookup}</Crm>"#,
    r#"<Crm Name="d"><Parameters><Parameter Name="Key" Type="Password"/></Parameters><Scenarios>
       <Scenario Id=""><Request Url="https://crm.example.com/s?key=[Key]&amp;n=[Number]"/></Scenario>
       </Scenarios></Crm>"#,
    r#"<Crm Name="e"><Parameters><Parameter Name="Key" Type="Password"/></Parameters><Scenarios>
       <Scenario Id=""><Request Url="https://crm.example.com/s?n=[Number]"><Headers>
       <Value Key="Authorization">Token token=[Key]</Value><Value Key="X-Two">[Key]</Value>
       </Headers></Request></Scenario></Scenarios></Crm>"#,
    r#"<Crm Name="f"><Parameters><Parameter Name="Secret" Type="Password"/></Parameters>
       <Authentication Type="Scenario"><Value>Auth</Value></Authentication><Scenarios>
       <Scenario Id="Auth"><Request Url="https://id.example.com/token" RequestType="Post"
       RequestContentType="application/x-www-form-urlencoded"
       Message="grant_type=client_credentials&amp;client_id=1&amp;client_secret=[Secret]"/></Scenario>
       <Scenario Id=""><Request Url="https://crm.example.com/s/[Number]"/></Scenario>
       </Scenarios></Crm>"#,
    r#"<Information Name="g"><Scenarios><Scenario Id="AuthMethod" Type="AUTH"><Parameters>
       <Parameter Name="AuthMethod" Value="basic"/>
       <Parameter Father="CustomFieldList" Name="username" Key="username"/>
       <Parameter Father="CustomFieldList" Name="password" Key="password" Editor="password"/>
       </Parameters></Scenario>{sync}</Scenarios></Information>"#,
    r#"<Information Name="h"><Scenarios><Scenario Id="AuthMethod" Type="AUTH"><Parameters>
       <Parameter Name="AuthMethod" Value="bearer"/>
       <Parameter Father="CustomFieldList" Name="api_token" Key="api_token" Editor="password"/>
       </Parameters></Scenario>{sync}</Scenarios></Information>"#,
];

#[test]
fn every_way_to_identify_oneself_is_accepted() {
    let lookup = r#"<Scenarios><Scenario Id=""><Request
        Url="https://crm.example.com/s?n=[Number]"/></Scenario></Scenarios>"#;
    let sync = r#"<Scenario Id="SyncContactAuto"><Requests><Request Name="s"
        URLFormat="https://crm.example.com/s?n={{.CallerNumber}}"/></Requests></Scenario>"#;
    for template in SIGN_INS {
        let folder = folder_with("");
        let template = template.replace("{lookup}", lookup).replace("{sync}", sync);
        std::fs::write(folder.path().join("small.xml"), &template).unwrap();
        let description = fine(&["import", "small.xml"], folder.path());
        let (code, text) = with_secrets(&description, &["check", "--offline"]);
        assert_eq!(code, 0, "{text}\n{description}");
    }
}

#[test]
fn what_is_left_to_do_stands_on_standard_error() {
    let (code, out, err) = run(&["import", &template("oauth")], Path::new("."));
    assert_eq!(code, 0, "{err}");
    assert!(!out.contains("->"), "{out}");
    for part in [
        "Not translated:",
        "line 56, <Scenario>: scenario `ReportChat`: whocalls does not log chats",
        "To check, because the template does not say it:",
    ] {
        assert!(err.contains(part), "{part} in\n{err}");
    }
}

#[test]
fn a_file_that_is_no_template_is_64() {
    let folder = folder_with("x = 1\n");
    for (file, part) in [
        ("missing.xml", "cannot read missing.xml"),
        ("adapters.toml", "no well-formed XML"),
    ] {
        let (code, out, err) = run(&["import", file], folder.path());
        assert_eq!(code, 64, "{err}");
        assert!(out.is_empty() && err.contains(part), "{err}");
    }
}

/// A path, and what is answered there.
type Page = (&'static str, fn(&Request) -> Option<Value>);

/// A CRM that answers by path.
struct Pages(&'static [Page]);

impl SimulatedCrm for Pages {
    fn respond(&self, request: &Request) -> Response {
        let page = self.0.iter().find(|(path, _)| *path == request.path);
        match page.and_then(|(_, answer)| answer(request)) {
            Some(reply) => Response::json(200, &reply),
            None => Response::status(404),
        }
    }
}

/// The only contact that a lookup with this description finds.
fn found(pages: Pages, name: &str, replaced: &str) -> Value {
    let upstream = Upstream::start(Arc::new(pages));
    let description = import(name);
    assert!(description.contains(replaced), "{description}");
    let (key, _) = replaced.split_once(" = ").unwrap();
    let here = format!("{key} = \"{}\"", upstream.url());
    let description = description.replacen(replaced, &here, 1);
    let (code, text) = with_secrets(&description, &["lookup", ASKED, "--json"]);
    assert_eq!(code, 0, "{text}");
    let document: Value = serde_json::from_str(&text).unwrap();
    let contacts = document["contacts"].as_array().unwrap();
    assert_eq!(contacts.len(), 1, "{text}");
    contacts[0].clone()
}

#[test]
fn an_imported_search_finds_a_contact() {
    let pages: &[Page] = &[("/api/contacts/search", |request| {
        let body = request.json()?;
        let is_right = request.header("x-api-key") == Some(SECRET)
            && request.query_value("expand").as_deref() == Some("phones,company")
            && body["where"]["any"][1] == json!({"field": "work", "ends": "215522000"})
            && body["limit"] == 20;
        is_right.then(|| {
            json!({"contacts": [
                {"id": "c-1", "active": true, "first-name": "Mia", "last_name": "Keller",
                 "title": "Head of Sales", "company": {"name": "Keller AG"},
                 "phones": [{"kind": "mobile", "number": "079 123 45 67"},
                            {"kind": "work", "number": STORED}]},
                {"id": "c-2", "active": false, "last_name": "Gone", "phones": {"number": STORED}},
                {"id": "x-3", "active": true, "last_name": "Other", "phones": {"number": STORED}},
                {"id": "c-4", "active": true, "last_name": "Stranger", "phones": []},
            ]})
        })
    })];
    let contact = found(
        Pages(pages),
        "contacts",
        "server_url = \"https://crm.example.com\"",
    );
    assert_eq!(contact["name"], "Mia Keller", "{contact}");
    let shown = contact.to_string();
    for part in ["Keller AG", "Head of Sales", "/contacts/c-1"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn an_imported_chain_joins_the_company_to_the_contact() {
    let pages: &[Page] = &[
        ("/v1/persons", |request| {
            // user/token:imported-s3cret
            let is_right = request.header("authorization")
                == Some("Basic ZXhhbXBsZS90b2tlbjppbXBvcnRlZC1zM2NyZXQ=")
                && request.query_value("phone").as_deref() == Some("+41215522000");
            is_right.then(|| {
                json!({"data": {"items": [
                    {"id": 7, "first": "Mia", "last": "Keller", "phone": STORED, "org_id": 12},
                ]}})
            })
        }),
        ("/v1/organisations/12", |_| {
            Some(json!({"organisation": {"id": 12, "name": "Keller AG"}}))
        }),
    ];
    let base = "base_url = \"https://{{ account.company }}.example.com\"";
    let contact = found(Pages(pages), "chain", base);
    assert_eq!(contact["name"], "Mia Keller", "{contact}");
    assert!(contact.to_string().contains("Keller AG"), "{contact}");
}

#[test]
fn an_imported_login_opens_a_session_for_the_lookup() {
    let pages: &[Page] = &[
        ("/webservice", |request| {
            if request.method == "GET" {
                return Some(json!({"result": {"token": "challenge"}}));
            }
            let answer = request.form_value("answer")?;
            (answer == format!("challenge{SECRET}")).then(|| json!({"result": {"session": "s1"}}))
        }),
        ("/find", |request| {
            let is_right = request.header("x-session") == Some("s1")
                && request.form_value("session").as_deref() == Some("s1")
                && request.form_value("phone").as_deref() == Some("215522000");
            is_right.then(|| {
                json!({"contact": {"id": 3, "name": "Mia Keller", "phone_digits": "",
                                   "phone": STORED}})
            })
        }),
    ];
    let contact = found(Pages(pages), "session", "base_url = \"{{ account.url }}\"");
    assert_eq!(contact["name"], "Mia Keller", "{contact}");
    assert!(contact.to_string().contains("/contact/3"), "{contact}");
}
