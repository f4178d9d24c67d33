//! The command `workflow`.

use std::{
    fs::{self, File},
    process::Stdio,
};

use serde_json::{Value, json};
use whocalls_testkit::{contacts::messy_contacts, world::World};

use crate::commands::{fine, folder_with, run, whocalls};

#[test]
fn the_body_of_a_request_is_taken_as_well() {
    let world = World::start(&messy_contacts(0));
    let folder = folder_with(&world.adapters_toml());
    let inputs = json!({ "contactCrmId": "hubspot:13", "startedTime": "2026-11-22T09:30:00Z" });
    let body = json!({ "inputs": inputs });
    let [bare, whole] = ["bare.json", "whole.json"].map(|name| folder.path().join(name));
    fs::write(&bare, inputs.to_string()).unwrap();
    fs::write(&whole, body.to_string()).unwrap();
    let told = fine(
        &["workflow", "CallFlow", "--json", "bare.json"],
        folder.path(),
    );
    let first: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(first["status"], "done");
    let mut piped = whocalls(&["workflow", "CallFlow", "--json", "-"], folder.path());
    let output = piped
        .stdin(Stdio::from(File::open(&whole).unwrap()))
        .output();
    let second: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    assert_eq!(second["status"], "repeated");
    for key in ["workflow_id", "id", "url"] {
        assert!(
            first[key].is_string() && first[key] == second[key],
            "{first} {second}"
        );
    }
    assert_eq!(world.hubspot.created().len(), 1);
}

#[test]
fn a_workflow_that_goes_nowhere_is_64_with_what_there_is() {
    let world = World::start(&messy_contacts(0));
    let folder = folder_with(&world.adapters_toml());
    for (arguments, expected) in [
        (&["workflow", "Bake"][..], "CallFlow"),
        (
            &["workflow", "CallFlow", "--input", "contactCrmId=zoho:1"],
            "hubspot",
        ),
        (
            &["workflow", "CallFlow", "--json", "missing.json"],
            "missing.json",
        ),
        (
            &[
                "workflow",
                "CallFlow",
                "--input",
                "a=b",
                "--json",
                "adapters.toml",
            ],
            "--input or",
        ),
    ] {
        let (code, out, err) = run(arguments, folder.path());
        assert_eq!((code, &*out), (64, ""), "{arguments:?}: {err}");
        assert!(err.contains(expected), "{err}");
    }
    assert_eq!(
        fs::read_dir(&folder).unwrap().count(),
        1,
        "nothing was stored"
    );
    let mistyped = [
        "workflow",
        "CallFlow",
        "--input=contactCrmId=hubspot:13",
        "--input=endedTime=noon",
    ];
    let (code, _, err) = run(&mistyped, folder.path());
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("endedTime cannot be read as a date"), "{err}");
}
