//! The outbox on disk: an `SQLite` file that one thread owns.
//!
//! Every method returns when its effects are on disk, or with the reason why they are not.

mod claim;
mod error;
mod finish;
mod keep;
mod operator;
mod row;
mod schema;
mod submit;
mod thread;

use std::{io, path::PathBuf};

use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;
use tokio::time::Instant;
use whocalls_core::{AdapterId, WorkflowReceipt};

pub use error::StoreError;
pub use keep::{Count, Kept};
pub use operator::{Entry, Filter, Shown};
pub(crate) use submit::{Novelty, Stored};

use crate::{Delivery, Details, Failure, State, Summary, Target, WorkflowId};

/// The outbox on disk. Cloning gives another handle to the same file.
#[derive(Clone)]
pub struct Store {
    jobs: thread::Jobs,
}

/// Deliveries that were taken, and when to look again.
#[derive(Debug)]
pub(crate) struct Claimed {
    /// They count as being sent from now on, also after a crash.
    pub(crate) deliveries: Vec<Delivery>,
    /// When the next of the others is due; none when none waits.
    pub(crate) next_due: Option<Timestamp>,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// The CRM has it.
    Delivered(WorkflowReceipt),
    /// It has to be tried again at this time.
    Failed(Failure, Timestamp),
}

impl Store {
    /// The store in the file at `path`, which is opened when it is first used.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(path: PathBuf) -> io::Result<Self> {
        let jobs = thread::Jobs::start(path)?;
        Ok(Self { jobs })
    }

    /// Opens the file, made and brought up to date if needed, and shows that it can be written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check(&self) -> Result<(), StoreError> {
        self.jobs.run(|tx: &Transaction<'_>| keep::touch(tx)).await
    }

    /// Stores a workflow, or adds what `details` know more about a stored one. Of its deliveries,
    /// those to adapters in `claimable` that can be attempted at once are taken. Nothing is stored
    /// when so many others wait for the disk that there is no room `by` then.
    pub(crate) async fn submit(
        &self,
        details: Details,
        targets: Vec<Target>,
        claimable: Vec<AdapterId>,
        by: Instant,
        now: Timestamp,
    ) -> Result<Stored, StoreError> {
        let run =
            move |tx: &Transaction<'_>| submit::submit(tx, &details, &targets, &claimable, now);
        self.jobs.run_if_room(by, run).await
    }

    /// Takes at most `most` deliveries that are due.
    pub(crate) async fn claim(
        &self,
        adapter: AdapterId,
        most: usize,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let run = move |tx: &Transaction<'_>| claim::claim(tx, &adapter, most, now);
        self.jobs.run(run).await
    }

    /// Keeps which record the caller has in the CRM of a delivery.
    pub(crate) async fn keep_record(&self, seq: i64, record: String) -> Result<(), StoreError> {
        let run = move |tx: &Transaction<'_>| finish::keep_record(tx, seq, &record);
        self.jobs.run(run).await
    }

    /// Notes how an attempt ended.
    pub(crate) async fn finish(
        &self,
        seq: i64,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<Summary, StoreError> {
        let run = move |tx: &Transaction<'_>| finish::finish(tx, seq, &outcome, now);
        self.jobs.run(run).await
    }

    /// What a workflow has come to; all defaults when it is not known.
    pub(crate) async fn summary(&self, id: WorkflowId) -> Result<Summary, StoreError> {
        self.jobs.run(move |tx| row::summary(tx, id.as_str())).await
    }

    /// Makes deliveries wait again that were being sent when the process died; their outcome is
    /// unknown. Returns how many. Each is tried `wait` after its last attempt began.
    pub(crate) async fn recover(&self, wait: SignedDuration) -> Result<usize, StoreError> {
        self.jobs.run(move |tx| claim::recover(tx, wait)).await
    }

    /// Makes everything due at once that waits for this adapter after failures that were not its
    /// own fault.
    pub(crate) async fn hurry(
        &self,
        adapter: AdapterId,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.jobs
            .run(move |tx| claim::hurry(tx, &adapter, now))
            .await
    }

    /// The adapters for which something waits.
    pub(crate) async fn waiting_adapters(&self) -> Result<Vec<AdapterId>, StoreError> {
        self.jobs
            .run(|tx: &Transaction<'_>| keep::waiting_adapters(tx))
            .await
    }

    /// A number that changes when another process has written.
    pub(crate) async fn version(&self) -> Result<i64, StoreError> {
        self.jobs
            .run(|tx: &Transaction<'_>| keep::version(tx))
            .await
    }

    /// Gives up what has waited for too long, and forgets what is no longer needed.
    pub(crate) async fn clean(&self, kept: Kept, now: Timestamp) -> Result<Vec<Entry>, StoreError> {
        self.jobs.run(move |tx| keep::clean(tx, &kept, now)).await
    }

    /// How many deliveries each adapter has in each state that needs attention.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn counts(&self) -> Result<Vec<Count>, StoreError> {
        self.jobs.run(|tx: &Transaction<'_>| keep::counts(tx)).await
    }

    /// Deliveries that fit `filter`, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self, filter: Filter) -> Result<Vec<Entry>, StoreError> {
        self.jobs.run(move |tx| operator::list(tx, &filter)).await
    }

    /// How many deliveries are in each state; states without any may be missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn totals(&self) -> Result<Vec<(State, u32)>, StoreError> {
        let run = |tx: &Transaction<'_>| operator::totals(tx);
        self.jobs.run(run).await
    }

    /// The ids that begin with `prefix`: none, one, or two of them when there are more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ids(&self, prefix: String) -> Result<Vec<WorkflowId>, StoreError> {
        self.jobs.run(move |tx| operator::ids(tx, &prefix)).await
    }

    /// Everything about one workflow.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn show(&self, id: WorkflowId) -> Result<Option<Shown>, StoreError> {
        self.jobs.run(move |tx| operator::show(tx, &id)).await
    }

    /// Makes a workflow due that waits, was given up or dropped. Returns how many deliveries.
    /// `as_new` forgets that an answer was lost: the operator has looked and found no object.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn retry(
        &self,
        id: WorkflowId,
        as_new: bool,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.jobs
            .run(move |tx| operator::retry(tx, &id, as_new, now))
            .await
    }

    /// Ends all attempts to deliver a workflow. Returns how many deliveries.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn drop_workflow(&self, id: WorkflowId) -> Result<usize, StoreError> {
        self.jobs
            .run(move |tx| operator::drop_workflow(tx, &id))
            .await
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
