//! OAuth 2, lists and creations of V8.

use serde_json::{Value, json};

use super::*;

#[test]
fn each_client_has_one_grant_type_and_refusals_are_those_of_the_real_server() {
    let suite = suite();
    let json_body = json!({
        "grant_type": "password", "client_id": SuiteCrm::PASSWORD_CLIENT_ID,
        "client_secret": SuiteCrm::CLIENT_SECRET,
        "username": SuiteCrm::USERNAME, "password": SuiteCrm::PASSWORD,
    });
    let kind = "application/json";
    let path = "/Api/access_token";
    let as_json = send(&suite, "POST", path, None, kind, json_body.to_string());
    assert_eq!(
        body_of(&as_json)["message"],
        "No user found",
        "reads the form"
    );
    let with = |changes: &[(&'static str, &'static str)]| [USER.as_slice(), changes].concat();
    for (pairs, status, label) in [
        (vec![("client_secret", "x")], 401, "invalid_client"),
        (vec![("grant_type", "password")], 401, "invalid_client"),
        (
            vec![("grant_type", "refresh_token")],
            401,
            "invalid_request",
        ),
        (vec![("client_id", "nobody")], 500, "unknown_error"),
        (with(&[("username", "nobody")]), 500, "unknown_error"),
        (with(&[("password", "wrong")]), 500, "unknown_error"),
        (
            with(&[("client_id", SuiteCrm::CLIENT_ID)]),
            401,
            "invalid_client",
        ),
    ] {
        let (answered, reply) = token(&suite, &pairs);
        assert_eq!(
            (answered, &reply["error"]),
            (status, &json!(label)),
            "{pairs:?}"
        );
    }
    let (_, reply) = token(&suite, &with(&[("password", "wrong")]));
    assert_eq!(reply["message"], "The password is invalid: wrong");
    assert_eq!(suite.tokens_issued(), 0);
    let (status, reply) = token(&suite, &[]);
    assert_eq!((status, reply.get("refresh_token")), (200, None));
}

#[test]
fn a_refresh_rotates_the_refresh_token_and_can_be_refused() {
    for refuses in [false, true] {
        let suite = if refuses {
            suite().without_refresh()
        } else {
            suite()
        };
        let (_, first) = token(&suite, &USER);
        let refresh = first["refresh_token"].as_str().unwrap();
        let client = USER[1];
        let pairs = [
            ("grant_type", "refresh_token"),
            client,
            ("refresh_token", refresh),
        ];
        let (status, second) = token(&suite, &pairs);
        if refuses {
            assert_eq!((status, &second["error"]), (401, &json!("invalid_client")));
        } else {
            assert_eq!(status, 200);
            assert_ne!(first["refresh_token"], second["refresh_token"]);
            assert_eq!(token(&suite, &pairs).0, 401, "the old one is void");
        }
    }
}

#[test]
fn v8_compares_stored_texts_with_one_joiner() {
    let v8 = V8::of(suite());
    let like = "filter[phone_mobile][like]";
    for (pairs, expected) in [
        (vec![(like, "%7%9%1%2%3%4%5%6%7%")], 1),
        (vec![(like, "%791234567%")], 0),
        (vec![(like, "079 123 45 6_")], 1),
        (vec![(like, "079 123")], 0),
        (vec![("filter[phone_mobile][eq]", "079 123 45 67")], 1),
        (vec![("filter[first_name][EQ]", "mia")], 1),
        (vec![(like, "%67"), ("filter[first_name][eq]", "nobody")], 0),
        (
            vec![
                ("filter[operator]", "or"),
                (like, "%67"),
                ("filter[first_name][eq]", "nobody"),
            ],
            1,
        ),
        (vec![(like, "%nothing"), (like, "%67")], 1),
    ] {
        let (status, reply) = v8.list("Contacts", &pairs);
        assert_eq!((status, count(&reply)), (200, expected), "{pairs:?}");
    }
}

