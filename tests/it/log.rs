//! The log of a serving process, when nobody reads it.

use std::fs;

use futures::future::join_all;
use tempfile::TempDir;
use whocalls_testkit::contacts::MIA_NUMBER;

use crate::{
    commands::folder_with,
    harness::{PATIENT, client},
    process::Serving,
};

/// What a pipe holds on Linux, which has the largest.
const PIPE_BYTES: usize = 64 * 1024;
/// What the line of a lookup takes at least: its id and the names of the phone books.
const LINE_BYTES: usize = 128 + 10 * 32;
/// How many clients ask at once.
const CLIENTS: usize = 8;

/// A gateway with phone books, many and with long names, so that they fill the log.
fn folder() -> TempDir {
    let book = |name| {
        let settings = "kind = \"phonebook\"\nsettings = { file = \"book.csv\" }";
        format!("[adapters.{name:-<32}]\n{settings}\n")
    };
    let books: String = ('a'..='j').map(book).collect();
    let folder = folder_with(&format!(
        "[gateway]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n{books}"
    ));
    let contacts = format!("Name,Phone\nMia Keller,{MIA_NUMBER}\n");
    fs::write(folder.path().join("book.csv"), contacts).unwrap();
    folder
}

/// Looks a number up so many times, over several connections. Every lookup is answered.
async fn look_up(serving: &Serving, times: usize) {
    let client = client();
    let url = format!("{}/Lookup?PhoneNumber={MIA_NUMBER}", serving.url);
    let ask = async || {
        for _ in 0..times / CLIENTS {
            let request = client.get(&url).header("X-Request-Id", "i".repeat(128));
            assert_eq!(request.send().await.unwrap().status(), 200);
        }
    };
    join_all((0..CLIENTS).map(|_| ask())).await;
}

/// How many lines of the log the gateway could not write.
async fn lost_lines(serving: &Serving) -> u64 {
    let url = format!("{}/metrics", serving.admin_url);
    let metrics = client().get(url).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let mut lines = metrics.lines();
    let line = lines.find_map(|line| line.strip_prefix("whocalls_log_lines_lost_total "));
    line.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_log_that_nobody_reads_delays_no_reply_and_what_it_lost_is_told() {
    let folder = folder();
    let mut serving = Serving::start(folder.path());
    let answered = async {
        while lost_lines(&serving).await == 0 {
            look_up(&serving, 500).await;
        }
    };
    // Each reply in time is the point; all of them together take long on a busy machine.
    tokio::time::timeout(10 * PATIENT, answered).await.unwrap();
    let told = serving.wait_for("lines of the log were lost");
    assert!(
        told.contains(" WARN ") && told.contains(" lines="),
        "{told}"
    );
    serving.signal("-TERM");
    let (code, log) = serving.end();
    assert_eq!(code, Some(0), "{told}");
    let end = log.lines().last().unwrap();
    assert!(end.ends_with(" INFO stopped"), "{end}");
}

#[tokio::test]
async fn a_log_that_nobody_reads_does_not_keep_the_process_from_ending() {
    let folder = folder();
    let mut serving = Serving::start(folder.path());
    look_up(&serving, 2 * PIPE_BYTES / LINE_BYTES).await;
    serving.signal("-TERM");
    assert_eq!(serving.exit_code().await, Some(0));
    let (_, log) = serving.end();
    assert!(
        log.len() > PIPE_BYTES / 2,
        "the pipe was full: {}",
        log.len()
    );
    assert!(!log.contains("INFO stopped"), "more was to be written");
}
