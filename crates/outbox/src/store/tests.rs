//! The store on a real file; time is handed in.

use std::time::Duration;

use jiff::ToSpan;
use serde_json::Map;
use tempfile::TempDir;
use whocalls_core::{CallDetails, Direction, ErrorKind, Progress};

use super::*;
use crate::{State, UnknownCaller};

const WAIT: SignedDuration = SignedDuration::from_secs(10);

struct Fixture {
    store: Store,
    folder: TempDir,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("outbox.db")).unwrap();
    Fixture { store, folder }
}

/// Longer than any disk takes.
fn soon() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

impl Fixture {
    /// The same file, as the next process sees it.
    fn reopened(self) -> Self {
        let store = Store::new(self.folder.path().join("outbox.db")).unwrap();
        Self { store, ..self }
    }

    async fn submit(&self, details: &Details, adapters: &[&str], now: Timestamp) -> Stored {
        self.submit_claiming(details, adapters, &[], now).await
    }

    async fn submit_claiming(
        &self,
        details: &Details,
        adapters: &[&str],
        claimable: &[&str],
        now: Timestamp,
    ) -> Stored {
        let targets = adapters.iter().map(|adapter| target(adapter)).collect();
        let claimable = claimable.iter().map(|adapter| id(adapter)).collect();
        let stored = self
            .store
            .submit(details.clone(), targets, claimable, soon(), now);
        stored.await.unwrap()
    }

    async fn claim(&self, adapter: &str, now: Timestamp) -> Vec<Delivery> {
        let claimed = self.store.claim(id(adapter), 10, now).await.unwrap();
        claimed.deliveries
    }

    async fn delivered(&self, delivery: &Delivery, object: &str, now: Timestamp) -> Summary {
        let receipt = WorkflowReceipt {
            id: Some(object.to_owned()),
            url: None,
        };
        let outcome = Outcome::Delivered(receipt);
        self.store.finish(delivery.seq, outcome, now).await.unwrap()
    }

    async fn failed(&self, delivery: &Delivery, kind: ErrorKind, next: Timestamp) -> Summary {
        let failure = Failure {
            kind,
            message: "as told".to_owned(),
            created: WorkflowReceipt::default(),
        };
        let outcome = Outcome::Failed(failure, next);
        let finish = self.store.finish(delivery.seq, outcome, next);
        finish.await.unwrap()
    }

    async fn only(&self) -> Entry {
        let filter = Filter {
            limit: 2,
            ..Filter::default()
        };
        let entries = self.store.list(filter).await.unwrap();
        assert_eq!(entries.len(), 1);
        entries.into_iter().next().unwrap()
    }
}

fn id(adapter: &str) -> AdapterId {
    AdapterId::new(adapter).unwrap()
}

fn target(adapter: &str) -> Target {
    Target {
        adapter: id(adapter),
        record: Some("51".to_owned()),
        caller: UnknownCaller::Ignore,
    }
}

fn start() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

/// `seconds` after the start.
fn at(seconds: i64) -> Timestamp {
    start() + seconds.seconds()
}

/// A call of this contact that began so many seconds after the start and rings.
fn call(contact: &str, second: i64) -> Details {
    Details {
        workflow: "CallFlow".to_owned(),
        contact: Some(contact.to_owned()),
        user: None,
        call: CallDetails {
            direction: Some(Direction::Incoming),
            originator_number: Some("41791234567".to_owned()),
            started_at: Some(at(second)),
            ..CallDetails::default()
        },
        extra: Map::new(),
    }
}

/// The same call when it has ended.
fn ended(mut details: Details) -> Details {
    details.call.answered_at = Some(at(5));
    details.call.ended_at = Some(at(65));
    details
}

#[tokio::test]
async fn a_request_is_new_then_known_then_changed_also_after_a_restart() {
    let fixture = fixture();
    let ringing = call("crm:1", 0);
    let first = fixture.submit(&ringing, &["crm"], at(0)).await;
    assert_eq!(first.novelty, Novelty::New);
    assert_eq!(first.summary.next_attempt_at, Some(at(0)));
    let fixture = fixture.reopened();
    let second = fixture.submit(&ringing, &["crm"], at(1)).await;
    assert_eq!((second.novelty, &second.id), (Novelty::Known, &first.id));
    let third = fixture.submit(&ended(ringing), &["crm"], at(70)).await;
    assert_eq!((third.novelty, &third.id), (Novelty::Changed, &first.id));
    assert_eq!(fixture.only().await.state, State::Waiting);
}

