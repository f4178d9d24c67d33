use serde_json::{Value, json};
use whocalls_testkit::number_plan;

use super::*;
use crate::account::Account;

fn compile(settings: Value) -> Result<Lookup, Vec<(String, String)>> {
    let settings: LookupSettings = serde_json::from_value(settings).unwrap();
    let (plan, account) = (number_plan(), Account::default());
    let common = Common {
        plan: &plan,
        account: &account,
        auth: &[],
    };
    let mut problems = Problems::default();
    let lookup = Lookup::compile(&settings, &common, &Outcomes::default(), &mut problems);
    if problems.count() == 0 {
        return Ok(lookup);
    }
    let problems = problems.into_found().into_iter();
    Err(problems
        .map(|problem| (problem.path, problem.message))
        .collect())
}

fn fields() -> Value {
    json!({"id": "$.id", "name": "$.name", "phones": "$.phone"})
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is called with what `json!` makes"
)]
fn with_steps(steps: Value) -> Value {
    json!({"steps": steps, "fields": fields()})
}

/// A step that looks for people.
fn people() -> Value {
    json!({
        "name": "people",
        "path": "/people",
        "query": {"phone": "{{ number.e164 }}"},
        "hits": "$.items[*]",
        "capture": {"companies": "$.items[*].company_id", "total": "$.total"},
    })
}

/// The step with other values for these keys.
fn but(mut step: Value, changes: &Value) -> Value {
    let step_members = step.as_object_mut().unwrap();
    step_members.extend(changes.as_object().unwrap().clone());
    step
}

#[test]
fn steps_wait_for_what_they_use() {
    let lookup = compile(with_steps(json!([
        // Listed first, and still after those that it needs.
        {"name": "companies", "path": "/companies", "for_each": "captured.companies", "batch": 20,
         "query": {"ids": "{{ items | join(',') }}"}, "hits": "$[*]", "index_by": "$.id"},
        people(),
        {"name": "ids", "path": "/leads/{{ number.nsn }}", "capture": {"lead": "$.id"}},
        {"name": "leads", "path": "/leads/{{ captured.lead }}", "hits": "$.lead"},
        {"name": "fallback", "path": "/all/{{ number.nsn }}", "when": "found == 0", "hits": "$[*]"},
    ])));
    let lookup = lookup.unwrap();
    let waits_for = |step| lookup.order.waits_for(step).to_vec();
    assert_eq!(waits_for(0), [1]);
    assert!(waits_for(1).is_empty());
    assert!(waits_for(2).is_empty());
    assert_eq!(waits_for(3), [2]);
    assert_eq!(waits_for(4), [0, 1, 2, 3]);
}

#[test]
fn a_capture_is_waited_for_however_it_is_written() {
    for template in [
        "{{ captured.companies[0] }}",
        "{{ captured.companies | first }}",
        "{% for id in captured.companies %}{{ id }},{% endfor %}",
        "{% if captured.companies %}x{% endif %}",
    ] {
        let step = json!({"name": "b", "path": "/b", "query": {"ids": template}, "hits": "$[*]"});
        let lookup = compile(with_steps(json!([step, people()])));
        let lookup = lookup.unwrap_or_else(|problems| panic!("{template}: {problems:?}"));
        assert_eq!(lookup.order.waits_for(0), [1], "{template}");
    }
    // What is not seen to be used cannot be waited for, so it is refused.
    for template in ["{{ captured }}", "{{ captured['companies'] | first }}"] {
        let step = json!({"name": "b", "path": "/b", "query": {"ids": template}, "hits": "$[*]"});
        let problems = compile(with_steps(json!([step, people()]))).err().unwrap();
        assert_eq!(problems[0].0, "lookup.steps.0.query.ids", "{template}");
    }
}

/// What several steps share is reported once.
#[test]
fn a_mistake_in_a_default_is_one_mistake() {
    let mut settings = with_steps(json!([people(), but(people(), &json!({"name": "b"}))]));
    settings["empty_statuses"] = json!([500]);
    settings["record_kind"] = json!("$.");
    settings["fields"]["name"] = json!("name");
    let problems = compile(settings).err().unwrap();
    let paths: Vec<&str> = problems.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "lookup.fields.name",
            "lookup.record_kind",
            "lookup.empty_statuses.0"
        ]
    );
}

