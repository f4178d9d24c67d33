//! A request that looks for something, and where its reply has the hits.

use serde_json::Value;
use whocalls_core::AdapterError;
use whocalls_http::Reply;

use crate::{
    compile::Problems,
    config::MissingHits,
    error,
    hits::Hits,
    request::{Parts, Request},
    scope::Scope,
};

/// Client errors that are about the gateway and not about what was looked for: they would hide a
/// failure if they meant that nothing was found.
const FAILURES: [u16; 5] = [401, 403, 407, 408, 429];

/// The settings of a search, whatever it is for.
pub(crate) struct SearchParts<'s> {
    pub(crate) request: Parts<'s>,
    pub(crate) hits: &'s str,
    pub(crate) missing_hits: MissingHits,
    pub(crate) empty_statuses: &'s [u16],
}

/// A request that looks for something, and where its reply has the hits.
pub(crate) struct Search {
    /// The path of its settings.
    at: String,
    request: Request,
    empty_statuses: Vec<u16>,
    hits: Hits,
}

/// What a reply says.
pub(crate) enum Answer {
    /// This status, which means that nothing was found.
    Nothing(u16),
    /// A document.
    Document(Value),
}

impl Search {
    /// Reads the search whose settings are at the path `at`.
    pub(crate) fn compile(
        parts: &SearchParts<'_>,
        at: &str,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Self {
        let request = Request::compile(&parts.request, at, scope, problems);
        for (index, status) in parts.empty_statuses.iter().enumerate() {
            if !may_mean_nothing(*status) {
                problems.add(
                    &format!("{at}.empty_statuses.{index}"),
                    "this status cannot mean that nobody was found; 201 to 299 and 400 to 499 \
                     can, except 401, 403, 407, 408 and 429",
                );
            }
        }
        Self {
            request,
            empty_statuses: parts.empty_statuses.to_vec(),
            hits: Hits::compile(parts.hits, parts.missing_hits, at, problems),
            at: at.to_owned(),
        }
    }

    /// The request.
    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    /// What a reply says.
    ///
    /// # Errors
    /// That of the status, and `Protocol` for a reply that is no JSON.
    pub(crate) fn answer(&self, reply: &Reply) -> Result<Answer, AdapterError> {
        let status = reply.status.as_u16();
        if self.empty_statuses.contains(&status) {
            return Ok(Answer::Nothing(status));
        }
        if !reply.status.is_success() {
            return Err(error::no_success(reply, &self.at));
        }
        reply.json().map(Answer::Document)
    }

    /// The hits in the document of a reply.
    ///
    /// # Errors
    /// `Protocol` for a document that is not the one described.
    pub(crate) fn hits<'v>(
        &self,
        document: &'v Value,
        reply: &Reply,
    ) -> Result<Vec<&'v Value>, AdapterError> {
        self.hits
            .select(document)
            .map_err(|no_list| error::no_list(reply, &self.at, &no_list))
    }
}

fn may_mean_nothing(status: u16) -> bool {
    matches!(status, 201..=299 | 400..=499) && !FAILURES.contains(&status)
}
