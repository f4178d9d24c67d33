//! A request that looks for something, and where its reply has the hits.

use serde_json::Value;
use whocalls_core::{AdapterError, ErrorKind};
use whocalls_http::{Reply, StatusCode};

use crate::{
    compile::Problems,
    config::MissingHits,
    error,
    hits::{Hits, NoList},
    outcome::{Outcome, Outcomes},
    request::{Parts, Request},
    scope::Scope,
};

/// The settings of a search, whatever it is for.
pub(crate) struct SearchParts<'s> {
    pub(crate) request: Parts<'s>,
    /// None: the whole reply is the only hit.
    pub(crate) hits: Option<&'s str>,
    pub(crate) missing_hits: MissingHits,
    /// What its replies mean.
    pub(crate) outcomes: Outcomes,
}

/// A request that looks for something, and where its reply has the hits.
pub(crate) struct Search {
    /// The path of its settings.
    at: String,
    request: Request,
    outcomes: Outcomes,
    hits: Option<Hits>,
}

/// A reply whose body was read.
pub(crate) struct Read {
    pub(crate) reply: Reply,
    /// The body as JSON, or why it is none.
    pub(crate) document: Result<Value, AdapterError>,
}

impl Read {
    /// Reads the body, a long one on another thread.
    pub(crate) async fn apart(reply: Reply) -> Self {
        let document = reply.json_apart().await;
        Self { reply, document }
    }
}

/// What a reply says.
pub(crate) enum Answer {
    /// That nothing was found, by this status.
    Nothing(u16),
    /// A document.
    Document(Value),
}

impl Search {
    /// Reads the search whose settings are at the path `at`.
    pub(crate) fn compile(
        parts: SearchParts<'_>,
        at: &str,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Self {
        let hits = parts.hits;
        Self {
            request: Request::compile(&parts.request, at, scope, problems),
            outcomes: parts.outcomes,
            hits: hits.map(|hits| {
                Hits::compile(hits, parts.missing_hits, &format!("{at}.hits"), problems)
            }),
            at: at.to_owned(),
        }
    }

    /// The request.
    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    /// What replies mean.
    pub(crate) fn outcomes(&self) -> &Outcomes {
        &self.outcomes
    }

    /// What a reply says.
    ///
    /// # Errors
    /// The failure that it means, and `Protocol` for a reply that is no JSON.
    pub(crate) fn answer(&self, reply: &Reply) -> Result<Answer, AdapterError> {
        self.answer_read(reply, reply.json())
    }

    /// The same of a reply whose body was read as JSON, or found to be none.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub(crate) fn answer_read(
        &self,
        reply: &Reply,
        document: Result<Value, AdapterError>,
    ) -> Result<Answer, AdapterError> {
        match self.outcomes.of_read(reply, document.as_ref().ok()) {
            Outcome::Success => document.map(Answer::Document),
            Outcome::Nobody => Ok(Answer::Nothing(reply.status.as_u16())),
            Outcome::Failure(error) => {
                let is_missing =
                    error.kind == ErrorKind::NotFound && reply.status == StatusCode::NOT_FOUND;
                Err(if is_missing {
                    error::not_there(reply, &self.at)
                } else {
                    error
                })
            }
        }
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
        self.select(document)
            .map_err(|no_list| error::no_list(reply, &self.at, &no_list))
    }

    /// How many elements the list in a document has that its hits are chosen from.
    pub(crate) fn listed(&self, document: &Value) -> Option<usize> {
        self.hits.as_ref()?.listed(document)
    }

    /// The hits in a document that was read before.
    pub(crate) fn hits_again<'v>(&self, document: &'v Value) -> Vec<&'v Value> {
        self.select(document).unwrap_or_default()
    }

    fn select<'v>(&self, document: &'v Value) -> Result<Vec<&'v Value>, NoList> {
        match &self.hits {
            Some(hits) => hits.select(document),
            None => Ok(vec![document]),
        }
    }
}
