use minijinja::context;
use serde_json::json;

use super::*;
use crate::{
    account::Account,
    scope::{Scope, Variable, step},
};

fn scope() -> Scope {
    let captured = [("ids".to_owned(), true), ("name".to_owned(), false)];
    Scope::address(&Account::default()).and(vec![
        Variable::new("number").with_members(["nsn", "spellings"]),
        step::captured(&captured),
        step::found(),
        step::page(),
    ])
}

fn expression(source: &str) -> Expression {
    Expression::compile(source, &scope(), "a.b").unwrap()
}

fn variables() -> Value {
    context! {
        number => context! { nsn => "791234567", spellings => vec!["a", "", "b"] },
        captured => context! { ids => Vec::<String>::new(), name => "Mia" },
        found => 0,
        page => context! { number => 1, offset => 0 },
    }
}

#[test]
fn a_condition_is_true_or_not() {
    for (source, expected) in [
        ("found == 0", true),
        ("found > 0 or captured.ids", false),
        ("captured.name == 'Mia' and not captured.ids", true),
        ("page.cursor", false),
        ("page.cursor is defined", false),
        ("number.nsn | length > 7", true),
    ] {
        assert_eq!(
            expression(source).is_true(&variables()),
            Ok(expected),
            "{source}"
        );
    }
}

#[test]
fn a_list_has_no_absent_elements() {
    for (source, expected) in [
        ("number.spellings", &["a", "b"][..]),
        ("[number.nsn, captured.name]", &["791234567", "Mia"]),
        ("captured.name", &["Mia"]),
        ("captured.ids", &[]),
        ("page.cursor", &[]),
    ] {
        let list = expression(source).list(&variables()).unwrap();
        let texts: Vec<String> = list.iter().map(ToString::to_string).collect();
        assert_eq!(texts, expected, "{source}");
    }
}

#[test]
fn a_part_of_json_keeps_its_type() {
    for (source, expected) in [
        ("found", Some(json!(0))),
        ("number.spellings", Some(json!(["a", "", "b"]))),
        (
            "{'a': found == 0, 'b': [1.5]}",
            Some(json!({"a": true, "b": [1.5]})),
        ),
        ("captured.name", Some(json!("Mia"))),
        ("page.cursor", None),
    ] {
        assert_eq!(
            expression(source).json(&variables()),
            Ok(expected),
            "{source}"
        );
    }
}

#[test]
fn mistakes_are_told_at_once() {
    for (source, expected) in [
        ("found ==", "syntax error"),
        ("{{ found }}", "without {{ }}"),
        ("found) %}{% set x = (1", "syntax error"),
        ("fond == 0", "uses `fond`"),
        ("captured.nme", "`captured` has `ids`, `name`"),
        ("page.size", "`page` has `number`, `offset`, `cursor`"),
    ] {
        let Err(message) = Expression::compile(source, &scope(), "a.b") else {
            panic!("{source} is accepted");
        };
        assert!(message.contains(expected), "{source}: {message}");
    }
    let filter = expression("found | nosuch");
    let message = filter.try_out(&variables()).unwrap_err();
    assert!(message.contains("there are `base64`, `date`"), "{message}");
}

#[test]
fn an_expression_has_a_budget() {
    let variables = context! { number => context! { spellings => vec![0; 30_000], nsn => "1" } };
    assert!(expression("number.spellings").list(&variables).is_ok());
    let long = format!("[{}]", vec!["number.nsn ~ 'x'"; 9_000].join(","));
    assert!(matches!(
        expression(&long).list(&variables),
        Err(NoText::Broken(_))
    ));
}
