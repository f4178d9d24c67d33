//! The rules of the simulated instance, one by one, without a socket.

mod v4_1;
mod v8;

use serde_json::{Value, json};

use super::SuiteCrm;
use crate::{
    contacts::{MIA_NUMBER, SPELLED, UNKNOWN, messy_contacts},
    upstream::{Request, Response, SimulatedCrm},
};

fn suite() -> SuiteCrm {
    SuiteCrm::new(&messy_contacts(50))
}

fn form(pairs: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    form.finish()
}

fn send(
    suite: &SuiteCrm,
    method: &str,
    path: &str,
    token: Option<&str>,
    kind: &str,
    body: String,
) -> Response {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let token = token.map(|token| ("authorization".to_owned(), format!("Bearer {token}")));
    let kind = ("content-type".to_owned(), kind.to_owned());
    suite.respond(&Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: token.into_iter().chain([kind]).collect(),
        body: body.into(),
    })
}

fn body_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

/// Asks for a token; later pairs replace earlier ones.
fn token(suite: &SuiteCrm, pairs: &[(&str, &str)]) -> (u16, Value) {
    let mut all = vec![
        ("grant_type", "client_credentials"),
        ("client_id", SuiteCrm::CLIENT_ID),
        ("client_secret", SuiteCrm::CLIENT_SECRET),
    ];
    for (name, value) in pairs {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    let kind = "application/x-www-form-urlencoded";
    let response = send(suite, "POST", "/Api/access_token", None, kind, form(&all));
    (response.status, body_of(&response))
}

const USER: [(&str, &str); 4] = [
    ("grant_type", "password"),
    ("client_id", SuiteCrm::PASSWORD_CLIENT_ID),
    ("username", SuiteCrm::USERNAME),
    ("password", SuiteCrm::PASSWORD),
];

/// A client of V8 that has a token.
struct V8 {
    suite: SuiteCrm,
    token: String,
}

impl V8 {
    fn of(suite: SuiteCrm) -> Self {
        let (status, reply) = token(&suite, &[]);
        assert_eq!(status, 200, "{reply}");
        let token = reply["access_token"].as_str().unwrap().to_owned();
        Self { suite, token }
    }

    fn get(&self, path: &str) -> (u16, Value) {
        let path = format!("/Api/V8/{path}");
        let response = send(
            &self.suite,
            "GET",
            &path,
            Some(&self.token),
            "",
            String::new(),
        );
        (response.status, body_of(&response))
    }

    fn create(&self, data: &Value) -> (u16, Value) {
        self.save("POST", data)
    }

    fn update(&self, data: &Value) -> (u16, Value) {
        self.save("PATCH", data)
    }

    fn save(&self, method: &str, data: &Value) -> (u16, Value) {
        let body = json!({ "data": data }).to_string();
        let kind = "application/vnd.api+json";
        let path = "/legacy/Api/V8/module";
        let response = send(&self.suite, method, path, Some(&self.token), kind, body);
        (response.status, body_of(&response))
    }

    /// The query of a list, encoded.
    fn list(&self, module: &str, pairs: &[(&str, &str)]) -> (u16, Value) {
        self.get(&format!("module/{module}?{}", form(pairs)))
    }
}

/// A client of `v4_1` that has a session.
struct V41 {
    suite: SuiteCrm,
    session: String,
}

fn call(suite: &SuiteCrm, method: &str, arguments: &str) -> Response {
    let pairs = [("method", method), ("rest_data", arguments)];
    let path = "/service/v4_1/rest.php";
    send(suite, "POST", path, None, "", form(&pairs))
}

fn login(name: &str, password: &str, encryption: Option<&str>) -> String {
    let mut user = json!({ "user_name": name, "password": password });
    if let Some(encryption) = encryption {
        user["encryption"] = json!(encryption);
    }
    json!({ "user_auth": user, "application_name": "t", "name_value_list": [] }).to_string()
}

impl V41 {
    fn of(suite: SuiteCrm) -> Self {
        let login = login(SuiteCrm::USERNAME, SuiteCrm::PASSWORD, Some("PLAIN"));
        let reply = body_of(&call(&suite, "login", &login));
        let session = reply["id"].as_str().unwrap().to_owned();
        Self { suite, session }
    }

    /// Calls a method with the session as its first argument.
    fn call(&self, method: &str, arguments: &Value) -> (u16, Value) {
        let mut all = json!({ "session": self.session });
        let more = arguments.as_object().unwrap().clone();
        all.as_object_mut().unwrap().extend(more);
        let response = call(&self.suite, method, &all.to_string());
        let body = serde_json::from_slice(&response.body);
        (response.status, body.unwrap_or(Value::Null))
    }

    fn query(&self, module: &str, query: &str) -> (u16, Value) {
        let arguments = json!({
            "module_name": module, "query": query, "order_by": "", "offset": 0,
            "select_fields": [], "link_name_to_fields_array": [], "max_results": 1000,
        });
        self.call("get_entry_list", &arguments)
    }
}

fn count(reply: &Value) -> usize {
    let list = if reply["data"].is_array() {
        &reply["data"]
    } else {
        &reply["entry_list"]
    };
    list.as_array().unwrap_or_else(|| panic!("{reply}")).len()
}

#[test]
fn the_promised_numbers_have_their_owners_over_all_modules() {
    let v8 = V8::of(suite());
    let plan = crate::number_plan();
    let mut phones = Vec::new();
    for module in ["Contacts", "Leads", "Accounts"] {
        let (_, reply) = v8.get(&format!("module/{module}"));
        let records = reply["data"].as_array().unwrap();
        let before = phones.len();
        for record in records {
            let fields = record["attributes"].as_object().unwrap().iter();
            let numbers = fields.filter(|(name, text)| name.starts_with("phone") && *text != "");
            phones.extend(numbers.map(|(_, text)| text.as_str().unwrap().to_owned()));
        }
        assert!(phones.len() > before, "{module} has numbers");
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
fn tokens_and_sessions_are_asked_for_and_expire() {
    let v8 = V8::of(suite());
    assert_eq!(v8.get("current-user").0, 200);
    v8.suite.expire_tokens_after(1);
    assert_eq!(v8.get("current-user").0, 200);
    let (status, reply) = v8.get("current-user");
    assert_eq!((status, &reply["error"]), (401, &json!("access_denied")));
    let without = send(
        &v8.suite,
        "GET",
        "/Api/V8/current-user",
        None,
        "",
        String::new(),
    );
    assert_eq!(without.status, 401);

    let v4_1 = V41::of(suite());
    assert_eq!(v4_1.query("Leads", "").0, 200);
    v4_1.suite.expire_tokens();
    assert_eq!(v4_1.query("Leads", "").1["number"], 11);
    assert_eq!(v4_1.suite.tokens_issued(), 1);
}

#[test]
fn both_interfaces_return_html_entities() {
    let name = "O&#039;Neill";
    let v8 = V8::of(suite());
    let (_, reply) = v8.list("Contacts", &[("filter[last_name][eq]", "O'Neill")]);
    assert_eq!(reply["data"][0]["attributes"]["last_name"], name);
    assert_eq!(reply["data"][0]["type"], "Contact");

    let v4_1 = V41::of(suite());
    let query = "contacts.last_name LIKE 'O_Neill'";
    let (_, reply) = v4_1.query("Contacts", query);
    let shown = &reply["entry_list"][0]["name_value_list"]["last_name"];
    assert_eq!(shown, &json!({ "name": "last_name", "value": name }));
}

fn a_call() -> Value {
    json!({
        "name": "Call", "direction": "Inbound", "status": "Held",
        "date_start": "2026-11-22 08:30:00", "duration_hours": 0, "duration_minutes": 3,
    })
}

const OWN_ID: &str = "0b7e1c52-7a53-5d8e-9c0a-3f0d9f3f1c11";

#[test]
fn other_paths_are_the_web_servers() {
    let suite = suite();
    for path in [
        "/",
        "/Api",
        "/public/Api/access_token",
        "/service/v4/rest.php",
    ] {
        let response = send(&suite, "POST", path, None, "", String::new());
        assert_eq!(response.status, 404, "{path}");
        assert!(response.body.starts_with(b"<!doctype html>"), "{path}");
    }
}
