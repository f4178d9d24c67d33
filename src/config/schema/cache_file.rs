//! `[cache]`: answers that are kept over a restart.

use std::{path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::Deserialize;
use whocalls_core::Secret;

/// What a crash may lose: answers are cheap, and whoever calls within minutes of one is rare.
const DEFAULT_SAVE_EVERY_SECS: u64 = 300;

/// Answers that are kept over a restart, so that it does not meet cold CRMs. Off unless `path` is
/// set, because answers are personal data. Changes take effect after a restart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CacheFile {
    /// The file for the answers of all CRMs, encrypted; a relative path starts at the folder of
    /// this file. Absent: a restart begins with nothing.
    #[schemars(with = "Option<String>", length(min = 1))]
    pub path: Option<PathBuf>,
    /// What the file is encrypted with: a text of at least 32 characters that nobody can guess, for
    /// example what `openssl rand -base64 32` prints. Needed with `path`. A file that was written
    /// with another key is ignored.
    pub key: Option<Secret>,
    /// Seconds between two writes. A stop that is asked for writes too.
    #[schemars(range(min = 10, max = 86_400))]
    pub save_every_secs: u64,
}

impl Default for CacheFile {
    fn default() -> Self {
        Self {
            path: None,
            key: None,
            save_every_secs: DEFAULT_SAVE_EVERY_SECS,
        }
    }
}

impl CacheFile {
    /// The shortest key, in characters: 128 bits as hexadecimal digits.
    pub const MIN_KEY_CHARS: usize = 32;

    /// The time between two writes.
    pub fn save_every(&self) -> Duration {
        Duration::from_secs(self.save_every_secs)
    }
}
