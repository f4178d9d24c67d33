use std::collections::HashSet;

use super::*;

/// All texts behind `$ref`.
fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                found.push(reference);
            }
            members
                .values()
                .for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_component_is_used() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    let used: HashSet<&str> = found.into_iter().collect();
    for group in ["headers", "schemas", "responses"] {
        for name in document["components"][group].as_object().unwrap().keys() {
            let reference = format!("#/components/{group}/{name}");
            assert!(used.contains(reference.as_str()), "{reference}");
        }
    }
}

#[test]
fn every_code_of_a_problem_is_described() {
    let responses = document()["components"]["responses"].to_string();
    for code in Code::ALL {
        assert!(responses.contains(code.as_str()), "{}", code.as_str());
    }
}

#[test]
fn the_schemas_are_json_schemas() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::meta::is_valid(schema), "{name}");
    }
}
