//! The call log: a CSV file with one row for each call.
//!
//! One writer at a time, in this process or another, holds the lock of the log. A row is on the
//! disk before its receipt is given. What an interrupted write leaves is put right by the next.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    task::spawn_blocking,
    time::{sleep, timeout_at},
};
use whocalls_core::{
    AdapterError, AdapterId, CallContext, ErrorKind, NumberPlan, Operation, ProbeReport, Progress,
    WorkflowReceipt, WorkflowRequest,
};

use self::{fault::Fault, file::LogFile, row::Row};

mod append;
mod cells;
mod fault;
mod file;
mod layout;
mod place;
mod row;
mod survey;

/// How long to wait before the lock of another writer is tried again.
const LOCK_INTERVAL: Duration = Duration::from_millis(10);
/// No log has this length.
const UNKNOWN_LENGTH: u64 = u64::MAX;

/// The call log of one adapter.
#[derive(Debug)]
pub(crate) struct CallLog(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    adapter: AdapterId,
    path: PathBuf,
    /// What separates the columns of a log that is begun.
    delimiter: u8,
    plan: NumberPlan,
    /// The length at which this process added the last row. A log of this length ends with that
    /// row, and need not be looked through before the next one is added.
    whole_at: AtomicU64,
}

/// A row and what is to be done with it.
struct Job {
    row: Row,
    progress: Progress,
    /// Whether it was begun, or given up before.
    is_taken: AtomicBool,
}

impl Job {
    /// Whether the job is the caller's: to begin for who writes, to give up for who waits.
    fn take(&self) -> bool {
        !self.is_taken.swap(true, Ordering::AcqRel)
    }
}

impl CallLog {
    /// The log at `path`, which need not exist.
    pub(crate) fn new(
        adapter: AdapterId,
        path: PathBuf,
        delimiter: Option<char>,
        plan: NumberPlan,
    ) -> Self {
        let delimiter = delimiter.and_then(|c| u8::try_from(c).ok()).unwrap_or(b',');
        Self(Arc::new(Shared {
            adapter,
            path,
            delimiter,
            plan,
            whole_at: AtomicU64::new(UNKNOWN_LENGTH),
        }))
    }

    /// Writes or rewrites the row of a call.
    ///
    /// # Errors
    /// `OutcomeUnknown` when the row may have been added; any other kind when nothing was.
    ///
    /// # Cancellation
    /// A write that is dropped may be finished in the background, and gives the lock back.
    pub(crate) async fn write(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let job = Arc::new(Job {
            row: Row::of(request, &self.0.plan),
            progress: request.progress.clone(),
            is_taken: AtomicBool::new(false),
        });
        let id = match &request.progress {
            Progress::Exists(id) => id.clone(),
            Progress::New | Progress::Uncertain => request.idempotency_key.clone(),
        };
        loop {
            let (shared, for_writer) = (Arc::clone(&self.0), Arc::clone(&job));
            let attempt = spawn_blocking(move || shared.carry_out(&for_writer));
            let fault = match timeout_at(cx.deadline, attempt).await {
                Ok(Ok(Ok(()))) => {
                    return Ok(WorkflowReceipt {
                        id: Some(id),
                        url: None,
                    });
                }
                Ok(Ok(Err(fault))) => fault,
                Ok(Err(_)) => return Err(self.no_result(request, "writing the row broke off")),
                Err(_) if job.take() => {
                    let message = "no time was left to write to it; nothing was written";
                    return Err(self.0.error_of(ErrorKind::Timeout, message));
                }
                Err(_) => return Err(self.no_result(request, "the disk did not answer in time")),
            };
            if !matches!(fault, Fault::Locked) || cx.remaining() < LOCK_INTERVAL {
                return Err(self.0.error(&fault));
            }
            sleep(LOCK_INTERVAL).await;
        }
    }

    /// Tells in a report whether the log can be written. Writes nothing.
    pub(crate) async fn report(&self, report: &mut ProbeReport) {
        let shared = Arc::clone(&self.0);
        let checked = spawn_blocking(move || LogFile::check(&shared.path)).await;
        let path = self.0.path.display();
        match checked {
            // It could be written by whoever has the lock.
            Ok(Ok(()) | Err(Fault::Locked)) => {
                report.summary = format!("{}; calls are logged in {path}", report.summary);
            }
            Ok(Err(fault)) => report
                .warnings
                .push(format!("calls cannot be logged in {path}: {fault}")),
            Err(_) => report.warnings.push(format!(
                "looking at the call log {path} broke off; this is a bug"
            )),
        }
    }

    /// A write whose end is not known. A rewritten row is rewritten once more, an added one is not
    /// added once more.
    fn no_result(&self, request: &WorkflowRequest, what: &str) -> AdapterError {
        let (kind, then) = match request.progress {
            Progress::Exists(_) => (ErrorKind::Timeout, "the row is written again"),
            Progress::New | Progress::Uncertain => (
                ErrorKind::OutcomeUnknown,
                "the next delivery looks whether the row is there",
            ),
        };
        self.0.error_of(kind, &format!("{what}; {then}"))
    }
}

impl Shared {
    /// Does the job unless another writer has the lock. Blocks.
    fn carry_out(&self, job: &Job) -> Result<(), Fault> {
        let log = match &job.progress {
            Progress::Exists(_) => LogFile::open_existing(&self.path)?,
            Progress::New | Progress::Uncertain => Some(LogFile::open(&self.path)?),
        };
        let (Some(mut log), true) = (log, job.take()) else {
            // Somebody deleted the log, and the row is not written again; or nobody waits.
            return Ok(());
        };
        let is_done = match &job.progress {
            Progress::New => false,
            Progress::Uncertain => self.replace(&mut log, job.row.id(), &job.row)?,
            Progress::Exists(id) => {
                // Somebody deleted the row that is not there: it is not written again.
                self.replace(&mut log, id, &job.row)?;
                true
            }
        };
        if is_done {
            return Ok(());
        }
        let is_whole = log.length()? == self.whole_at.load(Ordering::Acquire);
        let length = log.append(&job.row, self.delimiter, is_whole)?;
        self.whole_at.store(length, Ordering::Release);
        Ok(())
    }

    /// Rewrites the row with this id, and says whether there is one.
    fn replace(&self, log: &mut LogFile, id: &str, row: &Row) -> Result<bool, Fault> {
        let is_replaced = log.replace(id, row)?;
        if is_replaced {
            // The end may be torn, whatever length the log has now.
            self.whole_at.store(UNKNOWN_LENGTH, Ordering::Release);
        }
        Ok(is_replaced)
    }

    fn error(&self, fault: &Fault) -> AdapterError {
        self.error_of(fault.kind(), &fault.to_string())
    }

    fn error_of(&self, kind: ErrorKind, message: &str) -> AdapterError {
        let message = format!("the call log {}: {message}", self.path.display());
        AdapterError::new(kind, &self.adapter, Operation::Workflow, message)
    }
}
