//! The rules of the simulated instance, one by one, without a socket.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Sugar;
use crate::{
    contacts::{MIA_NUMBER, SPELLED, UNKNOWN, messy_contacts},
    upstream::{Request, SimulatedCrm},
};

/// A client that logged in once.
struct Client {
    sugar: Sugar,
    token: String,
}

impl Client {
    fn of(sugar: Sugar) -> Self {
        let (status, reply) = send(&sugar, "POST", "v11/oauth2/token", &login(), None);
        assert_eq!(status, 200, "{reply}");
        let token = reply["access_token"].as_str().unwrap().to_owned();
        Self { sugar, token }
    }

    fn new() -> Self {
        Self::of(Sugar::new(&messy_contacts(50)))
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        send(&self.sugar, "POST", path, body, Some(&self.token))
    }

    fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        send(&self.sugar, "PUT", path, body, Some(&self.token))
    }

    fn get(&self, path: &str) -> (u16, Value) {
        send(&self.sugar, "GET", path, &Value::Null, Some(&self.token))
    }

    /// The ids that a filter on contacts finds.
    fn filtered(&self, filter: &Value) -> BTreeSet<String> {
        let body = json!({ "filter": [filter], "max_num": 1000 });
        let (status, reply) = self.post("v11/Contacts/filter", &body);
        assert_eq!(status, 200, "{reply}");
        ids(&reply)
    }
}

fn login() -> Value {
    json!({
        "grant_type": "password", "client_id": "sugar", "client_secret": "",
        "username": Sugar::USERNAME, "password": Sugar::PASSWORD, "platform": Sugar::PLATFORM,
    })
}

fn login_with(name: &str, value: &str) -> Value {
    let mut body = login();
    body[name] = json!(value);
    body
}

fn send(
    sugar: &Sugar,
    method: &str,
    path: &str,
    body: &Value,
    token: Option<&str>,
) -> (u16, Value) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let response = sugar.respond(&Request {
        method: method.to_owned(),
        path: format!("/rest/{path}"),
        query: query.to_owned(),
        headers: token
            .map(|token| ("oauth-token".to_owned(), token.to_owned()))
            .into_iter()
            .collect(),
        body: body.to_string().into(),
    });
    (
        response.status,
        serde_json::from_slice(&response.body).unwrap(),
    )
}

fn ids(reply: &Value) -> BTreeSet<String> {
    let records = reply["records"].as_array().unwrap();
    records
        .iter()
        .map(|record| record["id"].as_str().unwrap().to_owned())
        .collect()
}

fn phones_of(records: &Value) -> Vec<String> {
    let fields = ["phone_mobile", "phone_work", "phone_office", "phone_fax"];
    let records = records["records"].as_array().unwrap();
    let phones = records
        .iter()
        .flat_map(|record| fields.map(|field| record[field].as_str().unwrap_or("").to_owned()));
    phones.filter(|phone| !phone.is_empty()).collect()
}

#[test]
fn the_promised_numbers_have_their_owners_over_all_modules() {
    let client = Client::new();
    let plan = crate::number_plan();
    let mut phones = Vec::new();
    for module in ["Contacts", "Leads", "Accounts"] {
        let (_, reply) = client.post(&format!("v11/{module}/filter"), &json!({"max_num": 1000}));
        let found = phones_of(&reply);
        assert!(!found.is_empty(), "{module} has numbers");
        phones.extend(found);
    }
    for (number, owners) in [(SPELLED, 12), (MIA_NUMBER, 1), (UNKNOWN, 0)] {
        let asked = crate::number(number);
        let matching = phones
            .iter()
            .filter(|phone| plan.match_stored(phone, &asked).is_some());
        assert_eq!(matching.count(), owners, "{number}");
    }
}

