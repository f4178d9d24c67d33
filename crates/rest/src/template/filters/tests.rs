use minijinja::{context, value::Serde};
use serde_json::json;

use super::*;
use crate::{
    account::Account,
    scope::{Scope, Variable},
    template::{NoText, Place, Template},
};

fn render(source: &str, a: impl Into<Value>) -> Result<String, NoText> {
    let variable = Variable::new("a").or_absent(Value::UNDEFINED);
    let scope = Scope::address(&Account::default()).and(vec![variable]);
    let template = Template::compile(source, Place::RequestText, &scope, "x.y").unwrap();
    template.render(&context! { a => a.into() })
}

#[test]
fn every_filter_does_what_it_says() {
    for (source, value, expected) in [
        // RFC 1321 A.5, FIPS 180-4 (abc), RFC 4648 §10.
        ("{{ a | md5 }}", "abc", "900150983cd24fb0d6963f7d28e17f72"),
        (
            "{{ a | sha256 }}",
            "abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        ("{{ a | base64 }}", "foobar", "Zm9vYmFy"),
        ("{{ a | json }}", "a\"<b>", r#""a\"<b>""#),
        ("{{ a | urlencode }}", "a b/c", "a%20b/c"),
        ("{{ a | split('/') | last }}", "Contact/7", "7"),
        ("{{ a | like }}", r"a%b_c\", "a_b_c_"),
        ("{{ (a | int) + 1 }}", "41", "42"),
        ("{{ a | int }}", "4b1-7", "4b1-7"),
        (
            "{{ a | date('%Y-%m-%d %H:%M:%S', 'Europe/Zurich') }}",
            "2026-11-22T09:30:00Z",
            "2026-11-22 10:30:00",
        ),
        (
            "{{ a | date('%d.%m.%Y') }}",
            "2026-11-22T23:30:00Z",
            "22.11.2026",
        ),
        (
            "{{ {'incoming': 'Inbound', 'outgoing': 'Outbound'}[a] }}",
            "incoming",
            "Inbound",
        ),
        ("{{ a.b | default('x') }}", "y", "x"),
    ] {
        assert_eq!(render(source, value).as_deref(), Ok(expected), "{source}");
    }
}

#[test]
fn times_and_durations_have_units() {
    for (source, value, expected) in [
        ("{{ a | date('%H:%M') }}", 1_763_800_200_i64, "08:30"),
        ("{{ a | duration('hh:mm:ss') }}", 184, "00:03:04"),
        ("{{ a | duration('hh:mm:ss') }}", 360_000, "100:00:00"),
        ("{{ a | duration('mm:ss') }}", 184, "03:04"),
        ("{{ a | duration('mm:ss') }}", 6_001, "100:01"),
        ("{{ a | duration('hh:mm') }}", 184, "00:03"),
        ("{{ a | duration('hh:mm') }}", 3_599, "01:00"),
        ("{{ a | duration('minutes') }}", 90, "2"),
        ("{{ a | duration('ms') }}", 184, "184000"),
    ] {
        assert_eq!(render(source, value).as_deref(), Ok(expected), "{source}");
    }
}

#[test]
fn what_is_absent_stays_absent() {
    for filter in [
        "md5",
        "sha256",
        "base64",
        "like",
        "odata",
        "sql",
        "soql",
        "sosl",
        "lucene",
        "json_text",
        "date('%H')",
        "duration('ms')",
        "json",
    ] {
        let rendered = render(&format!("{{{{ a | {filter} }}}}"), Value::UNDEFINED);
        assert_eq!(rendered, Err(NoText::Absent), "{filter}");
    }
}

#[test]
fn a_filter_that_cannot_work_says_so_without_the_value() {
    for source in [
        "{{ a | date('%Q') }}",
        "{{ a | date('%H', 'Nowhere/Land') }}",
        "{{ a | date }}",
        "{{ a | duration('days') }}",
        "{{ a | duration('ms') }}",
    ] {
        let Err(NoText::Broken(message)) = render(source, "Mia Keller") else {
            panic!("{source} cannot work");
        };
        assert!(!message.contains("Mia"), "{message}");
    }
}

#[test]
fn the_names_in_messages_are_those_of_the_filters() {
    let listed = names();
    let mut environment = Environment::empty();
    add_to(&mut environment);
    for name in listed.split(", ") {
        let name = name.trim_matches('`');
        let expression = format!("a | {name}");
        let compiled = environment.compile_expression(&expression).unwrap();
        let error = compiled.eval(context! { a => Serde(json!("x")) }).err();
        let is_known = error.is_none_or(|error| error.kind() != ErrorKind::UnknownFilter);
        assert!(is_known, "{name}");
    }
}
