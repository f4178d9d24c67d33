//! The adapter against real servers of other people, each with messy contacts and its description
//! in `examples/`.
//!
//! A test runs when a variable names the program of its server: `scripts/install-pocketbase` and
//! the scripts beside it install and print them, and `scripts/test` sets them all.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken test set-up has to fail the test"
)]
#![expect(clippy::print_stderr, reason = "--nocapture shows how long it took")]

mod bottlecrm;
mod crm;
mod json_server;
mod pocketbase;
mod server;
#[path = "../support/mod.rs"]
mod support;