#[test]
fn requests_are_refused_with_sugars_statuses_and_labels() {
    let client = Client::of(Sugar::new(&messy_contacts(50)).without_access_to("Leads"));
    let filter = |filter: Value| json!({ "filter": [filter] });
    let cases = [
        ("v12/ping", json!({}), 301, "incorrect_version"),
        ("v11_99/ping", json!({}), 301, "incorrect_version"),
        ("v11/nothing/here", json!({}), 404, "no_method"),
        ("v11/Bugs/filter", json!({}), 404, "no_method"),
        ("v11/Leads/filter", json!({}), 403, "not_authorized"),
        (
            "v11/Contacts/filter",
            filter(json!({"nosuch": "x"})),
            422,
            "invalid_parameter",
        ),
        (
            "v11/Contacts/filter",
            filter(json!({"$or": [{"nosuch": "x"}]})),
            422,
            "invalid_parameter",
        ),
        (
            "v11/Contacts/filter",
            filter(json!({"name": {"$sounds": "x"}})),
            422,
            "invalid_parameter",
        ),
        (
            "v11/Contacts/filter",
            filter(json!({"name": {"$in": "x"}})),
            422,
            "invalid_parameter",
        ),
        (
            "v11/Contacts/filter",
            json!({"order_by": "nosuch"}),
            422,
            "invalid_parameter",
        ),
        (
            "v11/Contacts/filter",
            json!({"max_num": "many"}),
            422,
            "invalid_parameter",
        ),
        ("v11/bulk", json!({}), 422, "missing_parameter"),
        (
            "v11/bulk",
            json!({"requests": [{"method": "GET"}]}),
            422,
            "missing_parameter",
        ),
        ("v11/Calls", json!({"name": "x"}), 422, "missing_parameter"),
        ("v11/Cases", json!({"name": "x"}), 422, "missing_parameter"),
    ];
    for (path, body, status, label) in cases {
        let (answered, reply) = client.post(path, &body);
        assert_eq!(
            (answered, &reply["error"]),
            (status, &json!(label)),
            "{path}"
        );
        assert!(reply["error_message"].is_string(), "{path}");
    }
    assert_eq!(client.get("v11/Contacts/none").0, 404);
    assert_eq!(client.sugar.created(), 0);
}

#[test]
fn logins_are_refused_with_the_reason() {
    let sugar = Sugar::new(&[]);
    let cases = [
        (login_with("platform", "pbx"), 422, "invalid_parameter"),
        (login_with("password", "wrong"), 401, "need_login"),
        (login_with("username", "nobody"), 401, "need_login"),
        (login_with("client_id", "own-key"), 400, "invalid_client"),
        (login_with("client_secret", "x"), 400, "invalid_client"),
        (
            login_with("grant_type", "refresh_token"),
            400,
            "invalid_grant",
        ),
    ];
    for (body, status, label) in cases {
        let (answered, reply) = send(&sugar, "POST", "v11/oauth2/token", &body, None);
        assert_eq!((answered, &reply["error"]), (status, &json!(label)));
    }
    assert_eq!(sugar.tokens_issued(), 0);
}

#[test]
fn a_token_is_asked_for_and_checked() {
    let client = Client::new();
    assert_eq!(client.get("v11/ping"), (200, json!("pong")));
    for (token, label) in [(None, "need_login"), (Some("made-up"), "invalid_grant")] {
        let (status, reply) = send(&client.sugar, "GET", "v10/ping", &Value::Null, token);
        assert_eq!((status, &reply["error"]), (401, &json!(label)));
    }
    client.sugar.expire_tokens();
    assert_eq!(client.get("v11/ping").0, 401);
}

#[test]
fn a_second_login_on_the_same_platform_ends_the_first() {
    let client = Client::new();
    let on_another = login_with("platform", "mobile");
    send(&client.sugar, "POST", "v11/oauth2/token", &on_another, None);
    assert_eq!(client.get("v11/ping").0, 200, "another platform");
    client.sugar.log_in_elsewhere();
    assert_eq!(client.get("v11/ping").0, 401, "the same platform");
}

#[test]
fn a_refresh_rotates_the_refresh_token() {
    let sugar = Sugar::new(&[]);
    let token = |body: &Value| send(&sugar, "POST", "v11/oauth2/token", body, None);
    let (_, first) = token(&login());
    sugar.expire_tokens();
    let refresh = |pair: &Value| {
        token(&json!({
            "grant_type": "refresh_token", "refresh_token": pair["refresh_token"],
            "client_id": "sugar", "client_secret": "", "platform": Sugar::PLATFORM,
        }))
    };
    let (status, second) = refresh(&first);
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(refresh(&first).0, 400, "the old one is void");
    assert_eq!(refresh(&second).0, 200);
    assert_eq!(sugar.tokens_issued(), 3);
}

