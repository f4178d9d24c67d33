//! The form protocol (`crm-apis.md` §3.2).

use serde_json::{Map, Value, json};

use super::{
    SuiteCrm,
    reply::{broken, encoded, fault},
    sql::{self, Refusal},
    store::{Module, Record, field},
    write::Writable,
};
use crate::upstream::{Request, Response};

/// Methods with the names of their parameters, in order.
const METHODS: [(&str, &[&str]); 6] = [
    (
        "login",
        &["user_auth", "application_name", "name_value_list"],
    ),
    ("logout", &["session"]),
    ("get_server_info", &[]),
    (
        "get_entry_list",
        &[
            "session",
            "module_name",
            "query",
            "order_by",
            "offset",
            "select_fields",
            "link_name_to_fields_array",
            "max_results",
            "deleted",
            "favorites",
        ],
    ),
    (
        "get_entry",
        &[
            "session",
            "module_name",
            "id",
            "select_fields",
            "link_name_to_fields_array",
            "track_view",
        ],
    ),
    (
        "set_entry",
        &["session", "module_name", "name_value_list", "track_view"],
    ),
];
/// Records on a page when the request does not say, or says 0 or less.
const DEFAULT_MAX_RESULTS: usize = 20;
/// What a failing database leads to.
const DATABASE_FAILURE: &str = "Database failure. Please refer to suitecrm.log for details.";

/// Answers a call. Faults have status 200; what PHP cannot do has 500.
pub(super) fn respond(suite: &SuiteCrm, request: &Request) -> Response {
    let form = |name: &str| request.form_value(name).unwrap_or_default();
    let method = form("method");
    let Some((_, parameters)) = METHODS.iter().find(|(name, _)| *name == method) else {
        return fault(-1);
    };
    let Ok(Value::Object(arguments)) = serde_json::from_str(&form("rest_data")) else {
        return Response::json(200, &Value::Null);
    };
    // PHP 8 takes the names, PHP 7 the order: both have to be right.
    let is_right = |(name, parameter): (&String, &&str)| name == parameter;
    if arguments.len() > parameters.len() || !arguments.keys().zip(*parameters).all(is_right) {
        return broken("");
    }
    let call = Call { suite, arguments };
    call.answer(&method).unwrap_or_else(|refusal| refusal)
}

/// What it answers when neither the session nor the password is good.
pub(super) fn refuse(request: &Request) -> Response {
    let is_login = request.form_value("method").as_deref() == Some("login");
    fault(if is_login { 10 } else { 11 })
}

struct Call<'a> {
    suite: &'a SuiteCrm,
    arguments: Map<String, Value>,
}

