//! What is made once, unless that fails.

use std::sync::OnceLock;

/// What `cell` holds; `make` makes it where there is nothing yet. Two threads that come at the same
/// time may both make it, and share what the first one made.
///
/// # Errors
/// Those of `make`; the next call tries again.
pub(crate) fn get_or_try<T>(
    cell: &OnceLock<T>,
    make: impl FnOnce() -> Result<T, String>,
) -> Result<&T, String> {
    if let Some(known) = cell.get() {
        return Ok(known);
    }
    let new = make()?;
    Ok(cell.get_or_init(|| new))
}
