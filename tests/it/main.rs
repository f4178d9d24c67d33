//! The whole gateway, end to end: real sockets, simulated CRMs behind it, a client in front.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken test set-up has to fail the test"
)]

mod commands;
mod crash;
mod harness;
mod lookup;
mod notification;
mod outbox;
mod overload;
mod process;
mod reference;
mod refusals;
mod reload;
mod workflow;
mod workflow_command;