#[tokio::test]
async fn what_is_claimed_as_it_is_stored_is_not_claimed_again() {
    let fixture = fixture();
    let stored = fixture
        .submit_claiming(&call("crm:1", 0), &["crm", "erp"], &["crm"], at(0))
        .await;
    assert_eq!(stored.claimed.len(), 1);
    assert_eq!(stored.claimed[0].target, target("crm"));
    assert_eq!(stored.claimed[0].progress, Progress::New);
    assert!(stored.summary.is_sending);
    assert_eq!(fixture.claim("crm", at(0)).await.len(), 0);
    assert_eq!(fixture.claim("erp", at(0)).await.len(), 1);
}

#[tokio::test]
async fn a_workflow_is_done_when_every_crm_has_it_and_the_first_gives_the_receipt() {
    let fixture = fixture();
    let details = call("crm:1", 0);
    fixture.submit(&details, &["crm", "erp"], at(0)).await;
    let erp = fixture.claim("erp", at(0)).await.remove(0);
    let summary = fixture.delivered(&erp, "e-1", at(1)).await;
    assert!(!summary.is_done);
    assert_eq!(summary.receipt, WorkflowReceipt::default());
    let crm = fixture.claim("crm", at(0)).await.remove(0);
    let summary = fixture.delivered(&crm, "c-1", at(2)).await;
    assert!(summary.is_done);
    assert_eq!(summary.receipt.id.as_deref(), Some("c-1"));
    let repeated = fixture.submit(&details, &["crm", "erp"], at(3)).await;
    assert_eq!(repeated.novelty, Novelty::Known);
    assert_eq!(repeated.summary, summary, "the same reply");
}

#[tokio::test]
async fn what_is_learned_later_updates_the_object() {
    let fixture = fixture();
    let ringing = call("crm:1", 0);
    fixture.submit(&ringing, &["crm"], at(0)).await;
    let first = fixture.claim("crm", at(0)).await.remove(0);
    fixture.delivered(&first, "c-1", at(1)).await;
    let ended = ended(ringing);
    fixture.submit(&ended, &["crm"], at(70)).await;
    let second = fixture.claim("crm", at(70)).await.remove(0);
    assert_eq!(second.progress, Progress::Exists("c-1".to_owned()));
    assert_eq!(second.details, ended);
    assert!(fixture.delivered(&second, "c-1", at(71)).await.is_done);
}

#[tokio::test]
async fn what_is_learned_while_it_is_being_sent_is_sent_afterwards() {
    let fixture = fixture();
    let ringing = call("crm:1", 0);
    fixture.submit(&ringing, &["crm"], at(0)).await;
    let first = fixture.claim("crm", at(0)).await.remove(0);
    fixture.submit(&ended(ringing), &["crm"], at(1)).await;
    assert_eq!(fixture.claim("crm", at(1)).await.len(), 0, "one at a time");
    let summary = fixture.delivered(&first, "c-1", at(2)).await;
    assert!(!summary.is_done);
    let second = fixture.claim("crm", at(2)).await.remove(0);
    assert_eq!(second.progress, Progress::Exists("c-1".to_owned()));
}

#[tokio::test]
async fn one_contacts_workflows_keep_their_order_and_others_overtake_them() {
    let fixture = fixture();
    for (contact, second) in [("crm:1", 0), ("crm:1", 1), ("crm:2", 2)] {
        let details = call(contact, second);
        fixture.submit(&details, &["crm"], at(second)).await;
    }
    let claimed = fixture.claim("crm", at(3)).await;
    let started: Vec<_> = claimed
        .iter()
        .map(|it| it.details.call.started_at)
        .collect();
    assert_eq!(started, [Some(at(0)), Some(at(2))]);
    fixture
        .failed(&claimed[0], ErrorKind::Unavailable, at(60))
        .await;
    assert_eq!(
        fixture.claim("crm", at(10)).await.len(),
        0,
        "it lets the first one go first"
    );
    let first = fixture.claim("crm", at(60)).await.remove(0);
    fixture.delivered(&first, "c-1", at(61)).await;
    assert_eq!(fixture.claim("crm", at(61)).await.len(), 1);
}

