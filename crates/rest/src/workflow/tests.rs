use serde_json::{Value as Json, json};
use whocalls_testkit::number_plan;

use super::*;

/// A workflow with everything.
fn whole() -> Json {
    json!({
        "create": { "path": "/notes", "body": { "json": { "key": "{{ workflow.key }}" } } },
        "id": "$.id",
        "url": { "template": "{{ base_url }}/notes/{{ object.id }}" },
        "update": { "path": "/notes/{{ object.id }}", "body": { "json": {} } },
        "find": { "path": "/notes", "query": { "key": "{{ workflow.key }}" }, "hits": "$[*]", "id": "$.id" },
    })
}

fn problems(name: &str, settings: Json) -> Vec<(String, String)> {
    let settings: WorkflowSettings = serde_json::from_value(settings).unwrap();
    let mut problems = Problems::default();
    let common = Common {
        plan: &number_plan(),
        account: &Account::default(),
        auth: &[],
    };
    let outcomes = Outcomes::default();
    drop(Workflow::compile(
        name,
        &settings,
        &common,
        &outcomes,
        &mut problems,
    ));
    let found = problems.into_found().into_iter();
    found
        .map(|problem| (problem.path, problem.message))
        .collect()
}

#[test]
fn whole_and_short_descriptions_work() {
    let short = json!({ "create": { "path": "/notes" }, "id": "$.id" });
    let own_id = json!({
        "create": { "path": "/notes/{{ object.id }}", "method": "PUT" },
        "own_id": "{{ workflow.uuid }}", "repeat_safe": true,
    });
    let marker = json!({
        "create": { "path": "/notes", "body": { "form": { "text": "{{ marked_text }}" } } },
        "id": ["$.id", { "template": "Notes/{{ reply.key }}" }],
        "find": {
            "method": "POST", "path": "/search", "body": { "text": "{{ workflow.marker }}" },
            "hits": "$.found[*]", "id": "$.id", "empty_statuses": [404],
        },
    });
    let linked = json!({
        "create": { "path": "/events" },
        "id": { "header": "Location", "pattern": "([^/]+)$" },
        "then": [{
            "when": "contact.id", "path": "/events/{{ object.id }}/links",
            "body": { "json": { "to": "{{ contact.id }}", "etag": "{{ created.etag }}" } },
            "outcomes": [{ "status": [409], "means": "ok" }],
        }],
    });
    for settings in [whole(), short, own_id, marker, linked] {
        assert_eq!(problems("CallFlow", settings.clone()), [], "{settings}");
    }
}

/// Where in the whole description which value makes a mistake, where that is reported, and a part
/// of what is said.
const MISTAKES: &str = r#"
/create/path    | "notes"                                       | create.path     | begin with `/`
/create/path    | "/{{ object.id }}"                            | create.path     | `object`
/create/path    | "/{{ contact.name }}"                         | create.path     | `contact` has `id`
/create/headers | {"Authorization": "x"}                        | create.headers.Authorization | credential
/create/headers | {"X-A": "{{ workflow.kye }}"}                 | create.headers.X-A | `key`, `uuid`, `marker`
/create/body    | {"json": {"a": ["{{ call.begin }}"]}}         | create.body.json.a.0 | `call.begin` does not exist
/create/body    | {"json": {"a": "{{ hit.id }}"}}               | create.body.json.a | uses `hit`
/create/body    | {"json": {"a": "{{ workflow.key }}", "b": "{{ call.started_unix * 1000 }}"}} | create.body.json.b | when a value is absent
/create/body    | {"json": {"key": "always the same"}}          | create          | nobody could recognise
/create/body    | {"text": "{{ workflow.key }}", "content_type": "application/json"} | create.body.text | quoted for JSON
/create/body    | {"json": {}, "text": ""}                      | create.body     | only one
/id             | "id"                                          | id              | begins with `$`
/id             | {"template": "{{ object.id }}"}               | id              | made of itself
/own_id         | "{{ workflow.uuid }}"                         | id              | not both
/id             | null                                          | id              | $.id
/create/path    | "/{{ now.year }}"                             | create.path     | undefined value
/url            | {"template": "/notes/{{ object.id }}"}        | url.template    | begin with https://
/url            | {"template": "{{ base_url }}/{{ contact.id }}"} | url.template  | uses `contact`
/update/path    | "/notes"                                      | update          | uses `object.id`
/update/path    | "/notes/{{ object.key }}"                     | update.path     | `object` has `id`
/find/query     | {"key": "{{ contact.id }}"}                   | find            | objects of other calls
/find/query     | {"key": "{{ workflow.name }}"}                | find            | objects of other calls
/find/hits      | "items"                                       | find.hits       | begins with `$`
/find/id        | "$."                                          | find.id         | ends too early
/find/body      | {"text": "x"}                                 | find.body       | method
/find/empty_statuses | [500]                                    | find.empty_statuses.0 | 201 to 299
/then           | [{"path": "/links"}]                          | then.0          | uses `object.id` or `created`
/then           | [{"path": "/{{ object.id }}", "when": "contact.name"}] | then.0.when | `contact` has `id`
/then           | [{"path": "/{{ object.id }}"}, {"path": "/{{ created.id }}/{{ x }}"}] | then.1.path | uses `x`
/then           | [{"path": "/{{ object.id }}", "outcomes": [{"means": "ok"}]}] | then.0.outcomes.0 | fits every reply
/outcomes       | [{"status": [1000], "means": "ok"}]           | outcomes.0.status.0 | a status such as 404
/update/query   | {"q": "{{ created.id }}"}                     | update.query.q  | uses `created`
"#;

#[test]
fn every_mistake_is_reported_where_it_was_made() {
    for line in MISTAKES.trim().lines() {
        let columns: Vec<&str> = line.split(" | ").map(str::trim).collect();
        let [pointer, value, path, message] = columns.as_slice() else {
            panic!("four columns expected: {line}");
        };
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let mut settings = whole();
        settings.pointer_mut(parent).unwrap()[key] = serde_json::from_str(value).unwrap();
        let found = problems("CallFlow", settings);
        let [(found_path, found_message)] = found.as_slice() else {
            panic!("{line}: one problem expected, found {found:?}");
        };
        assert_eq!(
            found_path,
            &format!("workflows.CallFlow.{path}"),
            "{found_message}"
        );
        assert!(found_message.contains(message), "{line}: {found_message}");
    }
}

#[test]
fn an_own_id_names_one_request() {
    let settings =
        json!({ "create": { "path": "/n/{{ object.id }}" }, "own_id": "{{ contact.id }}" });
    let found = problems("CallFlow", settings);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "workflows.CallFlow.own_id");
}

#[test]
fn a_workflow_has_a_name_that_a_button_can_show() {
    for name in ["Create offer", "Offerte für später", "x.y"] {
        assert_eq!(problems(name, whole()), [], "{name}");
    }
    for name in ["", " ", "a\nb"] {
        assert_eq!(problems(name, whole()).len(), 1, "{name:?}");
    }
}

#[test]
fn a_document_mentions_a_key_in_any_text_of_it() {
    let keys = ["k-1".to_owned(), "wck1".to_owned()];
    for (document, expected) in [
        (json!({ "a": [{ "b": "K-1" }] }), true),
        (json!(["text\nRef. wck1"]), true),
        (json!({ "k-1": "a key is no value" }), false),
        (json!({ "a": [1, true, null, "k-2"] }), false),
    ] {
        assert_eq!(mentions(&document, &keys), expected, "{document}");
    }
}
