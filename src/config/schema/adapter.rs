//! `[defaults]` and `[adapters.<id>]`: the CRMs.

use std::{fmt, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{BreakerConfig, BreakerOverrides, RetryConfig, RetryOverrides};
use crate::config::formats::HTTP_URL;

/// Most CRMs answer a search by number in a few hundred milliseconds.
const DEFAULT_TIMEOUT_MS: u64 = 1000;
/// Long enough for a slow CRM to fill the cache for the next call.
const DEFAULT_LATE_ANSWER_MS: u64 = 10_000;
/// Below the limits of concurrent requests that hosted CRMs set.
const DEFAULT_MAX_CONCURRENT: usize = 16;
/// A CRM that answers in 60 ms works off so many within the default `timeout_ms`.
const BACKGROUND_FOR_EACH_CONCURRENT: usize = 16;
/// Somebody who calls again within minutes is answered at once.
const DEFAULT_TTL_SECS: u64 = 300;
/// A contact that was just created is found soon.
const DEFAULT_EMPTY_TTL_SECS: u64 = 30;
/// A CRM may be down for a day.
const DEFAULT_STALE_SECS: u64 = 86_400;
/// 32 MiB, tens of thousands of answers.
const DEFAULT_MAX_BYTES: u64 = 33_554_432;
/// In the middle, so that others can go before and after.
const DEFAULT_PRIORITY: u32 = 100;

/// What every adapter inherits; its own key wins.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Defaults {
    /// Milliseconds that a reply waits for an adapter.
    #[schemars(range(min = 10, max = 30_000))]
    pub timeout_ms: u64,
    /// Milliseconds that a lookup may go on in the background to fill the cache.
    #[schemars(range(min = 0, max = 120_000))]
    pub late_answer_ms: u64,
    /// Requests to one CRM in flight at the same time.
    #[schemars(range(min = 1, max = 1024))]
    pub max_concurrent: usize,
    /// Different questions to one CRM that are in flight or wait for their turn, also those whose
    /// caller has left; one more is refused at once. Absent: 16 times `max_concurrent`.
    #[schemars(range(min = 1, max = 65_536))]
    pub max_background: Option<usize>,
    /// Calls of one CRM in any one second; more wait for their turn, and the CRM is left alone as
    /// long as it asks for in `Retry-After` of a 429, for a minute at most. 0: no limit.
    #[schemars(range(min = 0, max = 100_000))]
    pub requests_per_second: u32,
    /// Milliseconds that a single attempt at a lookup may take, so that time is left for another.
    /// 0: as long as the whole lookup.
    #[schemars(range(min = 0, max = 30_000))]
    pub attempt_timeout_ms: u64,
    /// Milliseconds after which a lookup without answer is asked a second time, while somebody
    /// waits; the first answer counts. Within `retry.budget_percent`. 0: never.
    #[schemars(range(min = 0, max = 30_000))]
    pub hedge_after_ms: u64,
    /// When lookups that failed are asked again.
    pub retry: RetryConfig,
    /// When a CRM is left alone that fails.
    pub breaker: BreakerConfig,
    /// How long answers are kept.
    pub cache: CacheConfig,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            timeout_ms: DEFAULT_TIMEOUT_MS,
            late_answer_ms: DEFAULT_LATE_ANSWER_MS,
            max_concurrent: DEFAULT_MAX_CONCURRENT,
            max_background: None,
            requests_per_second: 0,
            attempt_timeout_ms: 0,
            hedge_after_ms: 0,
            retry: RetryConfig::default(),
            breaker: BreakerConfig::default(),
            cache: CacheConfig::default(),
        }
    }
}

/// How long answers are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CacheConfig {
    /// Seconds for which an answer is fresh; 0 asks the CRM each time.
    #[schemars(range(min = 0, max = 86_400))]
    pub ttl_secs: u64,
    /// Seconds for which "nobody" is a fresh answer; 0 asks the CRM each time.
    #[schemars(range(min = 0, max = 86_400))]
    pub empty_ttl_secs: u64,
    /// Seconds for which an answer may still be served while it is refreshed or while the CRM is
    /// down.
    #[schemars(range(min = 0, max = 2_592_000))]
    pub stale_secs: u64,
    /// Bytes of memory for the answers of one adapter; when they are used up, the answers go that
    /// nobody asked for lately.
    #[schemars(range(min = 0, max = 1_073_741_824))]
    pub max_bytes: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            ttl_secs: DEFAULT_TTL_SECS,
            empty_ttl_secs: DEFAULT_EMPTY_TTL_SECS,
            stale_secs: DEFAULT_STALE_SECS,
            max_bytes: DEFAULT_MAX_BYTES,
        }
    }
}

/// What one adapter does differently from `[defaults.cache]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CacheOverrides {
    /// Seconds for which an answer is fresh; 0 asks the CRM each time.
    #[schemars(range(min = 0, max = 86_400))]
    pub ttl_secs: Option<u64>,
    /// Seconds for which "nobody" is a fresh answer; 0 asks the CRM each time.
    #[schemars(range(min = 0, max = 86_400))]
    pub empty_ttl_secs: Option<u64>,
    /// Seconds for which an answer may still be served while it is refreshed or while the CRM is
    /// down.
    #[schemars(range(min = 0, max = 2_592_000))]
    pub stale_secs: Option<u64>,
    /// Bytes of memory for the answers of this adapter; when they are used up, the answers go that
    /// nobody asked for lately.
    #[schemars(range(min = 0, max = 1_073_741_824))]
    pub max_bytes: Option<u64>,
}

