//! The commands, run as a user runs them.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    upstream::Fault,
    world::World,
};

use crate::harness::UNHURRIED;

/// The program, with nothing of this process's environment, and with all the time that CRMs need on
/// a busy machine.
pub(crate) fn whocalls(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whocalls"));
    command.args(arguments).current_dir(folder).env_clear();
    command.envs(UNHURRIED);
    command
}

/// The exit code, and what was printed to standard output and standard error.
pub(crate) fn run(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = whocalls(arguments, folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// What a command prints that ends well.
pub(crate) fn fine(arguments: &[&str], folder: &Path) -> String {
    let (code, out, err) = run(arguments, folder);
    assert_eq!(code, 0, "{arguments:?}: {out}{err}");
    out
}

/// A folder with this `adapters.toml`.
pub(crate) fn folder_with(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("adapters.toml"), text).unwrap();
    folder
}

/// The top of the repository, with the shipped configuration.
fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_shipped_configuration_answers_from_the_sample_phonebook() {
    let (code, out, err) = run(&["lookup", "41215522000", "--json"], top());
    assert_eq!(code, 0, "{err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["number"], "+41215522000");
    assert!(!document["contacts"].as_array().unwrap().is_empty());
    assert_eq!(run(&["check"], top()).0, 0);
    assert_eq!(run(&["check", "--offline"], top()).0, 0);
}

#[test]
fn a_wrong_configuration_is_78_with_every_problem_listed() {
    let folder = folder_with(
        "[gateway]\nmax_result = 5\nworkflow_timeout_ms = 1\n[adapters.x]\nkind = \"sugr\"\n",
    );
    for command in ["check", "serve", "lookup"] {
        let arguments: &[&str] = if command == "lookup" {
            &["lookup", "4179"]
        } else {
            &[command]
        };
        let (code, _, err) = run(arguments, folder.path());
        assert_eq!(code, 78, "{command}: {err}");
        for problem in [
            "adapters.toml:2:1: error: gateway.max_result: unknown key; did you mean `max_results`?",
            "adapters.toml:3:23: error: gateway.workflow_timeout_ms: 1 is out of range",
            "adapters.toml:5:8: error: adapters.x.kind:",
        ] {
            assert!(err.contains(problem), "{problem} in\n{err}");
        }
    }
    let missing = tempfile::tempdir().unwrap();
    assert_eq!(run(&["check"], missing.path()).0, 78);
}

#[test]
fn a_wrong_credential_is_69_with_a_sentence_that_says_what_to_change() {
    let world = World::start(&messy_contacts(0));
    let text = world.adapters_toml();
    assert_eq!(run(&["check"], folder_with(&text).path()).0, 0);
    for secret in [
        "sim-sugar-passphrase",
        "pat-eu1-5e1f0000-simulated",
        "rest-k3y-0f-the-gateway",
    ] {
        let wrong = folder_with(&text.replace(secret, "wrong-credential"));
        let (code, out, err) = run(&["check"], wrong.path());
        assert_eq!(code, 69, "{out}{err}");
        let failed: Vec<_> = out.lines().filter(|line| line.contains("FAILED")).collect();
        assert_eq!(failed.len(), 1, "{out}");
        assert!(failed[0].contains("unauthenticated: "), "{out}");
        assert!(
            !format!("{out}{err}").contains("wrong-credential"),
            "{out}{err}"
        );
    }
}

#[test]
fn a_dead_crm_is_69_for_check_and_a_partial_answer_for_lookup() {
    let world = World::start(&messy_contacts(0));
    world.upstream("erp").control().set_fault(Fault::Refused);
    let folder = folder_with(&world.adapters_toml());
    let (code, out, _) = run(&["check", "--json"], folder.path());
    assert_eq!(code, 69);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["adapters"][2]["error"], "unavailable");
    let (code, out, _) = run(&["lookup", MIA_NUMBER], folder.path());
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("1. Mia Keller, Keller AG"), "{out}");
    assert!(out.contains("! erp: error"), "{out}");
    for upstream in &world.upstreams {
        upstream.control().set_fault(Fault::Refused);
    }
    assert_eq!(run(&["lookup", MIA_NUMBER], folder.path()).0, 69);
}

