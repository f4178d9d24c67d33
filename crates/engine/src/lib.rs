//! Asks every adapter at once and makes one list of what they answer; finds the adapters that a
//! workflow goes to.
//!
//! | module | does |
//! |---|---|
//! | [`engine`] | holds the adapters; [`Engine::lookup`] |
//! | `fanout` | asks concurrently, each adapter within its own bounds, all within the deadline |
//! | [`outcome`] | what became of each adapter's part |
//! | [`merge`](merge()) | records of the same person become one contact; pure |
//! | [`rank`](rank()) | the order of the contacts; pure |
//! | [`route`] | the adapters that a workflow goes to; pure |
//! | [`contact_id`] | the opaque id that leads a workflow back to its record |

pub mod contact;
pub mod contact_id;
pub mod engine;
mod fanout;
mod identity;
mod merge;
pub mod outcome;
mod rank;
pub mod route;

pub use contact::{Contact, Member};
pub use contact_id::ContactId;
pub use engine::{Engine, EngineSettings, LookupReport, LookupRequest, Source};
pub use merge::{MergeMode, SourceMatches, merge};
pub use outcome::{SourceOutcome, SourceStatus};
pub use rank::rank;
pub use route::{Route, RouteError, RouteRequest, SendTo};
