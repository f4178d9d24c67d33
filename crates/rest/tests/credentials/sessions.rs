//! Sessions that requests of their own open.

use std::{path::Path, sync::Arc};

use serde_json::{Value, json};
use whocalls_core::{CrmAdapter, ErrorKind};

use crate::{
    crm::{Manners, PASSWORD, USER},
    scene::{Scene, ask, build, refusal, settings},
};

fn vtiger() -> Value {
    json!({
        "kind": "session",
        "steps": [
            {
                "path": "/webservice.php",
                "query": { "operation": "getchallenge", "username": USER },
                "capture": { "challenge": "$.result.token" },
            },
            {
                "method": "POST",
                "path": "/webservice.php",
                "body": { "form": {
                    "operation": "login",
                    "username": USER,
                    "accessKey": "{{ (auth.challenge ~ account.access_key) | md5 }}",
                } },
                "capture": { "session": "$.result.sessionName" },
                "outcomes": [{ "path": "$.error", "means": "unauthenticated" }],
            },
        ],
        "send": { "query": { "sessionName": "{{ auth.session }}" } },
    })
}

/// An adapter that asks vtiger, which reports errors with status 200.
fn vtiger_adapter(scene: &Scene, access_key: &str) -> Arc<dyn CrmAdapter> {
    let mut settings = settings(&scene.upstream.url(), &vtiger());
    settings["account"] = json!({ "access_key": { "value": access_key } });
    settings["lookup"]["path"] = json!("/webservice.php");
    settings["lookup"]["query"]["operation"] = json!("query");
    settings["outcomes"] = json!([
        { "path": "$.error.code", "equals": "INVALID_SESSIONID", "means": "unauthenticated" },
    ]);
    build(Path::new(""), settings)
}

#[tokio::test]
async fn a_session_is_opened_with_the_answer_to_a_challenge_and_anew_when_it_ends() {
    let scene = Scene::new(Manners::default());
    let adapter = vtiger_adapter(&scene, PASSWORD);
    assert_eq!(ask(&adapter).await.expect("a session"), 1);
    assert_eq!(ask(&adapter).await.expect("the same session"), 1);
    assert_eq!(scene.crm.issued(), 1);
    scene.crm.expire();
    assert_eq!(ask(&adapter).await.expect("another session"), 1);
    assert_eq!(scene.crm.issued(), 2);
}

#[tokio::test]
async fn a_wrong_answer_to_a_challenge_says_what_to_correct() {
    let scene = Scene::new(Manners::default());
    let error = refusal(&vtiger_adapter(&scene, "wr0ng")).await;
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert!(error.message.contains("credential.steps.1"), "{error}");
    assert!(!error.message.contains("wr0ng"), "{error}");
}

#[tokio::test]
async fn a_session_travels_in_a_cookie_or_in_a_header() {
    for send in [
        json!({ "cookie": { "SESSION": "{{ auth.session }}" } }),
        json!({ "header": { "X-Session": "{{ auth.session }}" } }),
    ] {
        for (password, expected) in [
            (PASSWORD, Ok(1)),
            ("wr0ng", Err(ErrorKind::PermissionDenied)),
        ] {
            let scene = Scene::new(Manners::default());
            let pair = "{{ (account.user ~ ':' ~ account.password) | base64 }}";
            let credential = json!({
                "kind": "session",
                "steps": [{
                    "method": "POST",
                    "path": "/login",
                    "headers": { "Authorization": format!("Basic {pair}") },
                    "capture": {
                        "session": { "header": "Set-Cookie", "pattern": "SESSION=([^;]+)" },
                    },
                }],
                "send": send,
                "lifetime_secs": 3600,
            });
            let mut settings = settings(&scene.upstream.url(), &credential);
            settings["account"] = json!({ "user": USER, "password": { "value": password } });
            let adapter = build(Path::new(""), settings);
            let result = ask(&adapter).await.map_err(|error| error.kind);
            assert_eq!(result, expected, "{send}");
        }
    }
}
