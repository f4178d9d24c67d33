//! A fixed number of connections, each with a request under way at all times: for throughput and
//! the cost of a request. Its latencies say little, because a slow reply delays the next request.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use futures::future::join_all;

use super::{Connection, Figures, Numbers, Target};

/// After a failure, for programs that refuse at once.
const PAUSE: Duration = Duration::from_millis(5);

/// When a closed loop ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    /// After this time.
    Elapsed(Duration),
    /// After so many requests.
    Requests(u64),
}

/// Keeps `connections` busy.
///
/// # Errors
/// When the program cannot be reached.
pub(crate) async fn closed_loop(
    target: &Target,
    numbers: &Numbers,
    connections: usize,
    until: Until,
) -> anyhow::Result<Figures> {
    let opened = join_all((0..connections).map(|_| Connection::open(target))).await;
    let opened: Vec<Connection> = opened.into_iter().collect::<Result<_, _>>()?;
    let start = Instant::now();
    let figures = RefCell::new(Figures::new()?);
    let is_over = |requests: u64| match until {
        Until::Elapsed(time) => start.elapsed() >= time,
        Until::Requests(count) => requests >= count,
    };
    let started = RefCell::new(0_u64);
    let take = || {
        let mut started = started.borrow_mut();
        let is_left = !is_over(*started);
        *started += u64::from(is_left);
        is_left
    };
    let keep_busy = async |mut connection: Connection| -> anyhow::Result<()> {
        while take() {
            let sent = Instant::now();
            let reply = connection.ask(target, numbers.next()).await.ok();
            figures.borrow_mut().add(sent.elapsed(), reply);
            if reply.is_none() {
                tokio::time::sleep(PAUSE).await;
                connection = Connection::open(target).await?;
            }
        }
        Ok(())
    };
    let ended = join_all(opened.into_iter().map(keep_busy)).await;
    ended.into_iter().collect::<anyhow::Result<()>>()?;
    let mut figures = figures.into_inner();
    figures.elapsed = start.elapsed();
    Ok(figures)
}
