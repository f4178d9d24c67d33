//! The sample of `product.md` §4.

use serde_json::{Value, json};

use super::{
    super::{json_schema, parse::parse},
    *,
};

/// The sample of `product.md` §4.
const PRODUCT: &str = include_str!("fixtures/product.toml");

/// What the sample refers to.
const SECRETS: [(&str, &str); 3] = [
    ("WHOCALLS_TOKEN", "t0ken"),
    ("SUGAR_PASSWORD", "pa55"),
    ("HUBSPOT_TOKEN", "pat"),
];

#[test]
fn the_sample_of_the_product_page_loads_with_its_secrets() {
    let loaded = load_with(PRODUCT, &SECRETS).unwrap();
    assert_eq!(
        lines(&loaded.warnings),
        [
            "warning 54:8 adapters.suite.kind: this build has no kind `suitecrm`, so the adapter could not be enabled; allowed: `sugar`, `hubspot`, `rest`, `phonebook`"
        ]
    );
    let ids: Vec<&str> = loaded
        .adapters
        .iter()
        .map(|adapter| adapter.id.as_str())
        .collect();
    assert_eq!(ids, ["sugar", "hubspot"]);
    assert_eq!(loaded.adapters[0].adapter.to_string(), "pa55");
    assert_eq!(loaded.config.gateway.tokens[0].value.expose(), "t0ken");
    assert_eq!(
        loaded.config.users["anna@example.ch"]["sugar"],
        "seed_anna_id"
    );
    assert_eq!(loaded.config.workflows["CallFlow"].adapters, ["hubspot"]);
}

#[test]
fn the_sample_of_the_product_page_names_what_it_misses() {
    let found = problems(PRODUCT);
    for (variable, place) in [
        ("WHOCALLS_TOKEN", "18:17"),
        ("SUGAR_PASSWORD", "40:20"),
        ("HUBSPOT_TOKEN", "50:17"),
    ] {
        let expected = format!("`{variable}` is not set");
        assert!(
            found
                .iter()
                .any(|line| line.starts_with(place) && line.ends_with(&expected)),
            "{found:#?}"
        );
    }
}

/// The paths of all tables in a configuration.
fn tables(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(table) => {
            found.push(pointer.to_owned());
            table
                .iter()
                .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
                .collect()
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => return,
    };
    for (key, value) in children {
        tables(value, &format!("{pointer}/{key}"), found);
    }
}

/// Where the key of a table is a name that the user chooses, its value is of the wrong type.
#[test]
fn an_unknown_key_in_any_table_of_the_sample_is_refused_by_the_schema() {
    let schema = json_schema(&kinds::registry());
    let validator = jsonschema::validator_for(&schema).unwrap();
    let sample = parse(PRODUCT).document.value;
    assert!(validator.is_valid(&sample));
    let mut found = Vec::new();
    tables(&sample, "", &mut found);
    // The settings of `suite` are those of a kind that this build does not have.
    found.retain(|pointer| pointer != "/adapters/suite/settings");
    assert_eq!(found.len(), 21, "{found:#?}");
    for pointer in found {
        let mut sample = sample.clone();
        let table = sample
            .pointer_mut(&pointer)
            .unwrap()
            .as_object_mut()
            .unwrap();
        table.insert("zzz_bad".to_owned(), json!(5));
        assert!(!validator.is_valid(&sample), "{pointer}");
    }
}

#[test]
fn an_unknown_key_below_any_header_of_the_sample_is_reported_at_its_line() {
    refuses_bad_keys(PRODUCT, "[adapters.suite.settings]", &|text| {
        problems_with(text, &SECRETS)
    });
}

/// Adds a bad key below each header of `text` but `skipped`, one after the other.
pub(super) fn refuses_bad_keys(text: &str, skipped: &str, problems: &dyn Fn(&str) -> Vec<String>) {
    let headers = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with('['));
    let mut count = 0;
    for (index, header) in headers.filter(|(_, line)| !line.starts_with(skipped)) {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.insert(index + 1, "zzz_bad = 5");
        let found = problems(&lines.join("\n"));
        let place = format!("{}:", index + 2);
        assert!(
            found
                .iter()
                .any(|line| line.starts_with(&place) && line.contains("zzz_bad")),
            "{header}\n{found:#?}"
        );
        count += 1;
    }
    assert!(count > 5, "the file has tables");
}
