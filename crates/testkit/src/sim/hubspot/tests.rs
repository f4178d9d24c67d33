//! The simulator's own rules.

mod writes;

use serde_json::{Value, json};

use super::*;
use crate::contacts::{MIA, MIA_NUMBER, messy_contacts};

const SEARCH: &str = "/crm/objects/2026-09/contacts/search";

fn crm() -> HubSpot {
    HubSpot::new(&messy_contacts(20))
}

fn request(method: &str, target: &str, content_type: &str, body: String) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Request {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        headers: vec![
            ("authorization".into(), format!("Bearer {}", HubSpot::TOKEN)),
            ("content-type".into(), content_type.into()),
        ],
        body: body.into(),
    }
}

fn post(path: &str, body: &Value) -> Request {
    request("POST", path, "application/json", body.to_string())
}

fn get(target: &str) -> Request {
    request("GET", target, "", String::new())
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

fn filter(property: &str, operator: &str, value: &str) -> Value {
    json!({ "filters": [{ "propertyName": property, "operator": operator, "value": value }] })
}

fn found(crm: &HubSpot, search: &Value) -> Vec<String> {
    let response = crm.respond(&post(SEARCH, search));
    assert_eq!(response.status, 200, "{search}");
    let results = body(&response)["results"].as_array().unwrap().clone();
    results
        .iter()
        .map(|hit| hit["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn both_path_layouts_lead_to_the_same_answers() {
    let crm = crm();
    let by_name = json!({ "filterGroups": [filter("firstname", "EQ", "mia")] });
    let batch = json!({ "inputs": [{ "id": "9002" }] });
    let call = json!({ "properties": { "hs_timestamp": "1763800200000" }, "associations": [] });
    let cases = [
        (post("/crm/v3/objects/contacts/search", &by_name), 200),
        (post("/crm/objects/2026-03/0-1/search", &by_name), 200),
        (post("/crm/v3/objects/companies/batch/read", &batch), 200),
        (
            post("/crm/objects/2026-09/companies/batch/read", &batch),
            200,
        ),
        (post("/crm/v3/objects/calls", &call), 201),
        (post("/crm/objects/2026-09/calls", &call), 201),
        (get("/account-info/v3/details"), 200),
        (get("/account-info/2026-09/details"), 200),
        (get("/crm/v3/owners"), 200),
        (get("/crm/owners/2026-09"), 200),
        (post("/crm/objects/v3/contacts/search", &by_name), 404),
        (post("/crm/2026-09/objects/contacts/search", &by_name), 404),
        (post("/crm/objects/2026-02/contacts/search", &by_name), 404),
        (get("/crm/v3/objects/contacts/search"), 404),
    ];
    for (request, status) in cases {
        assert_eq!(crm.respond(&request).status, status, "{}", request.path);
    }
}

#[test]
fn a_search_that_breaks_a_rule_is_refused() {
    let group = filter("phone", "EQ", "1");
    let groups = |count: usize| json!({ "filterGroups": vec![group.clone(); count] });
    let many = json!({ "filterGroups": [{ "filters": vec![group["filters"][0].clone(); 7] }] });
    let two_sorts =
        json!({ "sorts": [{ "propertyName": "createdate" }, { "propertyName": "createdate" }] });
    let cases = [
        (groups(5), 200),
        (groups(6), 400),
        (many, 400),
        (json!({ "limit": 200 }), 200),
        (json!({ "limit": 201 }), 400),
        (json!({ "after": "10000" }), 200),
        (json!({ "after": "10001" }), 400),
        (
            json!({ "filterGroups": [filter("nosuch", "EQ", "1")] }),
            400,
        ),
        (
            json!({ "filterGroups": [filter("phone", "LIKE", "1")] }),
            400,
        ),
        (json!({ "properties": ["nosuch"] }), 200),
        (two_sorts, 400),
        (json!({ "query": "x".repeat(2_980) }), 200),
        (json!({ "query": "x".repeat(2_990) }), 400),
    ];
    for (search, status) in cases {
        let response = crm().respond(&post(SEARCH, &search));
        assert_eq!(response.status, status, "{search}");
    }
    let broken = request("POST", SEARCH, "application/json", "{".into());
    assert_eq!(crm().respond(&broken).status, 400);
    let form = request("POST", SEARCH, "text/plain", "{}".into());
    assert_eq!(crm().respond(&form).status, 415);
}

#[test]
fn an_unknown_filter_property_is_named() {
    let crm = crm().without_property("contacts", "hs_calculated_phone_number");
    let search = json!({ "filterGroups": [filter("hs_calculated_phone_number", "EQ", "1")] });
    let refusal = body(&crm.respond(&post(SEARCH, &search)));
    assert_eq!(refusal["category"], "VALIDATION_ERROR");
    let error = &refusal["errors"][0];
    assert_eq!(error["code"], "PROPERTY_DOESNT_EXIST");
    assert_eq!(
        error["context"]["propertyName"],
        json!(["hs_calculated_phone_number"])
    );
}

#[test]
fn operators_compare_as_documented() {
    let searchable = "hs_searchable_calculated_mobile_number";
    let in_list = |value: &str| json!({ "filters": [{ "propertyName": "firstname", "operator": "IN", "values": [value] }] });
    let cases = [
        (filter(searchable, "EQ", "791234567"), true),
        (filter(searchable, "EQ", "41791234567"), false),
        (filter(searchable, "EQ", "0791234567"), false),
        (filter(searchable, "CONTAINS_TOKEN", "*1234567"), true),
        (filter(searchable, "CONTAINS_TOKEN", "1234567"), false),
        (filter("firstname", "EQ", "MIA"), true),
        (filter("mobilephone", "EQ", "079 123 45 67"), true),
        (filter("mobilephone", "EQ", "+41791234567"), false),
        (filter("mobilephone", "CONTAINS_TOKEN", "*791234567"), false),
        (in_list("mia"), true),
        (in_list("Mia"), false),
    ];
    let crm = crm();
    for (group, expected) in cases {
        let ids = found(&crm, &json!({ "filterGroups": [group] }));
        assert_eq!(ids.contains(&"13".to_owned()), expected, "{group}");
    }
    assert_eq!(found(&crm, &json!({ "query": "mia keller" })), ["13"]);
}

#[test]
fn results_are_paged_sorted_and_made_of_texts_and_nulls() {
    let crm = crm();
    assert_eq!(found(&crm, &json!({ "limit": 2 })), ["1", "2"]);
    let newest = json!([{ "propertyName": "lastmodifieddate", "direction": "DESCENDING" }]);
    assert_eq!(found(&crm, &json!({ "limit": 1, "sorts": newest })), ["33"]);
    let page = body(&crm.respond(&post(SEARCH, &json!({ "limit": 2, "after": "31" }))));
    assert_eq!(page["total"], 33);
    assert!(page.get("paging").is_none(), "the last page");
    let page = body(&crm.respond(&post(SEARCH, &json!({ "limit": 2, "after": "30" }))));
    assert_eq!(page["paging"]["next"]["after"], "32");

    let mia = json!({ "query": MIA, "properties": ["firstname", "phone", "associatedcompanyid", "nosuch"] });
    let page = body(&crm.respond(&post(SEARCH, &mia)));
    let hit = &page["results"][0];
    let properties = hit["properties"].as_object().unwrap();
    let mut names: Vec<&str> = properties.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "associatedcompanyid",
            "createdate",
            "firstname",
            "hs_object_id",
            "lastmodifieddate",
            "phone"
        ]
    );
    assert_eq!(properties["associatedcompanyid"], "9002");
    assert_eq!(properties["phone"], Value::Null);
    assert_eq!(
        hit["url"],
        "https://app-eu1.hubspot.com/contacts/7001234/record/0-1/13"
    );
}

#[test]
fn a_company_is_found_by_its_switchboard() {
    let crm = crm();
    let number = HubSpot::company_number(2);
    let national = number.strip_prefix("41").unwrap();
    let group = filter("hs_searchable_calculated_phone_number", "EQ", national);
    let search = json!({ "filterGroups": [group], "properties": ["name"] });
    let page = body(&crm.respond(&post("/crm/v3/objects/companies/search", &search)));
    assert_eq!(page["total"], 1);
    assert_eq!(page["results"][0]["properties"]["name"], "Keller AG");
    assert_ne!(number, MIA_NUMBER);
}

fn leads_of(crm: &HubSpot, group: &Value) -> (u16, Vec<Value>) {
    let search = json!({ "filterGroups": [{ "filters": [group] }], "properties": ["hs_lead_name", "associations.contact", "phone"] });
    let response = crm.respond(&post("/crm/objects/2026-09/leads/search", &search));
    let results = body(&response)["results"].as_array().cloned();
    (response.status, results.unwrap_or_default())
}

#[test]
fn leads_are_searched_by_the_contacts_they_are_associated_with() {
    let crm = crm()
        .with_lead(701, "Mia Keller", &[13, 14])
        .with_lead(702, "Other", &[15]);
    let by = |operator: &str, key: &str, value: Value| json!({ "propertyName": "associations.contact", "operator": operator, key: value });
    let cases: [(Value, u16, &[&str]); 8] = [
        (by("EQ", "value", json!("13")), 200, &["701"]),
        (
            by("IN", "values", json!(["14", "15"])),
            200,
            &["701", "702"],
        ),
        (by("IN", "values", json!(["16"])), 200, &[]),
        (by("IN", "values", json!([13])), 400, &[]),
        (by("IN", "value", json!("13")), 400, &[]),
        (by("EQ", "values", json!(["13"])), 400, &[]),
        (by("CONTAINS_TOKEN", "value", json!("13")), 400, &[]),
        (
            json!({ "propertyName": "phone", "operator": "EQ", "value": "1" }),
            400,
            &[],
        ),
    ];
    for (filter, status, ids) in cases {
        let (seen, found) = leads_of(&crm, &filter);
        let found: Vec<_> = found
            .iter()
            .map(|lead| lead["id"].as_str().unwrap())
            .collect();
        assert_eq!((seen, found.as_slice()), (status, ids), "{filter}");
    }
    let (_, found) = leads_of(&crm, &by("EQ", "value", json!("13")));
    let properties = found[0]["properties"].as_object().unwrap();
    assert_eq!(properties["hs_lead_name"], "Mia Keller");
    assert!(
        !properties.contains_key("associations.contact"),
        "never told"
    );
    assert!(!properties.contains_key("phone"), "leads have none");
}

#[test]
fn only_leads_are_searched_by_their_contacts_and_only_with_the_scope() {
    let filter = json!({ "propertyName": "associations.contact", "operator": "EQ", "value": "13" });
    let search = json!({ "filterGroups": [{ "filters": [filter] }] });
    let status = |crm: &HubSpot, kind: &str| {
        let path = format!("/crm/v3/objects/{kind}/search");
        crm.respond(&post(&path, &search)).status
    };
    assert_eq!(status(&crm(), "0-136"), 200);
    assert_eq!(status(&crm(), "companies"), 400);
    let lacking = crm().without_property("leads", "associations.contact");
    assert_eq!(status(&lacking, "leads"), 400);
    let narrow = crm().without_scope("crm.objects.leads.read");
    assert_eq!(status(&narrow, "leads"), 403);
}

#[test]
fn a_batch_with_a_missing_company_is_a_207() {
    let path = "/crm/v3/objects/companies/batch/read";
    let inputs = json!({ "inputs": [{ "id": "9002" }, { "id": "9999" }], "properties": ["name"] });
    let response = crm().respond(&post(path, &inputs));
    assert_eq!(response.status, 207);
    let page = body(&response);
    assert_eq!(page["results"][0]["properties"]["name"], "Keller AG");
    assert_eq!(page["results"].as_array().unwrap().len(), 1);
    assert_eq!(page["errors"][0]["context"]["ids"], json!(["9999"]));
    let too_many = json!({ "inputs": vec![json!({ "id": "9002" }); 101] });
    assert_eq!(crm().respond(&post(path, &too_many)).status, 400);
}

#[test]
fn the_search_limit_has_its_own_429() {
    let crm = crm().with_search_limit(2);
    let search = post(SEARCH, &json!({ "limit": 1 }));
    let statuses = [(); 3].map(|()| crm.respond(&search).status);
    assert_eq!(statuses, [200, 200, 429]);
    let refusal = crm.respond(&search);
    assert_eq!(body(&refusal)["policyName"], "SECONDLY");
    let names: Vec<_> = refusal.headers.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["content-type"], "no header tells about the limit");
    let account = crm.respond(&get("/account-info/v3/details"));
    assert_eq!(account.status, 200, "only searches count");
}