#[test]
fn a_step_only_adds_when_nothing_but_an_index_follows_from_it() {
    let lookup = compile(with_steps(json!([
        people(),
        {"name": "relations", "path": "/relations", "for_each": "captured.companies",
         "query": {"of": "{{ item }}"}, "capture": {"parents": "$[*].parent"}},
        {"name": "parents", "path": "/companies/{{ item }}", "for_each": "captured.parents",
         "hits": "$", "index_by": "$.id"},
        {"name": "ids", "path": "/find/{{ number.nsn }}", "capture": {"ids": "$[*]"}},
        {"name": "others", "path": "/others/{{ item }}", "for_each": "captured.ids", "hits": "$"},
    ])));
    assert_eq!(lookup.unwrap().adds_only, [false, true, true, false, false]);
}

#[test]
fn a_capture_is_one_text_or_a_list() {
    let lookup = compile(with_steps(json!([
        people(),
        but(people(), &json!({"name": "more", "for_each": "number.spellings",
            "capture": {"each": "$.total", "total": "$.total"}})),
        {"name": "made", "path": "/x/{{ number.nsn }}", "capture": {
            "header": {"header": "X-Id"}, "text": {"template": "{{ reply.id }}"},
            "part": {"path": "$.url", "pattern": "[0-9]+"}, "parts": {"path": "$..url"},
            "either": ["$.a", "$.b[*]"]}},
    ])));
    let names = lookup.unwrap().captures.names();
    let is_list = |name: &str| names.iter().find(|(known, _)| known == name).unwrap().1;
    for (name, expected) in [
        ("companies", true),
        ("total", true),
        ("each", true),
        ("header", false),
        ("text", false),
        ("part", false),
        ("parts", true),
        ("either", true),
    ] {
        assert_eq!(is_list(name), expected, "{name}");
    }
}

/// Lookups with one mistake, where it is reported under `lookup`, and a part of what is said.
const LOOKUPS: &str = r#"
{"hits": "$[*]", "fields": FIELDS}                                 | path   | needed
{"path": "/{{ number.nsn }}", "fields": FIELDS}                    | hits   | needed
{"path": "/{{ number.nsn }}", "hits": "$[*]"}                      | fields | needed
{"steps": [PEOPLE], "fields": FIELDS, "path": "/x"}                | path   | stands in a step
{"steps": [PEOPLE]}                                                | fields | needed
{"steps": [PEOPLE, PEOPLE], "fields": FIELDS}                      | steps.1.name | already
{"steps": [{"name": "a", "path": "/{{ number.nsn }}", "capture": {"x": "$.x"}}]} | steps | no step finds records
"#;

/// Changes to the step `people` that are one mistake each.
const CHANGES: &str = r#"
{"name": "a b"}                       | name          | letters
{"capture": {"a-b": "$.x"}}           | capture.a-b   | letters
{"batch": 20}                         | batch         | for_each
{"until_found": true}                 | until_found   | for_each
{"max_requests": 51}                  | max_requests  | 1 to 50
{"timeout_ms": 99}                    | timeout_ms    | 100 to 60000
{"when": "nosuch == 0"}               | when          | `nosuch`
{"when": "found =="}                  | when          | syntax
{"query": {"a": "{{ number.nsn }}{{ captured.nosuch }}"}} | query.a | `captured.nosuch` does not exist
{"query": {"a": "{{ number.nsn }}{{ item }}"}}            | query.a | `item`
{"query": {"a": "x"}}                 |               | `number`
{"pages": {"size": 20}}               | pages         | page.number
{"outcomes": [{"means": "ok"}]}       | outcomes.0    | every reply
{"empty_statuses": [500]}             | empty_statuses.0 | 201
{"record_kind": {"path": "$.t", "map": {"A": "account"}}} | record_kind | `lead`
"#;

