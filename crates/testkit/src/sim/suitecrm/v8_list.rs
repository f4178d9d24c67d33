//! Filters, pages and the choice of fields of a V8 list (classes under `Api/V8/Param` and
//! `Api/V8/JsonApi/Repository` of SuiteCRM).

use super::store::{Module, Record, Store, field, like};
use crate::upstream::Request;

/// A list that was asked for, read and checked.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) module: Module,
    /// The fields to show; all without a choice.
    pub(super) fields: Option<Vec<String>>,
    conditions: Vec<(String, String, String)>,
    is_or: bool,
    page: Option<Page>,
    is_ascending: bool,
}

#[derive(Debug)]
struct Page {
    size: usize,
    number: usize,
}

/// Reads the query of `GET /V8/module/<module>`.
///
/// # Errors
/// The detail of the refusal.
pub(super) fn read(module: Module, request: &Request) -> Result<Listing, String> {
    let mut listing = Listing {
        module,
        fields: wanted_fields(module, request)?,
        conditions: Vec::new(),
        is_or: false,
        page: None,
        is_ascending: true,
    };
    let (mut size, mut number) = (None, None);
    for (key, value) in request.query_pairs() {
        match parts(&key).as_slice() {
            ["fields", _] => {}
            ["filter", "operator"] => listing.is_or = joiner(&value)?,
            ["filter", name, operator] => {
                check_condition(module, name, operator)?;
                let condition = ((*name).to_owned(), operator.to_lowercase(), value);
                // A second one of the same keys replaces the first, as PHP's arrays do.
                listing
                    .conditions
                    .retain(|known| (&known.0, &known.1) != (&condition.0, &condition.1));
                listing.conditions.push(condition);
            }
            ["filter", name] => return Err(format!("Filter field {name} must be an array")),
            ["page", "size"] => size = Some(positive(&value)?),
            ["page", "number"] => number = Some(positive(&value)?),
            ["sort"] => listing.is_ascending = !descending(module, &value)?,
            _ => return Err(format!("The option \"{key}\" does not exist.")),
        }
    }
    listing.page = size.map(|size| Page {
        size,
        number: number.unwrap_or(1),
    });
    Ok(listing)
}

/// Reads `fields[<module>]`.
///
/// # Errors
/// The detail of the refusal: one unknown field is enough.
pub(super) fn wanted_fields(
    module: Module,
    request: &Request,
) -> Result<Option<Vec<String>>, String> {
    let pairs = request.query_pairs();
    let found = pairs.iter().find(|(key, _)| key.starts_with("fields["));
    let Some((key, value)) = found else {
        return Ok(None);
    };
    if key != &format!("fields[{}]", module.name) {
        return Err(format!("Module {key} does not exist"));
    }
    let fields: Vec<String> = value.split(',').map(str::to_owned).collect();
    let is_unknown = |field: &&String| *field != "id" && !module.fields.contains(&field.as_str());
    let unknown: Vec<&str> = fields
        .iter()
        .filter(is_unknown)
        .map(String::as_str)
        .collect();
    let (s, are) = if unknown.len() > 1 {
        ("s", "are")
    } else {
        ("", "is")
    };
    if unknown.is_empty() {
        return Ok(Some(fields));
    }
    Err(format!(
        "The following field{s} in {} module {are} not found: {}",
        module.bean,
        unknown.join(", ")
    ))
}

impl Listing {
    /// The records that the filter lets through.
    pub(super) fn matching<'a>(&self, store: &'a Store) -> Vec<&'a Record> {
        let holds = |record: &Record| {
            let mut tests = self
                .conditions
                .iter()
                .map(|(name, operator, value)| compare(field(record, name), operator, value));
            if self.conditions.is_empty() {
                true
            } else if self.is_or {
                tests.any(|holds| holds)
            } else {
                tests.all(|holds| holds)
            }
        };
        let mut found = store.of(self.module);
        found.retain(|record| holds(record));
        if self.is_ascending {
            found.reverse();
        }
        found
    }

    /// The page asked for; everything without a page size.
    pub(super) fn cut<'a>(&self, found: &'a [&'a Record]) -> impl Iterator<Item = &'a Record> {
        let (skip, take) = match &self.page {
            Some(page) => ((page.number - 1) * page.size, page.size),
            None => (0, found.len()),
        };
        found.iter().skip(skip).take(take).copied()
    }

    /// How many pages there are, when a page size was sent.
    pub(super) fn pages(&self, total: usize) -> Option<usize> {
        Some(total.div_ceil(self.page.as_ref()?.size))
    }
}

/// `filter[name][like]` as its three parts.
fn parts(key: &str) -> Vec<&str> {
    key.split(['[', ']'])
        .filter(|part| !part.is_empty())
        .collect()
}

/// Exactly one joiner for the whole filter; `true` for `or`.
fn joiner(value: &str) -> Result<bool, String> {
    match value.to_lowercase().as_str() {
        "or" => Ok(true),
        "and" => Ok(false),
        _ => Err(format!("Filter operator {value} is invalid")),
    }
}

fn check_condition(module: Module, name: &str, operator: &str) -> Result<(), String> {
    if !module.fields.contains(&name) {
        return Err(format!(
            "Filter field {name} in {} module is not found",
            module.bean
        ));
    }
    match operator.to_lowercase().as_str() {
        "eq" | "neq" | "like" => Ok(()),
        _ => Err(format!("Filter operator {operator} is invalid")),
    }
}

fn compare(stored: &str, operator: &str, value: &str) -> bool {
    match operator {
        "like" => like(stored, value),
        "neq" => stored.to_lowercase() != value.to_lowercase(),
        _ => stored.to_lowercase() == value.to_lowercase(),
    }
}

fn positive(value: &str) -> Result<usize, String> {
    let number = value.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "The option \"page\" with value array is invalid.".to_owned())
}

fn descending(module: Module, value: &str) -> Result<bool, String> {
    let name = value.trim_start_matches('-');
    // Enough for tests: records have one time.
    if name != "date_modified" {
        return Err(format!(
            "Sort field {name} in {} module is not found",
            module.bean
        ));
    }
    Ok(value.starts_with('-'))
}