#[test]
fn tokens_and_scopes_are_checked() {
    let search = |token: &str| {
        let mut request = post(SEARCH, &json!({}));
        request.headers[0].1 = token.to_owned();
        request
    };
    let good = format!("Bearer {}", HubSpot::TOKEN);
    let category = |crm: &HubSpot, token: &str| {
        let response = crm.respond(&search(token));
        (response.status, body(&response)["category"].clone())
    };
    assert_eq!(category(&crm(), &good), (200, Value::Null));
    for bad in ["", "Bearer ", "Bearer other", HubSpot::TOKEN] {
        let expected = (401, json!("INVALID_AUTHENTICATION"));
        assert_eq!(category(&crm(), bad), expected, "{bad}");
    }
    let narrow = crm().without_scope("crm.objects.contacts.read");
    assert_eq!(category(&narrow, &good), (403, json!("MISSING_SCOPES")));
    let revoked = crm();
    revoked.revoke();
    let expected = (401, json!("INVALID_AUTHENTICATION"));
    assert_eq!(category(&revoked, &good), expected);
}

fn refresh(path: &str, grant: &str, secret: &str, token: &str) -> Request {
    let form = format!(
        "grant_type={grant}&client_id={}&client_secret={secret}&refresh_token={token}",
        HubSpot::CLIENT_ID
    );
    let mut request = request("POST", path, "application/x-www-form-urlencoded", form);
    request.headers.remove(0);
    request
}

