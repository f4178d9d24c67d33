//! The adapter against a simulated Sugar, over real sockets; one module a topic.
#![expect(clippy::unwrap_used, reason = "a broken set-up has to fail the test")]

mod errors;
mod lookup;
mod notifications;
mod once;
mod people;
mod session;
#[path = "../support/mod.rs"]
mod support;
mod users;
mod workflows;
