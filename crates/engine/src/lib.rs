//! Asks every adapter at once and makes one list of what they answer; takes a workflow to the
//! adapter that it belongs to.
//!
//! | module | does |
//! |---|---|
//! | [`engine`] | holds the adapters; [`Engine::lookup`], [`Engine::dispatch`] |
//! | `fanout` | asks concurrently, each adapter within its own bounds, all within the deadline |
//! | [`outcome`] | what became of each adapter's part |
//! | [`merge`](merge()) | records of the same person become one contact; pure |
//! | [`rank`](rank()) | the order of the contacts; pure |
//! | [`contact_id`] | the opaque id that leads a workflow back to its record |

pub mod contact;
pub mod contact_id;
pub mod dispatch;
pub mod engine;
mod fanout;
mod identity;
mod merge;
pub mod outcome;
mod rank;

pub use contact::{Contact, Member};
pub use contact_id::ContactId;
pub use dispatch::{DispatchError, Dispatched, WorkflowCall};
pub use engine::{Engine, EngineSettings, LookupReport, LookupRequest, Source};
pub use merge::{MergeMode, SourceMatches, merge};
pub use outcome::{SourceOutcome, SourceStatus};
pub use rank::rank;
