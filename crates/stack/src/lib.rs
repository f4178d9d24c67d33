//! Decorators around a CRM adapter. Each implements [`CrmAdapter`](whocalls_core::CrmAdapter)
//! itself, so that a layered adapter is an adapter like any other.
//!
//! | layer, outermost first | does |
//! |---|---|
//! | [`Observe`] | counts, times and logs every call |
//! | [`Guard`] | refuses what the adapter does not declare, before any I/O |
//! | [`Budget`] | ends a waiting caller's lookup after the adapter's timeout |
//! | [`Cache`] | answers from memory; asks the CRM once for equal lookups; lets late answers arrive |
//! | [`Budget`] | ends the call itself at its own, later deadline |
//! | [`ConcurrencyLimit`] | bounds the requests under way |
//!
//! [`build`] puts them together in this order, which is the only one. Adapters that answer from
//! their own memory have no cache.

mod budget;
mod builder;
mod cache;
mod guard;
mod limit;
mod observe;

pub use budget::Budget;
pub use builder::{StackSettings, build};
pub use cache::{Cache, CacheSettings};
pub use guard::Guard;
pub use limit::ConcurrencyLimit;
pub use observe::Observe;
