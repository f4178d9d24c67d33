//! What tests and the demo need to stand in for the world outside: simulated CRMs on real
//! sockets, a scripted in-memory adapter, messy contacts, and the conformance suite that every
//! adapter and every decorator passes.
//!
//! Only a development dependency; it panics where a test should fail.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a broken test set-up has to fail the test"
)]
#![expect(
    clippy::future_not_send,
    reason = "tests await the suite where they start it"
)]

pub mod conformance;
pub mod contacts;
pub mod cpu;
pub mod fake;
pub mod port;
pub mod recorder;
pub mod sim;
pub mod table;
pub mod upstream;
pub mod world;

use std::num::NonZeroUsize;

use whocalls_core::{Caller, ContactQuery, NumberPlan, NumberQuery, PhoneNumber};

/// The region that all tests read national numbers in.
pub const REGION: &str = "CH";

/// The number plan of all tests.
pub fn number_plan() -> NumberPlan {
    NumberPlan::new(REGION).expect("a known region")
}

/// Reads a number that must be searchable.
pub fn number(text: &str) -> PhoneNumber {
    match number_plan().classify(text) {
        Caller::Number(number) => number,
        other => panic!("{text} is not searchable: {other:?}"),
    }
}

/// A lookup of up to 50 contacts by number.
pub fn query(text: &str) -> ContactQuery {
    query_at_most(text, 50)
}

/// A lookup of up to `max_records` contacts by number.
pub fn query_at_most(text: &str, max_records: usize) -> ContactQuery {
    NumberQuery {
        number: number(text),
        max_records: NonZeroUsize::new(max_records).expect("at least one record"),
        explain: false,
    }
    .into()
}
