//! One configuration at work. Immutable; a reload makes a new one and keeps the adapters whose
//! configuration did not change, with their caches and sessions.

use std::{collections::HashMap, num::NonZeroUsize, sync::Arc, time::Duration};

use indexmap::IndexMap;
use jiff::tz::TimeZone;
use metrics::Recorder;
use tokio::runtime::Handle;
use whocalls_core::{AdapterId, CrmAdapter, NumberPlan};
use whocalls_engine::{Engine, EngineSettings, MergeMode, MergeSettings, SendTo, Source};
use whocalls_outbox::UnknownCaller;
use whocalls_stack::{CacheHandle, CacheSettings, Stack, StackSettings, build};
use whocalls_wording::Wording;

use crate::{
    auth::{Operators, Tokens},
    config::{Config, Loaded, LoadedAdapter, schema},
    recent::RecentReplies,
    reply::ReplyStyle,
};

/// Each adapter is asked for more records than the reply shows, so that enough are left when some
/// turn out to be the same person.
const RECORDS_FOR_EACH_RESULT: usize = 4;

/// Everything that a request needs.
#[derive(Debug)]
pub struct Service {
    /// The adapters.
    pub engine: Engine,
    /// Who may ask.
    pub tokens: Tokens,
    /// Who may see metrics.
    pub operators: Operators,
    /// How numbers are read.
    pub number_plan: NumberPlan,
    /// How dates without offset are read.
    pub time_zone: TimeZone,
    /// How replies are written.
    pub style: ReplyStyle,
    /// Replies that are ready to be sent again.
    pub recent: RecentReplies,
    /// The time for a whole lookup.
    pub request_timeout: Duration,
    /// The time for a workflow.
    pub workflow_timeout: Duration,
    /// Contacts in a reply.
    pub max_results: NonZeroUsize,
    /// Origins of web pages that may ask.
    pub cors_origins: Vec<String>,
    /// What workflows say.
    pub wording: Arc<Wording>,
    users: IndexMap<String, IndexMap<String, String>>,
    workflows: HashMap<String, WorkflowPlan>,
    adapters: Vec<KeptAdapter>,
}

/// What is configured for a workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkflowPlan {
    /// The adapters that get it without contact, first choice first.
    pub adapters: Vec<AdapterId>,
    /// How many of several possible adapters get it.
    pub send_to: SendTo,
    /// What to do without contact.
    pub unknown_caller: UnknownCaller,
}

impl From<&schema::WorkflowRoute> for WorkflowPlan {
    fn from(route: &schema::WorkflowRoute) -> Self {
        Self {
            adapters: adapter_ids(&route.adapters),
            send_to: match route.send_to {
                schema::SendTo::First => SendTo::First,
                schema::SendTo::All => SendTo::All,
            },
            unknown_caller: match route.unknown_caller {
                schema::UnknownCaller::Ignore => UnknownCaller::Ignore,
                schema::UnknownCaller::Find => UnknownCaller::Find,
                schema::UnknownCaller::Create => UnknownCaller::FindOrCreate,
            },
        }
    }
}

/// An adapter with the fingerprint of the configuration that it was built from.
#[derive(Debug, Clone)]
struct KeptAdapter {
    fingerprint: u64,
    stack: Stack,
}

/// The cache of one adapter, and what it depends on.
#[derive(Debug, Clone, Copy)]
pub struct AdapterCache<'a> {
    /// The adapter.
    pub id: &'a AdapterId,
    /// Changes with the adapter's configuration.
    pub fingerprint: u64,
    /// What it holds.
    pub handle: &'a CacheHandle,
}

impl Service {
    /// Puts a loaded configuration to work, with the unchanged adapters of `previous`. Lookups ask
    /// CRMs on `runtime`, or where they are made themselves if there is none.
    pub fn new(
        loaded: Loaded,
        previous: Option<&Self>,
        recorder: &Arc<dyn Recorder + Send + Sync>,
        runtime: Option<&Handle>,
    ) -> Self {
        let Loaded {
            config,
            number_plan,
            time_zone,
            wording,
            adapters,
            ..
        } = loaded;
        let mut kept = Vec::with_capacity(adapters.len());
        let mut sources = Vec::with_capacity(adapters.len());
        for loaded in adapters {
            let stack = previous
                .and_then(|previous| previous.unchanged(&loaded))
                .unwrap_or_else(|| layered(&loaded, recorder, runtime));
            kept.push(KeptAdapter {
                fingerprint: loaded.fingerprint,
                stack: stack.clone(),
            });
            sources.push(Source {
                adapter: stack.adapter,
                priority: loaded.priority,
                actions: loaded.actions,
            });
        }
        let settings = EngineSettings {
            merge: MergeSettings {
                mode: merge_mode(config.merge.mode),
                threshold: config.merge.threshold,
            },
            settle: config.gateway.settle(),
            link_title: config.merge.link_title,
        };
        let Config {
            gateway,
            users,
            workflows,
            ..
        } = config;
        Self {
            engine: Engine::new(sources, settings),
            tokens: Tokens::new(&gateway.tokens),
            operators: Operators::new(gateway.admin_token.as_ref()),
            number_plan,
            time_zone,
            style: ReplyStyle::from(&gateway),
            recent: RecentReplies::default(),
            request_timeout: gateway.request_timeout(),
            workflow_timeout: gateway.workflow_timeout(),
            max_results: at_least_one(gateway.max_results),
            cors_origins: gateway.cors_origins,
            wording,
            users,
            workflows: workflows
                .iter()
                .map(|(name, route)| (name.clone(), WorkflowPlan::from(route)))
                .collect(),
            adapters: kept,
        }
    }