#[tokio::test]
async fn what_the_crm_refuses_does_not_hold_up_what_comes_after_it() {
    let fixture = fixture();
    for second in [0, 1] {
        fixture
            .submit(&call("crm:1", second), &["crm"], at(second))
            .await;
    }
    let first = fixture.claim("crm", at(2)).await.remove(0);
    fixture
        .failed(&first, ErrorKind::InvalidRequest, at(60))
        .await;
    let second = fixture.claim("crm", at(3)).await.remove(0);
    assert_eq!(second.details.call.started_at, Some(at(1)));
}

#[tokio::test]
async fn after_a_crash_what_was_being_sent_is_uncertain_and_waits_a_little() {
    let fixture = fixture();
    fixture.submit(&call("crm:1", 0), &["crm"], at(0)).await;
    fixture.claim("crm", at(3)).await;
    let fixture = fixture.reopened();
    assert_eq!(
        fixture.claim("crm", at(20)).await.len(),
        0,
        "it may be under way"
    );
    assert_eq!(fixture.store.recover(WAIT).await.unwrap(), 1);
    assert_eq!(fixture.claim("crm", at(12)).await.len(), 0);
    let again = fixture.claim("crm", at(13)).await.remove(0);
    assert_eq!(again.progress, Progress::Uncertain);
    assert_eq!(
        fixture.store.recover(WAIT).await.unwrap(),
        1,
        "a second crash"
    );
}

#[tokio::test]
async fn an_unknown_outcome_stays_unknown_until_the_object_is_found() {
    let fixture = fixture();
    fixture.submit(&call("crm:1", 0), &["crm"], at(0)).await;
    let mut now = 0;
    for kind in [ErrorKind::OutcomeUnknown, ErrorKind::Unavailable] {
        let delivery = fixture.claim("crm", at(now)).await.remove(0);
        now += 10;
        fixture.failed(&delivery, kind, at(now)).await;
        assert!(fixture.only().await.may_exist);
    }
    let delivery = fixture.claim("crm", at(now)).await.remove(0);
    assert_eq!(delivery.progress, Progress::Uncertain);
    assert_eq!(delivery.attempts, 2);
    fixture.delivered(&delivery, "c-1", at(now)).await;
    assert!(!fixture.only().await.may_exist);
}

#[tokio::test]
async fn what_was_created_by_a_delivery_that_failed_is_brought_up_to_date() {
    let fixture = fixture();
    fixture.submit(&call("crm:1", 0), &["crm"], at(0)).await;
    let delivery = fixture.claim("crm", at(0)).await.remove(0);
    let failure = Failure {
        kind: ErrorKind::Unavailable,
        message: "as told".to_owned(),
        created: WorkflowReceipt {
            id: Some("c-1".to_owned()),
            url: None,
        },
    };
    let outcome = Outcome::Failed(failure, at(1));
    let finished = fixture.store.finish(delivery.seq, outcome, at(1)).await;
    assert!(!finished.unwrap().is_done);
    let again = fixture.claim("crm", at(1)).await.remove(0);
    assert_eq!(again.progress, Progress::Exists("c-1".to_owned()));
}

#[tokio::test]
async fn after_a_long_outage_all_that_waited_for_it_is_due() {
    let fixture = fixture();
    for (contact, kind) in [
        ("crm:1", ErrorKind::Unavailable),
        ("crm:2", ErrorKind::InvalidRequest),
        ("crm:3", ErrorKind::OutcomeUnknown),
    ] {
        fixture.submit(&call(contact, 0), &["crm"], at(0)).await;
        let delivery = fixture.claim("crm", at(0)).await.remove(0);
        fixture.failed(&delivery, kind, at(600)).await;
    }
    assert_eq!(fixture.store.hurry(id("crm"), at(90)).await.unwrap(), 1);
    let claimed = fixture.claim("crm", at(90)).await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].details.contact.as_deref(), Some("crm:1"));
}