#[test]
fn access_tokens_are_issued_expire_and_are_counted() {
    let crm = crm();
    let good = (HubSpot::CLIENT_SECRET, HubSpot::REFRESH_TOKEN);
    let issue = refresh("/oauth/2026-09/token", "refresh_token", good.0, good.1);
    let reply = body(&crm.respond(&issue));
    assert_eq!(reply["expires_in"], 1800);
    let mut search = post(SEARCH, &json!({}));
    search.headers[0].1 = format!("Bearer {}", reply["access_token"].as_str().unwrap());
    assert_eq!(crm.respond(&search).status, 200);
    crm.expire_tokens();
    let refusal = crm.respond(&search);
    assert_eq!(refusal.status, 401);
    assert_eq!(body(&refusal)["category"], "EXPIRED_AUTHENTICATION");
    crm.respond(&issue);
    assert_eq!(crm.tokens_issued(), 2);
}

#[test]
fn the_token_endpoint_refuses_in_its_versions_words() {
    let (secret, token) = (HubSpot::CLIENT_SECRET, HubSpot::REFRESH_TOKEN);
    let cases = [
        (
            "/oauth/v1/token",
            secret,
            "old",
            "status",
            "BAD_REFRESH_TOKEN",
        ),
        ("/oauth/v3/token", secret, "old", "error", "invalid_grant"),
        ("/oauth/v1/token", "wrong", token, "status", "BAD_CLIENT_ID"),
        ("/oauth/v3/token", "wrong", token, "error", "invalid_client"),
    ];
    for (path, secret, token, key, code) in cases {
        let response = crm().respond(&refresh(path, "refresh_token", secret, token));
        assert_eq!(response.status, 400, "{path}");
        assert_eq!(body(&response)[key], code, "{path}");
    }
    let other_grant = refresh("/oauth/v3/token", "password", secret, token);
    assert_eq!(crm().respond(&other_grant).status, 400);
    let json = post("/oauth/v3/token", &json!({ "grant_type": "refresh_token" }));
    assert_eq!(crm().respond(&json).status, 415, "forms only");
}

