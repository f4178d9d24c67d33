//! Simulated CRMs that cost next to nothing: one thread, one port for each kind, replies that are
//! ready but for the number.

mod alarm;
mod behaviour;
mod server;
mod shape;
mod template;

use std::{
    io::{self, Read, Write},
    net::Ipv4Addr,
    sync::{Arc, atomic::AtomicU64},
    thread,
};

use anyhow::Context;
use tokio::net::TcpListener;

use self::{alarm::Alarm, server::BackEnd, shape::Replies};
pub(crate) use self::{behaviour::Behaviour, shape::Shape};

/// Serves until standard input ends, which is when the program that started it ends. Prints the
/// ports, in the order of [`Shape::ALL`].
///
/// # Errors
/// When no port is free.
pub(crate) fn run(behaviours: [Behaviour; 3]) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::spawn(|| {
        // Whatever ends it, ends the process.
        drop(io::stdin().read_to_end(&mut Vec::new()));
        std::process::exit(0);
    });
    runtime.block_on(async {
        let alarm = Alarm::start();
        let mut ports = Vec::new();
        for (shape, behaviour) in Shape::ALL.into_iter().zip(behaviours) {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                .await
                .context("no free port")?;
            ports.push(listener.local_addr()?.port().to_string());
            let back_end = BackEnd {
                replies: Replies::new(shape),
                behaviour,
                alarm: alarm.clone(),
                lookups: AtomicU64::new(0),
            };
            tokio::spawn(server::serve(listener, Arc::new(back_end)));
        }
        println!("{}", ports.join(" "));
        io::stdout().flush()?;
        std::future::pending().await
    })
}
