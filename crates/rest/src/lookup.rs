//! One lookup request and the reading of its reply.

use serde_json::Value;
use whocalls_core::{AdapterError, AdapterId, ContactRecord};
use whocalls_http::Reply;

use crate::{
    compile::Problems, config::LookupSettings, error, fields::Fields, hits::Hits, request::Request,
};

/// Client errors that are about the gateway and not about a caller: they would hide a failure if
/// they meant that nobody was found.
const FAILURES: [u16; 5] = [401, 403, 407, 408, 429];

/// One request that finds the owners of a number, and how to read its reply.
pub(crate) struct Lookup {
    /// The request.
    pub(crate) request: Request,
    empty_statuses: Vec<u16>,
    hits: Hits,
    fields: Fields,
}

/// What one lookup request brought.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The hits as records; candidates, not yet verified.
    pub(crate) records: Vec<ContactRecord>,
    /// Hits that were left out because they have no id.
    pub(crate) without_id: usize,
    /// The status, when it was one that means that nobody was found.
    pub(crate) empty_status: Option<u16>,
}

impl Found {
    /// Hits without any phone number.
    pub(crate) fn without_phones(&self) -> usize {
        let has_none = |record: &&ContactRecord| record.phones.is_empty();
        self.records.iter().filter(has_none).count()
    }
}

impl Lookup {
    pub(crate) fn compile(settings: &LookupSettings, problems: &mut Problems) -> Self {
        let before = problems.count();
        let request = Request::compile(settings, problems);
        // A template with a problem does not tell what it would have used.
        if problems.count() == before && !request.uses("number") {
            problems.add(
                "lookup",
                "no template of the request uses `number`, so the CRM would be asked the same for \
                 every caller; put for example {{ number.e164 }} where the number belongs",
            );
        }
        for (index, status) in settings.empty_statuses.iter().enumerate() {
            if !may_mean_nobody(*status) {
                problems.add(
                    &format!("lookup.empty_statuses.{index}"),
                    "this status cannot mean that nobody was found; 201 to 299 and 400 to 499 \
                     can, except 401, 403, 407, 408 and 429",
                );
            }
        }
        Self {
            request,
            empty_statuses: settings.empty_statuses.clone(),
            hits: Hits::compile(settings, problems),
            fields: Fields::compile(settings, problems),
        }
    }

    /// The records in a reply.
    ///
    /// # Errors
    /// That of the status, and `Protocol` for a reply that is not the one described.
    pub(crate) fn read(
        &self,
        reply: &Reply,
        base_url: &str,
        adapter: &AdapterId,
    ) -> Result<Found, AdapterError> {
        let status = reply.status.as_u16();
        if self.empty_statuses.contains(&status) {
            return Ok(Found {
                empty_status: Some(status),
                ..Found::default()
            });
        }
        if !reply.status.is_success() {
            return Err(error::no_success(reply));
        }
        let json: Value = reply.json()?;
        let hits = self
            .hits
            .select(&json)
            .map_err(|no_list| error::no_list(reply, &no_list))?;
        let records: Vec<_> = hits
            .iter()
            .filter_map(|hit| self.fields.record(hit, base_url, adapter))
            .collect();
        if records.is_empty() && !hits.is_empty() {
            return Err(error::no_ids(reply, hits.len()));
        }
        Ok(Found {
            without_id: hits.len() - records.len(),
            records,
            empty_status: None,
        })
    }
}

fn may_mean_nobody(status: u16) -> bool {
    matches!(status, 201..=299 | 400..=499) && !FAILURES.contains(&status)
}
