//! Requests that come when they come, as calls do. A latency counts from the moment the request was
//! due, so that no delay is left out, wherever it arises (no coordinated omission).

use std::{
    collections::VecDeque,
    thread,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream::FuturesUnordered};
use tokio::sync::mpsc;

use super::{Connection, Figures, Numbers, Target};

/// A steady rate with random gaps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Requests a second, on average.
    pub(crate) per_second: f64,
    pub(crate) duration: Duration,
    /// The same seed gives the same gaps.
    pub(crate) seed: u64,
}

/// Sends at this pace, over as many connections as it takes.
///
/// # Errors
/// Never, as long as latencies can be counted.
pub(crate) async fn open_loop(
    target: &Target,
    numbers: &Numbers,
    pace: Pace,
) -> anyhow::Result<Figures> {
    let (sender, mut arrivals) = mpsc::unbounded_channel();
    let start = Instant::now();
    thread::spawn(move || announce(start, pace, &sender));
    let mut figures = Figures::new()?;
    let mut idle: VecDeque<Connection> = VecDeque::new();
    let mut under_way = FuturesUnordered::new();
    let mut are_more = true;
    while are_more || !under_way.is_empty() {
        tokio::select! {
            due = arrivals.recv(), if are_more => match due {
                // The connection that rested longest, so that none is closed for resting.
                Some(due) => under_way.push(ask(target, idle.pop_front(), numbers.next(), due)),
                None => are_more = false,
            },
            Some((due, asked)) = under_way.next() => {
                let (reply, connection) = asked.unzip();
                figures.add(Instant::now().saturating_duration_since(due), reply);
                idle.extend(connection);
            }
        }
    }
    figures.elapsed = start.elapsed();
    Ok(figures)
}

async fn ask(
    target: &Target,
    connection: Option<Connection>,
    index: u64,
    due: Instant,
) -> (Instant, Option<(super::Reply, Connection)>) {
    let asked = async {
        let mut connection = match connection {
            Some(connection) => connection,
            None => Connection::open(target).await?,
        };
        let reply = connection.ask(target, index).await?;
        std::io::Result::Ok((reply, connection))
    };
    (due, asked.await.ok())
}

/// Announces each request at its moment, from a thread of its own: tokio's timer rounds up to whole
/// milliseconds.
#[expect(
    clippy::disallowed_methods,
    reason = "a thread of its own, which blocks no worker"
)]
fn announce(start: Instant, pace: Pace, arrivals: &mpsc::UnboundedSender<Instant>) {
    let mut random = fastrand::Rng::with_seed(pace.seed);
    let mut due = start;
    loop {
        // Exponential gaps: a Poisson process.
        due += Duration::from_secs_f64(-(1.0 - random.f64()).ln() / pace.per_second);
        if due >= start + pace.duration {
            return;
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if arrivals.send(due).is_err() {
            return;
        }
    }
}
