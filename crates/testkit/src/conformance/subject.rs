//! What is under test, and what the suite may do to its surroundings.

use std::{fmt, sync::Arc};

use whocalls_core::CrmAdapter;

use crate::upstream::Upstream;

type Hook<T> = Box<dyn Fn() -> T + Send + Sync>;

/// An adapter under test with its simulated CRM.
pub struct Subject {
    /// The adapter.
    pub adapter: Arc<dyn CrmAdapter>,
    /// The simulated server behind it; none for an adapter without network.
    pub upstream: Option<Upstream>,
    /// Texts that must appear in no output: credentials.
    pub secrets: Vec<String>,
    /// Makes the CRM forget all access tokens, as if they had expired.
    pub expire_tokens: Option<Hook<()>>,
    /// How many tokens the CRM has issued.
    pub tokens_issued: Option<Hook<usize>>,
    /// How many objects workflows have created in the CRM.
    pub objects_created: Option<Hook<usize>>,
    /// Lets the CRM's own search catch up with what was written, where it lags behind.
    pub catch_up: Option<Hook<()>>,
    /// Whether contacts and companies have links.
    pub has_links: bool,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("adapter", &self.adapter)
            .finish_non_exhaustive()
    }
}

impl Subject {
    /// An adapter without a server, such as a decorator around a fake.
    pub fn in_memory(adapter: Arc<dyn CrmAdapter>) -> Self {
        Self {
            adapter,
            upstream: None,
            secrets: Vec::new(),
            expire_tokens: None,
            tokens_issued: None,
            objects_created: None,
            catch_up: None,
            has_links: true,
        }
    }

    /// An adapter with a simulated server behind it.
    pub fn with_upstream(adapter: Arc<dyn CrmAdapter>, upstream: Upstream) -> Self {
        Self {
            upstream: Some(upstream),
            ..Self::in_memory(adapter)
        }
    }

    /// The same subject, whose output must not contain `secret`.
    #[must_use]
    pub fn with_secret(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }
}
