//! A simulated server on a loopback port: a simulated CRM behind real sockets, with faults.

mod connection;
mod control;
mod fault;
mod message;
mod server;
#[cfg(test)]
mod tests;
mod tls;
mod wire;

pub use control::{Control, Hold};
pub use fault::Fault;
pub use message::{Request, Response, SimulatedCrm};
pub use server::Upstream;
pub use tls::TlsFront;