#[test]
fn explain_shows_what_each_crm_returned_and_why_it_became_one_contact() {
    let world = World::start(&messy_contacts(0));
    let folder = folder_with(&world.adapters_toml());
    let (code, out, err) = run(&["lookup", MIA_NUMBER, "--explain"], folder.path());
    assert_eq!(code, 0, "{err}");
    for part in [
        "Candidates\n",
        "hubspot:13  Mia Keller: exact",
        "079 123 45 67  read as +41791234567: exact",
        "Merging, from 6 points (merge.threshold)",
        ": merged\n",
        "same name (+8)",
        "hubspot:13 Mia Keller",
        "Order\n  1. Mia Keller [",
        "]: exact, person, priority ",
    ] {
        assert!(out.contains(part), "{part:?} is not in\n{out}");
    }
}

#[test]
fn explain_as_json_has_numbers_evidence_and_ranks() {
    let world = World::start(&messy_contacts(0));
    let folder = folder_with(&world.adapters_toml());
    let (code, out, err) = run(
        &["lookup", MIA_NUMBER, "--explain", "--json"],
        folder.path(),
    );
    assert_eq!(code, 0, "{err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    let numbers = &document["sources"][0]["matches"][0]["numbers"];
    let number = numbers
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["class"] == "exact");
    assert_eq!(
        number.unwrap()["normalised"],
        json!(["+41791234567"]),
        "{numbers}"
    );
    let explanation = &document["explanation"];
    assert_eq!(explanation["threshold"], 6);
    let first = &explanation["ranking"][0];
    assert_eq!(
        (&first["rank"], &first["behind_by"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(first["id"], document["contacts"][0]["id"]);
    assert_eq!(
        (&first["class"], &first["kind"]),
        (&json!("exact"), &json!("contact"))
    );
    let pairing = &explanation["pairings"][0];
    assert_eq!(pairing["outcome"], "merged", "{pairing}");
    let evidence = pairing["evidence"].as_array().unwrap();
    assert!(
        evidence.contains(&json!({ "clue": "same_name", "points": 8 })),
        "{pairing}"
    );
    let (_, plain, _) = run(&["lookup", MIA_NUMBER, "--json"], folder.path());
    assert!(!plain.contains("explanation"), "{plain}");
}

#[test]
fn kinds_and_schema_describe_this_build() {
    let (code, out, _) = run(&["kinds"], top());
    assert_eq!(code, 0);
    for kind in ["hubspot", "phonebook", "rest", "sugar", "suitecrm"] {
        assert!(out.lines().any(|line| line.starts_with(kind)), "{out}");
    }
    assert!(
        out.contains("\n  pipedrive  Pipedrive\n    company  "),
        "{out}"
    );
    let out = fine(&["kinds", "--json"], top());
    let kinds: Value = serde_json::from_str(&out).unwrap();
    let rest = &kinds["kinds"][2];
    assert_eq!(rest["kind"], "rest");
    assert_eq!(rest["presets"][0]["account"][0]["required"], true);
    let (code, out, _) = run(&["schema"], top());
    assert_eq!(code, 0);
    let schema: Value = serde_json::from_str(&out).unwrap();
    assert!(schema["properties"]["gateway"].is_object());
}

/// A preset that fits nearly is copied to a file and changed there.
#[test]
fn a_preset_is_printed_as_a_description_that_a_file_may_have() {
    for factory in whocalls::compose::registry() {
        for preset in factory.presets {
            let out = fine(&["kinds", "--preset", preset.name], top());
            assert_eq!(out, preset.toml);
        }
    }
    let (code, _, err) = run(&["kinds", "--preset", "nothing"], top());
    assert_eq!(code, 64);
    assert!(err.contains("pipedrive"), "{err}");
}

/// What an integrator copies from must work: each kind's example is a valid configuration.
#[test]
fn the_example_of_each_kind_is_valid() {
    for factory in whocalls::compose::registry() {
        let folder = folder_with(factory.example_toml);
        let (code, _, err) = run(&["check", "--offline"], folder.path());
        assert_eq!(code, 0, "{}: {err}", factory.kind);
    }
}

#[test]
fn a_wrong_command_line_is_64() {
    assert_eq!(run(&["lookup"], top()).0, 64);
    assert_eq!(run(&["bake"], top()).0, 64);
    assert_eq!(run(&["--help"], top()).0, 0);
    assert_eq!(run(&["--version"], top()).0, 0);
}

/// The first reply that a newcomer compares with the README.
#[test]
fn the_readme_shows_the_real_reply() {
    let (code, out, err) = run(&["lookup", "41445550107", "--json"], top());
    assert_eq!(code, 0, "{err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    let reply = serde_json::to_string(&document["contacts"]).unwrap();
    let readme = std::fs::read_to_string(top().join("README.md")).unwrap();
    assert!(readme.contains(&reply), "the README does not show\n{reply}");
}