#[test]
fn calls_and_tickets_are_checked_and_recorded() {
    let call = |properties: Value| json!({ "properties": properties, "associations": [] });
    let at = "2026-11-22T08:30:00.000Z";
    let with = |id: &str, kind: u64| {
        json!({ "properties": { "hs_timestamp": at }, "associations": [{
            "to": { "id": id },
            "types": [{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind }],
        }] })
    };
    let ticket = json!({ "subject": "s", "hs_pipeline_stage": "1" });
    let cases = [
        ("calls", call(json!({ "hs_timestamp": at })), 201),
        ("calls", call(json!({ "hs_call_title": "x" })), 400),
        (
            "calls",
            json!({ "properties": { "hs_timestamp": at } }),
            400,
        ),
        ("calls", json!({ "associations": [] }), 400),
        (
            "calls",
            call(json!({ "hs_timestamp": at, "nosuch": "x" })),
            400,
        ),
        (
            "calls",
            call(json!({ "hs_timestamp": at, "hs_call_status": "DONE" })),
            400,
        ),
        (
            "calls",
            call(json!({ "hs_timestamp": at, "hs_call_duration": 60_000 })),
            400,
        ),
        (
            "calls",
            call(json!({ "hs_timestamp": at, "hubspot_owner_id": "1" })),
            400,
        ),
        ("calls", call(json!({ "hs_timestamp": "yesterday" })), 400),
        ("calls", with("13", 194), 201),
        ("calls", with("9002", 182), 201),
        ("calls", with("13", 182), 400),
        ("calls", with("13", 16), 400),
        ("calls", with("99999", 194), 400),
        ("tickets", call(ticket), 201),
        ("tickets", call(json!({ "subject": "s" })), 400),
        ("tickets", call(json!({ "hs_pipeline_stage": "1" })), 400),
        (
            "calls",
            call(json!({ "hs_timestamp": at, "hs_call_body": "x".repeat(65_537) })),
            400,
        ),
        ("contacts", call(json!({ "lastname": "x" })), 201),
        ("contacts", call(json!({ "hs_object_id": "1" })), 400),
        (
            "contacts",
            call(json!({ "email": "mia@example.ch", "hs_call_title": "x" })),
            400,
        ),
        (
            "contacts",
            json!({ "properties": { "lastname": "x" } }),
            400,
        ),
        ("companies", call(json!({ "name": "x" })), 404),
    ];
    for (kind, object, status) in cases {
        let crm = crm();
        let response = crm.respond(&post(&format!("/crm/v3/objects/{kind}"), &object));
        assert_eq!(response.status, status, "{kind} {object}");
        assert_eq!(crm.created().len(), usize::from(status == 201), "{object}");
    }
    let crm = crm();
    crm.respond(&post("/crm/v3/objects/calls", &with("13", 194)));
    let [made] = &crm.created()[..] else {
        panic!("one object")
    };
    assert_eq!((made.kind.as_str(), made.id.as_str()), ("calls", "88001"));
    assert_eq!(made.associations, [("13".to_owned(), 194)]);
}

#[test]
fn owners_are_found_by_address() {
    let ids = |target: &str| {
        let page = body(&crm().respond(&get(target)));
        page["results"].as_array().unwrap().len()
    };
    assert_eq!(ids("/crm/v3/owners?email=anna%40example.ch&limit=100"), 1);
    assert_eq!(ids("/crm/v3/owners?email=nobody%40example.ch"), 0);
    let too_many = crm().respond(&get("/crm/v3/owners?limit=501"));
    assert_eq!(too_many.status, 400);
}

#[test]
fn the_account_names_the_host_of_its_pages() {
    let account = body(&crm().respond(&get("/account-info/v3/details")));
    assert_eq!(account["portalId"], HubSpot::PORTAL_ID);
    assert_eq!(account["uiDomain"], HubSpot::UI_DOMAIN);
    let bare = crm().without_urls();
    let page = body(&bare.respond(&post(SEARCH, &json!({ "limit": 1 }))));
    assert!(page["results"][0].get("url").is_none());
}
