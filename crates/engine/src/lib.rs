//! Asks every adapter at once and makes one list of what they answer; finds the adapters that a
//! workflow goes to.
//!
//! | module | does |
//! |---|---|
//! | [`engine`] | holds the adapters; [`Engine::lookup`] |
//! | `fanout` | asks concurrently, each adapter within its own bounds, all within the deadline |
//! | [`outcome`] | what became of each adapter's part |
//! | [`identity`] | the evidence for and against two records being the same person; pure |
//! | `cluster` | groups of records by that evidence; pure |
//! | [`merge`](merge()) | records of the same person become one contact; pure |
//! | [`rank`](rank()) | the order of the contacts; pure |
//! | [`explain`] | how it came about, when that is asked |
//! | `links` | the pages of a contact's further records |
//! | [`route`] | the adapters that a workflow goes to; pure |
//! | [`contact_id`] | the opaque id that leads a workflow back to its record |

mod cluster;
pub mod contact;
pub mod contact_id;
pub mod engine;
pub mod explain;
mod fanout;
pub mod identity;
mod links;
mod merge;
pub mod outcome;
mod rank;
pub mod route;

pub use contact::{Contact, Member};
pub use contact_id::ContactId;
pub use engine::{Engine, EngineSettings, LookupReport, LookupRequest, Source};
pub use explain::{Explanation, Pairing, PairingOutcome, Ranked};
pub use identity::{Asked, Clue, Evidence, Profile, compare};
pub use merge::{MergeMode, MergeSettings, SourceMatches, merge};
pub use outcome::{SourceOutcome, SourceStatus};
pub use rank::{Criterion, rank};
pub use route::{Route, RouteError, RouteRequest, SendTo};