#[test]
fn v8_refuses_with_400_and_an_object() {
    let v8 = V8::of(suite().without_access_to("Leads"));
    for (module, pair, detail) in [
        (
            "Contacts",
            ("filter[nosuch][like]", "x"),
            "Filter field nosuch in Contact module is not found",
        ),
        (
            "Contacts",
            ("filter[name][sounds]", "x"),
            "Filter operator sounds is invalid",
        ),
        (
            "Contacts",
            ("filter[operator]", "xor"),
            "Filter operator xor is invalid",
        ),
        (
            "Contacts",
            ("filter[name]", "x"),
            "Filter field name must be an array",
        ),
        (
            "Accounts",
            ("fields[Accounts]", "name,title,nosuch"),
            "The following fields in Account module are not found: title, nosuch",
        ),
        (
            "Accounts",
            ("fields[Accounts]", "title"),
            "The following field in Account module is not found: title",
        ),
        (
            "Contacts",
            ("sort", "-nosuch"),
            "Sort field nosuch in Contact module is not found",
        ),
        (
            "Contacts",
            ("page[size]", "0"),
            "The option \"page\" with value array is invalid.",
        ),
        (
            "Contacts",
            ("page[size]", "ten"),
            "The option \"page\" with value array is invalid.",
        ),
        (
            "Contacts",
            ("limit", "1"),
            "The option \"limit\" does not exist.",
        ),
        ("Bugs", ("page[size]", "1"), "Module Bugs does not exist"),
        (
            "Leads",
            ("page[size]", "1"),
            "[SuiteCRM] [AccessDeniedException] ",
        ),
    ] {
        let (status, reply) = v8.list(module, &[pair]);
        let errors = json!({ "status": 400, "title": null, "detail": detail });
        assert_eq!((status, &reply["errors"]), (400, &errors), "{pair:?}");
    }
    let (status, reply) = v8.get("module/Contacts/none");
    assert_eq!(status, 400);
    assert_eq!(
        reply["errors"]["detail"],
        "Contacts module with id none is not found"
    );
}

