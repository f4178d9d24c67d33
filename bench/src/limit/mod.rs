//! Programs that do the least that a hit or a miss needs, on the same framework with the same
//! number of workers and the same allocator as the gateway: what they reach, no gateway exceeds.

pub(crate) mod hit;
pub(crate) mod miss;
pub(crate) mod reply;

use std::{net::Ipv4Addr, num::NonZeroUsize, thread, time::Duration};

use actix_web::{App, HttpServer, web};

use crate::programs::Adapter;

/// Where back ends listen, as it stands in URLs.
const PORT_ON_LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// As the gateway has it.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// More than any scenario opens.
const MAX_CONNECTIONS: usize = 20_000;

/// Serves with one worker for each core.
fn serve(
    port: u16,
    configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> anyhow::Result<()> {
    let server = HttpServer::new(move || App::new().configure(configure.clone()))
        .workers(thread::available_parallelism().map_or(1, NonZeroUsize::get))
        .max_connections(MAX_CONNECTIONS)
        .keep_alive(KEEP_ALIVE)
        .bind((Ipv4Addr::LOCALHOST, port))?;
    Ok(actix_web::rt::System::new().block_on(server.run())?)
}

/// A reply as the gateway gives it, for any number.
pub(crate) fn sample_reply(adapters: &[Adapter]) -> Vec<u8> {
    let bodies = adapters.iter().map(|adapter| adapter.shape.sample());
    let bodies: Vec<String> = bodies.collect();
    reply::of(adapters.iter().zip(bodies.iter().map(String::as_bytes)))
}
