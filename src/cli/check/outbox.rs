//! Can the outbox be written? Checked without leaving one behind where there was none.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process,
};

use whocalls_outbox::{Store, StoreError};

/// Shows that workflows can be stored in the file at `path`.
///
/// # Errors
/// Why they cannot.
pub(super) async fn check(path: &Path) -> Result<(), StoreError> {
    // When that cannot be told, opening the file tells why.
    if path.try_exists().unwrap_or(true) {
        let store = Store::new(path.to_owned());
        let store = store.map_err(|error| StoreError::Other(error.to_string()))?;
        return store.check().await;
    }
    try_beside(path).map_err(|error| StoreError::NotWritable(error.to_string()))
}

/// Makes and removes a file in the same folder. The outbox itself must not be made for this: a
/// gateway that starts meanwhile would store workflows in a file that is about to be removed.
fn try_beside(path: &Path) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".check-{}", process::id()));
    let trial = PathBuf::from(name);
    File::create_new(&trial)?;
    fs::remove_file(&trial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_is_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.db");
        assert_eq!(check(&path).await, Ok(()));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_missing_folder_and_another_kind_of_file_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let missing = check(&folder.path().join("missing/outbox.db")).await;
        assert!(matches!(missing, Err(StoreError::NotWritable(_))));
        let text = folder.path().join("notes.txt");
        fs::write(
            &text,
            "no database, but longer than the header of one: ".repeat(9),
        )
        .unwrap();
        assert!(matches!(check(&text).await, Err(StoreError::Damaged(_))));
        assert!(matches!(
            check(folder.path()).await,
            Err(StoreError::NotWritable(_))
        ));
    }
}
