//! Phone numbers: reading them as people type them, spelling them as CRMs store them, comparing
//! and masking them.
//!
//! The numbering plans come from a port of Google's libphonenumber, hidden behind [`NumberPlan`]
//! and [`PhoneNumber`] so that it can be exchanged in this module alone.
//!
//! | file | idea |
//! |---|---|
//! | `text` | cleaning what people and machines write around the digits |
//! | `plan` | reading a text as a number, with the default region |
//! | `caller` | what kind of caller a text stands for |
//! | `spelling` | the forms in which a number is written |
//! | `matching` | whether a stored text means the asked number |

mod caller;
mod matching;
mod phone;
mod plan;
mod spelling;
mod text;

pub use caller::Caller;
pub use matching::MatchClass;
pub use phone::PhoneNumber;
pub use plan::{NumberPlan, UnknownRegion};
