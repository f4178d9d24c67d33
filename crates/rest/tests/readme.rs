//! The descriptions in the README work.

mod support;

use support::adapter_at;

const README: &str = include_str!("../README.md");
const POCKETBASE: &str = include_str!("../examples/pocketbase.toml");

#[test]
fn every_description_in_the_readme_works() {
    let documents: Vec<&str> = README
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("split yields something"))
        .collect();
    assert_eq!(documents.len(), 2);
    for document in documents {
        adapter_at(document, "https://erp.example.com", "key");
    }
}

#[test]
fn the_worked_example_is_the_one_tested_with_a_real_server() {
    assert!(README.contains(POCKETBASE));
}
