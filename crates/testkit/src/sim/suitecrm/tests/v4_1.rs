//! Arguments, logins, queries and creations of `v4_1`.

use serde_json::{Value, json};

use super::*;

#[test]
fn v4_1_checks_names_and_order_of_arguments() {
    let v4_1 = V41::of(suite());
    let session = &v4_1.session;
    for (method, arguments, status, body) in [
        ("nosuch", "{}".to_owned(), 200, "\"number\":\"-1\""),
        ("get_entry_list", "no json".to_owned(), 200, "null"),
        ("logout", json!({"session": "x"}).to_string(), 200, "null"),
        ("get_server_info", "{}".to_owned(), 200, "\"flavor\":\"CE\""),
        (
            "get_entry_list",
            json!({"session": session, "module": "Leads"}).to_string(),
            500,
            "",
        ),
        (
            "get_entry_list",
            format!("{{\"module_name\":\"Leads\",\"session\":\"{session}\"}}"),
            500,
            "",
        ),
        (
            "logout",
            json!({"session": session, "more": 1}).to_string(),
            500,
            "",
        ),
    ] {
        let response = call(&v4_1.suite, method, &arguments);
        let text = String::from_utf8(response.body.to_vec()).unwrap();
        assert_eq!(response.status, status, "{method} {arguments}");
        assert!(text.contains(body), "{method} {arguments}: {text}");
        assert_eq!(text.is_empty(), body.is_empty(), "{method} {arguments}");
    }
}

#[test]
fn v4_1_logins_take_a_hash_or_say_that_they_do_not() {
    let suite = suite();
    let hash = "4f7540896d12224fdc776a10b1200086";
    for (name, password, encryption, is_good) in [
        (SuiteCrm::USERNAME, hash, None, true),
        (SuiteCrm::USERNAME, hash, Some("MD5"), true),
        (SuiteCrm::USERNAME, SuiteCrm::PASSWORD, Some("PLAIN"), true),
        (SuiteCrm::USERNAME, SuiteCrm::PASSWORD, None, false),
        (SuiteCrm::USERNAME, "wrong", Some("PLAIN"), false),
        ("nobody", hash, None, false),
    ] {
        let reply = body_of(&call(&suite, "login", &login(name, password, encryption)));
        assert_eq!(
            reply["id"].is_string(),
            is_good,
            "{name} {password}: {reply}"
        );
        assert_eq!(
            reply["number"] == 10,
            !is_good,
            "{name} {password}: {reply}"
        );
    }
    assert_eq!(suite.tokens_issued(), 3);
}

#[test]
fn v4_1_queries_are_checked_like_sql() {
    let v4_1 = V41::of(suite().without_access_to("Leads"));
    let fault = |number: i64| (200, Some(json!(number)), None);
    let found = |count: usize| (200, None, Some(count));
    let broken = (500, None, None);
    for (module, query, expected) in [
        (
            "Contacts",
            "contacts.phone_mobile LIKE '%7%9%1%2%3%4%5%6%7%'",
            found(1),
        ),
        (
            "Contacts",
            "(contacts.phone_mobile LIKE '%791234567%')",
            found(0),
        ),
        ("Contacts", "contacts.first_name = 'Mia'", found(1)),
        (
            "Contacts",
            "(contacts.first_name = 'Mia' OR contacts.first_name = 'Nobody')",
            found(1),
        ),
        (
            "Contacts",
            "contacts.first_name = 'Mia' AND contacts.last_name = 'Nobody'",
            found(0),
        ),
        ("Contacts", "phone_mobile LIKE '%'", broken.clone()),
        ("Contacts", "leads.phone_mobile LIKE '%'", broken.clone()),
        ("Contacts", "contacts.nosuch LIKE '%'", broken.clone()),
        (
            "Contacts",
            "contacts.first_name = 'O'Neill'",
            broken.clone(),
        ),
        ("Contacts", "contacts.first_name = 'Mia' ;", broken.clone()),
        ("Contacts", "contacts.first_name = ", broken.clone()),
        ("Contacts", "(contacts.first_name = 'Mia'", broken),
        (
            "Contacts",
            "contacts.id IN (SELECT id FROM users)",
            fault(40),
        ),
        (
            "Contacts",
            "REPLACE(contacts.phone_work,' ','') = '1'",
            fault(40),
        ),
        ("Contacts", "contacts.first_name = 'Mia' UNION x", fault(40)),
        ("Contacts", "contacts.first_name = 'Mia' -- x", fault(40)),
        ("Leads", "", fault(40)),
        ("Bugs", "", fault(20)),
    ] {
        let (status, number, entries) = expected;
        let (answered, reply) = v4_1.query(module, query);
        assert_eq!(answered, status, "{query}");
        assert_eq!(reply.get("number"), number.as_ref(), "{query}");
        if let Some(entries) = entries {
            assert_eq!(count(&reply), entries, "{query}");
            let total = if entries == 0 {
                json!(0)
            } else {
                json!(entries.to_string())
            };
            assert_eq!(reply["total_count"], total, "{query}");
        }
    }
}

