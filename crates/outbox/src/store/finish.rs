//! Notes how an attempt ended.

use jiff::Timestamp;
use rusqlite::{Transaction, params};
use whocalls_core::ErrorKind;

use super::{
    Outcome,
    row::{self, millis},
};
use crate::{Summary, schedule};

pub(super) fn keep_record(tx: &Transaction<'_>, seq: i64, record: &str) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE delivery SET record = ?2 WHERE seq = ?1",
        params![seq, record],
    )
    .map(drop)
}

pub(super) fn finish(
    tx: &Transaction<'_>,
    seq: i64,
    outcome: &Outcome,
    now: Timestamp,
) -> rusqlite::Result<Summary> {
    match outcome {
        Outcome::Delivered(receipt) => {
            // Also of a delivery that was dropped meanwhile: the object is there.
            const OBJECT: &str = "
                UPDATE delivery SET object_id = coalesce(?2, object_id),
                                    object_url = coalesce(?3, object_url), may_exist = 0
                WHERE seq = ?1";
            // A request that came while it was being sent may have known more.
            const STATE: &str = "
                UPDATE delivery
                SET state = iif(object_id IS NOT NULL AND revision <
                        (SELECT revision FROM workflow w WHERE w.id = delivery.workflow),
                        'waiting', 'delivered'),
                    is_refused = 0, attempts = 0, error_kind = NULL, error = NULL,
                    waiting_since = ?2, next_attempt_at = ?2, last_attempt_at = ?2
                WHERE seq = ?1 AND state = 'sending'";
            tx.prepare_cached(OBJECT)?
                .execute(params![seq, receipt.id, receipt.url])?;
            tx.prepare_cached(STATE)?
                .execute(params![seq, millis(now)])?;
        }
        Outcome::Failed(failure, next_attempt_at) => {
            const FAILURE: &str = "
                UPDATE delivery
                SET state = iif(state = 'sending', 'waiting', state), attempts = attempts + 1,
                    may_exist = may_exist OR ?2, is_refused = ?3, next_attempt_at = ?4,
                    error_kind = ?5, error = ?6,
                    object_id = coalesce(?7, object_id), object_url = coalesce(?8, object_url)
                WHERE seq = ?1";
            tx.prepare_cached(FAILURE)?.execute(params![
                seq,
                failure.kind == ErrorKind::OutcomeUnknown,
                !schedule::is_the_crms_trouble(failure.kind),
                millis(*next_attempt_at),
                failure.kind.as_str(),
                failure.message,
                failure.created.id,
                failure.created.url
            ])?;
        }
    }
    let mut workflow = tx.prepare_cached("SELECT workflow FROM delivery WHERE seq = ?1")?;
    let id: String = workflow.query_row([seq], |row| row.get(0))?;
    row::summary(tx, &id)
}
