//! The companies of contacts, read in batches and remembered (`crm-apis.md` §1.4).

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;
use tokio::time::Instant;
use whocalls_core::{CallContext, ErrorKind};

use crate::{client::Client, record};

/// Companies remembered at most.
const CAPACITY: u64 = 10_000;
/// How long a name is remembered: a renamed company shows its new name after this.
const TIME_TO_LIVE: Duration = Duration::from_mins(15);
/// How long no company is asked for after HubSpot refused for lack of a scope.
const REFUSAL_PAUSE: Duration = Duration::from_mins(5);

/// What is known of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    /// It exists.
    Company(Arc<Company>),
    /// It was deleted.
    Gone,
}

/// A company.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Company {
    pub(crate) name: Option<String>,
    pub(crate) page: Option<String>,
}

/// What [`Companies::read`] found.
pub(crate) struct CompanyNames<'a> {
    /// The companies that could be read, by id.
    pub(crate) found: HashMap<&'a str, Known>,
    /// Whether none is missing that could be read a little later.
    pub(crate) is_complete: bool,
}

/// The companies met lately, and who works for them.
pub(crate) struct Companies {
    known: Cache<String, Known>,
    /// Contact id -> company id.
    employers: Cache<String, String>,
    /// How often something was forgotten: a reply that was asked for before is not remembered.
    era: AtomicU64,
    paused_until: Mutex<Option<Instant>>,
}

impl Default for Companies {
    fn default() -> Self {
        Self {
            known: remembering(),
            employers: remembering(),
            era: AtomicU64::default(),
            paused_until: Mutex::default(),
        }
    }
}

impl Companies {
    /// What is known of these companies; at most one request.
    pub(crate) async fn read<'a>(
        &self,
        cx: &CallContext,
        client: &Client,
        ids: BTreeSet<&'a str>,
    ) -> CompanyNames<'a> {
        let mut found = HashMap::new();
        let mut is_complete = true;
        let mut cold = Vec::new();
        for id in ids {
            match self.known.get(id) {
                Some(known) => {
                    found.insert(id, known);
                }
                None => cold.push(id),
            }
        }
        if cold.is_empty() || self.is_paused() {
            return CompanyNames { found, is_complete };
        }
        let era = self.era.load(Ordering::Acquire);
        match client.companies(cx, &cold).await {
            Ok(objects) => {
                for id in cold {
                    let object = objects.iter().find(|object| object.id == id);
                    let known = object.map_or(Known::Gone, |object| {
                        let name = record::text(object, "name").map(str::to_owned);
                        let page = record::page(object);
                        Known::Company(Arc::new(Company { name, page }))
                    });
                    if self.era.load(Ordering::Acquire) == era {
                        self.known.insert(id.to_owned(), known.clone());
                    }
                    found.insert(id, known);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "companies cannot be read; contacts are shown without");
                if error.kind == ErrorKind::PermissionDenied {
                    *self.paused_until() = Some(Instant::now() + REFUSAL_PAUSE);
                } else {
                    is_complete = false;
                }
            }
        }
        CompanyNames { found, is_complete }
    }

    /// Remembers who a contact works for.
    pub(crate) fn remember_employer(&self, contact: &str, company: &str) {
        self.employers
            .insert(contact.to_owned(), company.to_owned());
    }

    /// Who a contact works for, if a lookup found it lately.
    pub(crate) fn employer(&self, contact: &str) -> Option<String> {
        self.employers.get(contact)
    }

    /// Who was found lately to work for a company.
    pub(crate) fn employees(&self, company: &str) -> Vec<String> {
        let works_there = |(contact, employer): (Arc<String>, String)| {
            (employer == company).then(|| contact.as_str().to_owned())
        };
        self.employers.iter().filter_map(works_there).collect()
    }

    /// Forgets a company: it has changed.
    pub(crate) fn forget(&self, company: &str) {
        self.era.fetch_add(1, Ordering::AcqRel);
        self.known.invalidate(company);
    }

    /// Forgets who a contact works for: it has changed.
    pub(crate) fn forget_employer(&self, contact: &str) {
        self.employers.invalidate(contact);
    }

    fn is_paused(&self) -> bool {
        self.paused_until()
            .is_some_and(|until| Instant::now() < until)
    }

    fn paused_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names are the customer's data: only their count is shown.
impl fmt::Debug for Companies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Companies")
            .field("known", &self.known.entry_count())
            .finish_non_exhaustive()
    }
}

fn remembering<V: Clone + Send + Sync + 'static>() -> Cache<String, V> {
    Cache::builder()
        .max_capacity(CAPACITY)
        .time_to_live(TIME_TO_LIVE)
        .build()
}
