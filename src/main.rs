//! The `whocalls` program. Everything is in the library, so that tests can start it in-process.

use std::process::ExitCode;

fn main() -> ExitCode {
    whocalls::cli::run(std::env::args_os(), whocalls::compose::registry())
}
