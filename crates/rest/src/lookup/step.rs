//! One step of a lookup: its requests, and what is taken from their replies.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use whocalls_core::AdapterError;
use whocalls_http::decode_entities;

use super::{brought::Brought, captures::Captures};
use crate::{
    compile::Problems,
    config::{LookupSettings, StepSettings},
    credential::Access,
    fields::{Fields, Kind},
    outcome::Outcomes,
    pages::{Next, Page, Pages},
    request::Request,
    scope::{Common, Scope, step},
    search::{Answer, Read, Search, SearchParts},
    select::{Hit, Reach, Sources},
    template::{Expression, Place},
};

/// A step that can be carried out.
pub(super) struct Step {
    pub(super) name: String,
    /// The path of its settings.
    pub(super) at: String,
    search: Search,
    pub(super) purpose: Purpose,
    has_entities: bool,
    pub(super) when: Option<Expression>,
    pub(super) for_each: Option<Expression>,
    pub(super) batch: Option<usize>,
    pub(super) max_requests: usize,
    pub(super) until_found: bool,
    /// How long it may take, if that is limited.
    pub(super) timeout: Option<Duration>,
    pub(super) is_required: bool,
    pages: Option<Pages>,
    captures: Vec<Sources>,
}

/// What the hits of a step are for.
pub(super) enum Purpose {
    /// They are records.
    Records {
        kind: Arc<Kind>,
        fields: Arc<Fields>,
    },
    /// Joins find them by these texts.
    Index(Sources),
    /// Nothing: the step only captures.
    Captures,
}

/// What all steps of a lookup are compiled with.
pub(super) struct Surroundings<'a> {
    pub(super) common: &'a Common<'a>,
    pub(super) lookup: &'a LookupSettings,
    /// Rules of the lookup, and those of the settings.
    pub(super) lookup_outcomes: &'a Outcomes,
    pub(super) outcomes: &'a Outcomes,
    /// What steps capture.
    pub(super) captures: &'a Captures,
    /// The names of the steps with `index_by`.
    pub(super) indexes: &'a [String],
    /// The statuses that mean that nobody was found, and the kind and fields of records, for steps
    /// that have none of their own.
    pub(super) empty_statuses: &'a Outcomes,
    pub(super) kind: &'a Arc<Kind>,
    pub(super) fields: Option<&'a Arc<Fields>>,
}

impl Step {
    /// Reads the step whose settings are at the path `at`.
    pub(super) fn compile(
        settings: &StepSettings,
        at: &str,
        around: &Surroundings<'_>,
        problems: &mut Problems,
    ) -> Self {
        check(settings, at, problems);
        let scope = scope(settings, around);
        let search = Search::compile(
            SearchParts {
                request: settings.request(),
                hits: settings.hits.as_deref(),
                missing_hits: settings.missing_hits.unwrap_or(around.lookup.missing_hits),
                outcomes: outcomes(settings, at, around, problems),
            },
            at,
            &scope.request,
            problems,
        );
        let mut expression = |source: &Option<String>, key: &str| {
            let source = source.as_ref()?;
            Some(problems.expression(&format!("{at}.{key}"), source, &scope.plan))
        };
        let when = expression(&settings.when, "when");
        let for_each = expression(&settings.for_each, "for_each");
        let answer = Scope::answer(around.common.account);
        let reach = Reach::reply(&answer);
        let captures = settings.capture.iter().map(|(name, sources)| {
            let path = format!("{at}.capture.{name}");
            Sources::compile(sources, &path, Place::RecordText, &reach, problems)
        });
        let captures = captures.collect();
        let before = problems.count();
        let pages = settings.pages.as_ref().and_then(|pages| {
            let at = format!("{at}.pages");
            Pages::compile(pages, &at, &answer, problems)
        });
        if let Some(Err(message)) = pages.as_ref().map(|pages| pages.check(search.request()))
            && problems.count() == before
        {
            problems.add(&format!("{at}.pages"), message);
        }
        Self {
            name: settings.name.clone(),
            at: at.to_owned(),
            purpose: Purpose::compile(settings, at, around, problems),
            search,
            has_entities: around.lookup.html_entities,
            when,
            for_each,
            batch: settings.batch.map(usize::from),
            max_requests: usize::from(settings.max_requests),
            until_found: settings.until_found,
            timeout: (settings.timeout_ms).map(|time| Duration::from_millis(time.into())),
            is_required: settings.required,
            pages,
            captures,
        }
    }

