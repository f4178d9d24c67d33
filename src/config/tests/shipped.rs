//! The shipped `adapters.toml` and the examples, with the kinds of the whole build, since they show
//! their settings.

use std::{fs, path::Path};

use super::{
    super::{json_schema, parse::parse},
    samples::refuses_bad_keys,
    *,
};
use crate::compose::registry;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");
const SHIPPED: &str = include_str!("../../../adapters.toml");

fn load_shipped(text: &str, mode: Mode) -> Result<Loaded, Report> {
    let source = Source::new("adapters.toml", text, FOLDER);
    load(&source, &Environment::default(), &registry(), mode)
}

#[test]
fn the_shipped_file_starts_without_anything_from_outside() {
    let loaded = load_shipped(SHIPPED, Mode::Full).unwrap();
    assert_eq!(lines(&loaded.warnings), [""; 0]);
    assert_eq!(loaded.adapters.len(), 1);
    assert_eq!(loaded.adapters[0].kind, "phonebook");
    assert!(
        Path::new(FOLDER).join("examples/contacts.csv").is_file(),
        "the file that it names exists"
    );
}

#[test]
fn the_shipped_file_is_right_for_editors() {
    let schema = json_schema(&registry());
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&parse(SHIPPED).document.value));
}

#[test]
fn the_shipped_file_shows_every_key_and_its_default() {
    let schema = json_schema(&registry());
    let shipped = parse(SHIPPED).document.value;
    // What is shown for `[defaults]` holds for each adapter.
    let shown_once = [
        "late_answer_ms",
        "max_concurrent",
        "max_background",
        "requests_per_second",
        "attempt_timeout_ms",
        "hedge_after_ms",
        "retry",
        "breaker",
        "cache",
        "settings",
        "preset",
    ];
    for (definition, table) in [
        ("Gateway", "/gateway"),
        ("Token", "-"),
        ("Defaults", "/defaults"),
        ("RetryConfig", "/defaults/retry"),
        ("BreakerConfig", "/defaults/breaker"),
        ("CacheConfig", "/defaults/cache"),
        ("AdapterConfig", "-"),
        ("CacheFile", "/cache"),
        ("Merge", "/merge"),
        ("Outbox", "/outbox"),
        ("Log", "/log"),
    ] {
        let properties = &schema["$defs"][definition]["properties"];
        for (key, property) in properties.as_object().unwrap() {
            let is_shown = SHIPPED.contains(&format!("{key} = "))
                || SHIPPED.contains(&format!("{key}]"))
                || (definition == "AdapterConfig" && shown_once.contains(&key.as_str()));
            assert!(is_shown, "{definition}.{key}");
            let value = shipped.pointer(&format!("{table}/{key}"));
            if let Some(value) = value.filter(|value| !value.is_object()) {
                assert_eq!(Some(value), property.get("default"), "{definition}.{key}");
            }
        }
    }
}

#[test]
fn an_unknown_key_below_any_header_of_the_shipped_file_is_reported_at_its_line() {
    refuses_bad_keys(
        SHIPPED,
        "nothing",
        &|text| match load_shipped(text, Mode::Full) {
            Ok(loaded) => lines(&loaded.warnings),
            Err(report) => lines(&report),
        },
    );
}

#[test]
fn the_shipped_file_is_right_with_everything_enabled() {
    let text = SHIPPED.replace("enabled = false", "enabled = true");
    let loaded = load_shipped(&text, Mode::Offline).unwrap();
    assert_eq!(loaded.adapters.len(), registry().len());
}

#[test]
fn the_example_of_every_kind_builds() {
    for factory in registry() {
        let text = factory
            .example_toml
            .replace("enabled = false", "enabled = true");
        let loaded = load_shipped(&text, Mode::Offline).unwrap_or_else(|report| panic!("{report}"));
        assert_eq!(loaded.adapters.len(), 1, "{}", factory.kind);
        assert_eq!(loaded.adapters[0].kind, factory.kind);
    }
}

#[test]
fn the_example_files_are_right() {
    for folder in ["examples", "crates/rest/examples"] {
        for entry in fs::read_dir(Path::new(FOLDER).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let text = text.replace("enabled = false", "enabled = true");
            let source = Source::new(path.display().to_string(), text, path.parent().unwrap());
            let loaded = load(&source, &Environment::default(), &registry(), Mode::Offline);
            assert!(loaded.is_ok(), "{}", loaded.unwrap_err());
        }
    }
}
