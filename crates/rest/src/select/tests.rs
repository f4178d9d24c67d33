use serde_json::json;

use super::*;

fn sources(settings: Value, place: Place) -> Sources {
    let settings: config::Sources = serde_json::from_value(settings).unwrap();
    let mut problems = Problems::default();
    let sources = Sources::compile(&settings, "f", place, &Scope::record(), &mut problems);
    assert_eq!(problems.count(), 0);
    sources
}

fn all(settings: Value, hit: &Value) -> Vec<String> {
    let sources = sources(settings, Place::RecordText);
    sources.all(&Hit::new(hit, "https://erp.example.com"), Some("7"))
}

fn link(settings: Value, hit: &Value) -> Option<String> {
    let sources = sources(settings, Place::Link);
    sources.first(&Hit::new(hit, "https://erp.example.com"), Some("7"))
}

#[test]
fn texts_and_numbers_are_texts_and_nothing_else_is() {
    let hit = json!({
        "text": " a ", "number": 7, "big": 9_007_199_254_740_993_u64, "yes": true,
        "list": ["b", null, ["c", 3]], "null": null, "no": false, "empty": "", "blank": " ",
        "object": {"x": "y"},
    });
    for (path, expected) in [
        ("$.text", vec!["a"]),
        ("$.number", vec!["7"]),
        ("$.big", vec!["9007199254740993"]),
        ("$.yes", vec!["true"]),
        ("$.list", vec!["b", "c", "3"]),
        ("$.list[*]", vec!["b", "c", "3"]),
        ("$['text','number']", vec!["a", "7"]),
        ("$.object.x", vec!["y"]),
        ("$.null", vec![]),
        ("$.no", vec![]),
        ("$.empty", vec![]),
        ("$.blank", vec![]),
        ("$.object", vec![]),
        ("$.nosuch", vec![]),
    ] {
        assert_eq!(all(json!(path), &hit), expected, "{path}");
    }
}

#[test]
fn the_first_source_that_yields_something_counts_where_one_value_is_wanted() {
    let hit = json!({"a": null, "b": "", "c": "C", "d": "D"});
    let first = |settings| sources(settings, Place::RecordText).first(&Hit::new(&hit, ""), None);
    assert_eq!(
        first(json!(["$.a", "$.b", "$.c", "$.d"])).as_deref(),
        Some("C")
    );
    assert_eq!(
        first(json!(["$.a", {"template": "{{ hit.b }}"}, "$.d"])).as_deref(),
        Some("D")
    );
    assert_eq!(first(json!(["$.a", "$.b"])), None);
}

#[test]
fn all_sources_count_where_several_values_are_wanted_each_value_once() {
    let hit = json!({"a": "1", "b": ["2", "1"], "c": "3"});
    let found = all(json!(["$.a", "$.b", {"template": "{{ hit.c }}"}]), &hit);
    assert_eq!(found, ["1", "2", "3"]);
}

#[test]
fn absent_values_leave_no_gap_in_a_text() {
    let template = || json!({"template": "{{ hit.last }}, {{ hit.first }} / {{ hit.city }}"});
    for (hit, expected) in [
        (
            json!({"last": "Keller", "first": "Mia", "city": "Bern"}),
            "Keller, Mia / Bern",
        ),
        (json!({"last": "Keller", "first": null}), "Keller"),
        (json!({"first": "Mia"}), "Mia"),
        (
            json!({"last": " Keller ", "first": "Mia  Lea"}),
            "Keller, Mia Lea",
        ),
    ] {
        assert_eq!(all(template(), &hit), [expected], "{hit}");
    }
    assert!(all(template(), &json!({})).is_empty());
}

#[test]
fn a_link_is_a_web_address_or_nothing() {
    let hit = json!({
        "url": "https://erp.example.com/c/1", "script": "javascript:alert(1)", "path": "/c/1",
        "slug": "a b/../c?d#e",
    });
    for (settings, expected) in [
        (json!("$.url"), Some("https://erp.example.com/c/1")),
        (json!("$.script"), None),
        (json!("$.path"), None),
        (
            json!(["$.script", "$.url"]),
            Some("https://erp.example.com/c/1"),
        ),
        (
            json!({"template": "{{ base_url }}/c/{{ id }}"}),
            Some("https://erp.example.com/c/7"),
        ),
        (
            json!({"template": "https://x.example/{{ hit.slug }}"}),
            Some("https://x.example/a%20b%2F..%2Fc%3Fd%23e"),
        ),
        (
            json!({"template": "https://x.example/{{ hit.nosuch }}"}),
            None,
        ),
        (json!({"template": "{{ hit.script }}"}), None),
    ] {
        assert_eq!(
            link(settings.clone(), &hit).as_deref(),
            expected,
            "{settings}"
        );
    }
}

#[test]
fn a_template_that_fails_for_a_hit_leaves_the_field_empty() {
    assert!(
        all(
            json!({"template": "{{ hit.name + 1 }}"}),
            &json!({"name": "Mia"})
        )
        .is_empty()
    );
}
