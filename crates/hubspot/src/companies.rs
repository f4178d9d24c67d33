//! The companies of contacts, read in batches and remembered (`crm-apis.md` §1.4).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;
use tokio::time::Instant;
use whocalls_core::{CallContext, ErrorKind};

use crate::{client::Client, limits::Refusal, record};

/// Companies remembered at most.
const CAPACITY: u64 = 10_000;
/// How long it is remembered that a company does not exist, and who works for one: nobody expects
/// these to be wrong for as long as a name may be.
const BRIEFLY: Duration = Duration::from_mins(15);
/// So much later, an employer that a lookup found again is written down anew, and so much longer
/// employers are kept. Every lookup could write; but that takes longer than all else that it does
/// with what it remembers, and most lookups find what is known.
const AGAIN: Duration = Duration::from_mins(1);

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

/// Who a contact works for.
#[derive(Debug, Clone)]
struct Employer {
    company: Arc<str>,
    /// When it was written down.
    since: Instant,
}

/// What [`Companies::read`] found.
pub(crate) struct CompanyNames<'a> {
    /// The companies that could be read, by id.
    pub(crate) found: BTreeMap<&'a str, Known>,
    /// Whether none is missing that could be read a little later.
    pub(crate) is_complete: bool,
}

/// The companies met lately, and who works for them.
pub(crate) struct Companies {
    known: Cache<String, Arc<Company>>,
    /// Companies that do not exist.
    gone: Cache<String, ()>,
    /// By the ids of contacts.
    employers: Cache<String, Employer>,
    /// How often something was forgotten: a reply that was asked for before is not kept.
    era: AtomicU64,
    refusal: Refusal,
}

impl Companies {
    /// Remembers names for so long: a renamed company shows its new name after this, or once
    /// HubSpot notifies of the change.
    pub(crate) fn new(time_to_live: Duration) -> Self {
        Self {
            known: remembering(time_to_live),
            gone: remembering(BRIEFLY),
            employers: remembering(BRIEFLY + AGAIN),
            era: AtomicU64::default(),
            refusal: Refusal::default(),
        }
    }

    /// What is known of these companies; at most one request.
    pub(crate) async fn read<'a>(
        &self,
        cx: &CallContext,
        client: &Client,
        ids: BTreeSet<&'a str>,
    ) -> CompanyNames<'a> {
        let mut found = BTreeMap::new();
        let mut is_complete = true;
        let mut cold = Vec::new();
        for id in ids {
            match self.remembered(id) {
                Some(known) => {
                    found.insert(id, known);
                }
                None => cold.push(id),
            }
        }
        if cold.is_empty() || self.refusal.is_fresh() {
            return CompanyNames { found, is_complete };
        }
        let era = self.era.load(Ordering::Acquire);
        match client.companies(cx, &cold).await {
            Ok(objects) => {
                for id in cold {
                    let object = objects.iter().find(|object| object.id == id);
                    let known = object.map_or(Known::Gone, |object| {
                        let name = object.properties.get("name").map(str::to_owned);
                        let page = record::page(object);
                        Known::Company(Arc::new(Company { name, page }))
                    });
                    self.remember(id, &known);
                    // Looked at afterwards, so that no change slips in between.
                    if self.era.load(Ordering::Acquire) != era {
                        self.drop_remembered(id);
                    }
                    found.insert(id, known);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "companies cannot be read; contacts are shown without");
                if error.kind == ErrorKind::PermissionDenied {
                    self.refusal.remember();
                } else {
                    is_complete = false;
                }
            }
        }
        CompanyNames { found, is_complete }
    }

    /// Remembers who a contact works for, as a lookup has just found.
    pub(crate) fn remember_employer(&self, contact: &str, company: &str) {
        let now = Instant::now();
        let known = self.employers.get(contact);
        if !known.is_some_and(|known| *known.company == *company && now < known.since + AGAIN) {
            let company = company.into();
            let employer = Employer {
                company,
                since: now,
            };
            self.employers.insert(contact.to_owned(), employer);
        }
    }

    /// Who a contact works for, if a lookup found it lately.
    pub(crate) fn employer(&self, contact: &str) -> Option<String> {
        let known = self.employers.get(contact)?;
        Some(known.company.to_string())
    }

    /// Who was found lately to work for a company.
    pub(crate) fn employees(&self, company: &str) -> Vec<String> {
        let works_there = |(contact, employer): (Arc<String>, Employer)| {
            (*employer.company == *company).then(|| contact.as_str().to_owned())
        };
        self.employers.iter().filter_map(works_there).collect()
    }

    /// Forgets a company: it has changed.
    pub(crate) fn forget(&self, company: &str) {
        self.era.fetch_add(1, Ordering::AcqRel);
        self.drop_remembered(company);
    }

    /// Forgets who a contact works for: it has changed.
    pub(crate) fn forget_employer(&self, contact: &str) {
        self.employers.invalidate(contact);
    }

    fn remembered(&self, id: &str) -> Option<Known> {
        let gone = || self.gone.contains_key(id).then_some(Known::Gone);
        self.known.get(id).map(Known::Company).or_else(gone)
    }

    fn drop_remembered(&self, id: &str) {
        self.known.invalidate(id);
        self.gone.invalidate(id);
    }

    fn remember(&self, id: &str, known: &Known) {
        match known {
            Known::Company(company) => self.known.insert(id.to_owned(), Arc::clone(company)),
            Known::Gone => self.gone.insert(id.to_owned(), ()),
        }
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

fn remembering<V: Clone + Send + Sync + 'static>(time_to_live: Duration) -> Cache<String, V> {
    Cache::builder()
        .max_capacity(CAPACITY)
        .time_to_live(time_to_live)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_remembered_for_longer_than_what_changes_sooner() {
        let companies = Companies::new(Duration::from_hours(24));
        let lives = |policy: moka::Policy| policy.time_to_live();
        assert_eq!(
            lives(companies.known.policy()),
            Some(Duration::from_hours(24))
        );
        assert_eq!(lives(companies.gone.policy()), Some(BRIEFLY));
        assert_eq!(
            lives(companies.employers.policy()),
            Some(BRIEFLY + AGAIN),
            "briefly after the last lookup, which may not have written"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_employer_is_written_down_anew_when_it_is_another_one_or_was_known_for_a_while() {
        let companies = Companies::new(Duration::from_hours(24));
        let since = || companies.employers.get("51").unwrap().since;
        let start = Instant::now();
        for (after, company, is_written) in [
            (Duration::ZERO, "9001", true),
            (AGAIN / 2, "9001", false),
            (Duration::ZERO, "9002", true),
            (AGAIN / 2, "9002", false),
            (AGAIN / 2, "9002", true),
        ] {
            tokio::time::advance(after).await;
            companies.remember_employer("51", company);
            assert_eq!(companies.employer("51").as_deref(), Some(company));
            assert_eq!(companies.employees(company), ["51"]);
            assert_eq!(
                since() == Instant::now(),
                is_written,
                "{:?}",
                start.elapsed()
            );
        }
    }

    #[test]
    fn a_company_that_changed_is_forgotten_whether_it_existed_or_not() {
        let companies = Companies::new(Duration::from_hours(24));
        let named = Known::Company(Arc::new(Company {
            name: Some("Keller AG".to_owned()),
            page: None,
        }));
        for known in [named, Known::Gone] {
            companies.remember("9002", &known);
            assert_eq!(companies.remembered("9002"), Some(known));
            companies.forget("9002");
            assert_eq!(companies.remembered("9002"), None);
        }
    }
}
