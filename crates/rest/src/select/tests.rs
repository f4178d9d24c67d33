use std::sync::Arc;

use minijinja::Value as Variable;
use serde_json::json;
use whocalls_http::{BaseUrl, header::HeaderMap};

use super::*;
use crate::{account::Account, credential::Access, shared::Shared};

fn access() -> Access {
    let base = BaseUrl::parse("base_url", "https://erp.example.com").unwrap();
    Access::new(base, Arc::new(Shared::default()), Variable::UNDEFINED)
}

fn sources(settings: Value, place: Place) -> Sources {
    let settings: config::Sources = serde_json::from_value(settings).unwrap();
    let mut problems = Problems::default();
    let scope = Scope::record(&Account::default());
    let indexes = ["relations".to_owned(), "companies".to_owned()];
    let reach = Reach::hit(&scope, &indexes);
    let sources = Sources::compile(&settings, "f", place, &reach, &mut problems);
    assert_eq!(problems.count(), 0, "{:?}", problems.into_found());
    sources
}

fn all(settings: Value, hit: &Value) -> Vec<String> {
    let sources = sources(settings, Place::RecordText);
    sources.all(&Hit::new(hit, &access()), Some("7"))
}

fn link(settings: Value, hit: &Value) -> Option<String> {
    let sources = sources(settings, Place::Link);
    sources.first(&Hit::new(hit, &access()), Some("7"))
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
    let access = access();
    let first = |settings| {
        let sources = sources(settings, Place::RecordText);
        sources.first(&Hit::new(&hit, &access), None)
    };
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

#[test]
fn a_pattern_picks_a_part_of_a_text() {
    let hit = json!({"uri": "https://crm.example/contacts(4711)", "list": ["a-1", "b", "c-3"]});
    for (path, pattern, expected) in [
        ("$.uri", r"\(([^)]+)\)$", vec!["4711"]),
        ("$.uri", "[0-9]+", vec!["4711"]),
        ("$.uri", "[a-z]+([0-9]*)$", vec![]),
        ("$.uri", "^$", vec![]),
        ("$.list", "-(.*)", vec!["1", "3"]),
    ] {
        let source = json!({"path": path, "pattern": pattern});
        assert_eq!(all(source, &hit), expected, "{path} {pattern}");
    }
}

#[test]
fn a_text_that_a_map_does_not_list_is_absent() {
    let map = json!({"path": "$.type", "map": {"Contact": "contact", "Account": "company"}});
    for (hit, expected) in [
        (json!({"type": "Contact"}), vec!["contact"]),
        (json!({"type": "Account"}), vec!["company"]),
        (json!({"type": "User"}), vec![]),
        (json!({}), vec![]),
    ] {
        assert_eq!(all(map.clone(), &hit), expected, "{hit}");
    }
    let with_default = json!([map, {"template": "lead"}]);
    assert_eq!(all(with_default, &json!({"type": "User"})), ["lead"]);
}

#[test]
fn a_pattern_comes_before_the_map() {
    let source =
        json!({"path": "$.url", "pattern": "/sobjects/([A-Za-z]+)/", "map": {"Lead": "lead"}});
    let hit = json!({"url": "/services/data/v62.0/sobjects/Lead/00Q"});
    assert_eq!(all(source, &hit), ["lead"]);
}

#[test]
fn headers_are_read_from_a_reply() {
    let settings = json!({"header": "OData-EntityId", "pattern": r"\(([^)]+)\)$"});
    let settings: config::Sources = serde_json::from_value(settings).unwrap();
    let mut problems = Problems::default();
    let scope = Scope::reply(&Account::default());
    let reach = Reach::reply(&scope);
    let place = Place::RecordText;
    let sources = Sources::compile(&settings, "f", place, &reach, &mut problems);
    assert_eq!(problems.count(), 0);
    let mut headers = HeaderMap::new();
    headers.insert(
        "odata-entityid",
        "https://o.example/phonecalls(42)".parse().unwrap(),
    );
    let access = access();
    let reply = Hit::reply(&Value::Null, &access).with_headers(&headers);
    assert_eq!(sources.first(&reply, None).as_deref(), Some("42"));
    assert_eq!(
        sources.first(&Hit::reply(&Value::Null, &access), None),
        None
    );
}

/// A person, the relation to its companies, and the companies (bexio, `crm-apis.md` §4.2).
#[test]
fn joins_lead_from_hit_to_hit() {
    let relations = json!([{"of": 4, "to": 1}, {"of": 5, "to": 2}, {"of": 4, "to": 3}]);
    let companies = json!([{"id": 1, "name": "Keller AG"}, {"id": 2, "name": "Rossi SA"}]);
    let mut index = Index::default();
    for (hits, key) in [(&relations, "of"), (&companies, "id")] {
        let hits = hits.as_array().unwrap().iter();
        index.add_step(hits.map(|hit| (vec![hit[key].to_string()], hit)));
    }
    let company_id = json!({"step": "relations", "key": "$.id", "path": "$.to"});
    let name = json!({"step": "companies", "key": company_id, "path": "$.name"});
    let link = json!({"step": "relations", "key": "$.id",
                      "template": "{{ base_url }}/companies/{{ hit.to }}?of={{ id }}"});
    let access = access();
    let look = |settings: &Value, place, id: u32| {
        let json = json!({"id": id});
        let hit = Hit::new(&json, &access).with_index(&index);
        sources(settings.clone(), place).all(&hit, Some("7"))
    };
    assert_eq!(look(&company_id, Place::RecordText, 4), ["1", "3"]);
    assert_eq!(
        look(&name, Place::RecordText, 4),
        ["Keller AG"],
        "there is no company 3"
    );
    assert_eq!(look(&name, Place::RecordText, 5), ["Rossi SA"]);
    assert!(look(&name, Place::RecordText, 6).is_empty());
    assert_eq!(
        look(&link, Place::Link, 5),
        ["https://erp.example.com/companies/2?of=7"]
    );
}

#[test]
fn a_link_keeps_the_slash_at_its_end() {
    let hit = json!({"id": 13});
    let page = json!({"template": "https://erp.example.com/contacts/{{ hit.id }}/"});
    let expected = "https://erp.example.com/contacts/13/";
    assert_eq!(link(page, &hit).as_deref(), Some(expected));
}

/// A CRM that ignores the filter replies with all that it has.
#[test]
fn many_texts_are_told_apart_in_no_time() {
    let ids: Vec<u32> = (0..100_000).chain(0..100_000).collect();
    let started = std::time::Instant::now();
    assert_eq!(all(json!("$.ids"), &json!({ "ids": ids })).len(), 100_000);
    let took = started.elapsed();
    assert!(took < std::time::Duration::from_secs(5), "{took:?}");
}

#[test]
fn what_a_template_uses_of_a_hit_is_there_however_it_is_written() {
    let hit = json!({"a": "A", "b": {"c": "C", "d": ["D", {"e": "E"}]}, "no": null});
    for (template, expected) in [
        ("{{ hit.a }}", "A"),
        ("{{ hit.b.c }}{{ hit.b.d[1].e }}", "CE"),
        ("{{ hit['a'] }}", "A"),
        ("{{ hit | length }}", "3"),
        ("{% if hit.a %}{{ hit.b.c }}{% endif %}", "C"),
        (
            "{% if hit.no %}x{% else %}{{ hit.b.d | first }}{% endif %}",
            "D",
        ),
        ("{% set x = hit %}{{ x.a }}", "A"),
        (
            "{% if hit.no %}{% set hit = 1 %}{% endif %}{{ hit.a }}",
            "A",
        ),
        (
            "{% for d in hit.b.d %}{% if loop.first %}{{ d }}{{ hit.a }}{% endif %}{% endfor %}",
            "DA",
        ),
        (
            "{% with hit = hit.b %}{{ hit.c }}{% endwith %}{{ hit.a }}",
            "CA",
        ),
        ("{{ hit.a }}{{ id }}{{ hit.a | lower }}", "A7a"),
    ] {
        let found = all(json!({ "template": template }), &hit);
        assert_eq!(found, [expected], "{template}");
    }
}
