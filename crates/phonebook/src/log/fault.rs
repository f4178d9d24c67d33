//! Why a row cannot be written.

use std::io;

use whocalls_core::ErrorKind;

/// What is wrong with a call log. One sentence for the operator, without the log's contents.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// Another writer has the lock.
    #[error(
        "another program keeps it locked; find out which one holds the file with the ending .lock"
    )]
    Locked,
    /// A folder, a device or a pipe.
    #[error("it is not a regular file; set `call_log` to another path")]
    NotAFile,
    /// The first row has no column for ids.
    #[error(
        "its first row has no column `id`, so it is no call log; set `call_log` to a new file, or \
         correct the titles"
    )]
    NotALog,
    /// The operating system refuses. Nothing was added.
    #[error("{}", told(.0))]
    Refused(#[from] io::Error),
    /// A row was begun and could be neither finished nor taken back.
    #[error(
        "the row was not finished, and could not be taken back either ({0}); the next delivery looks for it"
    )]
    Unfinished(io::Error),
}

impl Fault {
    /// What follows from it.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Unfinished(_) => ErrorKind::OutcomeUnknown,
            Self::Refused(error) if is_refused(error) => ErrorKind::PermissionDenied,
            Self::Refused(_) | Self::Locked | Self::NotAFile | Self::NotALog => {
                ErrorKind::Unavailable
            }
        }
    }
}

fn is_refused(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}

fn told(error: &io::Error) -> String {
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room on the disk; until then the calls wait"
        }
        io::ErrorKind::FileTooLarge => "rename it, so that a new one is begun",
        io::ErrorKind::NotFound => "create its folder, or correct `call_log`",
        _ if is_refused(error) => {
            "the gateway's user needs the right to write it and to create files beside it"
        }
        _ => "check the disk",
    };
    format!("it cannot be written ({error}); {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_kind_and_advice() {
        for (refusal, kind, advice) in [
            (
                io::ErrorKind::StorageFull,
                ErrorKind::Unavailable,
                "make room",
            ),
            (
                io::ErrorKind::QuotaExceeded,
                ErrorKind::Unavailable,
                "make room",
            ),
            (
                io::ErrorKind::FileTooLarge,
                ErrorKind::Unavailable,
                "rename it",
            ),
            (
                io::ErrorKind::NotFound,
                ErrorKind::Unavailable,
                "create its folder",
            ),
            (
                io::ErrorKind::PermissionDenied,
                ErrorKind::PermissionDenied,
                "the right to",
            ),
            (
                io::ErrorKind::ReadOnlyFilesystem,
                ErrorKind::PermissionDenied,
                "the right to",
            ),
            (
                io::ErrorKind::TimedOut,
                ErrorKind::Unavailable,
                "check the disk",
            ),
        ] {
            let fault = Fault::from(io::Error::from(refusal));
            assert_eq!(fault.kind(), kind, "{fault}");
            assert!(fault.to_string().contains(advice), "{fault}");
        }
    }
}
