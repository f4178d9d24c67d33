//! What an administrator learns before going live: whether address, credentials, rights and global
//! search are in order.

use whocalls_core::{AdapterError, CallContext, Operation, ProbeReport};

use crate::{
    client::{Client, Searched},
    config::Strategy,
    lookup::{Finder, ORDER, is_lasting},
    wire::{Filter, FilterRequest},
};

/// Digits that nobody has; any token of the index would do.
const SEARCHED: &str = "0000000";

/// Reads one record of each module and tries global search.
///
/// # Errors
/// When no lookup could work. What works with limits is a warning.
pub(crate) async fn run(
    client: &Client,
    finder: &Finder,
    cx: &CallContext,
) -> Result<ProbeReport, AdapterError> {
    let mut report = ProbeReport::default();
    let readable = readable_modules(client, finder, cx, &mut report.warnings).await?;
    let search = match finder.strategy() {
        Strategy::Filter => "lookups by filter",
        strategy => match try_search(client, finder, cx).await? {
            None => "global search works",
            Some(error) if strategy == Strategy::Search => return Err(error),
            Some(error) => {
                report.warnings.push(format!(
                    "{}; until then, numbers are looked up by filter, which is slow in large \
                     databases",
                    error.message
                ));
                "lookups by filter"
            }
        },
    };
    report.summary = format!("reads {}; {search}", readable.join(", "));
    Ok(report)
}

async fn readable_modules(
    client: &Client,
    finder: &Finder,
    cx: &CallContext,
    warnings: &mut Vec<String>,
) -> Result<Vec<&'static str>, AdapterError> {
    let requests = finder.modules().map(|module| {
        let request = FilterRequest {
            filter: Filter::All,
            fields: "id",
            max_num: 1,
            order_by: ORDER,
        };
        (module, request)
    });
    let requests: Vec<_> = requests.collect();
    let results = client.filter_all(cx, Operation::Probe, &requests).await?;
    let mut readable = Vec::new();
    let mut refusal = None;
    for (module, result) in results {
        match result {
            Ok(_) => readable.push(module.name()),
            Err(error) if is_lasting(&error) => {
                warnings.push(format!("{module} is not searched: {}", error.message));
                refusal.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    match refusal {
        Some(error) if readable.is_empty() => Err(error),
        _ => Ok(readable),
    }
}

/// Why global search is unavailable, if it is.
async fn try_search(
    client: &Client,
    finder: &Finder,
    cx: &CallContext,
) -> Result<Option<AdapterError>, AdapterError> {
    let request = finder.search_request(SEARCHED.to_owned(), 1);
    match client.search(cx, Operation::Probe, &request).await? {
        Searched::Found(_) => Ok(None),
        Searched::Unavailable(error) => Ok(Some(error)),
    }
}
