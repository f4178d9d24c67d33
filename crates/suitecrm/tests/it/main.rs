//! The adapter against a simulated SuiteCRM, over real sockets; one module a topic.
#![expect(clippy::unwrap_used, reason = "a broken set-up has to fail the test")]

mod errors;
mod lookup;
mod once;
mod people;
mod requests;
mod session;
#[path = "../support/mod.rs"]
mod support;
mod workflows;
