//! Lists of records: filtered, sorted, cut to a page, reduced to the fields asked for.

use serde_json::{Value, json};

use super::{
    failure::Failure,
    filter::Condition,
    store::{Fields, Store, fields_of, text},
};

/// Records on a page when the request does not say.
const DEFAULT_MAX_NUM: usize = 20;
/// Sugar's `max_list_limit`.
const LARGEST_MAX_NUM: usize = 1000;

/// Answers `POST /<module>/filter`.
pub(super) fn filter(store: &Store, module: &str, body: &Value) -> Result<Value, Failure> {
    let known = fields_of(module)?;
    let condition = match body.get("filter") {
        Some(filter) => Condition::read(filter, known)?,
        None => Condition::All(Vec::new()),
    };
    let mut found: Vec<&Fields> = store
        .of(module)
        .filter(|record| condition.holds(record))
        .collect();
    if let Some(order) = body.get("order_by").and_then(Value::as_str) {
        sort(&mut found, order, known)?;
    }
    let fields = wanted_fields(body)?;
    let page = Page::of(body)?;
    let records: Vec<Value> = page
        .cut(&found)
        .map(|record| render(module, record, fields.as_deref()))
        .collect();
    Ok(json!({ "next_offset": page.next_offset(found.len()), "records": records }))
}

/// Answers `GET /<module>/<id>`.
pub(super) fn read(
    store: &Store,
    module: &str,
    id: &str,
    arguments: &Value,
) -> Result<Value, Failure> {
    fields_of(module)?;
    let record = store.find(module, id).ok_or_else(Failure::not_found)?;
    let fields = wanted_fields(arguments)?;
    Ok(render(module, record, fields.as_deref()))
}

/// The record with the fields asked for, and with those that Sugar adds to every record.
pub(super) fn render(module: &str, record: &Fields, fields: Option<&[String]>) -> Value {
    let is_wanted = |name: &str| {
        matches!(name, "id" | "date_modified")
            || fields.is_none_or(|fields| fields.iter().any(|field| field == name))
    };
    let mut shown: Fields = record
        .iter()
        .filter(|(name, _)| is_wanted(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    shown.insert("_acl".to_owned(), json!({ "fields": {} }));
    shown.insert("_module".to_owned(), json!(module));
    Value::Object(shown)
}

/// `max_num` and `offset`.
#[derive(Debug)]
pub(super) struct Page {
    offset: usize,
    length: usize,
}

impl Page {
    pub(super) fn of(arguments: &Value) -> Result<Self, Failure> {
        Ok(Self {
            offset: count(arguments, "offset")?.unwrap_or(0),
            length: count(arguments, "max_num")?
                .unwrap_or(DEFAULT_MAX_NUM)
                .min(LARGEST_MAX_NUM),
        })
    }

    pub(super) fn cut<'a, T>(&self, found: &'a [T]) -> impl Iterator<Item = &'a T> {
        found.iter().skip(self.offset).take(self.length)
    }

    /// Where the next page starts; -1 when there is none.
    pub(super) fn next_offset(&self, total: usize) -> i64 {
        let end = self.offset + self.length;
        if end < total {
            i64::try_from(end).unwrap_or(-1)
        } else {
            -1
        }
    }
}

/// A number, as such or as text.
fn count(arguments: &Value, name: &str) -> Result<Option<usize>, Failure> {
    let Some(value) = arguments.get(name) else {
        return Ok(None);
    };
    let number = match value {
        Value::String(text) => text.parse().ok(),
        value => value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok()),
    };
    number
        .map(Some)
        .ok_or_else(|| Failure::invalid_parameter(format!("Invalid {name}")))
}

/// A comma-separated text or an array of names. Unknown names are ignored.
fn wanted_fields(arguments: &Value) -> Result<Option<Vec<String>>, Failure> {
    let names = match arguments.get("fields") {
        None => return Ok(None),
        Some(Value::String(list)) => list.split(',').map(str::trim).map(str::to_owned).collect(),
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Some(_) => return Err(Failure::invalid_parameter("Invalid fields")),
    };
    Ok(Some(names))
}

/// Sorts by `field:DESC,other:ASC`.
fn sort(found: &mut [&Fields], order: &str, known: &[&str]) -> Result<(), Failure> {
    // The sort is stable, so the last criterion is applied first.
    for criterion in order.split(',').rev() {
        let (field, direction) = criterion.split_once(':').unwrap_or((criterion, "ASC"));
        if !known.contains(&field) {
            return Err(Failure::invalid_parameter(format!("Unknown field {field}")));
        }
        found.sort_by(|a, b| text(a, field).cmp(text(b, field)));
        if direction.eq_ignore_ascii_case("DESC") {
            found.reverse();
        }
    }
    Ok(())
}
