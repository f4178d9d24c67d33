//! The whole gateway, end to end: real sockets, simulated CRMs behind it, a client in front.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken test set-up has to fail the test"
)]

mod busy_thread;
mod cache_file;
mod chapter;
mod child;
mod commands;
mod crash;
mod deadline;
mod faults;
mod harness;
mod import;
mod log;
mod lookup;
mod notification;
mod openapi;
mod outbox;
mod overload;
mod process;
mod reference;
mod refusals;
mod reload;
mod repeated;
mod soak;
mod trace;
mod workflow;
mod workflow_command;
