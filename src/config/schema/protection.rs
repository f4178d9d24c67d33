//! How a CRM is protected, and those who wait for it: retries, circuit breaker, rate limit.

use std::{num::NonZeroU32, time::Duration};

use schemars::JsonSchema;
use serde::Deserialize;
use whocalls_stack::{BreakerSettings, Protection, RetrySettings};

use super::{AdapterConfig, Defaults};

/// When lookups that failed are asked again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetryConfig {
    /// Further attempts after a failure that may pass by itself: no connection, no answer in time,
    /// a server failure (5xx), 429. 0 turns retries off. Workflows are not retried here: the outbox
    /// delivers them again.
    #[schemars(range(min = 0, max = 10))]
    pub attempts: u32,
    /// Milliseconds before the first retry at most; each pause is a random part of its bound, and
    /// the bound doubles with each retry. What the CRM asks for in `Retry-After` comes on top.
    /// A retry that would begin after `timeout_ms` is not made while somebody waits.
    #[schemars(range(min = 0, max = 10_000))]
    pub backoff_ms: u64,
    /// Milliseconds up to which the bound grows.
    #[schemars(range(min = 0, max = 60_000))]
    pub max_backoff_ms: u64,
    /// Retries in a hundred calls, so that they do not double the load of a CRM that is overrun;
    /// one for every so many whole calls: 30 allows one for every three. Ten in ten seconds are
    /// always allowed.
    #[schemars(range(min = 0, max = 100))]
    pub budget_percent: u16,
}

impl Default for RetryConfig {
    fn default() -> Self {
        let RetrySettings {
            attempts,
            backoff,
            max_backoff,
            budget_percent,
        } = RetrySettings::default();
        Self {
            attempts,
            backoff_ms: millis(backoff),
            max_backoff_ms: millis(max_backoff),
            budget_percent,
        }
    }
}

/// What one adapter does differently from `[defaults.retry]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetryOverrides {
    /// Further attempts after a failure that may pass by itself; 0 turns retries off.
    #[schemars(range(min = 0, max = 10))]
    pub attempts: Option<u32>,
    /// Milliseconds before the first retry at most.
    #[schemars(range(min = 0, max = 10_000))]
    pub backoff_ms: Option<u64>,
    /// Milliseconds before any retry at most.
    #[schemars(range(min = 0, max = 60_000))]
    pub max_backoff_ms: Option<u64>,
    /// Retries in a hundred calls.
    #[schemars(range(min = 0, max = 100))]
    pub budget_percent: Option<u16>,
}

/// When a CRM is left alone that fails. Lookups, workflows and probes count alike; what counts is
/// silence, failed connections, server failures (5xx) and replies that cannot be read, not a CRM
/// that refuses what it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BreakerConfig {
    /// Whether a CRM is ever left alone.
    pub enabled: bool,
    /// So many failures in a row, and the CRM is left alone.
    #[schemars(range(min = 1, max = 10_000))]
    pub failures: u32,
    /// So many failures in a hundred calls have the same effect.
    #[schemars(range(min = 1, max = 100))]
    pub failure_percent: u32,
    /// Calls within `window_secs` that are needed to speak of a percentage.
    #[schemars(range(min = 1, max = 10_000))]
    pub min_calls: u32,
    /// Seconds within which calls are counted for `failure_percent`.
    #[schemars(range(min = 1, max = 3600))]
    pub window_secs: u64,
    /// Milliseconds for which the CRM is not asked. After them one call is let through to see
    /// whether it is well, and another one when that has not ended after as long again: a CRM that
    /// is well again is asked after twice this time at the latest.
    #[schemars(range(min = 100, max = 600_000))]
    pub open_ms: u64,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        let BreakerSettings {
            failures,
            failure_percent,
            min_calls,
            window,
            open_for,
        } = BreakerSettings::default();
        Self {
            enabled: true,
            failures,
            failure_percent,
            min_calls,
            window_secs: window.as_secs(),
            open_ms: millis(open_for),
        }
    }
}

/// What one adapter does differently from `[defaults.breaker]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BreakerOverrides {
    /// Whether this CRM is ever left alone.
    pub enabled: Option<bool>,
    /// So many failures in a row, and the CRM is left alone.
    #[schemars(range(min = 1, max = 10_000))]
    pub failures: Option<u32>,
    /// So many failures in a hundred calls have the same effect.
    #[schemars(range(min = 1, max = 100))]
    pub failure_percent: Option<u32>,
    /// Calls within `window_secs` that are needed to speak of a percentage.
    #[schemars(range(min = 1, max = 10_000))]
    pub min_calls: Option<u32>,
    /// Seconds within which calls are counted for `failure_percent`.
    #[schemars(range(min = 1, max = 3600))]
    pub window_secs: Option<u64>,
    /// Milliseconds for which the CRM is not asked.
    #[schemars(range(min = 100, max = 600_000))]
    pub open_ms: Option<u64>,
}

impl AdapterConfig {
    /// How this CRM is protected, all keys decided.
    pub fn protection(&self, defaults: &Defaults) -> Protection {
        let Defaults {
            attempt_timeout_ms,
            hedge_after_ms,
            requests_per_second,
            ..
        } = *defaults;
        let per_second = self.requests_per_second.unwrap_or(requests_per_second);
        Protection {
            hedge_after: time(self.hedge_after_ms.unwrap_or(hedge_after_ms)),
            retry: self.retry.over(&defaults.retry),
            breaker: self.breaker.over(&defaults.breaker),
            per_second: NonZeroU32::new(per_second),
            attempt_timeout: time(self.attempt_timeout_ms.unwrap_or(attempt_timeout_ms)),
        }
    }
}

impl RetryOverrides {
    fn over(&self, inherited: &RetryConfig) -> RetrySettings {
        let backoff_ms = self.backoff_ms.unwrap_or(inherited.backoff_ms);
        let max_backoff_ms = self.max_backoff_ms.unwrap_or(inherited.max_backoff_ms);
        RetrySettings {
            attempts: self.attempts.unwrap_or(inherited.attempts),
            backoff: Duration::from_millis(backoff_ms),
            max_backoff: Duration::from_millis(max_backoff_ms),
            budget_percent: self.budget_percent.unwrap_or(inherited.budget_percent),
        }
    }
}

impl BreakerOverrides {
    fn over(&self, inherited: &BreakerConfig) -> Option<BreakerSettings> {
        let window_secs = self.window_secs.unwrap_or(inherited.window_secs);
        let settings = BreakerSettings {
            failures: self.failures.unwrap_or(inherited.failures),
            failure_percent: self.failure_percent.unwrap_or(inherited.failure_percent),
            min_calls: self.min_calls.unwrap_or(inherited.min_calls),
            window: Duration::from_secs(window_secs),
            open_for: Duration::from_millis(self.open_ms.unwrap_or(inherited.open_ms)),
        };
        let is_enabled = self.enabled.unwrap_or(inherited.enabled);
        is_enabled.then_some(settings)
    }
}

/// Zero turns a time off.
fn time(millis: u64) -> Option<Duration> {
    (millis > 0).then_some(Duration::from_millis(millis))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