#[test]
fn filters_compare_the_stored_text() {
    let client = Client::new();
    let cases = [
        (json!({"phone_mobile": {"$contains": "123 45"}}), 1),
        (json!({"phone_mobile": {"$contains": "12345"}}), 0),
        (json!({"phone_mobile": {"$ends": "45 67"}}), 1),
        (json!({"phone_mobile": {"$ends": "45"}}), 0),
        (json!({"phone_mobile": {"$starts": "079"}}), 1),
        (json!({"phone_mobile": {"$starts": "79"}}), 0),
        (
            json!({"phone_mobile": {"$contains": "7%9%1%2%3%4%5%6%7"}}),
            1,
        ),
        (json!({"phone_mobile": {"$contains": "123_45"}}), 1),
        (json!({"phone_mobile": "079 123 45 67"}), 1),
        (json!({"name": {"$equals": "mia keller"}}), 1),
        (json!({"first_name": {"$in": ["Mia", "Nobody"]}}), 1),
        (json!({"first_name": "Mia", "last_name": "Nobody"}), 0),
        (
            json!({"$and": [{"first_name": "Mia"}, {"phone_mobile": {"$not_empty": ""}}]}),
            1,
        ),
        (
            json!({"$or": [{"phone_home": "x"}, {"first_name": "Mia"}]}),
            1,
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(client.filtered(&filter).len(), expected, "{filter}");
    }
}

#[test]
fn users_are_found_by_name_id_and_address() {
    let client = Client::new();
    for (filter, expected) in [
        (json!({"user_name": {"$equals": "Anna"}}), 1),
        (json!({"id": {"$equals": "seed_anna_id"}}), 1),
        (json!({"email": {"$equals": "anna@example.ch"}}), 1),
        (json!({"email": {"$equals": "urs@example.ch"}}), 0),
        (json!({"$or": [{"user_name": "anna"}, {"email": "x"}]}), 1),
    ] {
        let (_, reply) = client.post("v11/Users/filter", &json!({ "filter": [filter] }));
        assert_eq!(ids(&reply).len(), expected, "{filter}");
    }
    let (status, reply) = client.get("v11/Users/seed_anna_id?fields=user_name");
    assert_eq!((status, &reply["user_name"]), (200, &json!("anna")));
}

#[test]
fn lists_come_in_pages_in_order_with_the_fields_asked_for() {
    let client = Client::new();
    let page = |offset: i64| {
        let body = json!({
            "max_num": 20, "offset": offset, "order_by": "date_modified:DESC", "fields": "name",
        });
        client.post("v11/Contacts/filter", &body).1
    };
    let mut seen = Vec::new();
    let mut offset = 0;
    while offset >= 0 {
        let reply = page(offset);
        for record in reply["records"].as_array().unwrap() {
            let keys: BTreeSet<&str> = record
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            let expected = ["_acl", "_module", "date_modified", "id", "name"];
            assert_eq!(keys, BTreeSet::from(expected));
            seen.push(record["date_modified"].as_str().unwrap().to_owned());
        }
        offset = reply["next_offset"].as_i64().unwrap();
    }
    assert!(seen.len() > 40, "several pages");
    assert!(seen.is_sorted_by(|a, b| a >= b), "newest first");
}

#[test]
fn global_search_finds_digits_in_any_spelling_and_words_in_names() {
    let client = Client::new();
    let contacts = messy_contacts(50);
    let staff = contacts.iter().filter(|one| one.company.contains("Sonne"));
    let staff = staff.count();
    let cases = [
        ("215522000", 12),
        ("5522000", 12),
        ("41215522000", 6),
        ("0041215522000", 2),
        ("791234567", 1),
        ("791234567 Mia", 1),
        ("791234567 Nobody", 0),
        ("79", 0),
        ("1234567890123456", 0),
        ("sonne", staff + 1),
        ("son", 0),
    ];
    for (q, owners) in cases {
        let body = json!({"q": q, "module_list": "Contacts,Leads,Accounts", "max_num": 100});
        let (status, reply) = client.post("v11/globalsearch", &body);
        let found = reply["records"].as_array().unwrap().len();
        assert_eq!((status, found), (200, owners), "{q}");
        assert_eq!(reply["total"], json!(found), "{q}");
    }
    let (_, reply) = client.get("v11/globalsearch?q=215522000&module_list=Leads");
    let records = reply["records"].as_array().unwrap();
    assert_eq!(records.len(), 2, "the leads among the twelve");
    assert!(records.iter().all(|record| record["_module"] == "Leads"));
}

#[test]
fn global_search_can_be_off_sparse_or_limited_by_rights() {
    let query = json!({"q": "215522000", "max_num": 100});
    let client = Client::of(Sugar::new(&messy_contacts(50)).without_search());
    let (status, reply) = client.post("v11/globalsearch", &query);
    assert_eq!(
        (status, &reply["error"]),
        (503, &json!("search_unavailable"))
    );

    let client = Client::of(Sugar::new(&messy_contacts(50)).with_sparse_search());
    let (_, reply) = client.post("v11/globalsearch", &query);
    assert_eq!(ids(&reply).len(), 12);
    assert!(reply["records"][0].get("account_name").is_none());

    let client = Client::of(Sugar::new(&messy_contacts(50)).without_access_to("Leads"));
    let (status, reply) = client.post("v11/globalsearch", &query);
    assert_eq!((status, ids(&reply).len()), (200, 10));
}

#[test]
fn a_bulk_request_answers_each_part_by_itself() {
    let client = Client::of(Sugar::new(&messy_contacts(50)).without_access_to("Leads"));
    let text = json!({"max_num": 1}).to_string();
    let (status, reply) = client.post(
        "v11/bulk",
        &json!({"requests": [
            {"url": "v11/Contacts/filter", "method": "POST", "data": text},
            {"url": "/v10/Accounts/filter", "method": "POST", "data": {"max_num": 2}},
            {"url": "v11/Leads/filter", "method": "POST", "data": text},
            {"url": "v99/ping"},
            {"url": "v11/ping"},
            {"url": "v11/bulk", "method": "POST", "data": "{}"},
        ]}),
    );
    assert_eq!(status, 200);
    let statuses: Vec<u64> = reply
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [200, 200, 403, 301, 200, 404]);
    assert_eq!(reply[0]["contents"]["records"].as_array().unwrap().len(), 1);
    assert_eq!(reply[1]["contents"]["records"].as_array().unwrap().len(), 2);
    assert_eq!(reply[2]["contents"]["error"], "not_authorized");
    assert_eq!(reply[4]["contents"], "pong");
}

