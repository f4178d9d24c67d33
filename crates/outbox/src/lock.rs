//! Only one process at a time delivers from an outbox.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The right to deliver, as long as it lives. A process that dies loses it.
#[derive(Debug)]
pub(crate) struct DeliveryLock {
    _file: File,
}

impl DeliveryLock {
    /// Takes the lock of the outbox at `path`; `None` while another process has it.
    pub(crate) fn take(path: &Path) -> io::Result<Option<Self>> {
        let file = File::options()
            .append(true)
            .create(true)
            .open(lock_path(path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// `SQLite` locks ranges of its own file, so the lock has a file of its own beside it.
fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_to_deliver_is_given_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.db");
        let first = DeliveryLock::take(&path).unwrap();
        assert!(first.is_some());
        assert!(DeliveryLock::take(&path).unwrap().is_none());
        drop(first);
        assert!(DeliveryLock::take(&path).unwrap().is_some());
    }
}