#[tokio::test]
async fn the_next_due_time_is_that_of_the_earliest_that_waits() {
    let fixture = fixture();
    for contact in ["crm:1", "crm:2"] {
        fixture.submit(&call(contact, 0), &["crm"], at(0)).await;
    }
    for (delivery, next) in fixture.claim("crm", at(0)).await.iter().zip([50, 40]) {
        fixture.failed(delivery, ErrorKind::Timeout, at(next)).await;
    }
    let claimed = fixture.store.claim(id("crm"), 10, at(1)).await.unwrap();
    assert_eq!(
        (claimed.deliveries.len(), claimed.next_due),
        (0, Some(at(40)))
    );
}

fn kept() -> Kept {
    let day = Duration::from_hours(24);
    Kept {
        waiting: 3 * day,
        delivered: 7 * day,
        recognised: 90 * day,
    }
}

#[tokio::test]
async fn what_nobody_takes_is_given_up_and_tried_again_when_somebody_asks() {
    let fixture = fixture();
    let details = call("crm:1", 0);
    fixture.submit(&details, &["crm"], at(0)).await;
    let in_time = start() + 71.hours();
    assert_eq!(fixture.store.clean(kept(), in_time).await.unwrap(), []);
    let too_late = start() + 73.hours();
    let given_up = fixture.store.clean(kept(), too_late).await.unwrap();
    assert_eq!(given_up.len(), 1);
    assert_eq!(fixture.only().await.state, State::GivenUp);
    let month = start() + 720.hours();
    fixture.store.clean(kept(), month).await.unwrap();
    let shown = fixture.store.show(details.id()).await.unwrap().unwrap();
    assert_eq!(
        shown.details.as_ref(),
        Some(&details),
        "it is kept for the operator"
    );
    fixture.submit(&details, &["crm"], month).await;
    assert_eq!(fixture.claim("crm", month).await.len(), 1);
    assert_eq!(
        fixture.store.clean(kept(), month).await.unwrap(),
        [],
        "it has its time again"
    );
}

#[tokio::test]
async fn personal_data_of_what_is_delivered_is_removed_and_a_repetition_still_known() {
    let fixture = fixture();
    let details = call("crm:Contacts/very-personal", 0);
    fixture.submit(&details, &["crm"], at(0)).await;
    let delivery = fixture.claim("crm", at(0)).await.remove(0);
    fixture.delivered(&delivery, "c-1", at(1)).await;
    let week = start() + 169.hours();
    fixture.store.clean(kept(), week).await.unwrap();
    let shown = fixture.store.show(details.id()).await.unwrap().unwrap();
    assert_eq!(shown.details, None);
    let repeated = fixture.submit(&details, &["crm"], week).await;
    assert_eq!(repeated.novelty, Novelty::Known);
    assert_eq!(repeated.summary.receipt.id.as_deref(), Some("c-1"));
    fixture
        .store
        .clean(kept(), start() + 2200.hours())
        .await
        .unwrap();
    assert_eq!(fixture.store.show(details.id()).await.unwrap(), None);
    assert!(
        !contains(&fixture, b"very-personal"),
        "nothing is left in the file"
    );
}

