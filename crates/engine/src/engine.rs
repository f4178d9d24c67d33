//! The adapters of one configuration, and what can be asked of them together.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use whocalls_core::{AdapterId, CallContext, ContactQuery, CrmAdapter};

use crate::{
    Asked, Contact, Explanation, MergeSettings, SourceOutcome, fanout, identity,
    merge::{Candidate, merge_explained, merge_found},
    rank,
};

/// One adapter with its place among the others.
#[derive(Debug, Clone)]
pub struct Source {
    /// The adapter, with its layers.
    pub adapter: Arc<dyn CrmAdapter>,
    /// Lower comes first when ranking and merging.
    pub priority: u32,
    /// The workflows that it offers for its contacts; no other is sent to it.
    pub actions: Vec<String>,
}

impl Source {
    /// The adapter's id.
    pub fn id(&self) -> &AdapterId {
        &self.adapter.info().id
    }
}

/// How answers are put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineSettings {
    /// How records become contacts.
    pub merge: MergeSettings,
    /// How long to wait for the others after the first exact match; `None` waits for all.
    pub settle: Option<Duration>,
    /// The title of the link to a further record of a contact; `{{ crm }}` stands for its CRM.
    pub link_title: String,
}

impl EngineSettings {
    /// The CRM's name.
    pub const DEFAULT_LINK_TITLE: &str = "{{ crm }}";
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            merge: MergeSettings::default(),
            settle: None,
            link_title: Self::DEFAULT_LINK_TITLE.to_owned(),
        }
    }
}

/// Asks all adapters and makes one answer. Immutable; a reload makes a new one.
#[derive(Debug)]
pub struct Engine {
    sources: Vec<Source>,
    settings: EngineSettings,
}

/// One lookup.
#[derive(Debug, Clone)]
pub struct LookupRequest<'a> {
    /// Deadline and request id.
    pub cx: &'a CallContext,
    /// What is asked.
    pub query: &'a ContactQuery,
    /// The adapters that may be asked; `None` for all.
    pub allowed: Option<&'a [AdapterId]>,
    /// The most contacts in the answer.
    pub max_results: NonZeroUsize,
}

/// The answer to a lookup, with what became of each adapter's part.
#[derive(Debug, Clone)]
pub struct LookupReport {
    /// The contacts, best first, at most `max_results`.
    pub contacts: Vec<Contact>,
    /// One outcome for each adapter that was to be asked, in the order of the configuration.
    pub sources: Vec<SourceOutcome>,
    /// How many contacts there were before the cut.
    pub total: usize,
    /// How it came about, if the query asks to [`explain`](whocalls_core::NumberQuery::explain).
    pub explanation: Option<Explanation>,
}

impl LookupReport {
    /// Whether every adapter answered with all that its CRM knows.
    pub fn is_complete(&self) -> bool {
        SourceOutcome::are_complete(&self.sources)
    }

    /// Whether there were adapters to ask and none of them answered.
    pub fn is_failed(&self) -> bool {
        SourceOutcome::are_failed(&self.sources)
    }
}

impl Engine {
    /// An engine over these adapters.
    pub fn new(sources: Vec<Source>, settings: EngineSettings) -> Self {
        identity::prepare();
        Self { sources, settings }
    }

    /// The adapters, in the order of the configuration.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The title of a link, with a place for the CRM's name.
    pub(crate) fn link_title(&self) -> &str {
        &self.settings.link_title
    }

    /// The adapter of that id.
    pub fn source(&self, id: &AdapterId) -> Option<&Source> {
        self.sources.iter().find(|source| source.id() == id)
    }

    /// Asks every allowed adapter that answers this kind of query, merges, ranks and cuts.
    ///
    /// Never fails as a whole: see [`LookupReport::is_failed`]. Ends by the deadline.
    pub async fn lookup(&self, request: LookupRequest<'_>) -> LookupReport {
        let sources = self.ask(&request).await;
        self.report(&request, sources)
    }

    /// Asks every allowed adapter that answers this kind of query. Ends by the deadline.
    pub async fn ask(&self, request: &LookupRequest<'_>) -> Vec<SourceOutcome> {
        let LookupRequest {
            cx, query, allowed, ..
        } = request;
        let adapters: Vec<&dyn CrmAdapter> = self
            .sources
            .iter()
            .filter(|source| allowed.is_none_or(|allowed| allowed.contains(source.id())))
            .filter(|source| source.adapter.info().capabilities.answers(query.kind()))
            .map(|source| &*source.adapter)
            .collect();
        fanout::ask_all(&adapters, cx, query, self.settings.settle).await
    }

    /// Merges, ranks and cuts what the adapters answered to a request. Depends on nothing but their
    /// [matches](whocalls_core::LookupAnswer::matches) and the settings.
    pub fn report(&self, request: &LookupRequest<'_>, sources: Vec<SourceOutcome>) -> LookupReport {
        let found = sources.iter().filter_map(|outcome| {
            let priority = self.source(&outcome.adapter)?.priority;
            Some(Candidate::all(priority, outcome.answer()?.matches()))
        });
        let found = found.flatten().collect();
        let (mut contacts, explanation) = self.put_together(request.query, found);
        let total = contacts.len();
        contacts.truncate(request.max_results.get());
        LookupReport {
            contacts,
            sources,
            total,
            explanation,
        }
    }

    /// Merges and ranks.
    fn put_together(
        &self,
        query: &ContactQuery,
        found: Vec<Candidate<'_>>,
    ) -> (Vec<Contact>, Option<Explanation>) {
        let settings = self.settings.merge;
        let (asked, explain) = match query {
            ContactQuery::Number(query) => (Asked::of(&query.number), query.explain),
            _ => (Asked::default(), false),
        };
        if !explain {
            let mut contacts = merge_found(settings, asked, found);
            rank(&mut contacts);
            return (contacts, None);
        }
        let (mut contacts, pairings) = merge_explained(settings, asked, found);
        rank(&mut contacts);
        let explanation = Explanation::of(&contacts, pairings, settings.threshold);
        (contacts, Some(explanation))
    }
}
