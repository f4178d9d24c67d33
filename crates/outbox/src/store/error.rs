//! Why the outbox cannot be read or written.

use std::io;

/// Why the outbox cannot be read or written. The message has the cause and what to do, no content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no room on the disk.
    #[error("the disk with the outbox is full: {0}; make room, nothing needs to be restarted")]
    Full(String),
    /// The file or its folder cannot be written.
    #[error("the outbox cannot be written: {0}; check outbox.path and its rights")]
    NotWritable(String),
    /// The file was written by a newer version of whocalls.
    #[error(
        "the outbox was written by a newer version of whocalls; use that version, or another \
         outbox.path"
    )]
    TooNew,
    /// The file is no outbox, or is damaged.
    #[error(
        "the outbox is damaged or is another kind of file: {0}; move it away to start with an \
         empty one"
    )]
    Damaged(String),
    /// Another process keeps the file locked.
    #[error("another process keeps the outbox locked: {0}; try again")]
    Locked(String),
    /// Anything else that the database reports.
    #[error("the outbox failed: {0}")]
    Other(String),
    /// The disk did not answer in time.
    #[error("the outbox was not written in time; check the disk with outbox.path")]
    Slow,
    /// The thread of the outbox has ended.
    #[error("the outbox has been closed")]
    Stopped,
}

impl StoreError {
    pub(super) fn of_file(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Full(error.to_string())
            }
            _ => Self::NotWritable(error.to_string()),
        }
    }

    pub(super) fn of_migration(error: rusqlite_migration::Error) -> Self {
        use rusqlite_migration::{Error, MigrationDefinitionError};
        match error {
            Error::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
                Self::TooNew
            }
            Error::RusqliteError { err, .. } => err.into(),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(text),
            Some(
                ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::NotWritable(text),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(text),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(text),
            _ => Self::Other(text),
        }
    }
}
