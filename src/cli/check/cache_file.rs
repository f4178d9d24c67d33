//! Can answers be kept over a restart?

use crate::{
    cache_file::CacheFile,
    config::{KeyPath, schema},
};

/// Shows that the file of `[cache]` can be used, if answers are to be kept.
///
/// # Errors
/// The key that is wrong, and why.
pub(super) fn check(config: &schema::CacheFile) -> Result<(), (KeyPath, String)> {
    let (Some(path), Some(key)) = (&config.path, &config.key) else {
        return Ok(());
    };
    let checked = CacheFile::new(path.clone(), key).check();
    checked.map_err(|error| {
        let key = KeyPath::of(["cache", "path"]);
        (
            key,
            format!("answers cannot be kept in this file: {error}; set another path, or remove it"),
        )
    })
}
