use bytes::Bytes;

use super::*;
use crate::contacts::messy_contacts;

fn request(method: &str, path: &str, query: &str, body: &Value) -> Request {
    Request {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        headers: vec![
            ("authorization".into(), format!("Bearer {API_KEY}")),
            ("content-type".into(), "application/json".into()),
        ],
        body: Bytes::from(body.to_string()),
    }
}

fn crm() -> RestCrm {
    RestCrm::new(&messy_contacts(100))
}

fn ask(crm: &RestCrm, request: &Request) -> (u16, Value) {
    let response = crm.respond(request);
    (
        response.status,
        serde_json::from_slice(&response.body).unwrap(),
    )
}

fn get(crm: &RestCrm, query: &str) -> (u16, Value) {
    ask(crm, &request("GET", "/api/contacts", query, &Value::Null))
}

#[test]
fn both_ways_of_asking_find_the_same_contacts() {
    let (_, by_query) = get(&crm(), "phone=%25791234567%25");
    let body = json!({ "phone": "%7%9%1%2%3%4%5%6%7%" });
    let (_, by_body) = ask(&crm(), &request("POST", "/api/contacts/search", "", &body));
    assert_eq!(by_query["totalItems"], 0, "numbers are compared as typed");
    assert_eq!(by_body["totalItems"], 1);
    assert_eq!(
        by_body["items"][0],
        json!({
            "id": 13,
            "person": { "name": "Mia Keller", "title": null },
            "company": { "id": 2, "name": "Keller AG" },
            "phones": { "mobile": "079 123 45 67", "work": null },
            "email": "contact13@example.ch",
        })
    );
}

#[test]
fn pages_have_at_most_fifty_contacts() {
    let (_, page) = get(&crm(), "perPage=1000");
    assert_eq!(page["items"].as_array().unwrap().len(), MAX_PER_PAGE);
    assert_eq!(
        page["totalItems"], 113,
        "without a filter it is all of them"
    );
    let (_, last) = get(&crm(), "perPage=50&page=3");
    assert_eq!(last["items"].as_array().unwrap().len(), 13);
    assert_eq!(get(&crm(), "page=0").0, 400);
    assert_eq!(get(&crm(), "perPage=many").0, 400);
}

#[test]
fn an_unencoded_plus_is_a_blank() {
    let (_, page) = get(&crm(), "phone=+41215522000");
    assert_eq!(page["totalItems"], 0);
    let (_, page) = get(&crm(), "phone=%2B41215522000");
    assert_eq!(page["totalItems"], 1);
}

#[test]
fn nobody_is_an_empty_page_or_a_404() {
    assert_eq!(get(&crm(), "phone=0").0, 200);
    assert_eq!(get(&crm().with_404_for_nobody(), "phone=0").0, 404);
    assert_eq!(get(&crm().with_404_for_nobody(), "phone=%25").0, 200);
}

#[test]
fn an_ignored_filter_returns_everybody() {
    let (status, page) = get(&crm().ignoring_filters(), "phone=0");
    assert_eq!((status, &page["totalItems"]), (200, &json!(113)));
}

#[test]
fn a_note_is_created_found_and_changed() {
    let crm = crm();
    let send = |method, path, body: &Value| ask(&crm, &request(method, path, "", body));
    let found = |query: &str| ask(&crm, &request("GET", "/api/notes", query, &Value::Null)).1;
    let note = json!({ "external_key": "k1", "subject": "Call" });
    let (status, created) = send("POST", "/api/notes", &note);
    assert_eq!((status, &created["id"]), (201, &json!("501")));
    send("POST", "/api/notes", &note);
    assert_eq!(
        crm.notes_created(),
        2,
        "nothing says that it is a repetition"
    );
    assert_eq!(found("external_key=k1")["totalItems"], 2);
    assert_eq!(found("external_key=k2")["totalItems"], 0);
    assert_eq!(
        found("externalkey=k2")["totalItems"],
        2,
        "unknown parameters are ignored"
    );
    let (_, changed) = send(
        "PATCH",
        "/api/notes/501",
        &json!({ "subject": "Other", "id": "x" }),
    );
    let expected = json!({ "external_key": "k1", "subject": "Other", "id": "501" });
    assert_eq!(changed, expected);
    crm.delete_notes();
    assert_eq!(send("PATCH", "/api/notes/501", &json!({})).0, 404);
    assert_eq!((crm.notes_created(), crm.notes().len()), (2, 0));
}

#[test]
fn a_note_is_not_created_again_under_its_own_key_or_id() {
    let crm = crm();
    let mut keyed = request("POST", "/api/notes", "", &json!({}));
    keyed.headers.push(("idempotency-key".into(), "k1".into()));
    let (first, second) = (ask(&crm, &keyed), ask(&crm, &keyed));
    assert_eq!((first.0, second.0), (201, 200));
    assert_eq!(first.1, second.1);
    let send = |method, path, body: &Value| ask(&crm, &request(method, path, "", body)).0;
    assert_eq!(send("PUT", "/api/notes/mine", &json!({})), 201);
    assert_eq!(send("PUT", "/api/notes/mine", &json!({})), 200);
    assert_eq!(send("POST", "/api/notes", &json!({ "id": "mine" })), 409);
    assert_eq!(crm.notes_created(), 2);
    assert_eq!(send("POST", "/api/notes", &json!([])), 400);
    assert_eq!(send("DELETE", "/api/notes/mine", &json!({})), 405);
}

#[test]
fn what_is_wrong_is_refused() {
    let with = |name: &str, value: &str| {
        let mut request = request("GET", "/api/me", "", &Value::Null);
        request.headers = vec![(name.into(), value.into())];
        ask(&crm(), &request).0
    };
    assert_eq!(with("x-api-key", API_KEY), 200);
    assert_eq!(with("x-api-key", "wrong"), 401);
    assert_eq!(with("authorization", API_KEY), 401);
    assert_eq!(with("accept", "*/*"), 401);

    let send = |method, path, body: &Value| ask(&crm(), &request(method, path, "", body)).0;
    assert_eq!(send("POST", "/api/contacts/search", &json!([1])), 400);
    assert_eq!(send("DELETE", "/api/contacts", &Value::Null), 405);
    assert_eq!(send("GET", "/api/nothing", &Value::Null), 404);

    let mut form = request("POST", "/api/contacts/search", "", &json!({}));
    form.headers[1].1 = "application/x-www-form-urlencoded".into();
    assert_eq!(ask(&crm(), &form).0, 415);
}
