//! Hooks in every form that releases send, and in forms that none sends.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(body: &Value) -> Option<Changes> {
    changes(body.to_string().as_bytes())
}

/// One record and its numbers.
fn one(record: &str, numbers: &[&str]) -> Changes {
    Changes {
        records: vec![record.to_owned()],
        numbers: numbers.iter().map(ToString::to_string).collect(),
        everything: false,
    }
}

#[test]
fn a_record_is_named_as_lookups_name_it() {
    for (bean, record) in [
        ("Contact", "Contacts/x-1"),
        ("contacts", "Contacts/x-1"),
        ("LEAD", "Leads/x-1"),
        ("Leads", "Leads/x-1"),
    ] {
        let body = json!({ "isUpdate": true, "bean": bean, "data": { "id": "x-1" } });
        assert_eq!(read(&body), Some(one(record, &[])), "{bean}");
    }
}

#[test]
fn numbers_are_those_of_now_and_of_before_in_any_form() {
    let data = json!({
        "id": "x", "name": "Mia 2", "phone_mobile": "079 123 45 67", "phone_work": "n/a",
        "phone_home": "", "phone_other": null, "phone_fax": "044 555 01 99",
    });
    let both = ["044 555 01 00", "079 123 45 67"];
    for (changed, numbers) in [
        (json!([]), &both[1..]),
        (json!(null), &both[1..]),
        (json!("phone_work"), &both[1..]),
        (json!([null, 1, "x", { "field_name": 7 }]), &both[1..]),
        (
            json!({ "phone_work": { "field_name": "phone_work", "data_type": "phone",
                                    "before": "044 555 01 00", "after": "n/a" } }),
            &both,
        ),
        (
            json!([{ "field_name": "phone_work", "before": "044 555 01 00", "after": null }]),
            &both,
        ),
        (json!({ "phone_work": ["044 555 01 00", ""] }), &both),
        (json!({ "phone_work": "044 555 01 00" }), &both),
        (json!({ "phone_fax": "044 555 01 00" }), &both[1..]),
    ] {
        let body = json!({ "bean": "Contact", "data": data, "dataChanges": changed });
        assert_eq!(read(&body), Some(one("Contacts/x", numbers)), "{changed}");
    }
}

#[test]
fn a_company_that_may_have_another_name_changes_everything() {
    let name = json!({ "name": { "before": "Keller AG", "after": "Keller & Co" } });
    let phone = json!({ "phone_office": { "before": "", "after": "044 700 02 00" } });
    for (is_update, changed, everything) in [
        (json!(true), name.clone(), true),
        (json!(true), json!([{ "field_name": "name" }]), true),
        (json!(true), json!([]), true),
        (json!(null), json!(null), true),
        (json!(1), phone.clone(), false),
        (json!(false), json!([]), false),
        (json!(false), name, false),
    ] {
        let body = json!({
            "isUpdate": is_update, "dataChanges": changed, "bean": "Account",
            "data": { "id": "a", "phone_office": "044 700 02 00" },
        });
        let expected = Changes {
            everything,
            ..one("Accounts/a", &["044 700 02 00"])
        };
        assert_eq!(read(&body), Some(expected), "{is_update} {changed}");
    }
}

#[test]
fn other_modules_change_nothing() {
    for bean in ["Call", "Cases", "Contactss", "s", ""] {
        let body = json!({ "bean": bean, "data": { "id": "1" } });
        assert_eq!(read(&body), Some(Changes::default()), "{bean}");
    }
    // The hook for logins carries no record.
    assert_eq!(read(&json!({ "bean": "User" })), Some(Changes::default()));
}

#[test]
fn what_is_no_hook_is_refused() {
    for body in [
        json!(null),
        json!([]),
        json!({}),
        json!({ "bean": 1, "data": { "id": "1" } }),
        json!({ "bean": "Contact" }),
        json!({ "bean": "Contact", "data": [] }),
        json!({ "bean": "Contact", "data": {} }),
        json!({ "bean": "Contact", "data": { "id": "" } }),
        json!({ "bean": "Contact", "data": { "id": 7 } }),
    ] {
        assert_eq!(read(&body), None, "{body}");
    }
    assert_eq!(changes(b""), None);
    assert_eq!(changes(b"\xff{"), None);
    assert_eq!(changes("[".repeat(100_000).as_bytes()), None);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let name = prop_oneof![
            Just("field_name".to_owned()),
            Just("phone_work".to_owned()),
            Just("id".to_owned()),
            ".{0,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        // Random bytes are hardly ever JSON; the property below goes deeper.
        prop_assert_eq!(changes(&body).is_some_and(|found| found.everything), false);
    }

    #[test]
    fn whatever_a_hook_holds_only_its_record_is_named(
        bean in prop_oneof![Just("Contact"), Just("Lead"), Just("Account"), Just("Task")],
        id in "[a-z0-9-]{1,12}",
        (phone, changed, is_update) in (any_json(), any_json(), any_json()),
    ) {
        let body = json!({
            "bean": bean, "data": { "id": id, "phone_work": phone },
            "dataChanges": changed, "isUpdate": is_update,
        });
        let found = read(&body).expect("a hook");
        let records = Module::of_bean(bean).map(|module| format!("{module}/{id}"));
        prop_assert_eq!(found.records, Vec::from_iter(records));
        let has_digit = |text: &String| text.bytes().any(|byte| byte.is_ascii_digit());
        prop_assert!(found.numbers.iter().all(has_digit));
    }
}
