use serde_json::{Value as Json, json};

use super::*;

fn compiled(parameters: Json, account: Json) -> (Account, Vec<(String, String)>) {
    let parameters: IndexMap<String, ParameterSettings> =
        serde_json::from_value(parameters).unwrap();
    let given: IndexMap<String, AccountValue> = serde_json::from_value(account).unwrap();
    let mut problems = Problems::default();
    let account = Account::compile(&parameters, &given, &mut problems);
    let found = problems.into_found().into_iter();
    let found = found.map(|problem| (problem.path, problem.message));
    (account, found.collect())
}

#[test]
fn values_are_seen_or_secret() {
    let (account, found) = compiled(
        json!({
            "company": { "description": "…" },
            "region": { "default": "eu" },
            "team": { "optional": true },
            "token": { "secret": true },
            "board": {},
        }),
        json!({ "company": " acme ", "token": { "value": "s3cret" }, "board": 17 }),
    );
    assert_eq!(found, []);
    for (name, all, public) in [
        ("company", "acme", "acme"),
        ("region", "eu", "eu"),
        ("board", "17", "17"),
        ("token", "s3cret", ""),
        ("team", "", ""),
    ] {
        let text = |values: &Value| values.get_attr(name).unwrap().as_str().map(str::to_owned);
        assert_eq!(text(account.all()).unwrap_or_default(), all, "{name}");
        assert_eq!(text(account.public()).unwrap_or_default(), public, "{name}");
    }
    assert!(!format!("{account:?}").contains("s3cret"));
}

#[test]
fn a_description_without_parameters_takes_any_values() {
    let (account, found) = compiled(json!({}), json!({ "a": "1", "b": { "value": "2" } }));
    assert_eq!(found, []);
    assert_eq!(account.public_names(), ["a"]);
    assert_eq!(account.secret_names(), ["b"]);
}

#[test]
fn every_mistake_is_reported_where_it_was_made() {
    let parameters = json!({
        "company": { "description": "The name in front of .example.com", "example": "acme" },
        "token": { "secret": true, "optional": true },
    });
    for (account, path, message) in [
        (
            json!({}),
            "account.company",
            "needed: The name in front of .example.com; for example `acme`",
        ),
        (json!({ "company": " " }), "account.company", "empty"),
        (
            json!({ "company": "a", "token": "s3cret" }),
            "account.token",
            "by reference",
        ),
        (
            json!({ "company": "a", "tokn": "s3cret" }),
            "account.tokn",
            "did you mean `token`?",
        ),
        (
            json!({ "company": "a", "zzz": "s3cret" }),
            "account.zzz",
            "it has `company`, `token`",
        ),
    ] {
        let (_, found) = compiled(parameters.clone(), account.clone());
        assert_eq!(found.len(), 1, "{account}: {found:?}");
        assert_eq!(found[0].0, path, "{account}");
        assert!(found[0].1.contains(message), "{}", found[0].1);
        assert!(!found[0].1.contains("s3cret"), "{}", found[0].1);
    }
    for (parameters, path) in [
        (json!({ "a-b": { "default": "x" } }), "parameters.a-b"),
        (json!({ "1a": { "default": "x" } }), "parameters.1a"),
        (
            json!({ "a": { "secret": true, "default": "x" } }),
            "parameters.a.default",
        ),
    ] {
        let (_, found) = compiled(parameters, json!({}));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, path);
    }
    let (_, found) = compiled(json!({}), json!({ "a b": "x" }));
    assert_eq!(found[0].0, "account.a b");
}
