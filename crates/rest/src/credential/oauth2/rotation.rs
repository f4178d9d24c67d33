//! The refresh token, which some CRMs replace with each use (RFC 6749 §6).
//!
//! The newest one is kept in memory and, if the description names one, in a file, so that it
//! outlives the gateway. The file also says from which configured token it descends: whoever
//! authorises the gateway anew and configures another token wants that one to be used.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::digest;
use serde::{Deserialize, Serialize};
use whocalls_core::{AdapterId, Secret};

use crate::notice::Notice;

/// The newest refresh token.
#[derive(Debug)]
pub(super) struct Rotation {
    adapter: AdapterId,
    configured: Secret,
    file: Option<PathBuf>,
    newest: Mutex<Option<Secret>>,
    forgetful: Notice,
}

/// What the file holds.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// The fingerprint of the configured token.
    configured: String,
    refresh_token: String,
}

impl Rotation {
    /// The rotation that begins with the configured token.
    pub(super) fn new(adapter: AdapterId, configured: Secret, file: Option<PathBuf>) -> Self {
        Self {
            adapter,
            configured,
            file,
            newest: Mutex::default(),
            forgetful: Notice::default(),
        }
    }

    /// The refresh token to use.
    pub(super) async fn current(&self) -> Secret {
        let newest = self.newest().clone();
        match newest {
            Some(newest) => newest,
            None => self.stored().await.unwrap_or(self.configured.clone()),
        }
    }

    /// Another token than `refused`, if another process of the gateway has left one in the file
    /// meanwhile: `whocalls check` beside a running gateway.
    pub(super) async fn other_than(&self, refused: &Secret) -> Option<Secret> {
        self.stored().await.filter(|stored| stored != refused)
    }

    /// Keeps the token that came with the use of another one.
    pub(super) async fn keep(&self, token: Secret) {
        // First in memory: from here on nothing is lost if the call ends.
        *self.newest() = Some(token.clone());
        let Some(file) = self.file.clone() else {
            if self.forgetful.is_due() {
                tracing::warn!(
                    adapter = %self.adapter,
                    "the CRM replaced the refresh token, and the new one is lost when the gateway \
                     ends; set credential.refresh_token_file"
                );
            }
            return;
        };
        let stored = Stored {
            configured: fingerprint(&self.configured),
            refresh_token: token.expose().to_owned(),
        };
        let shown = file.display().to_string();
        // A blocking task ends even if the call that waits for it is dropped.
        let written = tokio::task::spawn_blocking(move || write(&file, &stored)).await;
        let written = written.unwrap_or_else(|error| Err(io::Error::other(error)));
        if let Err(error) = written {
            tracing::error!(
                adapter = %self.adapter,
                file = shown,
                %error,
                "the new refresh token cannot be written and is lost when the gateway ends; make \
                 the folder of credential.refresh_token_file writable"
            );
        }
    }

    /// The token in the file, if it descends from the configured one.
    async fn stored(&self) -> Option<Secret> {
        let file = self.file.clone()?;
        let shown = file.display().to_string();
        let read = tokio::task::spawn_blocking(move || read(&file)).await;
        match read.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(stored) => {
                let is_ours = stored.configured == fingerprint(&self.configured);
                is_ours.then(|| Secret::new(stored.refresh_token))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(
                    adapter = %self.adapter,
                    file = shown,
                    %error,
                    "credential.refresh_token_file cannot be read; the configured refresh token \
                     is used"
                );
                None
            }
        }
    }

    fn newest(&self) -> std::sync::MutexGuard<'_, Option<Secret>> {
        // Only whole values are stored, so a poisoned lock is still good.
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells one token from another without giving it away.
fn fingerprint(token: &Secret) -> String {
    let digest = digest::digest(&digest::SHA256, token.expose().as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}

fn read(file: &Path) -> io::Result<Stored> {
    let text = fs::read(file)?;
    // The detail of an error could quote the token.
    serde_json::from_slice(&text).map_err(|_| io::Error::other("not a file of the gateway's"))
}

/// Replaces the file as a whole: after a crash there is the old one or the new one.
fn write(file: &Path, stored: &Stored) -> io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = file.with_file_name(name);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut handle = options.open(&new)?;
    handle.write_all(&serde_json::to_vec(stored)?)?;
    handle.sync_all()?;
    fs::rename(&new, file)?;
    match file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) if cfg!(unix) => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rotation(configured: &str, file: &Path) -> Rotation {
        let adapter = AdapterId::new("crm").unwrap();
        Rotation::new(adapter, Secret::new(configured), Some(file.to_owned()))
    }

    #[tokio::test]
    async fn the_newest_token_outlives_the_process_until_another_one_is_configured() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("refresh-token.json");
        let first = rotation("r0", &file);
        assert_eq!(first.current().await.expose(), "r0");
        first.keep(Secret::new("r1")).await;
        first.keep(Secret::new("r2")).await;
        assert_eq!(first.current().await.expose(), "r2");

        assert_eq!(rotation("r0", &file).current().await.expose(), "r2");
        assert_eq!(rotation("new", &file).current().await.expose(), "new");
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(names.len(), 1, "nothing is left beside the file: {names:?}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        fs::write(&file, "open to all").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let rotation = rotation("r0", &file);
        assert_eq!(
            rotation.current().await.expose(),
            "r0",
            "not a file of ours"
        );
        rotation.keep(Secret::new("r1")).await;
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn what_another_process_left_in_the_file_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        let gateway = rotation("r0", &file);
        gateway.keep(Secret::new("r1")).await;
        let used = gateway.current().await;
        assert_eq!(gateway.other_than(&used).await, None);
        rotation("r0", &file).keep(Secret::new("r2")).await;
        let other = gateway.other_than(&used).await.unwrap();
        assert_eq!(other.expose(), "r2");
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_costs_only_the_memory() {
        let file = Path::new("/proc/no-such-folder/token");
        let rotation = rotation("r0", file);
        rotation.keep(Secret::new("r1")).await;
        assert_eq!(rotation.current().await.expose(), "r1");
    }
}