impl Call<'_> {
    fn answer(&self, method: &str) -> Result<Response, Response> {
        match method {
            "login" => self.login(),
            "get_server_info" => {
                let info = json!({
                    "flavor": "CE", "version": "6.5.25", "gmt_time": "2026-11-22 09:00:00",
                });
                Ok(Response::json(200, &info))
            }
            "logout" => {
                self.suite.access().log_out(self.text("session"));
                Ok(Response::json(200, &Value::Null))
            }
            "get_entry_list" => self.get_entry_list(),
            "get_entry" => self.get_entry(),
            _ => self.set_entry(),
        }
    }

    fn login(&self) -> Result<Response, Response> {
        let user = self.arguments.get("user_auth").unwrap_or(&Value::Null);
        let text = |name: &str| user.get(name).and_then(Value::as_str).unwrap_or_default();
        let is_plain = text("encryption") == "PLAIN";
        let mut access = self.suite.access();
        let session = access.log_in(text("user_name"), text("password"), is_plain);
        let id = session.ok_or_else(|| fault(10))?;
        let user = name_values([("user_id", "1"), ("user_name", SuiteCrm::USERNAME)].into_iter());
        let reply = json!({ "id": id, "module_name": "Users", "name_value_list": user });
        Ok(Response::json(200, &reply))
    }

    fn get_entry_list(&self) -> Result<Response, Response> {
        let module = self.module()?;
        let condition = sql::read(module, self.text("query")).map_err(|refusal| match refusal {
            Refusal::Forbidden => fault(40),
            Refusal::Database => broken(DATABASE_FAILURE),
        })?;
        self.check_order(module)?;
        let store = self.suite.store();
        let mut found = store.of(module);
        found.retain(|record| condition.holds(record));
        let total = found.len();
        let offset = usize::try_from(self.number("offset")).unwrap_or(0);
        let max_results = usize::try_from(self.number("max_results")).unwrap_or(0);
        let length = if max_results == 0 {
            DEFAULT_MAX_RESULTS
        } else {
            max_results
        };
        let page: Vec<&Record> = found.into_iter().skip(offset).take(length).collect();
        let entries = page.iter().map(|record| self.entry(module, record));
        let links = page.iter().filter_map(|record| self.links(record));
        // A text on hits and a number on none.
        let total_count = if total == 0 {
            json!(0)
        } else {
            json!(total.to_string())
        };
        let reply = json!({
            "result_count": page.len(),
            "total_count": total_count,
            "next_offset": offset + page.len(),
            "entry_list": entries.collect::<Vec<_>>(),
            "relationship_list": links.collect::<Vec<_>>(),
        });
        Ok(Response::json(200, &reply))
    }

    fn get_entry(&self) -> Result<Response, Response> {
        let (name, id) = (self.text("module_name"), self.text("id"));
        self.check_session()?;
        let mut store = self.suite.store();
        let entry = if let Some(module) = Module::named(name) {
            self.check_rights(name)?;
            match store.find(name, id) {
                Some(record) => self.entry(module, record),
                None => missing(name, id),
            }
        } else if Writable::named(name).is_some() {
            match store.created_as(name, id) {
                Some(object) if !object.is_deleted => {
                    let title = object.fields.get("name").and_then(Value::as_str);
                    let values = [("id", id), ("name", title.unwrap_or_default())];
                    let values = name_values(values.into_iter());
                    json!({ "id": id, "module_name": name, "name_value_list": values })
                }
                _ => missing(name, id),
            }
        } else {
            return Err(fault(20));
        };
        let reply = json!({ "entry_list": [entry], "relationship_list": [] });
        Ok(Response::json(200, &reply))
    }

    /// With an id that is not there, or no longer, and without `new_with_id`, SuiteCRM updates
    /// nothing and says nothing; with an id whose row is there and with `new_with_id`, the database
    /// refuses.
    fn set_entry(&self) -> Result<Response, Response> {
        self.check_session()?;
        let name = self.text("module_name");
        let module = Writable::named(name).ok_or_else(|| fault(20))?;
        self.check_rights(name)?;
        let mut fields = self.name_value_list();
        let is_new = fields
            .remove("new_with_id")
            .is_some_and(|flag| flag != false);
        let mut store = self.suite.store();
        let own = format!("c7f30000-0000-4000-8000-{:012}", store.created().len() + 1);
        let given = fields.remove("id");
        let id = given.as_ref().and_then(Value::as_str);
        let is_known = id.is_some_and(|id| store.created_as(name, id).is_some());
        if is_new && is_known {
            return Err(broken(DATABASE_FAILURE));
        }
        // Fields that SuiteCRM does not have become properties that nobody reads.
        if module.unknown_field(&fields).is_some() {
            return Err(broken("an unknown field: SuiteCRM would lose it silently"));
        }
        let saved = match id {
            Some(id) if !is_new => module.update(&mut store, id, &fields).map(|_| ()),
            _ => module.create(&mut store, id.unwrap_or(&own), &fields),
        };
        saved.map_err(|_| broken(DATABASE_FAILURE))?;
        let reply = json!({ "id": id.unwrap_or(&own), "entry_list": {} });
        Ok(Response::json(200, &reply))
    }

    /// The session, then the module, then the rights.
    fn module(&self) -> Result<Module, Response> {
        self.check_session()?;
        let name = self.text("module_name");
        let module = Module::named(name).ok_or_else(|| fault(20))?;
        self.check_rights(name)?;
        Ok(module)
    }

    fn check_rights(&self, module: &str) -> Result<(), Response> {
        if self.suite.may_use(module) {
            Ok(())
        } else {
            Err(fault(40))
        }
    }

    fn check_session(&self) -> Result<(), Response> {
        if self.suite.access().is_good(self.text("session")) {
            Ok(())
        } else {
            Err(fault(11))
        }
    }

    fn check_order(&self, module: Module) -> Result<(), Response> {
        let order = self.text("order_by");
        let expected = format!("{}.date_modified DESC", module.table);
        if order.is_empty() || order == expected {
            Ok(())
        } else {
            Err(broken(DATABASE_FAILURE))
        }
    }

    /// The fields asked for; names that the module does not have are left out.
    fn entry(&self, module: Module, record: &Record) -> Value {
        let asked = self
            .arguments
            .get("select_fields")
            .and_then(Value::as_array);
        let is_asked = |name: &str| {
            asked.is_none_or(|asked| asked.is_empty() || asked.iter().any(|field| field == name))
        };
        let names = ["id"].iter().chain(module.fields);
        let values = names
            .filter(|name| is_asked(name))
            .map(|name| (*name, field(record, name)));
        let id = field(record, "id");
        json!({ "id": id, "module_name": module.name, "name_value_list": name_values(values) })
    }

    /// The account of a contact, when the link was asked for.
    fn links(&self, record: &Record) -> Option<Value> {
        let asked = self.arguments.get("link_name_to_fields_array");
        asked?
            .as_array()?
            .iter()
            .find(|link| link["name"] == "accounts")?;
        let account = field(record, "account_id");
        let records = if account.is_empty() {
            json!([])
        } else {
            let values = [("id", account), ("name", field(record, "account_name"))];
            json!([{ "link_value": name_values(values.into_iter()) }])
        };
        Some(json!({ "link_list": [{ "name": "accounts", "records": records }] }))
    }

    /// A map of name and value, or a list of objects with both.
    fn name_value_list(&self) -> Map<String, Value> {
        match self.arguments.get("name_value_list") {
            Some(Value::Object(map)) => map.clone(),
            Some(Value::Array(list)) => list
                .iter()
                .filter_map(|pair| Some((pair["name"].as_str()?.to_owned(), pair["value"].clone())))
                .collect(),
            _ => Map::new(),
        }
    }

    fn text(&self, name: &str) -> &str {
        let value = self.arguments.get(name).and_then(Value::as_str);
        value.unwrap_or_default()
    }

    fn number(&self, name: &str) -> i64 {
        let value = self.arguments.get(name).and_then(Value::as_i64);
        value.unwrap_or_default()
    }
}

/// `{"id": {"name": "id", "value": "…"}, …}`, with HTML entities.
fn name_values<'a>(values: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let pair = |(name, value): (&str, &str)| {
        let value = json!({ "name": name, "value": encoded(value) });
        (name.to_owned(), value)
    };
    Value::Object(values.map(pair).collect())
}

/// A record that is not there comes with a warning in place of its fields.
fn missing(module: &str, id: &str) -> Value {
    let text = "Access to this object is denied since it has been deleted or does not exist";
    let warning = json!([
        { "name": "warning", "value": text }, { "name": "deleted", "value": "1" },
    ]);
    json!({ "id": id, "module_name": module, "name_value_list": warning })
}