/// Second steps that are one mistake each.
const SECOND_STEPS: &str = r#"
{"name": "b", "path": "/b"}                                                    | hits     | needed
{"name": "b", "path": "/b", "capture": {"x": "$.x"}, "index_by": "$.id"}       | index_by | without `hits`
{"name": "b", "path": "/b", "hits": "$", "index_by": "$.id", "fields": FIELDS} | fields   | no records
"#;

/// The value, the path and the message of each line of a table.
fn lines(table: &'static str) -> impl Iterator<Item = (Value, &'static str, &'static str)> {
    table.trim().lines().map(|line| {
        let columns: Vec<&str> = line.split(" | ").map(str::trim).collect();
        let [value, path, message] = columns.as_slice() else {
            panic!("three columns expected: {line}");
        };
        let value = value
            .replace("FIELDS", &fields().to_string())
            .replace("PEOPLE", &people().to_string());
        (serde_json::from_str(&value).unwrap(), *path, *message)
    })
}

fn assert_mistake(settings: &Value, path: &str, message: &str) {
    let found = compile(settings.clone()).err().unwrap_or_default();
    let [(found_path, found_message)] = found.as_slice() else {
        panic!("{settings}: one problem expected, found {found:?}");
    };
    assert_eq!(
        found_path,
        path.trim_end_matches('.'),
        "{settings}: {found_message}"
    );
    assert!(
        found_message.contains(message),
        "{settings}: {found_message}"
    );
}

#[test]
fn every_mistake_is_reported_where_it_was_made() {
    for (settings, path, message) in lines(LOOKUPS) {
        assert_mistake(&settings, &format!("lookup.{path}"), message);
    }
    for (changes, path, message) in lines(CHANGES) {
        let settings = with_steps(json!([but(people(), &changes)]));
        assert_mistake(&settings, &format!("lookup.steps.0.{path}"), message);
    }
    for (step, path, message) in lines(SECOND_STEPS) {
        let settings = with_steps(json!([people(), step]));
        assert_mistake(&settings, &format!("lookup.steps.1.{path}"), message);
    }
}

#[test]
fn a_step_that_waits_for_itself_is_reported() {
    let own = json!({"query": {"a": "{{ number.nsn }}{{ captured.total }}"}});
    let settings = with_steps(json!([but(people(), &own)]));
    assert_mistake(&settings, "lookup.steps", "never start: `people`");
}

#[test]
fn joins_use_steps_that_exist_and_make_no_match() {
    let companies = json!({"name": "companies", "path": "/companies", "hits": "$[*]",
                           "index_by": "$.id"});
    let join = |step: &str| json!({"step": step, "key": "$.company_id", "path": "$.name"});
    let lookup = |field: &str, source: Value| {
        let mut settings = with_steps(json!([people(), companies]));
        settings["fields"][field] = source;
        compile(settings).map(drop)
    };
    assert_eq!(lookup("company", join("companies")), Ok(()));
    for (field, source, path, message) in [
        (
            "company",
            join("people"),
            "lookup.fields.company.step",
            "`companies`",
        ),
        (
            "phones",
            join("companies"),
            "lookup.fields.phones",
            "hit itself",
        ),
        ("id", join("companies"), "lookup.fields.id", "hit itself"),
        (
            "company",
            json!({"step": "companies", "path": "$.name"}),
            "lookup.fields.company",
            "belong together",
        ),
        (
            "company",
            json!({"header": "X-Company"}),
            "lookup.fields.company.header",
            "no headers",
        ),
        (
            "company",
            json!({"map": {}}),
            "lookup.fields.company",
            "only one",
        ),
        (
            "company",
            json!({"path": "$.a", "pattern": "["}),
            "lookup.fields.company.pattern",
            "regular expression",
        ),
    ] {
        let found = lookup(field, source).unwrap_err();
        let [(found_path, found_message)] = found.as_slice() else {
            panic!("one problem expected, found {found:?}");
        };
        assert_eq!(found_path, path, "{found_message}");
        assert!(found_message.contains(message), "{found_message}");
    }
}
