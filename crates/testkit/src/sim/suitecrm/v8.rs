//! The JSON:API (`crm-apis.md` §3.1).

use serde_json::{Map, Value, json};

use super::{
    SuiteCrm, access,
    reply::{encoded, json_api, page_not_found, refusal},
    store::{Module, Record, field},
    v8_list,
    write::Writable,
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
        ("POST", ["module"]) => create(suite, request).unwrap_or_else(|refusal| refusal),
        ("PATCH", ["module"]) => update(suite, request).unwrap_or_else(|refusal| refusal),
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

/// The object of a request to save one.
struct Saved {
    module: Writable,
    id: Option<String>,
    attributes: Map<String, Value>,
}

/// Reads and checks the body; the rights come after the module and before the rest.
fn saved(suite: &SuiteCrm, request: &Request) -> Result<Saved, Response> {
    let is_json = request
        .header("content-type")
        .is_some_and(|kind| kind.contains("json"));
    let body = if is_json { request.json() } else { None };
    let data = body.as_ref().and_then(|body| body.get("data"));
    let data = data.ok_or_else(|| refusal("The required option \"data\" is missing."))?;
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let name = text("type").unwrap_or_default();
    let module = Writable::named(name);
    let module = module.ok_or_else(|| refusal(&format!("Module {name} does not exist")))?;
    if !suite.may_use(name) {
        return Err(access_denied());
    }
    let id = text("id").map(str::to_owned);
    if id.as_ref().is_some_and(|id| !is_uuid(id)) {
        return Err(refusal("The option \"id\" with value is invalid."));
    }
    let attributes = data.get("attributes").and_then(Value::as_object);
    Ok(Saved {
        module,
        id,
        attributes: attributes.cloned().unwrap_or_default(),
    })
}

impl Saved {
    fn check_fields(&self) -> Result<(), Response> {
        match self.module.unknown_field(&self.attributes) {
            Some(name) => {
                let bean = self.module.bean;
                let detail = format!("Property {name} in {bean} module is invalid");
                Err(refusal(&detail))
            }
            None => Ok(()),
        }
    }

    /// Both a new and a changed object are answered with 201.
    fn response(&self, id: &str) -> Response {
        let data = json!({
            "type": self.module.bean, "id": id, "attributes": self.attributes,
            "relationships": {},
        });
        json_api(201, &json!({ "data": data }))
    }
}

/// An id is taken for ever: also that of a deleted object (`BeanManager::findBean`).
fn create(suite: &SuiteCrm, request: &Request) -> Result<Response, Response> {
    let saved = saved(suite, request)?;
    let module = saved.module;
    let mut store = suite.store();
    let own = format!("c7f30000-0000-4000-8000-{:012}", store.created().len() + 1);
    let id = saved.id.as_ref().unwrap_or(&own);
    if store.created_as(module.name, id).is_some() {
        let detail = format!("Bean {} with id {id} is already exist", module.name);
        return Err(refusal(&detail));
    }
    saved.check_fields()?;
    let created = module.create(&mut store, id, &saved.attributes);
    created.map_err(|detail| refusal(&detail))?;
    Ok(saved.response(id))
}

fn update(suite: &SuiteCrm, request: &Request) -> Result<Response, Response> {
    let saved = saved(suite, request)?;
    let id = saved.id.as_deref();
    let id = id.ok_or_else(|| refusal("The required option \"id\" is missing."))?;
    saved.check_fields()?;
    let module = saved.module;
    match module.update(&mut suite.store(), id, &saved.attributes) {
        Ok(true) => Ok(saved.response(id)),
        Ok(false) => {
            let detail = format!("{} module with id {id} is not found", module.name);
            Err(refusal(&detail))
        }
        Err(detail) => Err(refusal(&detail)),
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
