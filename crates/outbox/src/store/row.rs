//! Rows as values.

use jiff::Timestamp;
use rusqlite::{
    Row, Transaction, params,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};
use whocalls_core::{AdapterId, Progress, WorkflowReceipt};

use crate::{
    Delivery, Details, Target, UnknownCaller, WorkflowId,
    delivery::{State, Summary},
};

/// A time as it is stored.
pub(super) fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// A stored time.
pub(super) struct Time(pub(super) Timestamp);

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let time = Timestamp::from_millisecond(value.as_i64()?);
        time.map(Self).map_err(FromSqlError::other)
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::of_text(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// A stored adapter id.
pub(super) struct Adapter(pub(super) AdapterId);

impl FromSql for Adapter {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let id = AdapterId::new(value.as_str()?);
        id.map(Self).map_err(FromSqlError::other)
    }
}

/// Stored details; contents that cannot be read (any more) are no details.
pub(super) fn details(text: Option<&str>) -> Option<Details> {
    serde_json::from_str(text?).ok()
}

/// The delivery in row `seq`, for an attempt; `None` when its details cannot be read.
pub(super) fn delivery(tx: &Transaction<'_>, seq: i64) -> rusqlite::Result<Option<Delivery>> {
    const QUERY: &str = "
        SELECT w.id, w.details, d.adapter, d.record, d.unknown_caller, d.may_exist,
               d.attempts, d.waiting_since, d.object_id
        FROM delivery d JOIN workflow w ON w.id = d.workflow WHERE d.seq = ?1";
    tx.prepare_cached(QUERY)?.query_row([seq], |row| {
        let text: Option<String> = row.get(1)?;
        let Some(details) = details(text.as_deref()) else {
            return Ok(None);
        };
        Ok(Some(Delivery {
            id: WorkflowId::stored(row.get(0)?),
            target: Target {
                adapter: row.get::<_, Adapter>(2)?.0,
                record: row.get(3)?,
                caller: UnknownCaller::of_code(row.get(4)?),
            },
            details,
            progress: progress(row.get(5)?, row.get(8)?),
            seq,
            attempts: row.get(6)?,
            waiting_since: row.get::<_, Time>(7)?.0,
        }))
    })
}

fn progress(may_exist: bool, object_id: Option<String>) -> Progress {
    match object_id {
        Some(id) => Progress::Exists(id),
        None if may_exist => Progress::Uncertain,
        None => Progress::New,
    }
}

/// What the deliveries of a workflow have come to.
pub(super) fn summary(tx: &Transaction<'_>, id: &str) -> rusqlite::Result<Summary> {
    const QUERY: &str = "
        SELECT state, next_attempt_at, object_id, object_url
        FROM delivery WHERE workflow = ?1 ORDER BY seq";
    let mut summary = Summary {
        is_done: true,
        ..Summary::default()
    };
    let mut statement = tx.prepare_cached(QUERY)?;
    let mut rows = statement.query(params![id])?;
    while let Some(row) = rows.next()? {
        add(&mut summary, row)?;
    }
    if !summary.is_done {
        summary.receipt = WorkflowReceipt::default();
    }
    Ok(summary)
}

fn add(summary: &mut Summary, row: &Row<'_>) -> rusqlite::Result<()> {
    match row.get(0)? {
        State::Delivered => {
            let receipt = &mut summary.receipt;
            if receipt.id.is_none() && receipt.url.is_none() {
                receipt.id = row.get(2)?;
                receipt.url = row.get(3)?;
            }
        }
        State::Dropped => {}
        State::GivenUp => summary.is_done = false,
        State::Sending => {
            summary.is_done = false;
            summary.is_sending = true;
        }
        State::Waiting => {
            summary.is_done = false;
            let due = row.get::<_, Time>(1)?.0;
            let earlier = summary.next_attempt_at.is_none_or(|known| due < known);
            if earlier {
                summary.next_attempt_at = Some(due);
            }
        }
    }
    Ok(())
}
