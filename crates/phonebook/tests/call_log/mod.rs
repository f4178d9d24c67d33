//! The call log as the gateway sees it, on real files.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    sync::Arc,
    time::Duration,
};

use serde_json::json;
use tempfile::TempDir;
use tokio::sync::Barrier;
use whocalls_core::{
    CallDetails, CrmAdapter, Direction, ErrorKind, Progress, WorkflowReceipt, WorkflowRequest,
};

use crate::{
    AMPLE,
    support::{adapter, within},
};

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("book.csv"),
        "Name,Tel\nMia,079 123 45 67\n",
    )
    .unwrap();
    folder
}

fn book(folder: &Path) -> Arc<dyn CrmAdapter> {
    adapter(
        folder,
        json!({ "file": "book.csv", "call_log": "calls.csv" }),
    )
}

fn request(key: &str, progress: Progress) -> WorkflowRequest {
    WorkflowRequest {
        name: "CallFlow".to_owned(),
        call: CallDetails {
            direction: Some(Direction::Incoming),
            originator_number: Some("41791234567".to_owned()),
            started_at: "2026-11-22T10:00:00Z".parse().ok(),
            ..CallDetails::default()
        },
        idempotency_key: key.to_owned(),
        progress,
        subject: "Incoming call".to_owned(),
        ..WorkflowRequest::default()
    }
}

async fn run(book: &dyn CrmAdapter, request: &WorkflowRequest) -> String {
    let receipt = book.run_workflow(&within(AMPLE), request).await.unwrap();
    let WorkflowReceipt { id, url } = receipt;
    assert_eq!(url, None);
    id.unwrap()
}

/// The cells of each row under two titles.
fn rows(folder: &Path, titles: [&str; 2]) -> Vec<[String; 2]> {
    let text = fs::read_to_string(folder.join("calls.csv")).unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let at = titles.map(|title| heads.iter().position(|head| head == title).unwrap());
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        at.map(|at| row.get(at).unwrap().to_owned())
    });
    rows.collect()
}