#[test]
fn calls_and_cases_are_checked_kept_and_linked() {
    let client = Client::new();
    let mia = client
        .filtered(&json!({"name": "Mia Keller"}))
        .pop_first()
        .unwrap();
    let call = json!({
        "name": "Call", "direction": "Inbound", "status": "Held", "duration_minutes": 3,
        "date_start": "2026-11-22T09:30:00+01:00", "parent_type": "Contacts", "parent_id": mia,
        "contacts": {"add": [mia]},
    });
    let (status, created) = client.post("v11/Calls", &call);
    assert_eq!(status, 200, "{created}");
    let id = created["id"].as_str().unwrap();
    assert_eq!(client.sugar.links(), [format!("Calls/{id}/contacts/{mia}")]);

    let wrong = [
        ("status", json!("Done"), 422),
        ("direction", json!("incoming"), 422),
        ("date_start", json!("yesterday"), 422),
        ("duration_minutes", json!(60), 422),
        ("parent_id", json!("nobody"), 404),
        ("contacts", json!({"add": ["nobody"]}), 404),
    ];
    for (field, value, status) in wrong {
        let mut call = call.clone();
        call[field] = value;
        assert_eq!(client.post("v11/Calls", &call).0, status, "{field}");
    }
    assert_eq!(client.sugar.created(), 1);

    let (_, contact) = client.get(&format!("v11/Contacts/{mia}?fields=account_id"));
    let case = json!({"name": "Case", "account_id": contact["account_id"]});
    let (status, case) = client.post("v11/Cases", &case);
    assert_eq!((status, &case["case_number"]), (200, &json!(2)));
    let path = format!("v11/Cases/{}/link", case["id"].as_str().unwrap());
    assert_eq!(
        client.post(&format!("{path}/contacts/{mia}"), &json!({})).0,
        200
    );
    let body = json!({"link_name": "contacts", "ids": [mia]});
    assert_eq!(client.post(&path, &body).0, 200);
    assert_eq!(
        client.sugar.links().len(),
        2,
        "a call's and a case's, each once"
    );
    assert_eq!(
        client
            .post(&format!("{path}/contacts/nobody"), &json!({}))
            .0,
        404
    );
}

const OWN_ID: &str = "0b7e1c52-7a53-5d8e-9c0a-3f0d9f3f1c22";

