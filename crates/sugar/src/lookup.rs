//! Which requests answer a lookup: global search first, filters when it cannot be used.

use std::collections::BTreeMap;

use whocalls_core::{
    AdapterError, CallContext, CustomFields, ErrorKind, NumberPlan, NumberQuery, Operation,
};

use crate::{
    client::{Client, Searched},
    completion,
    config::{Settings, Strategy},
    filter,
    module::Module,
    record::{module_of, phones_of},
    search::{self, SearchPause},
    wire::{FilterRequest, Record, SearchRequest},
};

/// Candidates asked for: several times the records wanted, because some will turn out to own
/// another number; within what is quick to send.
const CANDIDATES_PER_RECORD: usize = 4;
const MIN_CANDIDATES: usize = 20;
/// No request asks for more records, and of no reply more are read.
pub(crate) const MAX_CANDIDATES: usize = 100;
/// The most recently changed first.
pub(crate) const ORDER: &str = "date_modified:DESC";

/// Finds the records that may own a number.
#[derive(Debug)]
pub(crate) struct Finder {
    strategy: Strategy,
    plan: NumberPlan,
    /// The modules to look into, each with the fields to ask for.
    fields: BTreeMap<Module, String>,
    /// The names of the modules, separated by commas.
    module_list: String,
    pause: SearchPause,
}

/// What Sugar found.
#[derive(Default)]
pub(crate) struct Candidates {
    /// Records of any module, not verified yet.
    pub(crate) records: Vec<Record>,
    /// Why records or their companies may be missing, when Sugar could not be asked for the moment.
    pub(crate) doubt: Option<AdapterError>,
}

impl Finder {
    /// A finder for the modules and fields of the settings.
    pub(crate) fn new(settings: &Settings, plan: NumberPlan) -> Self {
        let modules = settings.modules.iter();
        let names: Vec<&str> = modules.clone().map(|module| module.name()).collect();
        Self {
            strategy: settings.strategy,
            plan,
            module_list: names.join(","),
            fields: modules
                .map(|module| (*module, fields_of(*module, &settings.custom_fields)))
                .collect(),
            pause: SearchPause::default(),
        }
    }

    /// The modules to look into.
    pub(crate) fn modules(&self) -> impl Iterator<Item = Module> {
        self.fields.keys().copied()
    }

    /// How numbers are looked up.
    pub(crate) fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// Asks Sugar for the records that may own the number.
    pub(crate) async fn find(
        &self,
        client: &Client,
        cx: &CallContext,
        query: &NumberQuery,
    ) -> Result<Candidates, AdapterError> {
        if let Some(token) = self.search_token(query)
            && let Some(mut records) = self.by_search(client, cx, query, token).await?
        {
            let owns = |record: &Record| self.owns(record, query);
            let doubt =
                completion::add_companies(client, cx, &self.fields, owns, &mut records).await;
            return Ok(Candidates { records, doubt });
        }
        self.by_filter(client, cx, query).await
    }

    fn search_token(&self, query: &NumberQuery) -> Option<String> {
        match self.strategy {
            Strategy::Filter => None,
            Strategy::Auto if self.pause.is_on() => None,
            Strategy::Auto | Strategy::Search => search::token(&query.number),
        }
    }

    /// `None` when global search is unavailable and filters may be used instead.
    async fn by_search(
        &self,
        client: &Client,
        cx: &CallContext,
        query: &NumberQuery,
        token: String,
    ) -> Result<Option<Vec<Record>>, AdapterError> {
        let request = self.search_request(token, candidates(query));
        match client.search(cx, Operation::Lookup, &request).await? {
            Searched::Found(list) => Ok(Some(list.records)),
            Searched::Unavailable(error) if self.strategy == Strategy::Search => Err(error),
            Searched::Unavailable(error) => {
                tracing::warn!(%error, "looking numbers up by filter for a while");
                self.pause.start();
                Ok(None)
            }
        }
    }

    /// Whether one of the record's numbers is the asked one.
    fn owns(&self, record: &Record, query: &NumberQuery) -> bool {
        module_of(record).is_some_and(|module| {
            phones_of(record, module)
                .any(|phone| self.plan.match_stored(phone, &query.number).is_some())
        })
    }

    /// A global search for `token` in the modules to look into.
    pub(crate) fn search_request(&self, token: String, max_num: usize) -> SearchRequest<'_> {
        SearchRequest {
            q: token,
            module_list: &self.module_list,
            max_num,
            offset: 0,
            highlights: false,
        }
    }

    async fn by_filter(
        &self,
        client: &Client,
        cx: &CallContext,
        query: &NumberQuery,
    ) -> Result<Candidates, AdapterError> {
        let texts = filter::endings(&query.number);
        let requests = self.fields.iter().map(|(module, fields)| {
            let request = FilterRequest {
                filter: filter::by_texts(*module, &texts),
                fields,
                max_num: candidates(query),
                order_by: ORDER,
            };
            (*module, request)
        });
        let mut found = Candidates::default();
        let mut refusal = None;
        let mut has_answer = false;
        let requests: Vec<_> = requests.collect();
        let results = client.filter_all(cx, Operation::Lookup, &requests).await?;
        for (module, result) in results {
            match result {
                Ok(list) => {
                    has_answer = true;
                    found.records.extend(list.records);
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
}

/// Whether a module will not be readable later either: a right is missing, or the module.
pub(crate) fn is_lasting(error: &AdapterError) -> bool {
    matches!(
        error.kind,
        ErrorKind::PermissionDenied | ErrorKind::NotFound
    )
}

fn candidates(query: &NumberQuery) -> usize {
    query
        .max_records
        .get()
        .saturating_mul(CANDIDATES_PER_RECORD)
        .clamp(MIN_CANDIDATES, MAX_CANDIDATES)
}

fn fields_of(module: Module, custom: &CustomFields) -> String {
    let fields = module.detail_fields().iter().chain(module.phone_fields());
    let mut names: Vec<&str> = fields.copied().chain(custom.fields()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(",")
}
