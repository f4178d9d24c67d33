//! Decorators around a CRM adapter. Each implements [`CrmAdapter`](whocalls_core::CrmAdapter)
//! itself, so that a layered adapter is an adapter like any other.
//!
//! | layer, outermost first | does |
//! |---|---|
//! | [`Observe`] | counts, times and logs every call |
//! | [`Guard`] | refuses what the adapter does not declare, before any I/O |
//! | [`Budget`] | ends a waiting caller's lookup after the adapter's timeout |
//! | [`Cache`] | answers from memory; asks the CRM once for equal lookups; lets late answers arrive |
//! | [`Hedge`] | asks a second time when an answer takes unusually long |
//! | [`Retry`] | asks again after a failure that may pass by itself |
//! | [`Breaker`] | leaves a CRM alone that is ill |
//! | [`RateLimit`] | bounds the calls in a second |
//! | [`ConcurrencyLimit`] | bounds the requests under way |
//! | [`AttemptTimeout`] | ends a single attempt, and the call at its deadline |
//!
//! [`build`] puts them together in this order, which is the only one. Hedge and rate limit are off
//! by default. Adapters that answer from their own memory have neither a cache nor what protects a
//! distant CRM.

mod attempt;
mod breaker;
mod budget;
mod builder;
mod cache;
mod guard;
mod hedge;
mod kept;
mod limit;
mod meter;
mod observe;
mod rate;
mod recent;
mod retry;

pub use attempt::AttemptTimeout;
pub use breaker::{Breaker, BreakerSettings};
pub use budget::Budget;
pub use builder::{Protection, Stack, StackSettings, build};
pub use cache::{Cache, CacheHandle, CacheSettings, SavedAnswer};
pub use guard::Guard;
pub use hedge::Hedge;
pub use kept::{KeptMetrics, Timed};
pub use limit::ConcurrencyLimit;
pub use observe::Observe;
pub use rate::RateLimit;
pub use recent::Recent;
pub use retry::{Retry, RetryBudget, RetrySettings};
