//! The place of a log: its path, its lock and other files beside it, and who may read them.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::fault::Fault;

/// Only the owner may read a new file: it holds numbers and names.
pub(super) fn options() -> OpenOptions {
    let mut options = File::options();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The log itself and its lock.
///
/// # Errors
/// [`Fault::Locked`] at once when another writer has it.
pub(super) fn locked(path: &Path) -> Result<(PathBuf, File), Fault> {
    let path = target(path);
    // Opening a pipe would wait for its reader.
    if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
        return Err(Fault::NotAFile);
    }
    let lock = File::options()
        .append(true)
        .create(true)
        .open(beside(&path, ".lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok((path, lock)),
        Err(TryLockError::WouldBlock) => Err(Fault::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Where the log is or will be: through links, so that all writers agree on the place of the lock.
fn target(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")));
        match (folder, path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => path.to_owned(),
        }
    })
}

/// A file in the same folder: that of `path` with more behind its name.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// Gives a new file the permissions of an old one, and its owner where that is allowed.
pub(super) fn take_after(new: &File, old: &File) -> io::Result<()> {
    let old = old.metadata()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Only the administrator may give files away; to anybody else's, the group is enough.
        if fchown(new, Some(old.uid()), Some(old.gid())).is_err() {
            drop(fchown(new, None, Some(old.gid())));
        }
    }
    new.set_permissions(old.permissions())
}

/// Makes sure that the names in the folder of `path` survive a power cut.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened, and renaming is written through.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
