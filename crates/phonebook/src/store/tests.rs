use std::sync::{
    atomic::{AtomicUsize, Ordering::SeqCst},
    mpsc,
};

use futures::future::join_all;
use serde_json::json;
use tokio::time::advance;

use super::*;
use crate::testing::{adapter, read_as};

const INTERVAL: Duration = Duration::from_secs(1);

/// A source under the test's control.
#[derive(Debug, Default)]
struct Fake {
    state: Mutex<FakeState>,
    stamps: AtomicUsize,
    loads: AtomicUsize,
    /// When set, a load waits for a message.
    gate: Mutex<Option<mpsc::Receiver<()>>>,
}

#[derive(Debug, Default)]
struct FakeState {
    length: u64,
    failure: Option<LoadError>,
    panics: bool,
}

#[derive(Debug)]
struct Shown(Arc<Fake>);

impl Source for Shown {
    fn stamp(&self) -> Result<Stamp, LoadError> {
        self.0.stamps.fetch_add(1, SeqCst);
        let length = self.0.state.lock().unwrap().length;
        Ok(Stamp {
            length,
            modified: None,
        })
    }

    fn load(&self) -> Result<Book, LoadError> {
        self.0.loads.fetch_add(1, SeqCst);
        if let Some(gate) = &*self.0.gate.lock().unwrap() {
            gate.recv().unwrap();
        }
        let (length, failure, panics) = {
            let state = self.0.state.lock().unwrap();
            (state.length, state.failure.clone(), state.panics)
        };
        assert!(!panics, "asked to");
        match failure {
            Some(failure) => Err(failure),
            None => Ok(book_of(length)),
        }
    }
}

/// A book whose number of contacts tells which one it is.
fn book_of(contacts: u64) -> Book {
    let rows: Vec<String> = (0..contacts)
        .map(|n| format!("P{n},07912345{n:02}"))
        .collect();
    let table = format!("Name,Tel\n{}", rows.join("\n"));
    read_as("x.csv", json!({}), table).unwrap()
}

fn store(contacts: u64) -> (Store, Arc<Fake>) {
    let fake = Arc::new(Fake::default());
    fake.change(contacts, None);
    (
        Store::new(adapter(), Shown(Arc::clone(&fake)), INTERVAL),
        fake,
    )
}

impl Fake {
    fn change(&self, length: u64, failure: Option<LoadError>) {
        *self.state.lock().unwrap() = FakeState {
            length,
            failure,
            panics: false,
        };
    }

    fn counts(&self) -> (usize, usize) {
        (self.stamps.load(SeqCst), self.loads.load(SeqCst))
    }

    /// Makes loads wait until the sender says so.
    fn close_gate(&self) -> mpsc::Sender<()> {
        let (open, gate) = mpsc::channel();
        *self.gate.lock().unwrap() = Some(gate);
        open
    }
}

fn later() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

/// Waits until no task looks at the source.
async fn settled(store: &Store) {
    let task = store.0.lock().task.clone();
    if let Some(mut task) = task {
        // The task never sends, it ends.
        assert!(task.changed().await.is_err());
    }
}

async fn contacts(store: &Store) -> usize {
    store.book(later()).await.unwrap().contacts()
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_before_the_first_call() {
    let (store, fake) = store(2);
    settled(&store).await;
    assert_eq!(fake.counts(), (0, 0));
    assert_eq!(contacts(&store).await, 2);
    assert_eq!(fake.counts(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn concurrent_first_calls_share_one_load() {
    let (store, fake) = store(2);
    let open = fake.close_gate();
    let calls = join_all((0..50).map(|_| store.book(later())));
    // Polled behind the calls, which all wait by then.
    let opened = async { open.send(()).unwrap() };
    let (books, ()) = tokio::join!(calls, opened);
    assert!(books.iter().all(Result::is_ok));
    assert_eq!(fake.counts(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_deadline_passes_leaves_the_load_to_the_next() {
    let (store, fake) = store(2);
    let open = fake.close_gate();
    assert_eq!(
        store.book(Instant::now()).await.unwrap_err(),
        Unready::Timeout
    );
    open.send(()).unwrap();
    assert_eq!(contacts(&store).await, 2);
    assert_eq!(fake.counts(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_source_is_looked_at_once_an_interval() {
    let (store, fake) = store(2);
    for _ in 0..5 {
        contacts(&store).await;
    }
    advance(INTERVAL / 2).await;
    contacts(&store).await;
    assert_eq!(fake.counts(), (1, 1));
    advance(INTERVAL / 2).await;
    for _ in 0..5 {
        contacts(&store).await;
    }
    settled(&store).await;
    assert_eq!(fake.counts(), (2, 1), "an unchanged file is not read again");
}

#[tokio::test(start_paused = true)]
async fn a_change_is_taken_in_while_the_old_contents_answer() {
    let (store, fake) = store(2);
    contacts(&store).await;
    let open = fake.close_gate();
    fake.change(3, None);
    advance(INTERVAL).await;
    assert_eq!(contacts(&store).await, 2);
    assert_eq!(contacts(&store).await, 2);
    open.send(()).unwrap();
    settled(&store).await;
    assert_eq!(contacts(&store).await, 3);
    assert_eq!(fake.counts(), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_broken_file_leaves_the_old_contents_and_is_read_once() {
    let (store, fake) = store(2);
    contacts(&store).await;
    fake.change(3, Some(LoadError::Empty));
    for _ in 0..3 {
        advance(INTERVAL).await;
        assert_eq!(contacts(&store).await, 2);
        settled(&store).await;
    }
    assert_eq!(fake.counts(), (4, 2));
    assert_eq!(store.failure(), Some(LoadError::Empty));
    fake.change(4, None);
    advance(INTERVAL).await;
    contacts(&store).await;
    settled(&store).await;
    assert_eq!((contacts(&store).await, store.failure()), (4, None));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_never_worked_is_an_error_until_it_does() {
    let (store, fake) = store(2);
    fake.change(2, Some(LoadError::Empty));
    for _ in 0..5 {
        let failure = store.book(later()).await.unwrap_err();
        assert_eq!(failure, Unready::Failed(LoadError::Empty));
    }
    assert_eq!(fake.counts(), (1, 1), "one attempt an interval");
    fake.change(3, None);
    advance(INTERVAL).await;
    assert_eq!(contacts(&store).await, 3);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_is_tried_again_though_it_looks_the_same() {
    let (store, fake) = store(2);
    let denied = LoadError::Unreadable("permission denied".to_owned());
    fake.change(2, Some(denied.clone()));
    assert_eq!(
        store.book(later()).await.unwrap_err(),
        Unready::Failed(denied)
    );
    fake.change(2, None);
    advance(INTERVAL).await;
    assert_eq!(contacts(&store).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_bug_in_a_reader_is_an_error_and_not_the_end() {
    let (store, fake) = store(2);
    fake.state.lock().unwrap().panics = true;
    assert_eq!(store.book(later()).await.unwrap_err(), Unready::Lost);
    fake.state.lock().unwrap().panics = false;
    advance(INTERVAL).await;
    assert_eq!(contacts(&store).await, 2);
}