fn a_call() -> Value {
    json!({
        "name": "Call", "direction": "Inbound", "status": "Held", "duration_minutes": 3,
        "date_start": "2026-11-22T09:30:00+01:00", "description": "Talked. Ref. wc0199",
    })
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

#[test]
fn an_id_of_our_own_is_kept_and_taken_once() {
    let client = Client::new();
    let own = with(a_call(), "id", json!(OWN_ID));
    let (status, created) = client.post("v11/Calls", &own);
    assert_eq!((status, &created["id"]), (200, &json!(OWN_ID)));
    let (status, refusal) = client.post("v11/Calls", &own);
    assert_eq!(
        (status, &refusal["error"]),
        (422, &json!("invalid_parameter"))
    );
    let told = format!("Record already exists: {OWN_ID} in module: Calls");
    assert_eq!(refusal["error_message"], told);
    assert_eq!(client.post("v11/Cases", &own).0, 422, "lacks an account");
    for wrong in [json!(1), json!(""), json!("x".repeat(37))] {
        assert_eq!(
            client.post("v11/Calls", &with(a_call(), "id", wrong)).0,
            422
        );
    }

    let path = format!("Calls/{OWN_ID}");
    client.sugar.delete(&path);
    let (status, refusal) = client.post("v11/Calls", &own);
    assert_eq!(
        (status, &refusal["error"]),
        (500, &json!("fatal_error")),
        "the row is there"
    );
    assert_eq!(client.sugar.created(), 1);

    let client = Client::of(Sugar::new(&[]).ignoring_ids());
    for _ in 0..2 {
        let (status, created) = client.post("v11/Calls", &own);
        assert!(status == 200 && created["id"] != OWN_ID, "{created}");
    }
    assert_eq!(client.sugar.created(), 2);
}

#[test]
fn objects_are_found_by_id_and_text_and_changed_while_they_are_there() {
    let client = Client::new();
    client.post("v11/Calls", &with(a_call(), "id", json!(OWN_ID)));
    let found = |filter: Value| {
        let body = json!({ "filter": [filter], "fields": "id,description" });
        let (status, reply) = client.post("v11/Calls/filter", &body);
        assert_eq!(status, 200, "{reply}");
        ids(&reply).len()
    };
    let by_id = || found(json!({"id": {"$equals": OWN_ID}}));
    let by_text = || found(json!({"description": {"$contains": "wc0199"}}));
    assert_eq!((by_id(), by_text()), (1, 1));
    assert_eq!(found(json!({"description": {"$contains": "wc0200"}})), 0);

    let path = format!("v11/Calls/{OWN_ID}");
    let (status, changed) = client.put(&path, &json!({"status": "Not Held"}));
    assert_eq!(
        (status, &changed["status"], &changed["name"]),
        (200, &json!("Not Held"), &json!("Call"))
    );
    for (field, value) in [
        ("status", json!("Done")),
        ("name", json!("")),
        ("id", json!("x")),
        ("nosuch", json!("x")),
        ("date_start", json!("yesterday")),
    ] {
        assert_eq!(
            client.put(&path, &json!({ field: value })).0,
            422,
            "{field}"
        );
    }
    assert_eq!(
        client.put("v11/Calls/none", &json!({})).1["error"],
        "not_found"
    );
    assert_eq!(
        client.put("v11/Bugs/none", &json!({})).1["error"],
        "no_method"
    );

    client
        .sugar
        .edit(&format!("Calls/{OWN_ID}"), "name", "Edited");
    assert_eq!(client.get(&path).1["name"], "Edited");
    client.sugar.delete(&format!("Calls/{OWN_ID}"));
    assert_eq!((by_id(), by_text(), client.sugar.created()), (0, 0, 1));
    assert_eq!(client.put(&path, &json!({"status": "Held"})).0, 404);
    assert_eq!(client.get(&path).0, 404);
}

#[test]
fn people_are_created_with_a_last_name_and_found() {
    let client = Client::new();
    let nina = json!({"first_name": "Nina", "last_name": "Neu", "phone_mobile": "+41445559999"});
    for module in ["Contacts", "Leads"] {
        let path = format!("v11/{module}");
        assert_eq!(client.post(&path, &json!({"first_name": "Nina"})).0, 422);
        let (status, created) = client.post(&path, &nina);
        assert_eq!((status, &created["name"]), (200, &json!("Nina Neu")));
        let filter = json!({ "filter": [{"phone_mobile": {"$contains": "445559999"}}] });
        let (_, reply) = client.post(&format!("{path}/filter"), &filter);
        assert_eq!(ids(&reply).len(), 1, "{module}");
    }
    assert_eq!(
        client.post("v11/Accounts", &json!({"name": "Neu AG"})).0,
        404
    );
    assert_eq!(client.sugar.created(), 2);
}
