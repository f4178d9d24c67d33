//! The tables, in versions: a file of an older version is brought up to date when it is opened.

use std::sync::LazyLock;

use rusqlite_migration::{M, Migrations};

/// The versions of the file, oldest first. Never change one that was released: add another.
///
/// Times are milliseconds since 1970 in UTC. `workflow.details` is JSON with personal data and is
/// emptied when it is no longer needed; the other columns hold none, except `delivery.record`,
/// which is emptied with it.
pub(super) static MIGRATIONS: LazyLock<Migrations<'static>> =
    LazyLock::new(|| Migrations::new(vec![M::up(VERSION_1)]));

const VERSION_1: &str = "
CREATE TABLE workflow (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    -- Counts up whenever a request knew more.
    revision    INTEGER NOT NULL,
    details     TEXT,
    received_at INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    -- The order in which deliveries were asked for.
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    workflow        TEXT NOT NULL REFERENCES workflow (id) ON DELETE CASCADE,
    adapter         TEXT NOT NULL,
    record          TEXT,
    unknown_caller  INTEGER NOT NULL,
    order_key       TEXT NOT NULL,
    state           TEXT NOT NULL,
    -- The revision of the workflow that is being sent or that the CRM has.
    revision        INTEGER NOT NULL DEFAULT 0,
    -- Whether an answer was lost, so that an object may exist without object_id.
    may_exist       INTEGER NOT NULL DEFAULT 0,
    -- Whether the CRM refused it for what it is; later ones need not wait for it.
    is_refused      INTEGER NOT NULL DEFAULT 0,
    attempts        INTEGER NOT NULL DEFAULT 0,
    waiting_since   INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    last_attempt_at INTEGER,
    error_kind      TEXT,
    error           TEXT,
    object_id       TEXT,
    object_url      TEXT,
    UNIQUE (workflow, adapter)
) STRICT;

CREATE INDEX delivery_due ON delivery (adapter, next_attempt_at, seq) WHERE state = 'waiting';
CREATE INDEX delivery_order ON delivery (adapter, order_key, seq)
    WHERE state IN ('waiting', 'sending');
CREATE INDEX delivery_sending ON delivery (seq) WHERE state = 'sending';
CREATE INDEX workflow_age ON workflow (changed_at);
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_can_be_reached() {
        MIGRATIONS.validate().unwrap();
    }
}
