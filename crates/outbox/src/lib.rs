//! Workflows on their way to a CRM: stored before the reply, delivered once, never lost.
//!
//! ```text
//! request -> Outbox::submit -> Store (SQLite, synced) -> Lane of the adapter -> Courier -> CRM
//!                 |                  ^                        |
//!                 +-- waits a while for the summary ----------+
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`details`] | what the telephone system sent, which requests are the same call |
//! | [`delivery`] | one workflow on its way to one CRM |
//! | [`store`] | the file: one thread, one transaction and one sync for a group of requests |
//! | `schedule`, `health` | when to try again: pure |
//! | `lane` | the deliveries to one CRM, in order, a few at a time |
//! | [`outbox`] | takes requests in, starts lanes, keeps house |
//! | [`courier`] | what is needed of the rest of the gateway |
//!
//! A delivery that was begun and whose end is not known (answer lost, process killed) counts as
//! [`Progress::Uncertain`](whocalls_core::Progress): the adapter looks for the object before it
//! creates one.

pub mod courier;
pub mod delivery;
pub mod details;
mod health;
mod keeper;
mod lane;
mod lock;
mod meter;
pub mod outbox;
mod schedule;
pub mod store;
mod waiters;

pub use courier::Courier;
pub use delivery::{Delivery, Failure, State, Summary, Target, UnknownCaller};
pub use details::{Details, WorkflowId};
pub use outbox::{Answer, Outbox, OutboxSettings, Status};
pub use store::{Count, Entry, Filter, Kept, Shown, Store, StoreError};
