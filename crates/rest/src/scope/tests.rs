use whocalls_testkit::number_plan;

use super::*;
use crate::{compile::Problems, config::Settings};

/// An account with a public value, a secret and one that was left out.
fn account() -> Account {
    let settings = serde_json::json!({
        "base_url": "https://x.example.com",
        "parameters": {
            "company": {}, "token": { "secret": true }, "team": { "optional": true },
        },
        "account": { "company": "acme", "token": { "value": "s3cret" } },
        "lookup": {
            "path": "/", "hits": "$",
            "fields": { "id": "$.id", "name": "$.name", "phones": "$.phone" },
        },
    });
    let settings: Settings = serde_json::from_value(settings).unwrap();
    let mut problems = Problems::default();
    let account = Account::compile(&settings.parameters, &settings.account, &mut problems);
    assert_eq!(problems.count(), 0);
    account
}

fn checked(scope: &Scope, name: &str) -> Result<(), String> {
    let (variable, _) = split(name);
    scope.check_variable(variable)?;
    scope.check_member(name)
}

#[test]
fn requests_know_all_of_the_account_and_what_people_see_only_what_is_public() {
    let account = account();
    let auth = ["session".to_owned()];
    let plan = number_plan();
    let common = Common {
        plan: &plan,
        account: &account,
        auth: &auth,
    };
    for scope in [
        Scope::lookup(&common),
        Scope::login(&common),
        Scope::constant(&account),
    ] {
        for name in ["account.company", "account.token", "account.team"] {
            assert_eq!(checked(&scope, name), Ok(()));
        }
        assert!(
            checked(&scope, "account")
                .unwrap_err()
                .contains("`account` has `company`")
        );
        assert!(checked(&scope, "account.tokn").is_err());
    }
    assert_eq!(checked(&Scope::login(&common), "auth.session"), Ok(()));
    assert!(checked(&Scope::login(&common), "auth.token").is_err());
    for scope in [
        Scope::record(&account),
        Scope::reply(&account),
        Scope::address(&account),
    ] {
        assert_eq!(checked(&scope, "account.company"), Ok(()));
        let message = checked(&scope, "account.token").unwrap_err();
        assert!(message.contains("is secret"), "{message}");
        assert!(checked(&scope, "auth.session").is_err());
    }
}

#[test]
fn only_what_may_be_absent_is_treated_so() {
    let account = account();
    let plan = number_plan();
    let common = Common {
        plan: &plan,
        account: &account,
        auth: &[],
    };
    let scope = Scope::lookup(&common).and(vec![step::page(), step::item(), step::found()]);
    for (name, expected) in [
        ("number.e164", false),
        ("number.mask", true),
        ("number.region", true),
        ("account.company", false),
        ("account.token", false),
        ("account.team", true),
        ("page.number", false),
        ("page.cursor", true),
        ("item", false),
        ("found", false),
        ("nosuch", false),
    ] {
        assert_eq!(scope.may_be_absent(name), expected, "{name}");
    }
}

#[test]
fn samples_have_every_variable_and_no_secret() {
    let account = account();
    let plan = number_plan();
    let common = Common {
        plan: &plan,
        account: &account,
        auth: &["session".to_owned()],
    };
    let scope = Scope::lookup(&common).and(vec![step::items(), step::captured(&[])]);
    let samples = scope.samples();
    assert_eq!(samples.len(), 2);
    for sample in samples.iter().chain(&scope.bare()) {
        for name in ["number", "account", "auth", "items", "captured"] {
            assert!(!sample.get_attr(name).unwrap().is_undefined(), "{name}");
        }
        assert!(!sample.to_string().contains("s3cret"));
    }
}
