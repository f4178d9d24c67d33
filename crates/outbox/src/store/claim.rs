//! Takes deliveries that are due, in order.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Transaction, params};
use whocalls_core::AdapterId;

use super::{
    Claimed,
    row::{self, Time, millis},
};
use crate::{Delivery, WorkflowId};

/// Nothing earlier for the same contact or call is still on its way to the same CRM, unless the CRM
/// refuses it for what it is. `d` is the delivery.
const IS_NEXT: &str = "
    d.state = 'waiting' AND NOT EXISTS (
        SELECT 1 FROM delivery e
        WHERE e.adapter = d.adapter AND e.order_key = d.order_key AND e.seq < d.seq
          AND e.state IN ('waiting', 'sending') AND e.is_refused = 0)";

/// At most `most` deliveries of one adapter that are due, oldest first.
pub(super) fn claim(
    tx: &Transaction<'_>,
    adapter: &AdapterId,
    most: usize,
    now: Timestamp,
) -> rusqlite::Result<Claimed> {
    let query = format!(
        "SELECT d.seq FROM delivery d
         WHERE d.adapter = ?1 AND d.next_attempt_at <= ?2 AND {IS_NEXT}
         ORDER BY d.next_attempt_at, d.seq LIMIT ?3"
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let due = params![adapter.as_str(), millis(now), most];
    let due: Vec<i64> = tx
        .prepare_cached(&query)?
        .query_map(due, |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let deliveries = take(tx, due, now)?;
    Ok(Claimed {
        deliveries,
        next_due: next_due(tx, adapter, now)?,
    })
}

/// When the next delivery is due, not before `now`. One that is due but has to let an earlier one
/// pass is looked at when that one ends.
fn next_due(
    tx: &Transaction<'_>,
    adapter: &AdapterId,
    now: Timestamp,
) -> rusqlite::Result<Option<Timestamp>> {
    const QUERY: &str = "
        SELECT min(next_attempt_at) FROM delivery
        WHERE adapter = ?1 AND state = 'waiting' AND next_attempt_at > ?2";
    let due: Option<Time> = tx
        .prepare_cached(QUERY)?
        .query_row(params![adapter.as_str(), millis(now)], |row| row.get(0))?;
    Ok(due.map(|Time(due)| due))
}

/// The deliveries of one workflow that can be attempted at once, as far as their adapter is one of
/// `claimable`.
pub(super) fn claim_of_workflow(
    tx: &Transaction<'_>,
    id: &WorkflowId,
    claimable: &[AdapterId],
    now: Timestamp,
) -> rusqlite::Result<Vec<Delivery>> {
    let query = format!(
        "SELECT d.seq FROM delivery d
         WHERE d.workflow = ?1 AND d.adapter = ?2 AND d.next_attempt_at <= ?3 AND {IS_NEXT}"
    );
    let mut statement = tx.prepare_cached(&query)?;
    let mut due = Vec::new();
    for adapter in claimable {
        let delivery = params![id.as_str(), adapter.as_str(), millis(now)];
        let seq: Option<i64> = statement.query_row(delivery, |row| row.get(0)).optional()?;
        due.extend(seq);
    }
    take(tx, due, now)
}

/// Marks deliveries as being sent.
fn take(tx: &Transaction<'_>, due: Vec<i64>, now: Timestamp) -> rusqlite::Result<Vec<Delivery>> {
    const TAKE: &str = "
        UPDATE delivery
        SET state = 'sending', last_attempt_at = ?2,
            revision = (SELECT revision FROM workflow w WHERE w.id = delivery.workflow)
        WHERE seq = ?1";
    // What cannot be read cannot be sent, by this version at least: an operator has to look.
    const GIVE_UP: &str = "
        UPDATE delivery SET state = 'given_up', error_kind = 'internal',
                            error = 'the stored request cannot be read' WHERE seq = ?1";
    let mut deliveries = Vec::with_capacity(due.len());
    for seq in due {
        tx.prepare_cached(TAKE)?
            .execute(params![seq, millis(now)])?;
        match row::delivery(tx, seq)? {
            Some(delivery) => deliveries.push(delivery),
            None => {
                tx.prepare_cached(GIVE_UP)?.execute([seq])?;
            }
        }
    }
    Ok(deliveries)
}

/// After a crash, nobody knows how far the deliveries came that were being sent.
pub(super) fn recover(tx: &Transaction<'_>, wait: SignedDuration) -> rusqlite::Result<usize> {
    const QUERY: &str = "
        UPDATE delivery SET state = 'waiting', may_exist = 1,
                            next_attempt_at = coalesce(last_attempt_at, waiting_since) + ?1
        WHERE state = 'sending'";
    let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    tx.execute(QUERY, [wait])
}

/// What waits for the CRM to come back need not wait any longer. What the CRM refuses for what it
/// is, and what has to wait because an answer was lost, waits on.
pub(super) fn hurry(
    tx: &Transaction<'_>,
    adapter: &AdapterId,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    const QUERY: &str = "
        UPDATE delivery SET next_attempt_at = ?2
        WHERE adapter = ?1 AND state = 'waiting' AND next_attempt_at > ?2
          AND is_refused = 0 AND may_exist = 0";
    tx.execute(QUERY, params![adapter.as_str(), millis(now)])
}
