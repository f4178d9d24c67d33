//! The search endpoint (`crm-apis.md` §1.3).

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    HubSpot,
    filter::Groups,
    objects::{Object, render},
    reply, requested_properties,
    route::ObjectKind,
    schema::modified_property,
    with,
};
use crate::upstream::{Request, Response};

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 200;
const MAX_AFTER: usize = 10_000;
const MAX_BODY_CHARS: usize = 3_000;

pub(super) fn answer(
    crm: &HubSpot,
    kind: ObjectKind,
    request: &Request,
) -> Result<Response, Response> {
    let body = read_json(request)?;
    if String::from_utf8_lossy(&request.body).chars().count() > MAX_BODY_CHARS {
        return Err(reply::invalid("the query is longer than 3000 characters"));
    }
    let limit = number(&body, "limit")?.unwrap_or(DEFAULT_LIMIT);
    if limit == 0 || limit > MAX_LIMIT {
        return Err(reply::invalid("limit must be between 1 and 200"));
    }
    let after = number(&body, "after")?.unwrap_or(0);
    if after > MAX_AFTER {
        return Err(reply::invalid("paging goes up to 10000 results"));
    }
    let groups = Groups::read(&crm.schema, kind, &body)?;
    let order = Order::read(&body, kind)?;
    let words = body.get("query").and_then(Value::as_str).unwrap_or("");
    let written = crm.written();
    let mut found: Vec<&Object> = crm
        .objects
        .all(kind)
        .chain(written.searchable(kind))
        .filter(|object| groups.accept(object) && has_words(object, words, kind))
        .collect();
    order.sort(&mut found);
    let requested = requested_properties(&body);
    let total = found.len();
    let results: Vec<Value> = found
        .into_iter()
        .skip(after)
        .take(limit)
        .map(|object| {
            let url = crm.page(kind, &object.id);
            render(&crm.schema, kind, object, requested.as_ref(), url)
        })
        .collect();
    let mut page = json!({ "total": total, "results": results });
    if after + limit < total {
        let next = json!({ "next": { "after": (after + limit).to_string() } });
        page = with(page, "paging", next);
    }
    Ok(Response::json(200, &page))
}

/// The body as JSON, sent as JSON.
pub(super) fn read_json(request: &Request) -> Result<Value, Response> {
    let content_type = request.header("content-type").unwrap_or_default();
    if !content_type.starts_with("application/json") {
        return Err(reply::unsupported_media_type());
    }
    request
        .json()
        .filter(Value::is_object)
        .ok_or_else(|| reply::invalid("Invalid input JSON on line 1, column 1"))
}

/// A number, as such or as text.
fn number(body: &Value, key: &str) -> Result<Option<usize>, Response> {
    let number = match body.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64().and_then(|n| usize::try_from(n).ok()),
    };
    number
        .map(Some)
        .ok_or_else(|| reply::invalid("not a number"))
}

/// Whether every word of `query` occurs in the default searchable properties. The real search is
/// fuzzier; it finds these too.
fn has_words(object: &Object, words: &str, kind: ObjectKind) -> bool {
    let searchable: &[&str] = match kind {
        ObjectKind::Contacts => &[
            "firstname",
            "lastname",
            "email",
            "phone",
            "mobilephone",
            "company",
        ],
        ObjectKind::Leads => &["hs_lead_name"],
        ObjectKind::Calls => &["hs_call_title", "hs_call_body"],
        ObjectKind::Tickets => &["subject", "content"],
        ObjectKind::Companies => &["website", "phone", "name", "domain"],
    };
    words.to_lowercase().split_whitespace().all(|word| {
        let mut texts = searchable.iter().filter_map(|p| object.properties.get(*p));
        texts.any(|text| text.to_lowercase().contains(word))
    })
}

/// The order of the results: the oldest first unless one sort rule says otherwise.
struct Order {
    property: String,
    is_descending: bool,
}

impl Order {
    fn read(body: &Value, kind: ObjectKind) -> Result<Self, Response> {
        let rules = body.get("sorts").and_then(Value::as_array);
        let rule = match rules.map(Vec::as_slice) {
            None | Some([]) => return Ok(Self::oldest_first()),
            Some([rule]) => rule,
            Some(_) => return Err(reply::invalid("only one sort rule is allowed")),
        };
        let property = rule.get("propertyName").and_then(Value::as_str);
        match property {
            Some(name) if name == modified_property(kind) || name == "createdate" => Ok(Self {
                property: name.to_owned(),
                is_descending: rule.get("direction") == Some(&json!("DESCENDING")),
            }),
            _ => Err(reply::unknown_property(property.unwrap_or_default())),
        }
    }

    fn oldest_first() -> Self {
        Self {
            property: "createdate".to_owned(),
            is_descending: false,
        }
    }

    fn sort(&self, found: &mut [&Object]) {
        // Both properties are timestamps in the same format, so texts compare as times do.
        found.sort_by_key(|object| object.properties.get(self.property.as_str()));
        if self.is_descending {
            found.reverse();
        }
    }
}

/// A sliding window of one second over all searches of the account.
#[derive(Debug)]
pub(super) struct Limiter {
    per_second: usize,
    taken: Mutex<VecDeque<Instant>>,
}

impl Limiter {
    pub(super) fn new(per_second: usize) -> Self {
        Self {
            per_second,
            taken: Mutex::default(),
        }
    }

    pub(super) fn take(&self) -> Result<(), Response> {
        let now = Instant::now();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|at| now.duration_since(*at) < Duration::from_secs(1));
        if taken.len() >= self.per_second {
            return Err(reply::secondly_limit());
        }
        taken.push_back(now);
        Ok(())
    }
}
