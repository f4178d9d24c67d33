//! The `whocalls` program. Everything is in the library, so that tests can start it in-process.

use std::process::ExitCode;

/// Replies of CRMs are read on one thread and freed on another, which costs it little.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    whocalls::cli::run(std::env::args_os(), whocalls::compose::registry())
}
