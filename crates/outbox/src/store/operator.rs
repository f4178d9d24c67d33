//! What the operator sees and decides.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde::Serialize;
use whocalls_core::AdapterId;

use super::row::{self, Adapter, Time, millis};
use crate::{Details, State, WorkflowId};

/// One delivery, as an operator sees it. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    #[serde(skip)]
    pub(crate) seq: i64,
    /// The workflow's id.
    pub id: String,
    /// The workflow's name.
    pub workflow: String,
    /// The adapter that it goes to.
    #[serde(serialize_with = "as_text")]
    pub adapter: AdapterId,
    /// How far it is.
    pub state: State,
    /// When the telephone system sent it first.
    pub received_at: Timestamp,
    /// When it will be tried next; only while it waits.
    pub next_attempt_at: Option<Timestamp>,
    /// When the last attempt began.
    pub last_attempt_at: Option<Timestamp>,
    /// Failed attempts.
    pub attempts: u32,
    /// Whether an answer was lost, so that the object may exist although it is not known.
    pub may_exist: bool,
    /// What kind of failure the last attempt was.
    pub error_kind: Option<String>,
    /// What to do about it.
    pub error: Option<String>,
    /// The object in the CRM.
    pub object_id: Option<String>,
    /// The CRM's page of the object.
    pub object_url: Option<String>,
}

fn as_text<S: serde::Serializer>(id: &AdapterId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.as_str())
}

/// A workflow with its contents: personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// What was sent; `None` once it has been forgotten.
    pub details: Option<Details>,
    /// Where it goes.
    pub deliveries: Vec<Entry>,
}

/// Which deliveries to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those in one of these states; all if empty.
    pub states: Vec<State>,
    /// Only those of this adapter.
    pub adapter: Option<AdapterId>,
    /// At most so many.
    pub limit: usize,
}

pub(super) const ENTRY_COLUMNS: &str = "
    d.seq, w.id, w.name, d.adapter, d.state, w.received_at, d.next_attempt_at, d.last_attempt_at,
    d.attempts, d.may_exist, d.error_kind, d.error, d.object_id, d.object_url";

pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let state = row.get(4)?;
    let next: Time = row.get(6)?;
    let last: Option<Time> = row.get(7)?;
    Ok(Entry {
        seq: row.get(0)?,
        id: row.get(1)?,
        workflow: row.get(2)?,
        adapter: row.get::<_, Adapter>(3)?.0,
        state,
        received_at: row.get::<_, Time>(5)?.0,
        next_attempt_at: (state == State::Waiting).then_some(next.0),
        last_attempt_at: last.map(|Time(last)| last),
        attempts: row.get(8)?,
        may_exist: row.get(9)?,
        error_kind: row.get(10)?,
        error: row.get(11)?,
        object_id: row.get(12)?,
        object_url: row.get(13)?,
    })
}

pub(super) fn list(tx: &Transaction<'_>, filter: &Filter) -> rusqlite::Result<Vec<Entry>> {
    let query = format!(
        "SELECT {ENTRY_COLUMNS} FROM delivery d JOIN workflow w ON w.id = d.workflow
         WHERE (?1 IS NULL OR d.adapter = ?1)
           AND (?2 = '[]' OR d.state IN (SELECT value FROM json_each(?2)))
         ORDER BY d.seq DESC LIMIT ?3"
    );
    let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    let states = serde_json::Value::from(states).to_string();
    let adapter = filter.adapter.as_ref().map(AdapterId::as_str);
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let mut statement = tx.prepare_cached(&query)?;
    let entries = statement.query_map(params![adapter, states, limit], entry)?;
    entries.collect()
}

pub(super) fn totals(tx: &Transaction<'_>) -> rusqlite::Result<Vec<(State, u32)>> {
    const QUERY: &str = "SELECT state, count(*) FROM delivery GROUP BY state";
    let mut statement = tx.prepare_cached(QUERY)?;
    let totals = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    totals.collect()
}

pub(super) fn ids(tx: &Transaction<'_>, prefix: &str) -> rusqlite::Result<Vec<WorkflowId>> {
    // Ids are hexadecimal: 'g' comes after all of them.
    const QUERY: &str = "SELECT id FROM workflow WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2";
    let mut statement = tx.prepare_cached(QUERY)?;
    let ids = statement.query_map([prefix], |row| Ok(WorkflowId::stored(row.get(0)?)))?;
    ids.collect()
}

pub(super) fn show(tx: &Transaction<'_>, id: &WorkflowId) -> rusqlite::Result<Option<Shown>> {
    let mut workflow = tx.prepare_cached("SELECT details FROM workflow WHERE id = ?1")?;
    let details: Option<Option<String>> = workflow
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    let Some(details) = details else {
        return Ok(None);
    };
    let query = format!(
        "SELECT {ENTRY_COLUMNS} FROM delivery d JOIN workflow w ON w.id = d.workflow
         WHERE w.id = ?1 ORDER BY d.seq"
    );
    let mut statement = tx.prepare_cached(&query)?;
    let deliveries = statement.query_map([id.as_str()], entry)?;
    Ok(Some(Shown {
        details: row::details(details.as_deref()),
        deliveries: deliveries.collect::<Result<_, _>>()?,
    }))
}

pub(super) fn retry(
    tx: &Transaction<'_>,
    id: &WorkflowId,
    as_new: bool,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    // What has been forgotten cannot be sent.
    const QUERY: &str = "
        UPDATE delivery
        SET state = 'waiting', attempts = 0, is_refused = 0, may_exist = may_exist AND NOT ?2,
            waiting_since = ?3, next_attempt_at = ?3
        WHERE workflow = ?1 AND state IN ('waiting', 'given_up', 'dropped')
          AND EXISTS (SELECT 1 FROM workflow w WHERE w.id = ?1 AND w.details IS NOT NULL)";
    tx.execute(QUERY, params![id.as_str(), as_new, millis(now)])
}

pub(super) fn drop_workflow(tx: &Transaction<'_>, id: &WorkflowId) -> rusqlite::Result<usize> {
    const QUERY: &str = "
        UPDATE delivery SET state = 'dropped'
        WHERE workflow = ?1 AND state IN ('waiting', 'sending', 'given_up')";
    tx.execute(QUERY, [id.as_str()])
}
