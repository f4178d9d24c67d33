//! What is kept for how long, and how much there is.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Transaction, params};
use whocalls_core::AdapterId;

use super::{
    Entry,
    operator::{self, ENTRY_COLUMNS},
    row::{Adapter, Time, millis},
};
use crate::State;

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// A workflow that waits for longer is given up.
    pub waiting: Duration,
    /// After this, nothing personal is left of a delivered or dropped workflow.
    pub delivered: Duration,
    /// After this, a repetition of a delivered or dropped workflow is no longer recognised.
    pub recognised: Duration,
}

/// How many deliveries of one adapter are in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The adapter.
    pub adapter: AdapterId,
    /// `Waiting`, `Sending` or `GivenUp`.
    pub state: State,
    /// How many.
    pub count: u32,
    /// Since when the oldest of them waits.
    pub waiting_since: Timestamp,
}

/// Shows that the file can be written, without changing what it says.
pub(super) fn touch(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    let version: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    tx.execute_batch(&format!("PRAGMA user_version = {version}"))
}

pub(super) fn version(tx: &Transaction<'_>) -> rusqlite::Result<i64> {
    tx.query_row("PRAGMA data_version", [], |row| row.get(0))
}

pub(super) fn waiting_adapters(tx: &Transaction<'_>) -> rusqlite::Result<Vec<AdapterId>> {
    const QUERY: &str = "SELECT DISTINCT adapter FROM delivery WHERE state = 'waiting'";
    let mut statement = tx.prepare_cached(QUERY)?;
    let adapters = statement.query_map([], |row| Ok(row.get::<_, Adapter>(0)?.0))?;
    adapters.collect()
}

pub(super) fn counts(tx: &Transaction<'_>) -> rusqlite::Result<Vec<Count>> {
    const QUERY: &str = "
        SELECT adapter, state, count(*), min(waiting_since) FROM delivery
        WHERE state IN ('waiting', 'sending', 'given_up') GROUP BY adapter, state";
    let mut statement = tx.prepare_cached(QUERY)?;
    let counts = statement.query_map([], |row| {
        Ok(Count {
            adapter: row.get::<_, Adapter>(0)?.0,
            state: row.get(1)?,
            count: row.get(2)?,
            waiting_since: row.get::<_, Time>(3)?.0,
        })
    })?;
    counts.collect()
}

/// Returns what was given up.
pub(super) fn clean(
    tx: &Transaction<'_>,
    kept: &Kept,
    now: Timestamp,
) -> rusqlite::Result<Vec<Entry>> {
    let given_up = give_up(tx, before(now, kept.waiting))?;
    forget(tx, before(now, kept.delivered))?;
    delete(tx, before(now, kept.recognised))?;
    Ok(given_up)
}

fn before(now: Timestamp, age: Duration) -> i64 {
    let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
    now.checked_sub(age).map_or(i64::MIN, millis)
}

fn give_up(tx: &Transaction<'_>, waiting_since: i64) -> rusqlite::Result<Vec<Entry>> {
    const UPDATE: &str = "
        UPDATE delivery SET state = 'given_up' WHERE seq = ?1 AND state = 'waiting'";
    let query = format!(
        "SELECT {ENTRY_COLUMNS} FROM delivery d JOIN workflow w ON w.id = d.workflow
         WHERE d.state = 'waiting' AND d.waiting_since < ?1"
    );
    let mut statement = tx.prepare_cached(&query)?;
    let overdue: Vec<Entry> = statement
        .query_map([waiting_since], operator::entry)?
        .collect::<Result<_, _>>()?;
    for entry in &overdue {
        tx.prepare_cached(UPDATE)?.execute([entry.seq])?;
    }
    Ok(overdue)
}

/// Every delivery of the workflow `w` ended before this time, well or dropped.
const IS_OVER: &str = "
    w.changed_at < ?1 AND NOT EXISTS (
        SELECT 1 FROM delivery d WHERE d.workflow = w.id
          AND (d.state NOT IN ('delivered', 'dropped') OR d.last_attempt_at >= ?1))";

/// Empties what holds personal data.
fn forget(tx: &Transaction<'_>, ended_before: i64) -> rusqlite::Result<()> {
    let over = format!("SELECT id FROM workflow w WHERE details IS NOT NULL AND {IS_OVER}");
    tx.execute(
        &format!("UPDATE delivery SET record = NULL WHERE workflow IN ({over})"),
        params![ended_before],
    )?;
    tx.execute(
        &format!("UPDATE workflow AS w SET details = NULL WHERE details IS NOT NULL AND {IS_OVER}"),
        params![ended_before],
    )
    .map(drop)
}

fn delete(tx: &Transaction<'_>, ended_before: i64) -> rusqlite::Result<()> {
    tx.execute(
        &format!("DELETE FROM workflow AS w WHERE {IS_OVER}"),
        params![ended_before],
    )
    .map(drop)
}
