use minijinja::context;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    account::Account,
    scope::{Scope, Variable},
    template::{NoText, Place, Template},
};

/// A template in this language that knows `a` and `b`.
fn template(language: Language, source: &str) -> Result<Template, String> {
    let scope = Scope::address(&Account::default()).and(["a", "b"].map(Variable::new).into());
    Template::compile(source, Place::Query(language), &scope, "x.y")
}

fn render(language: Language, source: &str, a: impl Into<Value>) -> Result<String, NoText> {
    let variables = context! { a => a.into(), b => "b" };
    template(language, source).unwrap().render(&variables)
}

/// The rules of each language, as its documentation gives them.
#[test]
fn a_value_between_quotes_is_escaped_as_the_language_wants() {
    for (language, source, value, expected) in [
        (
            Language::Odata,
            "eq '{{ a }}'",
            r"O'Neil \ Bob",
            r"eq 'O''Neil \ Bob'",
        ),
        (
            Language::Sql,
            "= '{{ a }}'",
            r#"O'Neil \ "B""#,
            r#"= 'O''Neil \\ "B"'"#,
        ),
        (
            Language::Sql,
            r#"= "{{ a }}""#,
            r#"O'Neil "B""#,
            r#"= "O'Neil ""B""""#,
        ),
        (
            Language::Soql,
            "= '{{ a }}'",
            r"Bob's \ BBQ",
            r"= 'Bob\'s \\ BBQ'",
        ),
        (
            Language::Sosl,
            r#"FIND {"{{ a }}"}"#,
            r#"a-b "c" {d}"#,
            r#"FIND {"a\-b \"c\" \{d\}"}"#,
        ),
        (
            Language::Sosl,
            "FIND { {{ a }} OR {{ b }} } IN PHONE",
            "+4179",
            r"FIND { \+4179 OR b } IN PHONE",
        ),
        (
            Language::Sosl,
            "WHERE n='{{ a }}'",
            r"O'N-l\",
            r"WHERE n='O\'N-l\\'",
        ),
        (
            Language::Lucene,
            r#"n:"{{ a }}""#,
            r#"(1+1):2 "x""#,
            r#"n:"\(1\+1\)\:2 \"x\"""#,
        ),
        (
            Language::JsonText,
            r#"{"n":"{{ a }}"}"#,
            "a\"\\\n",
            r#"{"n":"a\"\\\n"}"#,
        ),
        (
            Language::Sql,
            "LIKE '%{{ a | like }}%'",
            r"50%_\",
            "LIKE '%50___%'",
        ),
    ] {
        let text = render(language, source, value);
        assert_eq!(text.as_deref(), Ok(expected), "{language}");
    }
}

#[test]
fn a_value_outside_of_quotes_is_a_number_or_one_word() {
    let guid = "0f8fad5b-d9cb-469f-a165-70867728950e";
    for (language, value, is_taken) in [
        (Language::Odata, "17", true),
        (Language::Odata, "1.5", true),
        (Language::Odata, guid, true),
        (Language::Odata, "2026-11-22", true),
        (Language::Odata, "2026-11-22T09:30:00+01:00", true),
        (Language::Odata, "1 or 1 eq 1", false),
        (Language::Odata, "mobilephone", false),
        (Language::Odata, "1-", false),
        (Language::Sql, "17", true),
        (Language::Sql, "2026-11-22", false),
        (Language::Sql, "1e5", false),
        (Language::Sql, "-1", false),
        (Language::Sql, "1;", false),
        (Language::Soql, "17", true),
        (Language::Soql, "null", false),
        (Language::Lucene, "791234567", true),
        (Language::Lucene, "a b", false),
        (Language::Lucene, "<5", false),
        (Language::Sosl, "", false),
        (Language::Sosl, "a\u{a0}b", false),
    ] {
        let text = render(language, "x {{ a }} y", value);
        assert_eq!(text.is_ok(), is_taken, "{language}: {value}");
        if is_taken {
            assert_eq!(text, Ok(format!("x {value} y")), "{language}");
        }
    }
    for (language, value, expected) in [
        (Language::Lucene, "or", "\"or\""),
        (Language::Sosl, "AND", "\"AND\""),
        (Language::Lucene, "a*b", r"a\*b"),
        (Language::Sosl, "+4179", r"\+4179"),
    ] {
        assert_eq!(render(language, "{{ a }}", value).as_deref(), Ok(expected));
    }
}

#[test]
fn json_outside_of_quotes_keeps_its_type() {
    let value = Value::from(minijinja::value::Serde(json!(["a\"", 1, null, true])));
    let text = render(
        Language::JsonText,
        r#"{"x": {{ a }}, "y": [{{ b }}]}"#,
        value,
    )
    .unwrap();
    let read: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(read, json!({"x": ["a\"", 1, null, true], "y": ["b"]}));
}

#[test]
fn a_text_that_does_not_fit_its_language_is_a_mistake() {
    for (language, source, expected) in [
        (Language::Odata, "eq '{{ a }}", "opened and not closed"),
        (Language::Sql, r"LIKE '\%{{ a }}'", "disagree"),
        (Language::Lucene, r"x:\{{ a }}", "in front of a value"),
        (Language::Odata, "eq {{ a }}", "put quotes around it"),
    ] {
        let template = template(language, source).unwrap();
        let message = template
            .try_out(&context! { a => "a b", b => "b" })
            .unwrap_err();
        assert!(message.contains(expected), "{source}: {message}");
    }
}

