//! The files that users start from: the sample of `product.md` §4 and the shipped `adapters.toml`.

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
fn refuses_bad_keys(text: &str, skipped: &str, problems: &dyn Fn(&str) -> Vec<String>) {
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

/// With the kinds of the whole build, since the files show their settings.
#[cfg(all(
    feature = "hubspot",
    feature = "phonebook",
    feature = "rest",
    feature = "sugar"
))]
mod shipped {
    use std::{fs, path::Path};

    use super::*;
    use crate::compose::registry;

    const FOLDER: &str = env!("CARGO_MANIFEST_DIR");
    const SHIPPED: &str = include_str!("../../../adapters.toml");

    fn load_shipped(text: &str) -> Result<Loaded, Report> {
        let source = Source::new("adapters.toml", text, FOLDER);
        load(&source, &Environment::default(), &registry(), Mode::Full)
    }

    fn problems(text: &str) -> Vec<String> {
        match load_shipped(text) {
            Ok(loaded) => lines(&loaded.warnings),
            Err(report) => lines(&report),
        }
    }

    #[test]
    fn the_shipped_file_starts_without_anything_from_outside() {
        let loaded = load_shipped(SHIPPED).unwrap();
        assert_eq!(lines(&loaded.warnings), [""; 0]);
        assert_eq!(loaded.adapters.len(), 1);
        assert_eq!(loaded.adapters[0].kind, "phonebook");
        assert!(Path::new(FOLDER).join("examples/contacts.csv").is_file());
    }

    #[test]
    fn the_shipped_file_shows_every_key_with_its_default() {
        let schema = json_schema(&registry());
        let sample = parse(SHIPPED).document.value;
        assert!(
            jsonschema::validator_for(&schema)
                .unwrap()
                .is_valid(&sample)
        );
        for (definition, table) in [
            ("Gateway", "/gateway"),
            ("Defaults", "/defaults"),
            ("CacheConfig", "/defaults/cache"),
            ("Merge", "/merge"),
            ("Outbox", "/outbox"),
            ("Log", "/log"),
        ] {
            let properties = &schema["$defs"][definition]["properties"];
            for (key, property) in properties.as_object().unwrap() {
                assert!(
                    SHIPPED.contains(&format!("{key} = ")) || SHIPPED.contains(&format!("{key}]")),
                    "{table}.{key}"
                );
                if let (Some(value), Some(default)) = (
                    sample.pointer(&format!("{table}/{key}")),
                    property.get("default"),
                ) {
                    if !value.is_object() {
                        assert_eq!(value, default, "{table}.{key}");
                    }
                }
            }
        }
        for key in schema["$defs"]["AdapterConfig"]["properties"]
            .as_object()
            .unwrap()
            .keys()
        {
            let is_elsewhere =
                ["preset", "late_answer_ms", "max_concurrent", "cache"].contains(&key.as_str());
            assert!(
                is_elsewhere || SHIPPED.contains(&format!("{key} = ")) || key == "settings",
                "{key}"
            );
        }
    }

    #[test]
    fn an_unknown_key_below_any_header_of_the_shipped_file_is_reported_at_its_line() {
        refuses_bad_keys(SHIPPED, "nothing", &problems);
    }

    #[test]
    fn the_shipped_file_works_with_everything_enabled() {
        let text = SHIPPED.replace("enabled = false", "enabled = true");
        let source = Source::new("adapters.toml", text, FOLDER);
        let loaded = load(&source, &Environment::default(), &registry(), Mode::Offline).unwrap();
        assert_eq!(loaded.adapters.len(), 4);
    }

    #[test]
    fn the_examples_load() {
        for folder in ["examples", "crates/rest/examples"] {
            for entry in fs::read_dir(Path::new(FOLDER).join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path
                    .extension()
                    .is_some_and(|extension| extension == "toml")
                {
                    let text = fs::read_to_string(&path).unwrap();
                    let text = text.replace("enabled = false", "enabled = true");
                    let name = path.display().to_string();
                    let source = Source::new(name, text, path.parent().unwrap());
                    let loaded = load(&source, &Environment::default(), &registry(), Mode::Offline);
                    assert!(loaded.is_ok(), "{}", loaded.unwrap_err());
                }
            }
        }
    }
}
