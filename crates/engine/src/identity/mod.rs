//! Whether two records are the same person or company: a pure comparison with named evidence.
//!
//! | module | does |
//! |---|---|
//! | `fold` | letters of any script and spelling become plain words |
//! | `lists` | the name lists of `data/`: nicknames, titles, legal forms, ... |
//! | `name`, `company`, `mailbox` | what a profile keeps of each field, and how two of them compare |
//! | [`profile`] | what is compared of a record, prepared once |
//! | [`evidence`] | the pieces of evidence and their weight |
//! | [`compare`](compare()) | the evidence for and against two profiles |

pub mod evidence;
pub mod profile;

mod company;
mod compare;
mod fold;
mod lists;
mod mailbox;
mod name;

pub use compare::compare;
pub use evidence::{Clue, Evidence};
pub(crate) use lists::prepare;
pub use profile::{Asked, Profile};