    /// The request.
    pub(super) fn request(&self) -> &Request {
        self.search.request()
    }

    /// What its replies mean.
    pub(super) fn outcomes(&self) -> &Outcomes {
        self.search.outcomes()
    }

    /// Whether its requests use this variable or member of one.
    pub(super) fn asks_with(&self, variable: &str) -> bool {
        let for_each = self.for_each.as_ref();
        self.request().uses(variable) || for_each.is_some_and(|list| list.uses(variable))
    }

    /// Whether it uses this variable or member of one at all.
    pub(super) fn uses(&self, variable: &str) -> bool {
        let when = self.when.as_ref();
        self.asks_with(variable) || when.is_some_and(|when| when.uses(variable))
    }

    /// Whether its hits are records.
    pub(super) fn has_records(&self) -> bool {
        matches!(self.purpose, Purpose::Records { .. })
    }

    /// Whether joins use its hits.
    pub(super) fn is_index(&self) -> bool {
        matches!(self.purpose, Purpose::Index(_))
    }

    /// What the reply to the request for `page` brings, and what follows it.
    ///
    /// # Errors
    /// The failure that the reply means, and `Protocol` for one that is not as described.
    pub(super) fn read(
        &self,
        page: &Page,
        Read { reply, document }: Read,
        access: &Arc<Access>,
    ) -> Result<(Brought, Next), AdapterError> {
        let mut brought = Brought::of(access);
        let mut document = match self.search.answer_read(&reply, document)? {
            Answer::Document(document) => document,
            Answer::Nothing(status) => {
                brought.empty_status = Some(status);
                return Ok((brought, Next::End));
            }
        };
        if self.has_entities {
            decode(&mut document);
        }
        let hits = self.search.hits(&document, &reply)?.len();
        let whole = Hit::reply(&document, access).with_headers(&reply.headers);
        let captures = self.captures.iter();
        brought.captured = captures.map(|sources| sources.all(&whole, None)).collect();
        let next = self.pages.as_ref().map_or(Next::End, |pages| {
            let length = self.search.listed(&document).unwrap_or(hits);
            pages.after(page, &whole, length, access.base())
        });
        brought.hits = hits;
        brought.bytes = reply.body.len();
        brought.documents.push(document);
        Ok((brought, next))
    }

    /// The hits that the step brought.
    pub(super) fn hits<'b>(&'b self, brought: &'b Brought) -> impl Iterator<Item = &'b Value> {
        let documents = brought.documents.iter();
        documents.flat_map(|document| self.search.hits_again(document))
    }
}

impl Purpose {
    fn compile(
        settings: &StepSettings,
        at: &str,
        around: &Surroundings<'_>,
        problems: &mut Problems,
    ) -> Self {
        if settings.hits.is_none() {
            return Self::Captures;
        }
        let scope = Scope::record(around.common.account);
        if let Some(key) = &settings.index_by {
            let at = format!("{at}.index_by");
            let reach = Reach::hit(&scope, &[]);
            let key = Sources::compile(key, &at, Place::RecordText, &reach, problems);
            return Self::Index(key);
        }
        let reach = Reach::hit(&scope, around.indexes);
        let own = settings.fields.as_ref().map(|fields| {
            let at = format!("{at}.fields");
            Arc::new(Fields::compile(fields, &at, &reach, problems))
        });
        // That some step has no fields is reported once for all of them.
        let Some(fields) = own.or_else(|| around.fields.map(Arc::clone)) else {
            return Self::Captures;
        };
        let own = settings.record_kind.as_ref().map(|kind| {
            let at = format!("{at}.record_kind");
            Arc::new(Kind::compile(kind, &at, &reach, problems))
        });
        Self::Records {
            kind: own.unwrap_or_else(|| Arc::clone(around.kind)),
            fields,
        }
    }
}

