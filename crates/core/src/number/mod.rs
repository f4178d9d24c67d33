//! Phone numbers: reading them as people type them, spelling them as CRMs store them, comparing
//! and masking them.
//!
//! The numbering plans come from a port of Google's libphonenumber, hidden behind [`NumberPlan`]
//! and [`PhoneNumber`] so that it can be exchanged in this module alone.
//!
//! | file | idea |
//! |---|---|
//! | `text` | finding the numbers in what people and machines write |
//! | `plain` | reading digits alone |
//! | `plan` | reading a text as a number, with the default region |
//! | `caller` | what kind of caller a text stands for |
//! | `spelling` | the forms in which a number is written |
//! | `explain` | why a stored text means the asked number, or does not |
//! | `matching` | whether a stored text means the asked number |
//! | `parts` | taking apart what looks like one number and is none |
//! | `weak` | matches of parts of numbers |
//! | `rules` | which weak matches count |

mod caller;
mod explain;
mod matching;
mod parts;
mod phone;
mod plain;
mod plan;
mod rules;
mod spelling;
mod text;
mod weak;

pub use caller::Caller;
pub use explain::{Mismatch, StoredNumber};
pub use matching::MatchClass;
pub use phone::PhoneNumber;
pub use plan::{NumberPlan, UnknownRegion};
pub use rules::MatchRules;
