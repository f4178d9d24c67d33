//! Which requests answer a lookup: one for each module, all at once.

use std::collections::BTreeSet;

use futures::future::join_all;
use whocalls_core::{AdapterError, CallContext, ErrorKind, MatchRules, NumberQuery, Operation};

use crate::{
    error::{NO_INTERFACE, NO_RIGHT},
    interface::Interface,
    module::Module,
    pattern::Pattern,
    record::Record,
};

/// Candidates asked for in each module: several times the records wanted, because some may turn
/// out to own another number; no more than SuiteCRM sends quickly, as V8 loads each record by
/// itself (`crm-apis.md` §3.1).
const CANDIDATES_PER_RECORD: usize = 4;
const MIN_CANDIDATES: usize = 20;
/// No request asks for more records, and of no reply more are read.
pub(crate) const MAX_CANDIDATES: usize = 100;

/// What SuiteCRM found.
#[derive(Default)]
pub(crate) struct Candidates {
    /// Records of any module, not verified yet.
    pub(crate) records: Vec<Record>,
    /// Why records may be missing, when a module could not be asked.
    pub(crate) doubt: Option<AdapterError>,
}

/// Asks the modules for the records that may own the number. A number of too few digits for a
/// pattern has no owner, and nothing is asked.
///
/// A module that SuiteCRM does not have, or does not show to the API user, does not hide the
/// others: records of it are none of the API user's.
///
/// # Errors
/// When no module answered.
pub(crate) async fn find(
    interface: &dyn Interface,
    modules: &BTreeSet<Module>,
    rules: MatchRules,
    cx: &CallContext,
    query: &NumberQuery,
) -> Result<Candidates, AdapterError> {
    let Some(pattern) = Pattern::of(&query.number) else {
        return Ok(Candidates::default());
    };
    let limit = candidates(query);
    let searches = modules.iter().map(|module| {
        let pattern = pattern.for_kind(module.kind(), rules);
        async move {
            let search = interface.find(cx, Operation::Lookup, *module, Some(&pattern), limit);
            (*module, search.await)
        }
    });
    let mut found = Candidates::default();
    let mut refusal = None;
    let mut has_answer = false;
    for (module, result) in join_all(searches).await {
        match result {
            Ok(records) => {
                has_answer = true;
                found.records.extend(records);
            }
            Err(error) => {
                tracing::debug!(%module, %error, "a module was not searched");
                let slot = if is_lasting(&error) {
                    &mut refusal
                } else {
                    &mut found.doubt
                };
                slot.get_or_insert(error);
            }
        }
    }
    match found.doubt.clone().or(refusal) {
        Some(error) if !has_answer => Err(error),
        _ => Ok(found),
    }
}

/// Whether a module will not be readable later either: a right is missing, or the module, by
/// SuiteCRM's own words. A status alone may come from anybody on the way, a proxy or a firewall,
/// and pass; except 400, with which V8 refuses whatever the reason, and releases differ in its
/// words.
pub(crate) fn is_lasting(error: &AdapterError) -> bool {
    match error.kind {
        ErrorKind::InvalidRequest => true,
        ErrorKind::PermissionDenied => error.message == NO_RIGHT,
        ErrorKind::NotFound => error.message != NO_INTERFACE,
        _ => false,
    }
}

fn candidates(query: &NumberQuery) -> usize {
    query
        .max_records
        .get()
        .saturating_mul(CANDIDATES_PER_RECORD)
        .clamp(MIN_CANDIDATES, MAX_CANDIDATES)
}
