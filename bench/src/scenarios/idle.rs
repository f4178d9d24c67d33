//! Scenario E: what an idle connection costs.

use anyhow::Context;
use futures::future::join_all;

use super::{Bench, Bound, Sample, THREE, Target, sample::CONNECTION};
use crate::{
    backends::Behaviour,
    load::Connection,
    programs::{Adapter, BackEnds, Program, Setup},
};

/// Connections that are opened at once.
const BATCH: usize = 500;
/// Connections before the first that counts: what they allocate for all is not theirs, and what
/// they free is little beside what is measured.
const FIRST: usize = 32;

/// What is to be reached.
pub(crate) fn targets() -> Vec<Target> {
    vec![Target::ratio(
        CONNECTION,
        Program::LimitHit,
        Bound::AtMost(1.15),
    )]
}

/// Opens connections, asks once over each, and keeps them.
#[expect(clippy::cast_precision_loss, reason = "some thousands")]
pub(crate) fn run(bench: &Bench, program: Program) -> anyhow::Result<Sample> {
    let back_ends = BackEnds::start([Behaviour::default(); 3])?;
    let setup = Setup {
        adapters: Adapter::many(THREE, back_ends.ports),
        max_in_flight: bench.idle_connections,
        ..Setup::usual()
    };
    let running = bench.place.start(program, &setup)?;
    let target = running.target();
    let open = async || {
        let mut connection = Connection::open(&target).await?;
        connection.ask(&target, 0).await?;
        std::io::Result::Ok(connection)
    };
    let sample = bench.block_on(async {
        for first in join_all((0..FIRST).map(|_| open())).await {
            first?;
        }
        let before = running.process.resident_bytes();
        let mut kept = Vec::with_capacity(bench.idle_connections);
        while kept.len() < bench.idle_connections {
            for opened in join_all((0..BATCH).map(|_| open())).await {
                kept.push(opened?);
            }
        }
        let grown = running.process.resident_bytes() - before;
        for connection in &mut kept {
            let still_open = connection.ask(&target, 0).await;
            still_open.context("a connection was closed before all were measured")?;
        }
        let mut sample = Sample::default();
        sample.put(CONNECTION, grown / kept.len() as f64);
        anyhow::Ok(sample)
    })?;
    Ok(sample)
}