#[tokio::test]
async fn a_call_becomes_a_row() {
    let folder = folder();
    let book = book(folder.path());
    assert_eq!(book.info().capabilities.workflows, ["CallFlow"]);
    assert_eq!(run(&*book, &request("k1", Progress::New)).await, "k1");
    assert_eq!(run(&*book, &request("k2", Progress::New)).await, "k2");
    assert_eq!(
        rows(folder.path(), ["id", "from_number"]),
        [["k1", "'+41791234567"], ["k2", "'+41791234567"]]
    );
    let mut other = request("k3", Progress::New);
    other.name = "CreateTicket".to_owned();
    let error = book.run_workflow(&within(AMPLE), &other).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_later_report_rewrites_the_row_and_a_deleted_one_stays_deleted() {
    let folder = folder();
    let book = book(folder.path());
    let exists = |key: &str| {
        let mut later = request(key, Progress::Exists(key.to_owned()));
        later.call.ended_at = "2026-11-22T10:00:30Z".parse().ok();
        later
    };
    assert_eq!(
        run(&*book, &exists("k1")).await,
        "k1",
        "there is no log yet"
    );
    assert!(!folder.path().join("calls.csv").exists());
    run(&*book, &request("k1", Progress::New)).await;
    run(&*book, &request("k2", Progress::New)).await;
    assert_eq!(run(&*book, &exists("k1")).await, "k1");
    assert_eq!(run(&*book, &exists("gone")).await, "gone");
    assert_eq!(
        rows(folder.path(), ["id", "outcome"]),
        [["k1", "unanswered"], ["k2", "unknown"]]
    );
}

#[tokio::test]
async fn an_uncertain_row_is_looked_for_first() {
    let folder = folder();
    let book = book(folder.path());
    for (key, rows_then) in [("k1", 1), ("k1", 1), ("k2", 2), ("k1", 2)] {
        assert_eq!(run(&*book, &request(key, Progress::Uncertain)).await, key);
        assert_eq!(rows(folder.path(), ["id", "subject"]).len(), rows_then);
    }
}

/// A process that is killed leaves half a row; another one puts it right.
#[tokio::test]
async fn half_a_row_is_put_right_by_the_next_delivery() {
    let folder = folder();
    run(&*book(folder.path()), &request("k1", Progress::New)).await;
    let path = folder.path().join("calls.csv");
    let length = fs::metadata(&path).unwrap().len();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(length - 5).unwrap();
    let book = book(folder.path());
    run(&*book, &request("k2", Progress::New)).await;
    run(&*book, &request("k1", Progress::Uncertain)).await;
    let whole = [["k1", "Incoming call"], ["k2", "Incoming call"]];
    assert_eq!(rows(folder.path(), ["id", "subject"]), whole);

    // It also is when this process has just rewritten another row.
    let mut file = File::options().append(true).open(&path).unwrap();
    file.write_all(b"k3,CallFlow,inc").unwrap();
    run(&*book, &request("k1", Progress::Exists("k1".to_owned()))).await;
    run(&*book, &request("k4", Progress::New)).await;
    let ids: Vec<_> = rows(folder.path(), ["id", "workflow"])
        .into_iter()
        .map(|[id, _]| id)
        .collect();
    assert_eq!(ids, ["k1", "k2", "k3", "k4"]);
}

/// Two adapters on one log stand for two processes: they share nothing but the file,
/// and every write runs on a thread of its own.
#[tokio::test]
async fn writers_at_the_same_time_lose_nothing() {
    const CALLS: usize = 40;
    let folder = folder();
    let books = [book(folder.path()), book(folder.path())];
    let start = Arc::new(Barrier::new(CALLS));
    let tasks: Vec<_> = (0..CALLS)
        .map(|call| {
            let (book, start) = (Arc::clone(&books[call % 2]), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                let key = format!("k{call:02}");
                run(&*book, &request(&key, Progress::New)).await;
                // Every second one is rewritten, which moves the others' log under their feet.
                if call % 4 < 2 {
                    let mut later = request(&key, Progress::Exists(key.clone()));
                    later.subject = "later".to_owned();
                    run(&*book, &later).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut found = rows(folder.path(), ["id", "subject"]);
    found.sort();
    let expected: Vec<[String; 2]> = (0..CALLS)
        .map(|call| {
            let subject = if call % 4 < 2 {
                "later"
            } else {
                "Incoming call"
            };
            [format!("k{call:02}"), subject.to_owned()]
        })
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_lock_that_is_kept_is_told_once_the_time_is_up() {
    let folder = folder();
    let book = book(folder.path());
    run(&*book, &request("k1", Progress::New)).await;
    let lock = File::open(folder.path().join("calls.csv.lock")).unwrap();
    lock.lock().unwrap();
    let short = within(Duration::from_millis(50));
    let error = book
        .run_workflow(&short, &request("k2", Progress::New))
        .await
        .unwrap_err();
    // On a busy machine the time may be up before the lock was looked at.
    let is_told = match error.kind {
        ErrorKind::Unavailable => error.message.contains("keeps it locked"),
        ErrorKind::Timeout => error.message.contains("nothing was written"),
        _ => false,
    };
    assert!(is_told, "{error}");
    lock.unlock().unwrap();
    run(&*book, &request("k2", Progress::New)).await;
    assert_eq!(rows(folder.path(), ["id", "subject"]).len(), 2);
}

/// The only thread for file work is busy until the deadline has passed.
#[test]
fn a_write_that_was_given_up_before_it_began_is_not_made_later() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let folder = folder();
    let book = book(folder.path());
    runtime.block_on(async {
        let (release, released) = std::sync::mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || released.recv());
        let short = within(Duration::from_millis(20));
        let error = book
            .run_workflow(&short, &request("k1", Progress::New))
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
        drop(release);
        assert!(busy.await.unwrap().is_err(), "nothing was sent");
        run(&*book, &request("k2", Progress::New)).await;
    });
    let rows = rows(folder.path(), ["id", "workflow"]);
    assert_eq!(rows, [["k2", "CallFlow"]]);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_is_an_error_in_words_and_a_warning_of_the_check() {
    let folder = folder();
    fs::create_dir(folder.path().join("folder.csv")).unwrap();
    for (log, reason) in [
        ("folder.csv", "it is not a regular file"),
        ("no/such/calls.csv", "create its folder"),
        ("book.csv.lock/../book.csv", "create its folder"),
    ] {
        let book = adapter(
            folder.path(),
            json!({ "file": "book.csv", "call_log": log }),
        );
        let error = book
            .run_workflow(&within(AMPLE), &request("k1", Progress::New))
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable, "{log}");
        assert!(error.message.contains(reason), "{error}");
        let report = book.probe(&within(AMPLE)).await.unwrap();
        assert!(!report.summary.contains("calls are logged"), "{report:?}");
        let [warning] = report.warnings.as_slice() else {
            panic!("{report:?}");
        };
        assert!(warning.contains(reason), "{warning}");
    }
}

#[tokio::test]
async fn a_check_tells_where_calls_are_logged_and_writes_nothing() {
    let folder = folder();
    let book = book(folder.path());
    let path = folder.path().join("calls.csv");
    let ending = format!("; calls are logged in {}", path.display());
    let report = book.probe(&within(AMPLE)).await.unwrap();
    assert!(report.summary.ends_with(&ending), "{report:?}");
    assert!(!path.exists());
    run(&*book, &request("k1", Progress::New)).await;
    let report = book.probe(&within(AMPLE)).await.unwrap();
    assert!(report.summary.ends_with(&ending), "{report:?}");
    assert!(report.warnings.is_empty(), "{report:?}");
}

/// Not even the lock is put beside it.
#[cfg(unix)]
#[tokio::test]
async fn a_device_is_no_log() {
    let folder = folder();
    std::os::unix::fs::symlink("/dev/null", folder.path().join("calls.csv")).unwrap();
    let error = book(folder.path())
        .run_workflow(&within(AMPLE), &request("k1", Progress::New))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    assert!(error.message.contains("not a regular file"), "{error}");
    assert!(!Path::new("/dev/null.lock").exists());
}
