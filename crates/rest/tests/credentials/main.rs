//! Logging in: tokens and sessions from a simulated CRM, and what happens when they end.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken test set-up has to fail the test"
)]

mod crm;
mod refusals;
mod scene;
mod sessions;
mod tokens;
