//! Answers that are kept over a restart: one encrypted file for the caches of all adapters.
//!
//! | bytes | content |
//! |---|---|
//! | 14 | `whocalls-cache` |
//! | 1 | version of the format |
//! | 12 | nonce, new for each file |
//! | the rest | [`Contents`] as JSON, encrypted and authenticated together with the first 15 bytes (ChaCha20-Poly1305, RFC 8439) |
//!
//! JSON, because it notices when a field of an answer was added or renamed since; a denser format
//! would read something else. 10,000 answers are 5 MB, and in the caches after some 40 ms.
//!
//! The file replaces the one before in one step, so that a crash leaves the old or the new one. Its
//! owner alone can read it.

mod keeper;
mod seal;

#[cfg(test)]
mod tests;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use whocalls_core::{AdapterId, Secret};
use whocalls_stack::SavedAnswer;

pub use keeper::CacheKeeper;
use seal::Sealer;

const MAGIC: &[u8; 14] = b"whocalls-cache";
/// Changes when older programs could not read the file, or would misunderstand it.
const VERSION: u8 = 1;
const HEADER_LEN: usize = MAGIC.len() + 1;
/// Only the owner reads and writes.
const MODE: u32 = 0o600;
/// Clocks are corrected by this much; a file from further in the future has no known age.
const MAX_CLOCK_STEP: Duration = Duration::from_mins(1);

/// Why the answers on disk cannot be used, or not be written.
#[derive(Debug, thiserror::Error)]
pub enum CacheFileError {
    /// The operating system refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Something else, or from another version of whocalls.
    #[error("this is no cache file that this version of whocalls knows")]
    Format,
    /// Damaged, cut short, or written with another key.
    #[error("it is damaged, or was written with another key")]
    Sealed,
    /// The clock went back since it was written.
    #[error("it is from the future; is the clock right?")]
    Future,
    /// The operating system has no random numbers.
    #[error("it cannot be encrypted: the operating system gives no random numbers")]
    Random,
}

/// What all caches held at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The moment.
    pub saved_at: Timestamp,
    /// The caches.
    pub adapters: Vec<SavedCache>,
}

/// What the cache of one adapter held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCache {
    /// The adapter.
    pub id: AdapterId,
    /// A trace of its configuration, see [`CacheFile::mark`].
    pub mark: String,
    /// The answers.
    pub answers: Vec<SavedAnswer>,
}

impl Contents {
    /// How much time has passed since.
    fn age(&self, now: Timestamp) -> Result<Duration, CacheFileError> {
        let age = now.duration_since(self.saved_at);
        match Duration::try_from(age) {
            Ok(age) => Ok(age),
            Err(_) if age.unsigned_abs() <= MAX_CLOCK_STEP => Ok(Duration::ZERO),
            Err(_) => Err(CacheFileError::Future),
        }
    }
}

/// The file, with the key to it.
#[derive(Debug)]
pub struct CacheFile {
    path: PathBuf,
    sealer: Sealer,
}

impl CacheFile {
    /// The file at `path`. Touches nothing.
    pub fn new(path: PathBuf, key: &Secret) -> Self {
        let sealer = Sealer::new(key);
        Self { path, sealer }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A trace of an adapter's configuration: equal for equal fingerprints, and without the key to
    /// the file it tells nothing about the secrets in them.
    pub fn mark(&self, fingerprint: u64) -> String {
        self.sealer.mark(&fingerprint.to_le_bytes())
    }

    /// Reads what was written; `None` when there is no file yet.
    ///
    /// # Errors
    /// Any [`CacheFileError`] but `Random`; nothing can be used then.
    pub fn read(&self) -> Result<Option<Contents>, CacheFileError> {
        let mut file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        if !file.metadata()?.is_file() {
            return Err(CacheFileError::Format);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (header, sealed) = bytes
            .split_at_mut_checked(HEADER_LEN)
            .ok_or(CacheFileError::Format)?;
        if header != self::header() {
            return Err(CacheFileError::Format);
        }
        let plain = self
            .sealer
            .open(header, sealed)
            .ok_or(CacheFileError::Sealed)?;
        // The message of the library would quote what it read.
        let contents = serde_json::from_slice(plain).map_err(|_| CacheFileError::Format)?;
        Ok(Some(contents))
    }

    /// Shows that the file can be read, if there is one, and that one can be written in its folder.
    /// Leaves everything as it was.
    ///
    /// # Errors
    /// Any [`CacheFileError`] but `Random`.
    pub fn check(&self) -> Result<(), CacheFileError> {
        self.read()?;
        let trial = self.beside(&format!(".check-{}", process::id()));
        File::create_new(&trial)?;
        Ok(fs::remove_file(&trial)?)
    }

    /// The file's path with something after its name.
    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(suffix);
        PathBuf::from(name)
    }

    /// Replaces the file.
    ///
    /// # Errors
    /// `Io` or `Random`; the file from before is still there.
    pub fn write(&self, contents: &Contents) -> Result<(), CacheFileError> {
        let plain = serde_json::to_vec(contents).map_err(io::Error::from)?;
        let header = header();
        let sealed = self.sealer.seal(&header, plain);
        let sealed = sealed.ok_or(CacheFileError::Random)?;
        let new = self.beside(".new");
        let written = replace(&self.path, &new, &[&header, &sealed]);
        if written.is_err() {
            // Half a file is of no use; that it cannot be removed changes nothing.
            drop(fs::remove_file(&new));
        }
        Ok(written?)
    }
}

fn header() -> [u8; HEADER_LEN] {
    let mut header = [VERSION; HEADER_LEN];
    for (to, from) in header.iter_mut().zip(MAGIC) {
        *to = *from;
    }
    header
}

/// Writes `parts` to `new`, and puts it in the place of `path` when it is on disk.
fn replace(path: &Path, new: &Path, parts: &[&[u8]]) -> io::Result<()> {
    // What a crash left behind may have another owner or mode.
    match fs::remove_file(new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(MODE).open(new)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()?;
    fs::rename(new, path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