#[test]
fn v8_lists_come_in_pages_newest_first_or_all_at_once() {
    let v8 = V8::of(suite());
    let (_, all) = v8.get("module/Contacts");
    assert!(count(&all) > 40, "everything without a page size");
    assert_eq!((all.get("meta"), all.get("links")), (None, None));

    let fields = ("fields[Contacts]", "last_name,date_modified");
    let page = |number: &str| {
        let pairs = [
            fields,
            ("page[size]", "20"),
            ("page[number]", number),
            ("sort", "-date_modified"),
        ];
        v8.list("Contacts", &pairs).1
    };
    let (first, last) = (page("1"), page("3"));
    let meta = json!({ "total-pages": 3, "records-on-this-page": 20 });
    assert_eq!(first["meta"], meta);
    assert!(first["links"].is_object());
    let times: Vec<&str> = [&first, &last]
        .into_iter()
        .flat_map(|page| page["data"].as_array().unwrap())
        .map(|record| record["attributes"]["date_modified"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted_by(|a, b| a > b), "{times:?}");
    assert!(times[0].ends_with("+00:00"), "ISO 8601");
    assert_eq!(first["data"][0]["attributes"].as_object().unwrap().len(), 2);

    let nobody = [("filter[last_name][eq]", "Nobody"), ("page[size]", "1")];
    let (status, none) = v8.list("Contacts", &nobody);
    assert_eq!((status, count(&none)), (200, 0));
    assert!(none["meta"]["message"].is_string());
}

#[test]
fn v8_creates_once_under_an_id_of_our_own() {
    let v8 = V8::of(suite());
    let (_, contacts) = v8.list("Contacts", &[("page[size]", "1")]);
    let contact = &contacts["data"][0]["id"];
    let with = |field: &str, value: Value| {
        let mut call = a_call();
        call[field] = value;
        call
    };
    let new = |id: &str, attributes: Value| json!({ "type": "Calls", "id": id, "attributes": attributes });
    let call = new(OWN_ID, with("contact_id", contact.clone()));
    let (status, reply) = v8.create(&call);
    assert_eq!(
        (status, &reply["data"]["id"]),
        (201, &json!(OWN_ID)),
        "{reply}"
    );
    let contact = contact.as_str().unwrap();
    assert_eq!(
        v8.suite.links(),
        [format!("Calls/{OWN_ID}/contacts/{contact}")]
    );

    let other = "0b7e1c52-7a53-5d8e-9c0a-3f0d9f3f1c22";
    for (data, detail) in [
        (call, "is already exist"),
        (new("not-a-uuid", a_call()), "\"id\""),
        (
            new(other, with("nosuch", json!("x"))),
            "Property nosuch in Call module is invalid",
        ),
        (new(other, with("status", json!("Done"))), "status"),
        (
            new(other, with("direction", json!("incoming"))),
            "direction",
        ),
        (
            new(other, with("date_start", json!("2026-11-22T08:30:00Z"))),
            "date_start",
        ),
        (
            new(other, with("duration_minutes", json!(60))),
            "duration_minutes",
        ),
        (new(other, with("name", json!("x".repeat(51)))), "name"),
        (new(other, with("contact_id", json!("nobody"))), "not found"),
        (json!({ "type": "Bugs" }), "Module Bugs does not exist"),
    ] {
        let (status, reply) = v8.create(&data);
        let told = reply["errors"]["detail"].as_str().unwrap();
        assert!(status == 400 && told.contains(detail), "{data}: {told}");
    }
    assert_eq!(v8.suite.created(), 1);
    let (status, _) = v8.create(&json!({ "type": "Cases", "attributes": { "name": "Case" } }));
    assert_eq!((status, v8.suite.created()), (201, 2));
}

#[test]
fn v8_changes_what_is_there_and_never_gives_an_id_twice() {
    let v8 = V8::of(suite());
    let saved =
        |attributes: Value| json!({ "type": "Calls", "id": OWN_ID, "attributes": attributes });
    let gone = format!("Calls module with id {OWN_ID} is not found");
    let detail = |(status, reply): (u16, Value)| {
        assert_eq!(status, 400, "{reply}");
        reply["errors"]["detail"].as_str().unwrap().to_owned()
    };
    let held = saved(json!({ "status": "Held", "description": "Talked." }));
    assert_eq!(detail(v8.update(&held)), gone);
    assert_eq!(v8.suite.created(), 0);

    v8.create(&saved(a_call()));
    let (status, reply) = v8.update(&held);
    assert_eq!((status, &reply["data"]["id"]), (201, &json!(OWN_ID)));
    let call = v8.suite.created_objects().remove(0);
    assert_eq!(call["description"], "Talked.");
    assert_eq!(call["name"], a_call()["name"], "the rest stays");
    let nosuch = saved(json!({ "nosuch": "x" }));
    assert_eq!(
        detail(v8.update(&nosuch)),
        "Property nosuch in Call module is invalid"
    );
    assert_eq!(
        detail(v8.update(&saved(json!({ "status": "Done" })))),
        "status"
    );

    v8.suite
        .edit(&format!("Calls/{OWN_ID}"), "status", "Planned");
    assert_eq!(v8.suite.created_objects()[0]["status"], "Planned");
    v8.suite.delete(&format!("Calls/{OWN_ID}"));
    assert_eq!(detail(v8.update(&held)), gone);
    let again = detail(v8.create(&saved(a_call())));
    assert!(again.contains("is already exist"), "{again}");
    assert_eq!(v8.suite.created(), 1);
}

#[test]
fn people_are_created_with_a_last_name_and_found() {
    let v8 = V8::of(suite());
    let nina = json!({"first_name": "Nina", "last_name": "Neu", "phone_mobile": "+41445559999"});
    for module in ["Contacts", "Leads"] {
        let create =
            |attributes: &Value| v8.create(&json!({ "type": module, "attributes": attributes }));
        assert_eq!(create(&json!({ "first_name": "Nina" })).0, 400);
        assert_eq!(create(&nina).0, 201);
        let nina = [
            ("filter[phone_mobile][like]", "%445559999"),
            ("page[size]", "5"),
        ];
        let (_, found) = v8.list(module, &nina);
        assert_eq!(
            found["data"][0]["attributes"]["last_name"], "Neu",
            "{module}"
        );
    }
    assert_eq!(v8.suite.created(), 2);
}
