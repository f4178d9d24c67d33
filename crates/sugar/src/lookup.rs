//! Which requests answer a lookup: global search first, filters when it cannot be used.

use std::collections::BTreeMap;

use serde_json::json;
use tokio::time::Instant;
use whocalls_core::{
    AdapterError, CallContext, CustomFields, ErrorKind, NumberPlan, NumberQuery, Operation,
};

use crate::{
    client::{Client, Searched},
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
const MAX_CANDIDATES: usize = 100;
/// The most recently changed first.
const ORDER: &str = "date_modified:DESC";

/// Finds the records that may own a number.
#[derive(Debug)]
pub(crate) struct Finder {
    strategy: Strategy,
    plan: NumberPlan,
    /// The modules to look into, each with the fields to ask for.
    fields: BTreeMap<Module, String>,
    pause: SearchPause,
}

/// What Sugar found.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// Records of any module, not verified yet.
    pub(crate) records: Vec<Record>,
    /// Why records may be missing, when a module could not be asked for the moment.
    pub(crate) doubt: Option<AdapterError>,
}

impl Finder {
    /// A finder for the modules and fields of the settings.
    pub(crate) fn new(settings: &Settings, plan: NumberPlan) -> Self {
        let modules = settings.modules.iter();
        Self {
            strategy: settings.strategy,
            plan,
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
            self.complete(client, cx, query, &mut records).await;
            return Ok(Candidates {
                records,
                doubt: None,
            });
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
        let request = SearchRequest {
            q: token,
            module_list: self.module_list(),
            max_num: candidates(query),
            offset: 0,
            highlights: false,
        };
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

    /// The modules as global search wants them.
    pub(crate) fn module_list(&self) -> String {
        let names: Vec<&str> = self.modules().map(Module::name).collect();
        names.join(",")
    }

    async fn by_filter(
        &self,
        client: &Client,
        cx: &CallContext,
        query: &NumberQuery,
    ) -> Result<Candidates, AdapterError> {
        let requests = self.fields.iter().map(|(module, fields)| {
            let request = FilterRequest {
                filter: vec![filter::by_number(*module, &query.number)],
                fields: fields.clone(),
                max_num: candidates(query),
                order_by: ORDER,
            };
            (*module, request)
        });
        let mut found = Candidates::default();
        let mut refusal = None;
        let mut has_answer = false;
        let results = client
            .filter_all(cx, Operation::Lookup, requests.collect())
            .await?;
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

    /// Adds what the search index leaves out, where it does: the company of a person. Best effort:
    /// a name without its company is better than none.
    async fn complete(
        &self,
        client: &Client,
        cx: &CallContext,
        query: &NumberQuery,
        records: &mut [Record],
    ) {
        let mut lacking: BTreeMap<Module, Vec<&str>> = BTreeMap::new();
        for record in records.iter() {
            if let Some(module) = module_of(record)
                && self.fields.contains_key(&module)
                && lacks_company(record, module)
                && self.owns(record, module, query)
            {
                lacking.entry(module).or_default().push(&record.id);
            }
        }
        if lacking.is_empty() {
            return;
        }
        let requests = lacking.iter().map(|(module, ids)| {
            let request = FilterRequest {
                filter: vec![json!({ "id": { "$in": ids } })],
                fields: self.fields.get(module).cloned().unwrap_or_default(),
                max_num: ids.len(),
                order_by: ORDER,
            };
            (*module, request)
        });
        // The answer must not be lost to a slow second request.
        let in_time = cx.with_deadline(Instant::now() + cx.remaining() / 4 * 3);
        let results = client
            .filter_all(&in_time, Operation::Lookup, requests.collect())
            .await;
        let results = results.unwrap_or_else(|error| {
            tracing::warn!(%error, "companies are missing in an answer");
            Vec::new()
        });
        let complete: Vec<Record> = results
            .into_iter()
            .filter_map(|(_, result)| result.ok())
            .flat_map(|list| list.records)
            .collect();
        for whole in complete {
            let is_same =
                |known: &&mut Record| known.id == whole.id && known.module == whole.module;
            if let Some(record) = records.iter_mut().find(is_same) {
                *record = whole;
            }
        }
    }

    fn owns(&self, record: &Record, module: Module, query: &NumberQuery) -> bool {
        phones_of(record, module)
            .any(|phone| self.plan.match_stored(phone, &query.number).is_some())
    }
}

/// Whether the reply left the company out, as opposed to saying that there is none.
fn lacks_company(record: &Record, module: Module) -> bool {
    module.is_person() && !record.fields.contains_key("account_name")
}

/// Whether a module will not be readable later either: a right is missing, or the module.
fn is_lasting(error: &AdapterError) -> bool {
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