#[test]
fn v4_1_lists_have_a_default_size_links_and_only_known_fields() {
    let v4_1 = V41::of(suite());
    let page = |max_results: i64, offset: usize| {
        let arguments = json!({
            "module_name": "Contacts", "query": "", "order_by": "contacts.date_modified DESC",
            "offset": offset, "select_fields": ["id", "last_name", "nosuch"],
            "link_name_to_fields_array": [{"name": "accounts", "value": ["id", "name"]}],
            "max_results": max_results, "deleted": 0, "favorites": false,
        });
        v4_1.call("get_entry_list", &arguments).1
    };
    for (max_results, entries) in [(0, 20), (-1, 20), (5, 5)] {
        let reply = page(max_results, 3);
        assert_eq!(reply["result_count"], entries, "{max_results}");
        assert_eq!(reply["next_offset"], entries + 3, "{max_results}");
        let fields = reply["entry_list"][0]["name_value_list"]
            .as_object()
            .unwrap();
        assert_eq!(fields.len(), 2, "{fields:?}");
        let link = &reply["relationship_list"][0]["link_list"][0];
        let account = &link["records"][0]["link_value"];
        assert_eq!(link["name"], "accounts");
        assert!(account["name"]["value"].is_string(), "{link}");
    }
}

/// The trap of `v4_1`: without `new_with_id`, nothing is stored and nothing is said.
#[test]
fn v4_1_creates_under_an_id_of_our_own_only_when_told_that_it_is_new() {
    let v4_1 = V41::of(suite());
    let set = |changes: Value| {
        let mut fields = a_call();
        let changes = changes.as_object().unwrap().clone();
        fields.as_object_mut().unwrap().extend(changes);
        let arguments = json!({ "module_name": "Calls", "name_value_list": fields });
        v4_1.call("set_entry", &arguments)
    };
    let get = || {
        let arguments = json!({
            "module_name": "Calls", "id": OWN_ID, "select_fields": ["id"],
        });
        let (_, reply) = v4_1.call("get_entry", &arguments);
        reply["entry_list"][0]["name_value_list"].clone()
    };
    let (status, reply) = set(json!({ "id": OWN_ID }));
    assert_eq!((status, &reply["id"]), (200, &json!(OWN_ID)));
    assert_eq!(v4_1.suite.created(), 0, "nothing is stored");
    assert_eq!(get()[0]["name"], "warning");

    let own = json!({ "id": OWN_ID, "new_with_id": true });
    assert_eq!(set(own.clone()).1["id"], OWN_ID);
    assert_eq!(get()["id"]["value"], OWN_ID);
    assert_eq!(set(own).0, 500, "the database refuses the second");
    assert_eq!(v4_1.suite.created(), 1);

    let (status, reply) = set(json!({}));
    assert!(status == 200 && reply["id"].is_string() && reply["id"] != OWN_ID);
    let list = json!([{ "name": "name", "value": "Case" }]);
    let case = json!({ "module_name": "Cases", "name_value_list": list });
    assert_eq!(v4_1.call("set_entry", &case).0, 200, "a list will do too");
    assert_eq!(v4_1.suite.created(), 3);
    let bug = json!({ "module_name": "Bugs", "name_value_list": list });
    assert_eq!(v4_1.call("set_entry", &bug).1["number"], 20);
}

#[test]
fn v4_1_changes_what_is_there_and_is_silent_about_what_is_not() {
    let v4_1 = V41::of(suite());
    let set = |fields: &Value| {
        let arguments = json!({ "module_name": "Calls", "name_value_list": fields });
        v4_1.call("set_entry", &arguments)
    };
    let mut new = a_call();
    new["id"] = json!(OWN_ID);
    new["new_with_id"] = json!(true);
    let held = json!({ "id": OWN_ID, "description": "Talked." });
    assert_eq!(set(&held).0, 200);
    assert_eq!(v4_1.suite.created(), 0);
    set(&new);
    assert_eq!(set(&held).1["id"], OWN_ID);
    let call = v4_1.suite.created_objects().remove(0);
    assert_eq!(call["description"], "Talked.");
    assert_eq!(call["name"], a_call()["name"], "the rest stays");
    assert_eq!(set(&json!({ "id": OWN_ID, "status": "Done" })).0, 500);

    v4_1.suite.delete(&format!("Calls/{OWN_ID}"));
    let arguments = json!({ "module_name": "Calls", "id": OWN_ID, "select_fields": ["id"] });
    let (_, reply) = v4_1.call("get_entry", &arguments);
    let warning = &reply["entry_list"][0]["name_value_list"][0]["name"];
    assert_eq!(warning, "warning");
    assert_eq!(set(&json!({ "id": OWN_ID, "description": "Lost." })).0, 200);
    assert_eq!(v4_1.suite.created_objects()[0]["description"], "Talked.");
    assert_eq!(set(&new).0, 500, "the row is there");
    assert_eq!(v4_1.suite.created(), 1);
}