/// What the templates of a step can use.
struct Scopes {
    /// Those of its requests.
    request: Scope,
    /// `when` and `for_each`, which decide what is requested.
    plan: Scope,
}

fn scope(settings: &StepSettings, around: &Surroundings<'_>) -> Scopes {
    let is_only_step = around.lookup.steps.is_empty();
    let names = around.captures.names();
    let with = |captured| {
        let scope = Scope::lookup(around.common);
        if is_only_step {
            return scope;
        }
        scope.and(vec![captured, step::found()])
    };
    let mut request = with(step::captured(&names));
    if settings.for_each.is_some() {
        let item = if settings.batch.is_some() {
            step::items()
        } else {
            step::item()
        };
        request = request.and(vec![item]);
    }
    if settings.pages.is_some() {
        request = request.and(vec![step::page()]);
    }
    Scopes {
        request,
        plan: with(step::captured_or_not(&names)),
    }
}

/// The rules from the innermost to the outermost.
fn outcomes(
    settings: &StepSettings,
    at: &str,
    around: &Surroundings<'_>,
    problems: &mut Problems,
) -> Outcomes {
    let own = settings.empty_statuses.as_ref().map(|statuses| {
        let at = format!("{at}.empty_statuses");
        Outcomes::empty_statuses(statuses, &at, problems)
    });
    let outcomes = Outcomes::compile(&settings.outcomes, &format!("{at}.outcomes"), problems)
        .within(around.lookup_outcomes)
        .within(own.as_ref().unwrap_or(around.empty_statuses))
        .within(around.outcomes);
    let body = settings.body.as_ref();
    if body.is_some_and(|body| body.graphql.is_some()) {
        outcomes.within(&Outcomes::graphql(&format!("{at}.body.graphql"), problems))
    } else {
        outcomes
    }
}

/// Reports settings of a step that do not go together.
fn check(settings: &StepSettings, at: &str, problems: &mut Problems) {
    let mut needs = |is_wrong: bool, key: &str, message: &str| {
        if is_wrong {
            problems.add(&format!("{at}.{key}"), message);
        }
    };
    let is_single = settings.for_each.is_none();
    let has_hits = settings.hits.is_some();
    let is_index = settings.index_by.is_some();
    needs(
        is_single && settings.batch.is_some(),
        "batch",
        "there are no elements to put together without `for_each`",
    );
    needs(
        is_single && settings.until_found,
        "until_found",
        "there is one request only without `for_each`",
    );
    needs(
        settings.until_found && (is_index || !has_hits),
        "until_found",
        "owners are found by steps whose hits are records",
    );
    needs(
        is_index && !has_hits,
        "index_by",
        "there is nothing to join without `hits`",
    );
    needs(
        is_index && settings.fields.is_some(),
        "fields",
        "the hits are no records, because joins use them (`index_by`)",
    );
    needs(
        !has_hits && settings.capture.is_empty(),
        "hits",
        "needed: where the reply has the hits, for example $.items[*]; a step may have `capture` \
         instead",
    );
    needs(
        !(1..=50).contains(&settings.max_requests),
        "max_requests",
        "1 to 50 requests can be allowed",
    );
    needs(
        settings
            .batch
            .is_some_and(|size| !(1..=500).contains(&size)),
        "batch",
        "1 to 500 elements can be put together",
    );
    needs(
        settings
            .timeout_ms
            .is_some_and(|time| !(100..=60_000).contains(&time)),
        "timeout_ms",
        "100 to 60000 milliseconds can be given to a step",
    );
}

/// Decodes the HTML entities of all texts of a document.
fn decode(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.contains('&') {
                *text = decode_entities(text).into_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(decode),
        Value::Object(members) => members.values_mut().for_each(decode),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