#[test]
fn patterns_of_a_number_keep_their_wildcards_and_nothing_else_passes_unescaped() {
    let pattern = || Value::from_safe_string("*7*9*".to_owned());
    let text = render(Language::Lucene, "phone:{{ a }}", pattern());
    assert_eq!(text.as_deref(), Ok("phone:*7*9*"));
    for source in [
        "{{ a | replace('*', '\"') }}",
        "{{ a ~ '\"' }}",
        "{{ [a, '\"'] | join('') }}",
        "{% set x %}{{ a }}{{ '\"' }}{% endset %}{{ x }}",
        "{% macro m() %}{{ '\"' }}{% endmacro %}{{ m() }}",
    ] {
        let text = render(Language::Lucene, &format!("n:\"{source}\""), pattern()).unwrap();
        let (_, rest) = read_literal(Language::Lucene, text.trim_start_matches("n:")).unwrap();
        assert_eq!(rest, "", "{source}: {text}");
    }
    for source in [
        "{% autoescape true %}{% endautoescape %}",
        "x{%- autoescape 'html' %}{% endautoescape %}",
    ] {
        let message = template(Language::Lucene, source).err().unwrap();
        assert!(message.contains("escapes by itself"), "{message}");
    }
}

/// Reads a literal as the language does: its text, and what stands behind it.
fn read_literal(language: Language, text: &str) -> Option<(String, String)> {
    let mut chars = text.chars();
    let quote = chars.next()?;
    let mut read = String::new();
    loop {
        let c = chars.next()?;
        let doubles = matches!(language, Language::Odata | Language::Sql);
        if c == '\\' && language == Language::Sql {
            // As MySQL reads it; a doubled one is also no end where it is no escape.
            read.push(chars.next()?);
        } else if c == '\\' && !doubles {
            read.push(chars.next()?);
        } else if c == quote {
            let rest = chars.as_str();
            if doubles && rest.starts_with(quote) {
                chars.next();
                read.push(quote);
            } else {
                return Some((read, rest.to_owned()));
            }
        } else {
            read.push(c);
        }
    }
}

fn without_controls(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_value_ends_a_literal(value in ANY_TEXT) {
        for (language, quote) in [
            (Language::Odata, '\''),
            (Language::Sql, '\''),
            (Language::Sql, '"'),
            (Language::Soql, '\''),
            (Language::Sosl, '"'),
            (Language::Sosl, '\''),
            (Language::Lucene, '"'),
        ] {
            let source = format!("{quote}<{{{{ a }}}}>{quote} OR x");
            let text = render(language, &source, value.as_str()).unwrap();
            let (read, rest) = read_literal(language, &text).unwrap();
            let expected = format!("<{}>", without_controls(&value));
            prop_assert_eq!(read, expected, "{}: {}", language, text);
            prop_assert_eq!(rest, " OR x");
        }
    }

    /// However a database reads quotes and backslashes, what it reads behind the literal is what
    /// the description says.
    #[test]
    fn no_value_ends_a_literal_of_sql_where_a_backslash_is_no_escape(value in ANY_TEXT) {
        let text = render(Language::Sql, "'{{ a }}'", value.as_str()).unwrap();
        let inner = text.strip_prefix('\'').unwrap().strip_suffix('\'').unwrap();
        prop_assert!(!inner.replace("''", "").contains('\''), "{}", text);
    }

    #[test]
    fn no_value_changes_the_structure_of_json(value in ANY_TEXT) {
        let source = r#"{"a": "<{{ a }}>", "b": {{ a }}}"#;
        let text = render(Language::JsonText, source, value.as_str()).unwrap();
        let read: Json = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read, json!({"a": format!("<{value}>"), "b": value}));
    }

    #[test]
    fn no_value_is_more_than_a_word_outside_of_quotes(value in ANY_TEXT) {
        for language in [Language::Odata, Language::Sql, Language::Soql] {
            if let Ok(text) = render(language, "{{ a }}", value.as_str()) {
                prop_assert_eq!(&text, &value);
                prop_assert!(text.starts_with(|c: char| c.is_ascii_hexdigit()));
                prop_assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || "-.:+".contains(c)));
            }
        }
        for (language, reserved) in [(Language::Sosl, SOSL), (Language::Lucene, LUCENE)] {
            if let Ok(text) = render(language, "{{ a }}", value.as_str()) {
                let mut chars = text.trim_matches('"').chars();
                while let Some(c) = chars.next() {
                    prop_assert!(!c.is_whitespace());
                    if c == '\\' {
                        chars.next();
                    } else {
                        prop_assert!(!reserved.contains(c), "{}: {}", language, text);
                    }
                }
            }
        }
    }

    #[test]
    fn filters_escape_like_the_languages(value in ANY_TEXT) {
        for language in Language::ALL {
            let source = format!("{{{{ a | {language} }}}}");
            let scope = Scope::address(&Account::default()).and(vec![Variable::new("a")]);
            let filtered = Template::compile(&source, Place::RequestText, &scope, "x.y").unwrap();
            let text = filtered.render(&context! { a => value.as_str() }).unwrap();
            let (quote, around) = match language {
                Language::Odata | Language::Sql | Language::Soql => ('\'', format!("'{text}'")),
                _ => ('"', format!("\"{text}\"")),
            };
            if language == Language::JsonText {
                prop_assert_eq!(serde_json::from_str::<String>(&around).unwrap(), value.clone());
            } else {
                let (read, rest) = read_literal(language, &around).unwrap();
                prop_assert_eq!((read, rest.as_str()), (without_controls(&value), ""), "{}", quote);
            }
        }
    }
}

/// Texts full of characters that mean something somewhere.
const ANY_TEXT: &str = "\\PC{0,12}|[\\x00-\\x7f]{0,12}|['\"`\\\\(){}\\[\\]*%_?:;,=<>&|!+/^~ -]{0,12}|[0-9a-f.:T+-]{1,12}|AND|or|Not";
