//! When the cache file is read and written.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::task::spawn_blocking;

use super::{CacheFile, CacheFileError, Contents, SavedCache};
use crate::{
    config::schema,
    service::{AdapterCache, Service},
};

/// Fills the caches from the file at start, and writes them from time to time.
#[derive(Debug)]
pub struct CacheKeeper {
    /// Locked while it is written: the last writer is the one with the latest answers.
    file: Arc<Mutex<CacheFile>>,
    every: Duration,
}

impl CacheKeeper {
    /// The keeper of the file in `config`; `None` when answers are not to be kept.
    pub fn new(config: &schema::CacheFile) -> Option<Self> {
        let file = CacheFile::new(config.path.clone()?, config.key.as_ref()?);
        Some(Self {
            file: Arc::new(Mutex::new(file)),
            every: config.save_every(),
        })
    }

    /// The time between two writes.
    pub fn every(&self) -> Duration {
        self.every
    }

    /// Puts the answers of the file into the caches of `service`. A file that cannot be used is
    /// logged and ignored: its answers are only a convenience.
    pub fn load(&self, service: &Service) {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        match load(&file, service, Timestamp::now()) {
            Ok(answers) => {
                tracing::info!(answers, "answers from before the start are in the cache");
            }
            Err(error) => {
                let path = file.path().display();
                tracing::warn!("the cache file {path} is ignored: {error}");
            }
        }
    }

    /// Writes what the caches of `service` hold. A failure is logged.
    pub async fn save(&self, service: Arc<Service>) {
        let file = Arc::clone(&self.file);
        let write = move || {
            let file = file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = save(&file, &service, Timestamp::now()) {
                let path = file.path().display();
                tracing::warn!("the cache file {path} cannot be written: {error}");
            }
        };
        if spawn_blocking(write).await.is_err() {
            tracing::error!("writing the cache file panicked; this is a bug, please report it");
        }
    }
}

/// Returns how many answers were taken over.
pub(super) fn load(
    file: &CacheFile,
    service: &Service,
    now: Timestamp,
) -> Result<usize, CacheFileError> {
    let Some(contents) = file.read()? else {
        return Ok(0);
    };
    let age = contents.age(now)?;
    let mut taken = 0;
    for SavedCache { id, mark, answers } in contents.adapters {
        // Another configuration may see other contacts, or read numbers otherwise.
        let is_same =
            |cache: &AdapterCache<'_>| *cache.id == id && file.mark(cache.fingerprint) == mark;
        if let Some(cache) = service.caches().find(is_same) {
            let answers = answers.into_iter().map(|answer| answer.aged(age));
            taken += cache.handle.import(answers);
        }
    }
    Ok(taken)
}

pub(super) fn save(
    file: &CacheFile,
    service: &Service,
    now: Timestamp,
) -> Result<(), CacheFileError> {
    let saved = |cache: AdapterCache<'_>| SavedCache {
        id: cache.id.clone(),
        mark: file.mark(cache.fingerprint),
        answers: cache.handle.export(),
    };
    file.write(&Contents {
        saved_at: now,
        adapters: service.caches().map(saved).collect(),
    })
}
