//! The JSON:API (`crm-apis.md` §3.1).

use serde_json::{Map, Value, json};

use super::{
    SuiteCrm, access,
    reply::{encoded, json_api, page_not_found, refusal},
    store::{Module, Record, field},
    v8_list, write,
};
use crate::upstream::{Request, Response};

/// Answers a request below `/V8`.
pub(super) fn respond(
    suite: &SuiteCrm,
    method: &str,
    path: &[&str],
    request: &Request,
) -> Response {
    let token = request
        .header("authorization")
        .and_then(|header| header.strip_prefix("Bearer "));
    if !suite.access().is_good(token.unwrap_or_default()) {
        return access::denied();
    }
    match (method, path) {
        ("GET", ["current-user"]) => current_user(),
        ("GET", ["module", module]) => list(suite, module, request),
        ("GET", ["module", module, id]) => read(suite, module, id, request),
        ("POST", ["module"]) => create(suite, request),
        _ => page_not_found(),
    }
}

fn current_user() -> Response {
    let attributes = json!({ "user_name": SuiteCrm::USERNAME, "is_admin": "0" });
    let user = json!({ "type": "User", "id": "1", "attributes": attributes });
    json_api(200, &json!({ "data": user }))
}

/// The parameters are checked before the rights.
fn list(suite: &SuiteCrm, module: &str, request: &Request) -> Response {
    let listing = match module_named(module).and_then(|module| v8_list::read(module, request)) {
        Ok(listing) => listing,
        Err(detail) => return refusal(&detail),
    };
    if !suite.may_use(module) {
        return access_denied();
    }
    let store = suite.store();
    let found = listing.matching(&store);
    let page: Vec<Value> = listing
        .cut(&found)
        .map(|record| resource(listing.module, record, listing.fields.as_deref()))
        .collect();
    let mut body = Map::new();
    if page.is_empty() {
        let message = "Request was successful, but there is no result";
        body.insert("meta".to_owned(), json!({ "message": message }));
    } else if let Some(pages) = listing.pages(found.len()) {
        let meta = json!({ "total-pages": pages, "records-on-this-page": page.len() });
        body.insert("meta".to_owned(), meta);
        let links = json!({ "first": null, "prev": null, "next": null, "last": null });
        body.insert("links".to_owned(), links);
    }
    body.insert("data".to_owned(), Value::Array(page));
    json_api(200, &Value::Object(body))
}

fn read(suite: &SuiteCrm, module: &str, id: &str, request: &Request) -> Response {
    let fields = module_named(module)
        .and_then(|module| v8_list::wanted_fields(module, request).map(|fields| (module, fields)));
    let (module, fields) = match fields {
        Ok(read) => read,
        Err(detail) => return refusal(&detail),
    };
    if !suite.may_use(module.name) {
        return access_denied();
    }
    match suite.store().find(module.name, id) {
        Some(record) => {
            let data = resource(module, record, fields.as_deref());
            json_api(200, &json!({ "data": data }))
        }
        None => refusal(&format!("{} module with id {id} is not found", module.name)),
    }
}

fn create(suite: &SuiteCrm, request: &Request) -> Response {
    let is_json = request
        .header("content-type")
        .is_some_and(|kind| kind.contains("json"));
    let body = if is_json { request.json() } else { None };
    let data = body.as_ref().and_then(|body| body.get("data"));
    let Some(data) = data else {
        return refusal("The required option \"data\" is missing.");
    };
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let module = text("type").unwrap_or_default();
    let Some(bean) = write::bean_of(module) else {
        return refusal(&format!("Module {module} does not exist"));
    };
    if !suite.may_use(module) {
        return access_denied();
    }
    let mut store = suite.store();
    let own = format!("c7f30000-0000-4000-8000-{:012}", store.created().len() + 1);
    let id = text("id").unwrap_or(&own);
    if !is_uuid(id) {
        return refusal("The option \"id\" with value is invalid.");
    }
    if store.created_as(module, id).is_some() {
        return refusal(&format!("Bean {module} with id {id} is already exist"));
    }
    let none = Map::new();
    let attributes = data.get("attributes").and_then(Value::as_object);
    let attributes = attributes.unwrap_or(&none);
    if let Some(name) = write::unknown_field(module, attributes) {
        return refusal(&format!("Property {name} in {bean} module is invalid"));
    }
    match write::create(&mut store, module, id, attributes) {
        Ok(()) => {
            let created = json!({
                "type": bean, "id": id, "attributes": attributes, "relationships": {},
            });
            json_api(201, &json!({ "data": created }))
        }
        Err(detail) => refusal(&detail),
    }
}

fn module_named(name: &str) -> Result<Module, String> {
    Module::named(name).ok_or_else(|| format!("Module {name} does not exist"))
}

/// The record with the fields asked for. Texts carry HTML entities, times are ISO 8601, and a
/// record without any of the fields has an empty list for an object, as PHP makes it.
fn resource(module: Module, record: &Record, fields: Option<&[String]>) -> Value {
    let is_wanted = |name: &&&str| {
        fields.is_none_or(|fields| fields.iter().any(|field| field.as_str() == **name))
    };
    let attributes: Map<String, Value> = module
        .fields
        .iter()
        .filter(is_wanted)
        .map(|name| {
            let text = field(record, name);
            let shown = match *name {
                "date_modified" => format!("{}+00:00", text.replace(' ', "T")),
                _ => encoded(text),
            };
            ((*name).to_owned(), json!(shown))
        })
        .collect();
    let attributes = if attributes.is_empty() {
        json!([])
    } else {
        Value::Object(attributes)
    };
    let id = field(record, "id");
    json!({ "type": module.bean, "id": id, "attributes": attributes, "relationships": {} })
}

fn access_denied() -> Response {
    refusal("[SuiteCRM] [AccessDeniedException] ")
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups
            .iter()
            .all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}
