//! Personal data on disk is encrypted, with a key that deserves the name.

use super::checks::Checks;
use crate::config::{path::KeyPath, report::Problem, schema::CacheFile};

/// A cache file without a key, or with one that is too short.
pub(super) fn weak_protection(checks: &Checks<'_>) -> Option<Problem> {
    let CacheFile { path, key, .. } = &checks.config.cache;
    let key_path = KeyPath::of(["cache", "key"]);
    if !checks.shape.is_sound(&key_path) {
        return None;
    }
    match key {
        None if path.is_some() => Some(checks.error(
            KeyPath::of(["cache", "path"]),
            "this file holds personal data and has to be encrypted; set cache.key, for example to \
             { env = \"WHOCALLS_CACHE_KEY\" }",
        )),
        Some(key) if key.expose().chars().count() < CacheFile::MIN_KEY_CHARS => {
            let shortest = CacheFile::MIN_KEY_CHARS;
            Some(checks.error(
                key_path,
                format!(
                    "this key has less than {shortest} characters and could be guessed; \
                     `openssl rand -base64 32` prints a good one"
                ),
            ))
        }
        _ => None,
    }
}