/// Whether the files of the outbox hold these bytes.
fn contains(fixture: &Fixture, needle: &[u8]) -> bool {
    // A checkpoint moves what is in the log into the file.
    let file = fixture.folder.path().join("outbox.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    let files = std::fs::read_dir(fixture.folder.path()).unwrap();
    files.into_iter().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[tokio::test]
async fn the_operator_lists_retries_and_drops() {
    let fixture = fixture();
    let details = call("crm:1", 0);
    let stored = fixture.submit(&details, &["crm"], at(0)).await;
    let delivery = fixture.claim("crm", at(0)).await.remove(0);
    fixture
        .failed(&delivery, ErrorKind::OutcomeUnknown, at(600))
        .await;
    let store = &fixture.store;
    assert_eq!(
        store
            .ids(stored.id.as_str().chars().take(8).collect())
            .await
            .unwrap(),
        std::slice::from_ref(&stored.id)
    );
    assert_eq!(store.ids("zz".to_owned()).await.unwrap(), []);
    assert_eq!(
        store.retry(stored.id.clone(), false, at(1)).await.unwrap(),
        1
    );
    let entry = fixture.only().await;
    assert_eq!(
        (entry.next_attempt_at, entry.may_exist),
        (Some(at(1)), true)
    );
    assert_eq!(
        store.retry(stored.id.clone(), true, at(2)).await.unwrap(),
        1
    );
    assert!(!fixture.only().await.may_exist, "the operator has looked");
    assert_eq!(store.drop_workflow(stored.id.clone()).await.unwrap(), 1);
    assert_eq!(fixture.claim("crm", at(9)).await.len(), 0);
    let repeated = fixture.submit(&details, &["crm"], at(9)).await;
    assert!(
        repeated.summary.is_done,
        "a repetition does not bring it back"
    );
    assert_eq!(
        store.retry(stored.id, false, at(10)).await.unwrap(),
        1,
        "the operator does"
    );
    let only_delivered = Filter {
        states: vec![State::Delivered],
        adapter: None,
        limit: 5,
    };
    assert_eq!(store.list(only_delivered).await.unwrap(), []);
}

#[tokio::test]
async fn counts_tell_how_much_waits_and_for_how_long() {
    let fixture = fixture();
    for second in [3, 1, 2] {
        let details = call(&format!("crm:{second}"), second);
        fixture.submit(&details, &["crm"], at(second)).await;
    }
    let counts = fixture.store.counts().await.unwrap();
    let expected = Count {
        adapter: id("crm"),
        state: State::Waiting,
        count: 3,
        waiting_since: at(1),
    };
    assert_eq!(counts, [expected]);
    assert_eq!(fixture.store.waiting_adapters().await.unwrap(), [id("crm")]);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_refuses_and_works_again_when_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let store = Store::new(missing.join("outbox.db")).unwrap();
    assert!(matches!(
        store.check().await,
        Err(StoreError::NotWritable(_))
    ));
    std::fs::create_dir(&missing).unwrap();
    store.check().await.unwrap();
}

#[tokio::test]
async fn a_full_file_refuses_and_keeps_what_it_has() {
    let fixture = fixture();
    fixture.submit(&call("crm:0", 0), &["crm"], at(0)).await;
    let limit = |pages: i64| {
        let run = move |tx: &Transaction<'_>| {
            tx.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| {
                row.get::<_, i64>(0)
            })
        };
        fixture.store.jobs.run(run)
    };
    let pages = limit(1).await.unwrap();
    limit(pages).await.unwrap();
    let mut details = call("crm:big", 1);
    details
        .extra
        .insert("note".to_owned(), "x".repeat(60_000).into());
    let full = fixture.store.submit(
        details.clone(),
        vec![target("crm")],
        Vec::new(),
        soon(),
        at(1),
    );
    assert!(matches!(full.await, Err(StoreError::Full(_))));
    // The connection is opened anew after a failure, and with it the limit is gone.
    let stored = fixture.submit(&details, &["crm"], at(2)).await;
    assert_eq!(
        stored.novelty,
        Novelty::New,
        "the refused one has left nothing"
    );
    assert_eq!(fixture.claim("crm", at(2)).await.len(), 2);
}

#[tokio::test]
async fn a_file_of_a_newer_version_or_another_kind_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let newer = folder.path().join("newer.db");
    let connection = rusqlite::Connection::open(&newer).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    let store = Store::new(newer).unwrap();
    assert_eq!(store.check().await, Err(StoreError::TooNew));
    let other = folder.path().join("contacts.csv");
    std::fs::write(&other, "Name,Phone\n".repeat(200)).unwrap();
    let store = Store::new(other).unwrap();
    assert!(matches!(store.check().await, Err(StoreError::Damaged(_))));
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let fixture = fixture();
    fixture.submit(&call("crm:1", 0), &["crm"], at(0)).await;
    for file in std::fs::read_dir(fixture.folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn one_request_that_cannot_be_stored_does_not_spoil_its_group() {
    let fixture = fixture();
    let bad = |tx: &Transaction<'_>| tx.execute("INSERT INTO nowhere VALUES (1)", []);
    let (first, second) = (call("crm:1", 1), call("crm:2", 2));
    let results = tokio::join!(
        fixture.submit(&first, &["crm"], at(0)),
        fixture.store.jobs.run(bad),
        fixture.submit(&second, &["crm"], at(0)),
    );
    assert!(results.1.is_err());
    assert_eq!(fixture.claim("crm", at(1)).await.len(), 2);
}
