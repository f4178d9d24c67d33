//! What the search index may leave out: the company of a person.
//!
//! The reply to a global search holds the fields of the index. Whether the account of a person is
//! among them is not documented, so a second request asks for it where it is missing.

use std::collections::BTreeMap;

use tokio::time::Instant;
use whocalls_core::{AdapterError, CallContext, Operation};

use crate::{
    client::Client,
    lookup::ORDER,
    module::Module,
    record::module_of,
    wire::{Condition, Filter, FilterRequest, Record, Test},
};

/// Fetches, in one request, those records of people that `owns` accepts and that lack their
/// company, and puts them in place of the incomplete ones.
///
/// Best effort, and early enough for the answer: a name without its company is better than none.
/// Returns why companies may be missing, when they could not be read for the moment.
pub(crate) async fn add_companies(
    client: &Client,
    cx: &CallContext,
    fields: &BTreeMap<Module, String>,
    owns: impl Fn(&Record) -> bool + Send,
    records: &mut [Record],
) -> Option<AdapterError> {
    let mut lacking: BTreeMap<Module, Vec<&str>> = BTreeMap::new();
    for record in records.iter() {
        if let Some(module) = module_of(record)
            && lacks_company(record, module)
            && owns(record)
        {
            lacking.entry(module).or_default().push(&record.id);
        }
    }
    let requests: Vec<_> = lacking
        .iter()
        .filter_map(|(module, ids)| {
            let request = FilterRequest {
                filter: Filter::One(Condition {
                    field: "id",
                    test: Test::In(ids),
                }),
                fields: fields.get(module)?,
                max_num: ids.len(),
                order_by: ORDER,
            };
            Some((*module, request))
        })
        .collect();
    if requests.is_empty() {
        return None;
    }
    let in_time = cx.with_deadline(Instant::now() + cx.useful_time() / 4 * 3);
    match client
        .filter_all(&in_time, Operation::Lookup, &requests)
        .await
    {
        Ok(results) => {
            let lists = results.into_iter().filter_map(|(_, result)| result.ok());
            replace(records, lists.flat_map(|list| list.records));
            None
        }
        Err(error) => {
            tracing::warn!(%error, "an answer has people without their companies");
            Some(error)
        }
    }
}

/// Whether the reply left the company out, as opposed to saying that there is none.
fn lacks_company(record: &Record, module: Module) -> bool {
    module.is_person() && record.field("account_name").is_none()
}

fn replace(records: &mut [Record], whole: impl Iterator<Item = Record>) {
    for whole in whole {
        let is_same = |known: &&mut Record| known.id == whole.id && known.module == whole.module;
        if let Some(record) = records.iter_mut().find(is_same) {
            *record = whole;
        }
    }
}
