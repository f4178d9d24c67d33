//! Takes a request of the telephone system in.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};
use whocalls_core::AdapterId;

use super::{
    claim::claim_of_workflow,
    row::{self, millis},
};
use crate::{Delivery, Details, Summary, Target, WorkflowId};

/// Whether a request was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Novelty {
    /// A call that was not known.
    New,
    /// A known call, of which it knew more.
    Changed,
    /// A repetition.
    Known,
}

/// What became of a request.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) id: WorkflowId,
    pub(crate) novelty: Novelty,
    /// Deliveries that the asker has to attempt now.
    pub(crate) claimed: Vec<Delivery>,
    pub(crate) summary: Summary,
}

pub(super) fn submit(
    tx: &Transaction<'_>,
    details: &Details,
    targets: &[Target],
    claimable: &[AdapterId],
    now: Timestamp,
) -> rusqlite::Result<Stored> {
    let id = details.id();
    let novelty = match known(tx, &id)? {
        Known::No => {
            insert(tx, &id, details, targets, now)?;
            Novelty::New
        }
        Known::As(known) => update(tx, &id, *known, details, now)?,
        Known::Forgotten => Novelty::Known,
    };
    if novelty == Novelty::Known {
        resume_given_up(tx, &id, now)?;
    }
    let claimed = claim_of_workflow(tx, &id, claimable, now)?;
    let summary = row::summary(tx, id.as_str())?;
    Ok(Stored {
        id,
        novelty,
        claimed,
        summary,
    })
}

/// What is known of a workflow.
enum Known {
    No,
    As(Box<Details>),
    /// It was delivered long ago; what it was about has been forgotten.
    Forgotten,
}

fn known(tx: &Transaction<'_>, id: &WorkflowId) -> rusqlite::Result<Known> {
    let mut statement = tx.prepare_cached("SELECT details FROM workflow WHERE id = ?1")?;
    let text: Option<Option<String>> = statement
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    Ok(match text {
        None => Known::No,
        Some(text) => row::details(text.as_deref())
            .map_or(Known::Forgotten, |details| Known::As(Box::new(details))),
    })
}

fn insert(
    tx: &Transaction<'_>,
    id: &WorkflowId,
    details: &Details,
    targets: &[Target],
    now: Timestamp,
) -> rusqlite::Result<()> {
    const WORKFLOW: &str = "
        INSERT INTO workflow (id, name, revision, details, received_at, changed_at)
        VALUES (?1, ?2, 1, ?3, ?4, ?4)";
    const DELIVERY: &str = "
        INSERT INTO delivery (workflow, adapter, record, unknown_caller, order_key, state,
                              waiting_since, next_attempt_at)
        VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?6) ON CONFLICT DO NOTHING";
    let (now, order_key) = (millis(now), details.order_key());
    tx.prepare_cached(WORKFLOW)?.execute(params![
        id.as_str(),
        details.workflow,
        json(details)?,
        now
    ])?;
    for target in targets {
        tx.prepare_cached(DELIVERY)?.execute(params![
            id.as_str(),
            target.adapter.as_str(),
            target.record,
            target.caller.code(),
            order_key,
            now
        ])?;
    }
    Ok(())
}

fn update(
    tx: &Transaction<'_>,
    id: &WorkflowId,
    mut known: Details,
    news: &Details,
    now: Timestamp,
) -> rusqlite::Result<Novelty> {
    const WORKFLOW: &str = "
        UPDATE workflow SET revision = revision + 1, details = ?2, changed_at = ?3 WHERE id = ?1";
    // An object without id cannot be brought up to date. A delivery that is being sent is looked
    // at again when it ends.
    const DELIVERIES: &str = "
        UPDATE delivery SET state = 'waiting', attempts = 0, is_refused = 0,
                            waiting_since = ?2, next_attempt_at = ?2
        WHERE workflow = ?1
          AND (state = 'given_up' OR state = 'delivered' AND object_id IS NOT NULL)";
    if !known.learn(news) {
        return Ok(Novelty::Known);
    }
    let now = millis(now);
    tx.prepare_cached(WORKFLOW)?
        .execute(params![id.as_str(), json(&known)?, now])?;
    tx.prepare_cached(DELIVERIES)?
        .execute(params![id.as_str(), now])?;
    Ok(Novelty::Changed)
}

/// Somebody asks again for what was given up: that is reason to try again.
fn resume_given_up(tx: &Transaction<'_>, id: &WorkflowId, now: Timestamp) -> rusqlite::Result<()> {
    const QUERY: &str = "
        UPDATE delivery SET state = 'waiting', attempts = 0, waiting_since = ?2, next_attempt_at = ?2
        WHERE workflow = ?1 AND state = 'given_up'";
    tx.prepare_cached(QUERY)?
        .execute(params![id.as_str(), millis(now)])?;
    Ok(())
}

fn json(details: &Details) -> rusqlite::Result<String> {
    serde_json::to_string(details)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
