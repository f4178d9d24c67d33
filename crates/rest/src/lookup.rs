//! One lookup request and the reading of its reply.

use whocalls_core::{AdapterError, AdapterId, ContactRecord};
use whocalls_http::Reply;

use crate::{
    compile::Problems,
    config::LookupSettings,
    error,
    fields::Fields,
    request::Request,
    scope::Scope,
    search::{Answer, Search},
};

/// One request that finds the owners of a number, and how to read its reply.
pub(crate) struct Lookup {
    search: Search,
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
    pub(crate) fn compile(
        settings: &LookupSettings,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Self {
        let before = problems.count();
        let search = Search::compile(&settings.search(), "lookup", scope, problems);
        // A template with a problem does not tell what it would have used.
        if problems.count() == before && !search.request().uses("number") {
            problems.add(
                "lookup",
                "no template of the request uses `number`, so the CRM would be asked the same for \
                 every caller; put for example {{ number.e164 }} where the number belongs",
            );
        }
        Self {
            search,
            fields: Fields::compile(settings, problems),
        }
    }

    /// The request.
    pub(crate) fn request(&self) -> &Request {
        self.search.request()
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
        let document = match self.search.answer(reply)? {
            Answer::Document(document) => document,
            Answer::Nothing(status) => {
                return Ok(Found {
                    empty_status: Some(status),
                    ..Found::default()
                });
            }
        };
        let hits = self.search.hits(&document, reply)?;
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
