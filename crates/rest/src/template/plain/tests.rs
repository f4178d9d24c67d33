use std::sync::LazyLock;

use minijinja::{Value, context};
use proptest::prelude::*;

use super::*;
use crate::{
    account::Account,
    scope::{Scope, Variable},
    template::Template,
};

const PLACES: [Place; 12] = [
    Place::Path,
    Place::RequestText,
    Place::Encoded,
    Place::Markup,
    Place::RecordText,
    Place::Link,
    Place::Query(Language::Odata),
    Place::Query(Language::Sql),
    Place::Query(Language::Soql),
    Place::Query(Language::Sosl),
    Place::Query(Language::Lucene),
    Place::Query(Language::JsonText),
];

/// `text` is always there, `item` may be absent.
fn scope() -> Scope {
    let item = Variable::new("item").or_absent(Value::UNDEFINED);
    Scope::address(&Account::default()).and(vec![Variable::new("text"), item])
}

fn compiled(source: &str, place: Place) -> Template {
    Template::compile(source, place, &scope(), "a.b").unwrap()
}

fn is_plain(source: &str, place: Place) -> bool {
    compiled(source, place).plain.is_some()
}

#[test]
fn texts_and_variables_need_no_engine() {
    for source in [
        "",
        "a",
        "{{ text }}",
        "{{text}}",
        "a {{ text.a_1.b }}/{{ item }}}",
        "{ {{ text }} }",
        "a\nb",
    ] {
        assert!(is_plain(source, Place::RecordText), "{source}");
    }
    for source in [
        "{{ text | upper }}",
        "{{- text }}",
        "{{ text -}} a",
        "{{ text[0] }}",
        "{{ text ~ item }}",
        "{{ text\n}}",
        "{{ '}}' }}",
        "{{ 1 }}",
        "{{ true }}",
        "{{ none }}",
        "{{ {'a': 1}.a }}",
        "{% if text %}a{% endif %}",
        "{# note #}",
        "a\n",
        "{{ text }}\r\n",
    ] {
        assert!(!is_plain(source, Place::RecordText), "{source}");
    }
}

#[test]
fn in_a_query_language_it_must_be_known_where_a_value_stands() {
    let lucene = Place::Query(Language::Lucene);
    assert!(is_plain(r#"name:"{{ text }}" OR {{ item }}"#, lucene));
    for source in [r"\{{ text }}", r#""{{ text }}"#] {
        assert!(!is_plain(source, lucene), "{source}");
    }
    assert!(!is_plain(r"'\'{{ text }}", Place::Query(Language::Sql)));
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::UNDEFINED),
        Just(Value::from(())),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}|[\\x00-\\x7f]{0,8}|[-'\"\\\\%_<>&{}\u{fdd0}\u{fdd1}\u{fdd2} a]{0,8}"
            .prop_map(Value::from),
        "[0-9]{1,4}(\\.[0-9])?|AND|2026-11-22".prop_map(Value::from),
        "[0-9%*?_.]{0,8}".prop_map(Value::from_safe_string),
        Just(Value::from(vec!["a", "'"])),
        "\\PC{0,4}".prop_map(|text| context! { a => text }),
    ]
}

/// Sources with quotes of all languages.
const SOURCES: [&str; 10] = [
    "{{ text }}",
    "{{ text.a }}",
    "{{ item }}",
    "{{ item.a.b }}",
    "a {{ text }} b {{ item }}",
    "x = '{{ text }}' or y = '{{ item.a }}'",
    r#"x:"{{ text }}" OR y:{{ item }}"#,
    r#"'"{{ text }}"' {{ text }}"#,
    r#"{"a": "{{ text }}", "b": {{ item }}}"#,
    r"'it''s \' {{ text }}' {{ text }}",
];

/// All sources in all places: as they are rendered, and by the engine alone.
static TEMPLATES: LazyLock<Vec<(Template, Template)>> = LazyLock::new(|| {
    let templates = SOURCES.iter().flat_map(|source| {
        PLACES.map(|place| {
            let by_engine = Template {
                plain: None,
                ..compiled(source, place)
            };
            (compiled(source, place), by_engine)
        })
    });
    templates.collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_plain_template_yields_what_the_engine_yields(text in values(), item in values()) {
        let values = context! { text, item };
        for (template, by_engine) in &*TEMPLATES {
            prop_assert_eq!(template.render(&values), by_engine.render(&values));
        }
    }
}

/// What is compared above is not always the engine with itself.
#[test]
fn most_sources_are_plain_in_most_places() {
    let plain = TEMPLATES
        .iter()
        .filter(|(template, _)| template.plain.is_some());
    assert!(plain.count() * 10 > TEMPLATES.len() * 8);
}

#[test]
fn a_missing_value_is_told_by_the_engine() {
    let template = compiled("a {{ text.a }}", Place::Path);
    let broken = template.render(&context! { text => context! {} });
    assert!(format!("{broken:?}").contains("(line 1)"), "{broken:?}");
}
