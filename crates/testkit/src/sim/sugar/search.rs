//! Global search: digits anywhere in a phone number, words in names (`crm-apis.md` §2.4).

use serde_json::{Value, json};

use super::{
    failure::Failure,
    listing::{Page, render},
    store::{Fields, Store, text},
};

/// The phone fields that are search-enabled.
const PHONE_FIELDS: [&str; 8] = [
    "phone_home",
    "phone_mobile",
    "phone_work",
    "phone_other",
    "phone_fax",
    "assistant_phone",
    "phone_office",
    "phone_alternate",
];
/// What a search result holds when only indexed fields come back.
const INDEXED_FIELDS: [&str; 14] = [
    "name",
    "first_name",
    "last_name",
    "title",
    "email",
    "description",
    "phone_home",
    "phone_mobile",
    "phone_work",
    "phone_other",
    "phone_fax",
    "assistant_phone",
    "phone_office",
    "phone_alternate",
];
/// The lengths of the digit runs in the index.
const NGRAM: std::ops::RangeInclusive<usize> = 3..=15;

/// What global search can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SearchMode {
    /// It finds records and returns them whole.
    Full,
    /// It returns the indexed fields alone.
    IndexedFieldsOnly,
    /// The search engine is not reachable.
    Off,
}

/// Answers `/globalsearch`. Modules that the user may not read are left out silently.
pub(super) fn run(
    store: &Store,
    mode: SearchMode,
    arguments: &Value,
    may_read: impl Fn(&str) -> bool,
) -> Result<Value, Failure> {
    if mode == SearchMode::Off {
        return Err(Failure::search_unavailable());
    }
    let query = arguments
        .get("q")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let tokens: Vec<&str> = query.split_whitespace().collect();
    let list = arguments.get("module_list").and_then(Value::as_str);
    let modules = ["Contacts", "Leads", "Accounts"]
        .into_iter()
        .filter(|module| list.is_none_or(|list| list.split(',').any(|name| name == *module)))
        .filter(|module| may_read(module));
    let found: Vec<(&str, &Fields)> = modules
        .flat_map(|module| store.of(module).map(move |record| (module, record)))
        .filter(|(_, record)| tokens.iter().all(|token| has_token(record, token)))
        .collect();
    let page = Page::of(arguments)?;
    let records: Vec<Value> = page
        .cut(&found)
        .map(|(module, record)| hit(module, record, mode))
        .collect();
    Ok(json!({
        "next_offset": page.next_offset(found.len()),
        "total": found.len(),
        "query_time": 12,
        "records": records,
        "xmod_aggs": [],
    }))
}

fn hit(module: &str, record: &Fields, mode: SearchMode) -> Value {
    let indexed = INDEXED_FIELDS.map(str::to_owned);
    let fields = (mode == SearchMode::IndexedFieldsOnly).then_some(indexed.as_slice());
    let mut hit = render(module, record, fields);
    if let Some(hit) = hit.as_object_mut() {
        hit.insert("_score".to_owned(), json!(5.1));
    }
    hit
}

fn has_token(record: &Fields, token: &str) -> bool {
    has_digits(record, token) || has_word(record, token)
}

/// The analyser strips everything but digits, at indexing and in the query.
fn has_digits(record: &Fields, token: &str) -> bool {
    let wanted = digits(token);
    NGRAM.contains(&wanted.len())
        && PHONE_FIELDS
            .iter()
            .any(|field| digits(text(record, field)).contains(&wanted))
}

fn has_word(record: &Fields, token: &str) -> bool {
    let wanted = token.to_lowercase();
    let names = format!("{} {}", text(record, "name"), text(record, "account_name"));
    names
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word == wanted)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
