use minijinja::{context, value::Serde};
use serde_json::{Value as Json, json};

use super::*;
use crate::{account::Account, number, scope::Variable};

/// The variables of a place in the description of a lookup.
fn scope(place: Place) -> Scope {
    match place {
        Place::RecordText | Place::Link => Scope::record(&Account::default()),
        _ => Scope::new(vec![number::variable(&whocalls_testkit::number_plan())]),
    }
}

fn refused(source: &str, place: Place) -> String {
    match Template::compile(source, place, &scope(place), "a.b") {
        Ok(_) => panic!("{source} is accepted"),
        Err(message) => message,
    }
}

fn record(source: &str, place: Place, hit: &Json) -> Result<String, NoText> {
    let variables = context! {
        hit => Serde(hit),
        id => "7/7",
        base_url => Value::from_safe_string("https://erp.example.com".into()),
    };
    Template::compile(source, place, &scope(place), "a.b")
        .unwrap()
        .render(&variables)
}

#[test]
fn mistakes_are_told_with_their_line() {
    for (source, place, expected) in [
        ("{{ number.e164", Place::Path, "(line 1)"),
        ("a\nb {% if %}", Place::Path, "(line 2)"),
        ("{{ numbr.e164 }}", Place::Path, "uses `numbr`"),
        ("{{ hit.id }}", Place::RequestText, "uses `hit`"),
        ("{{ number.e164 }}", Place::RecordText, "uses `number`"),
        ("{{ range(9) }}", Place::RequestText, "uses `range`"),
        (
            "{{ number }}",
            Place::RequestText,
            "`number` does not exist; `number` has `e164`, ",
        ),
        (
            "{{ number.e146 }}",
            Place::RequestText,
            "`number.e146` does not exist; `number` has `e164`, ",
        ),
        (
            "{{ number.lst(4) }}",
            Place::RequestText,
            "`number.lst` does not exist",
        ),
    ] {
        let message = refused(source, place);
        assert!(message.contains(expected), "{source}: {message}");
    }
}

#[test]
fn loop_variables_are_no_unknown_variables() {
    let source = "{% for s in number.spellings %}{{ loop.index }}{{ s }}{% endfor %}";
    let scope = scope(Place::RequestText);
    assert!(Template::compile(source, Place::RequestText, &scope, "a.b").is_ok());
}

#[test]
fn absent_values_yield_nothing_in_a_text_and_no_link_at_all() {
    for absent in [
        json!({}),
        json!({"a": null}),
        json!({"a": false}),
        json!({"a": " "}),
    ] {
        let text = record("<{{ hit.a }}{{ hit.a.b }}>", Place::RecordText, &absent);
        assert_eq!(text.as_deref(), Ok("<>"), "{absent}");
        let link = record("https://x/{{ hit.a }}", Place::Link, &absent);
        assert_eq!(link, Err(NoText::Absent), "{absent}");
    }
}

#[test]
fn links_encode_values_but_not_the_base_url() {
    let hit = json!({"slug": "a b/ö?#&%"});
    let link = record("{{ base_url }}/{{ id }}/{{ hit.slug }}", Place::Link, &hit);
    assert_eq!(
        link.as_deref(),
        Ok("https://erp.example.com/7%2F7/a%20b%2F%C3%B6%3F%23%26%25")
    );
}

#[test]
fn a_template_that_never_ends_is_stopped() {
    let hit = json!({ "list": vec![0; 2_000] });
    let source = "{% for a in hit.list %}{% for b in hit.list %}{{ b }}{% endfor %}{% endfor %}";
    let Err(NoText::Broken(message)) = record(source, Place::RecordText, &hit) else {
        panic!("it has a budget");
    };
    assert!(message.contains("fuel"), "{message}");
}

#[test]
fn a_failure_at_run_time_quotes_no_value() {
    let hit = json!({ "name": "Mia Keller" });
    for source in [
        "{{ hit.name + 1 }}",
        "{{ hit.name | nosuch }}",
        "{{ hit.name() }}",
    ] {
        let Err(NoText::Broken(message)) = record(source, Place::RecordText, &hit) else {
            panic!("{source} cannot work");
        };
        assert!(message.starts_with("a.b: "), "{message}");
        assert!(!message.contains("Keller"), "{message}");
    }
}

/// The text of a template where `a` may be absent.
fn request_text(source: &str, variables: &Value) -> Result<String, NoText> {
    let scope = Scope::new(vec![Variable::new("a").or_absent(Value::UNDEFINED)]);
    let template = Template::compile(source, Place::RequestText, &scope, "a.b").unwrap();
    template.render(variables)
}

#[test]
fn a_text_made_of_absent_values_alone_is_absent() {
    for (source, without, with) in [
        ("{{ a }}", Err(NoText::Absent), "x"),
        (" {{ a }} {{ a.b.c }}", Err(NoText::Absent), " x "),
        ("{% if a %}yes{% endif %}", Err(NoText::Absent), "yes"),
        ("<{{ a }}>", Ok("<>".to_owned()), "<x>"),
        ("{{ a | default('none') }}", Ok("none".to_owned()), "x"),
        ("", Ok(String::new()), ""),
        (" ", Ok(" ".to_owned()), " "),
    ] {
        assert_eq!(request_text(source, &context! {}), without, "{source}");
        let with = Ok(with.to_owned());
        assert_eq!(
            request_text(source, &context! { a => "x" }),
            with,
            "{source}"
        );
    }
}

#[test]
fn no_value_opens_a_tag_or_ends_an_attribute() {
    let scope = Scope::new(vec![Variable::new("a").or_absent(Value::UNDEFINED)]);
    let template = Template::compile("<a b='{{ a }}'/>", Place::Markup, &scope, "a.b").unwrap();
    let text = template.render(&context! { a => "<x> & 'y' \"z\"" });
    let expected = "<a b='&lt;x&gt; &amp; &#39;y&#39; &#34;z&#34;'/>";
    assert_eq!(text.as_deref(), Ok(expected));
    assert_eq!(template.render(&context! {}).as_deref(), Ok("<a b=''/>"));
}

#[test]
fn a_path_with_an_absent_value_is_absent_as_a_whole() {
    let scope = Scope::new(vec![Variable::new("a").or_absent(Value::UNDEFINED)]);
    let template = Template::compile("/x/{{ a }}/y", Place::Path, &scope, "a.b").unwrap();
    assert_eq!(template.render(&context! {}), Err(NoText::Absent));
    assert_eq!(template.render(&context! { a => " " }), Err(NoText::Absent));
    assert_eq!(
        template.render(&context! { a => "b/c" }).as_deref(),
        Ok("/x/b%2Fc/y")
    );
}
