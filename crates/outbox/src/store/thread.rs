//! The thread that owns the database: it carries out what is asked of it in groups, one
//! transaction and one sync to disk for each group.

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};

use super::{StoreError, schema::MIGRATIONS};

/// Most requests in one transaction: bounds how long the first of them waits for the others.
const MAX_GROUP: usize = 256;
/// Most requests that wait for the thread, as they do when the disk does not answer. Whoever finds
/// no room waits outside, and takes none when it leaves.
const MAX_WAITING: usize = 1024;
/// How long another process, such as a command of the operator, may keep the file locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What is left of the write-ahead log after a burst.
const WAL_BYTES_KEPT: u32 = 16 * 1024 * 1024;

/// Something to do with the database.
pub(super) trait Job: Send {
    /// Does it. Called again, in a transaction of its own, when the group failed.
    fn run(&mut self, tx: &Transaction<'_>) -> rusqlite::Result<()>;
    /// Tells the asker, after the commit or the failure.
    fn finish(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Query<F, T> {
    run: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Job for Query<F, T>
where
    F: FnMut(&Transaction<'_>) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        self.value = Some((self.run)(tx)?);
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Self { value, reply, .. } = *self;
        let result = outcome.and_then(|()| value.ok_or(StoreError::Stopped));
        // An asker that has left needs no answer.
        drop(reply.send(result));
    }
}

/// Room for one more request.
type Place<'a> = mpsc::Permit<'a, Box<dyn Job>>;

/// Sends jobs to the thread, which ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Jobs(mpsc::Sender<Box<dyn Job>>);

impl Jobs {
    /// Starts the thread for the file at `path`. It opens the file with the first job, and again
    /// after a failure: a disk that was full or missing may be back.
    pub(super) fn start(path: PathBuf) -> std::io::Result<Self> {
        let (sender, mut jobs) = mpsc::channel(MAX_WAITING);
        thread::Builder::new()
            .name("outbox".to_owned())
            .spawn(move || serve(&path, &mut jobs))?;
        Ok(Self(sender))
    }

    /// Runs `run` in a transaction and returns when its effects are on disk.
    pub(super) async fn run<T, F>(&self, run: F) -> Result<T, StoreError>
    where
        F: FnMut(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let place = self.0.reserve().await;
        Self::run_at(place.map_err(|_| StoreError::Stopped)?, run).await
    }

    /// The same, unless the thread has no room for it by then: `Slow`, and nothing is done.
    pub(super) async fn run_if_room<T, F>(&self, by: Instant, run: F) -> Result<T, StoreError>
    where
        F: FnMut(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let place = timeout_at(by, self.0.reserve()).await;
        let place = place.map_err(|_| StoreError::Slow)?;
        Self::run_at(place.map_err(|_| StoreError::Stopped)?, run).await
    }

    async fn run_at<T, F>(place: Place<'_>, run: F) -> Result<T, StoreError>
    where
        F: FnMut(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Query {
            run,
            value: None,
            reply,
        };
        place.send(Box::new(job));
        answer.await.map_err(|_| StoreError::Stopped)?
    }
}

fn serve(path: &Path, jobs: &mut mpsc::Receiver<Box<dyn Job>>) {
    let mut connection = None;
    while let Some(first) = jobs.blocking_recv() {
        let mut group = vec![first];
        while group.len() < MAX_GROUP
            && let Ok(next) = jobs.try_recv()
        {
            group.push(next);
        }
        run_group(path, &mut connection, group);
    }
}

/// Runs all jobs in one transaction; when that fails, each in one of its own, so that one that
/// cannot be done does not spoil the others.
fn run_group(path: &Path, connection: &mut Option<Connection>, mut group: Vec<Box<dyn Job>>) {
    match commit(path, connection, &mut group) {
        Ok(()) => group.into_iter().for_each(|job| job.finish(Ok(()))),
        Err(error) => match <[Box<dyn Job>; 1]>::try_from(group) {
            Ok([only]) => only.finish(Err(error)),
            Err(group) => {
                for job in group {
                    run_group(path, connection, vec![job]);
                }
            }
        },
    }
}

fn commit(
    path: &Path,
    connection: &mut Option<Connection>,
    jobs: &mut [Box<dyn Job>],
) -> Result<(), StoreError> {
    let open = match connection.take() {
        Some(open) => open,
        None => open(path)?,
    };
    // Only a connection without failure is used again.
    let mut open = open;
    let tx = open.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in jobs {
        job.run(&tx)?;
    }
    tx.commit()?;
    *connection = Some(open);
    Ok(())
}

/// Opens the file, made if needed, in its current version.
fn open(path: &Path) -> Result<Connection, StoreError> {
    create_for_owner_only(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A commit returns when it is on disk (https://www.sqlite.org/pragma.html#pragma_synchronous).
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is overwritten: it was personal data.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
    MIGRATIONS
        .to_latest(&mut connection)
        .map_err(StoreError::of_migration)?;
    Ok(connection)
}

/// The file holds names and numbers: nobody but its owner reads it. `SQLite` gives the files
/// beside it the same rights.
fn create_for_owner_only(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(drop)
        .map_err(|error| StoreError::of_file(&error))
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc as blocking,
    };

    use futures::future::join_all;

    use super::*;

    /// The disk hangs; thousands ask and leave. What they asked for does not pile up.
    #[tokio::test(start_paused = true)]
    async fn while_the_disk_hangs_only_so_many_requests_wait() {
        let folder = tempfile::tempdir().unwrap();
        let jobs = Jobs::start(folder.path().join("outbox.db")).unwrap();
        let (hangs, is_hanging) = blocking::channel();
        let (heal, is_well) = blocking::channel();
        let hanging = tokio::spawn({
            let jobs = jobs.clone();
            async move {
                let hang = move |_: &Transaction<'_>| {
                    hangs.send(()).unwrap();
                    is_well.recv().unwrap();
                    Ok(())
                };
                jobs.run(hang).await.unwrap();
            }
        });
        tokio::task::yield_now().await;
        is_hanging.recv().unwrap();
        let carried_out = Arc::new(AtomicUsize::new(0));
        let ask = || {
            let jobs = jobs.clone();
            let carried_out = Arc::clone(&carried_out);
            let count = move |_: &Transaction<'_>| {
                carried_out.fetch_add(1, Ordering::Relaxed);
                Ok(())
            };
            let by = Instant::now() + Duration::from_secs(1);
            // Nobody waits for it any longer then, and it goes on, as in the outbox.
            let job = tokio::spawn(async move { jobs.run_if_room(by, count).await });
            async move {
                timeout_at(by, job)
                    .await
                    .ok()
                    .and_then(|it| it.unwrap().ok())
            }
        };
        let left = join_all((0..3 * MAX_WAITING).map(|_| ask())).await;
        assert!(left.iter().all(Option::is_none), "the disk hangs");
        tokio::time::sleep(Duration::from_secs(1)).await;
        heal.send(()).unwrap();
        hanging.await.unwrap();
        // Comes after all that waited.
        jobs.run(|_: &Transaction<'_>| Ok(())).await.unwrap();
        assert_eq!(carried_out.load(Ordering::Relaxed), MAX_WAITING);
    }
}