/// One CRM.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdapterConfig {
    /// Whether the adapter is asked. The settings of one that is not may be incomplete, and its
    /// secrets are not read.
    #[serde(default = "default_enabled")]
    pub enabled: bool,
    /// What kind of CRM it is; `whocalls kinds` lists them.
    #[schemars(length(min = 1))]
    pub kind: String,
    /// A shipped description to start from, for kinds that have some; `whocalls kinds` lists them.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub preset: Option<String>,
    /// The reply's `crmName`. Absent: the adapter id in readable form.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    pub crm_name: Option<String>,
    /// The reply's `crmLogo`: the URL of a picture.
    #[serde(default)]
    #[schemars(extend("format" = HTTP_URL))]
    pub crm_logo: Option<String>,
    /// The adapter with the lower number goes first when contacts are ranked and merged.
    #[serde(default = "default_priority")]
    #[schemars(range(min = 0, max = 1000))]
    pub priority: u32,
    /// The reply's `crmActions`: workflows that this adapter offers. Absent: all of its kind.
    #[serde(default)]
    #[schemars(inner(length(min = 1)), extend("uniqueItems" = true))]
    pub actions: Option<Vec<String>>,
    /// Milliseconds that a reply waits for this adapter. Absent: as in `[defaults]`.
    #[serde(default)]
    #[schemars(range(min = 10, max = 30_000))]
    pub timeout_ms: Option<u64>,
    /// Milliseconds that a lookup may go on in the background to fill the cache. Absent: as in
    /// `[defaults]`.
    #[serde(default)]
    #[schemars(range(min = 0, max = 120_000))]
    pub late_answer_ms: Option<u64>,
    /// Requests to this CRM in flight at the same time. Absent: as in `[defaults]`.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1024))]
    pub max_concurrent: Option<usize>,
    /// Different questions to this CRM that are in flight or wait for their turn. Absent: as in
    /// `[defaults]`.
    #[serde(default)]
    #[schemars(range(min = 1, max = 65_536))]
    pub max_background: Option<usize>,
    /// Calls of this CRM in any one second; 0: no limit. Absent: as in `[defaults]`.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100_000))]
    pub requests_per_second: Option<u32>,
    /// Milliseconds that a single attempt at a lookup may take; 0: as long as the whole lookup.
    /// Absent: as in `[defaults]`.
    #[serde(default)]
    #[schemars(range(min = 0, max = 30_000))]
    pub attempt_timeout_ms: Option<u64>,
    /// Milliseconds after which a lookup without answer is asked a second time; 0: never. Absent:
    /// as in `[defaults]`.
    #[serde(default)]
    #[schemars(range(min = 0, max = 30_000))]
    pub hedge_after_ms: Option<u64>,
    /// When lookups that failed are asked again. Absent keys: as in `[defaults.retry]`.
    #[serde(default)]
    pub retry: RetryOverrides,
    /// When this CRM is left alone. Absent keys: as in `[defaults.breaker]`.
    #[serde(default)]
    pub breaker: BreakerOverrides,
    /// How long answers are kept. Absent keys: as in `[defaults.cache]`.
    #[serde(default)]
    pub cache: CacheOverrides,
    /// The settings of the kind: address, credentials and more.
    #[serde(default)]
    pub settings: Settings,
}

fn default_enabled() -> bool {
    true
}

fn default_priority() -> u32 {
    DEFAULT_PRIORITY
}

impl AdapterConfig {
    /// The time that a reply waits for this adapter.
    pub fn timeout(&self, defaults: &Defaults) -> Duration {
        Duration::from_millis(self.timeout_ms.unwrap_or(defaults.timeout_ms))
    }

    /// The time that a lookup may go on in the background.
    pub fn late_answer(&self, defaults: &Defaults) -> Duration {
        Duration::from_millis(self.late_answer_ms.unwrap_or(defaults.late_answer_ms))
    }

    /// The requests in flight at the same time.
    pub fn max_concurrent(&self, defaults: &Defaults) -> usize {
        self.max_concurrent.unwrap_or(defaults.max_concurrent)
    }

    /// The questions in flight or waiting at the same time.
    pub fn max_background(&self, defaults: &Defaults) -> usize {
        let derived = || self.max_concurrent(defaults) * BACKGROUND_FOR_EACH_CONCURRENT;
        let configured = self.max_background.or(defaults.max_background);
        configured.unwrap_or_else(derived)
    }

    /// How this adapter's answers are kept.
    pub fn cache(&self, defaults: &Defaults) -> CacheTuning {
        let CacheOverrides {
            ttl_secs,
            empty_ttl_secs,
            stale_secs,
            max_bytes,
        } = &self.cache;
        let inherited = &defaults.cache;
        CacheTuning {
            ttl: Duration::from_secs(ttl_secs.unwrap_or(inherited.ttl_secs)),
            empty_ttl: Duration::from_secs(empty_ttl_secs.unwrap_or(inherited.empty_ttl_secs)),
            stale: Duration::from_secs(stale_secs.unwrap_or(inherited.stale_secs)),
            max_bytes: max_bytes.unwrap_or(inherited.max_bytes),
        }
    }
}

/// How long one adapter's answers are kept, all keys decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CacheTuning {
    /// How long an answer is fresh.
    pub ttl: Duration,
    /// How long "nobody" is a fresh answer.
    pub empty_ttl: Duration,
    /// How long an answer may be served while it is refreshed or the CRM is down.
    pub stale: Duration,
    /// Memory for answers.
    pub max_bytes: u64,
}

/// The settings of an adapter; its kind knows what they mean.
// `Debug` shows only the keys, since secrets are among the values.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Settings(pub Map<String, Value>);

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
