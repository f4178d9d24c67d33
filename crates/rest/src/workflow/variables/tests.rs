use whocalls_testkit::number_plan;

use super::*;
use crate::{
    account::Account,
    template::{NoText, Place, Template},
};

fn render(source: &str, request: &WorkflowRequest) -> Option<String> {
    let plan = number_plan();
    let common = Common {
        plan: &plan,
        account: &Account::default(),
        auth: &[],
    };
    let scope = scope(&common, true);
    let template = Template::compile(source, Place::RequestText, &scope, "a.b").unwrap();
    match template.render(&Value::from(of(request, Some("7"), &plan))) {
        Ok(text) => Some(text),
        Err(NoText::Absent) => None,
        Err(NoText::Broken(reason)) => panic!("{reason}"),
    }
}

#[test]
fn every_variable_has_a_value_when_everything_is_known() {
    for (variable, members) in VARIABLES.into_iter().chain([OBJECT]) {
        if matches!(variable, "extra" | "number") {
            continue;
        }
        let names = match members {
            [] => vec![variable.to_owned()],
            members => members
                .iter()
                .map(|member| format!("{variable}.{member}"))
                .collect(),
        };
        for name in names {
            let text = render(&format!("{{{{ {name} }}}}"), &full());
            assert!(text.is_some_and(|text| !text.is_empty()), "{name}");
        }
    }
}

#[test]
fn what_is_not_known_is_absent() {
    let known = ["direction", "outcome"];
    for name in CALL.iter().filter(|name| !known.contains(name)) {
        assert_eq!(
            render(&format!("{{{{ call.{name} }}}}"), &bare()),
            None,
            "{name}"
        );
    }
    for name in [
        "call.direction",
        "contact.id",
        "user",
        "number.e164",
        "extra.x.y",
    ] {
        assert_eq!(
            render(&format!("{{{{ {name} }}}}"), &bare()),
            None,
            "{name}"
        );
    }
    assert_eq!(
        render("{{ call.outcome }}", &bare()).as_deref(),
        Some("unknown")
    );
}

#[test]
fn a_request_is_named_in_three_ways_that_stay_the_same() {
    for (source, text) in [
        ("{{ workflow.name }}", "CallFlow"),
        ("{{ workflow.key }}", "0199c0f0e1b2"),
        (
            "{{ workflow.uuid }}",
            "2ccfe076-9b2d-5079-af7f-fd1a99aeed54",
        ),
        ("{{ workflow.marker }}", "wc0199c0f0e1b2"),
        ("{{ marked_text }}", "Not answered.\n\nRef. wc0199c0f0e1b2"),
        ("{{ object.id }}", "7"),
    ] {
        assert_eq!(render(source, &full()).as_deref(), Some(text), "{source}");
    }
    assert_eq!(
        keys(&full()),
        [
            "0199c0f0e1b2",
            "2ccfe076-9b2d-5079-af7f-fd1a99aeed54",
            "wc0199c0f0e1b2"
        ]
    );
}

fn at(text: &str) -> Option<Timestamp> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

/// Started, answered, ended, declined; then outcome, start, seconds since 1970, duration.
const COURSES: &str = "
2026-03-29T01:59:50+01:00 | 2026-03-29T03:00:00+02:00 | 2026-03-29T03:00:20+02:00 | | answered | 2026-03-29T00:59:50Z | 1774745990 | 20
2026-12-31T23:59:00Z | 2026-12-31T23:59:30Z | 2027-01-01T00:10:30Z | | answered | 2026-12-31T23:59:00Z | 1798761540 | 660
2026-12-31T23:59:00Z |                      | 2027-01-01T00:00:10Z | | unanswered | 2026-12-31T23:59:00Z | 1798761540 | 0
2026-12-31T23:59:00Z | 2026-12-31T23:59:05Z | 2026-12-31T23:59:05Z | | answered | 2026-12-31T23:59:00Z | 1798761540 | 0
2026-12-31T23:59:00Z | | | 2026-12-31T23:59:05Z | declined | 2026-12-31T23:59:00Z | 1798761540 |
 | 2026-12-31T23:59:05Z | 2026-12-31T23:59:06Z | | answered | | | 1
2026-12-31T23:59:00Z | | | | unknown | 2026-12-31T23:59:00Z | 1798761540 |
";

#[test]
fn times_are_told_in_utc_and_in_seconds() {
    for line in COURSES.trim_matches('\n').lines() {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let request = WorkflowRequest {
            call: CallDetails {
                started_at: at(columns[0]),
                answered_at: at(columns[1]),
                ended_at: at(columns[2]),
                declined_at: at(columns[3]),
                ..CallDetails::default()
            },
            ..bare()
        };
        for (name, expected) in [
            ("outcome", columns[4]),
            ("started_at", columns[5]),
            ("started_unix", columns[6]),
            ("duration_seconds", columns[7]),
        ] {
            let text = render(&format!("{{{{ call.{name} }}}}"), &request);
            assert_eq!(text.unwrap_or_default(), expected, "{name} of {line}");
        }
    }
}

#[test]
fn the_other_party_depends_on_the_direction() {
    let mut outgoing = full();
    outgoing.call.direction = Some(Direction::Outgoing);
    let source = "{{ call.remote_name }}, {{ call.remote_number }}, {{ number.national }}";
    for (request, text) in [
        (full(), "Mia Keller, +41215522000, 021 552 20 00"),
        (outgoing, "Anna, +41445550100, 044 555 01 00"),
    ] {
        assert_eq!(render(source, &request).as_deref(), Some(text));
    }
}

#[test]
fn what_the_telephone_system_sends_beside_is_there() {
    let mut request = bare();
    request.extra.insert(
        "queue".to_owned(),
        serde_json::json!({ "name": "Sales", "wait": 7 }),
    );
    let source = "{{ extra.queue.name }} {{ extra.queue.wait * 1000 }}";
    let template = "{% if extra.queue %}".to_owned() + source + "{% endif %}";
    assert_eq!(render(&template, &request).as_deref(), Some("Sales 7000"));
    assert_eq!(render(&template, &bare()), None);
}