    /// How many records each adapter is asked for.
    pub fn max_records(&self) -> NonZeroUsize {
        self.max_results
            .saturating_mul(at_least_one(RECORDS_FOR_EACH_RESULT))
    }

    /// What is configured for a workflow.
    pub fn workflow_plan(&self, name: &str) -> WorkflowPlan {
        self.workflows.get(name).cloned().unwrap_or_default()
    }

    /// The id in the CRM `adapter` of the user that the portal calls `user`. A user who is not
    /// listed at all is passed on as sent: with a single CRM the portal holds the CRM's own id. So
    /// is an e-mail address that is not listed for this CRM, as some adapters find users by it.
    pub fn user_in(&self, adapter: &AdapterId, user: &str) -> Option<String> {
        let listed = self.users.get(user);
        let id = listed.and_then(|ids| ids.get(adapter.as_str()));
        let is_of_use = listed.is_none() || user.contains('@');
        id.cloned().or_else(|| is_of_use.then(|| user.to_owned()))
    }

    /// The adapters that `previous` did not have.
    pub fn new_adapters(&self, previous: Option<&Self>) -> Vec<Arc<dyn CrmAdapter>> {
        let is_new = |kept: &&KeptAdapter| {
            !previous.is_some_and(|previous| {
                previous
                    .adapters
                    .iter()
                    .any(|known| Arc::ptr_eq(&known.stack.adapter, &kept.stack.adapter))
            })
        };
        self.adapters
            .iter()
            .filter(is_new)
            .map(|kept| Arc::clone(&kept.stack.adapter))
            .collect()
    }

    /// The caches of all adapters that have one.
    pub fn caches(&self) -> impl Iterator<Item = AdapterCache<'_>> {
        self.adapters.iter().filter_map(|kept| {
            Some(AdapterCache {
                id: &kept.stack.adapter.info().id,
                fingerprint: kept.fingerprint,
                handle: kept.stack.cache.as_ref()?,
            })
        })
    }

    fn unchanged(&self, loaded: &LoadedAdapter) -> Option<Stack> {
        let same = |kept: &&KeptAdapter| {
            kept.stack.adapter.info().id == loaded.id && kept.fingerprint == loaded.fingerprint
        };
        self.adapters
            .iter()
            .find(same)
            .map(|kept| kept.stack.clone())
    }
}

fn layered(
    loaded: &LoadedAdapter,
    recorder: &Arc<dyn Recorder + Send + Sync>,
    runtime: Option<&Handle>,
) -> Stack {
    let settings = StackSettings {
        runtime: runtime.cloned(),
        timeout: loaded.timeout,
        late_answer: loaded.late_answer,
        max_concurrent: at_least_one(loaded.max_concurrent),
        cache: CacheSettings {
            ttl: loaded.cache.ttl,
            empty_ttl: loaded.cache.empty_ttl,
            stale: loaded.cache.stale,
            max_bytes: loaded.cache.max_bytes,
            max_background: at_least_one(loaded.max_background),
        },
        protection: loaded.protection,
    };
    build(Arc::clone(&loaded.adapter), &settings, Arc::clone(recorder))
}

const fn merge_mode(mode: schema::MergeMode) -> MergeMode {
    match mode {
        schema::MergeMode::Person => MergeMode::Person,
        schema::MergeMode::Record => MergeMode::Record,
        schema::MergeMode::Off => MergeMode::Off,
    }
}

/// The schema allows no zero where this is used.
fn at_least_one(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN)
}

fn adapter_ids(ids: &[String]) -> Vec<AdapterId> {
    ids.iter()
        .filter_map(|id| AdapterId::new(id).ok())
        .collect()
}
