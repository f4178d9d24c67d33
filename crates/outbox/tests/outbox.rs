//! The outbox as the gateway uses it, with adapters in memory and a real file.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken test set-up has to fail the test"
)]

mod support;

use std::time::Duration;

use support::{Office, TIME, call, ended, eventually};
use whocalls_core::{ErrorKind, Progress};
use whocalls_outbox::{Filter, State, Status, StoreError, UnknownCaller};
use whocalls_testkit::fake::Act;

/// Long enough for what fails at once, on a machine that is not busy. On a busy one, a test that is
/// about the first attempt waits for it.
const BRIEF: Duration = Duration::from_millis(300);

#[tokio::test]
async fn what_the_crm_takes_at_once_is_done_and_a_repetition_gets_the_same_reply() {
    let office = Office::open(&["crm"]);
    let first = office.submit(&call("1"), TIME).await.unwrap();
    assert_eq!(first.status, Status::Done);
    assert!(first.receipt.id.is_some() && first.receipt.url.is_some());
    let second = office.submit(&call("1"), TIME).await.unwrap();
    assert_eq!(second.status, Status::Repeated);
    assert_eq!(second.receipt, first.receipt);
    assert_eq!(office.crm("crm").written().len(), 1);
}

#[tokio::test]
async fn a_request_that_knows_more_updates_the_object() {
    let office = Office::open(&["crm"]);
    let first = office.submit(&call("1"), TIME).await.unwrap();
    let second = office.submit(&ended(call("1")), TIME).await.unwrap();
    assert_eq!((second.status, second.id), (Status::Done, first.id));
    let written = office.crm("crm").written();
    assert_eq!(written.len(), 2);
    let object = first.receipt.id.unwrap();
    assert_eq!(written[1].progress, Progress::Exists(object));
    assert!(written[1].call.ended_at.is_some());
}

#[tokio::test]
async fn fifty_telephones_that_report_one_call_make_one_object() {
    let office = Office::open(&["crm"]);
    let details = call("1");
    let requests = (0..50).map(|_| office.submit(&details, TIME));
    let answers = futures::future::join_all(requests).await;
    let receipts: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.unwrap().receipt)
        .collect();
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]));
    assert_eq!(office.crm("crm").written().len(), 1);
}

#[tokio::test]
async fn what_a_dead_crm_missed_is_made_up_without_anybody_asking() {
    let office = Office::open(&["crm"]);
    office.crm("crm").set(Act::Fail(ErrorKind::Unavailable));
    let answer = office.submit(&call("1"), BRIEF).await.unwrap();
    assert_eq!(answer.status, Status::Queued);
    assert_eq!(answer.receipt.id, None);
    office.crm("crm").set(Act::Answer);
    eventually(|| office.crm("crm").written().len() == 1).await;
    let again = office.submit(&call("1"), TIME).await.unwrap();
    assert_eq!(again.status, Status::Repeated);
}

#[tokio::test]
async fn while_a_crm_is_in_trouble_the_reply_does_not_wait_in_vain() {
    let office = Office::open(&["crm"]);
    let hour = Duration::from_hours(1);
    office.crm("crm").set(Act::Fail(ErrorKind::RateLimited));
    office.desk.set_retry_after(Some(2 * hour));
    for contact in ["1", "2"] {
        let details = call(contact);
        let answer = tokio::time::timeout(TIME, office.submit(&details, hour));
        let answer = answer.await.expect("it is told at once").unwrap();
        assert_eq!(answer.status, Status::Queued);
    }
    assert_eq!(office.crm("crm").calls(), 1, "and is left alone");
}

#[tokio::test]
async fn one_slow_crm_does_not_hold_up_another() {
    let office = Office::open(&["slow", "quick"]);
    office.crm("slow").hold();
    for contact in 0..10 {
        let details = call(&contact.to_string());
        let both = office.submit_to(&details, &["slow", "quick"], BRIEF / 10);
        assert_eq!(both.await.unwrap().status, Status::Queued);
    }
    eventually(|| office.crm("quick").written().len() == 10).await;
    assert_eq!(office.crm("slow").written().len(), 0);
    office.crm("slow").release();
    eventually(|| office.crm("slow").written().len() == 10).await;
}

#[tokio::test]
async fn no_more_than_a_few_deliveries_are_under_way_at_one_crm() {
    let office = Office::open(&["crm"]);
    office.crm("crm").hold();
    for contact in 0..20 {
        let details = call(&contact.to_string());
        office.submit(&details, Duration::ZERO).await.unwrap();
    }
    office.crm("crm").called(support::PARALLEL).await;
    tokio::task::yield_now().await;
    assert_eq!(office.crm("crm").calls(), support::PARALLEL);
    office.crm("crm").release();
    eventually(|| office.crm("crm").written().len() == 20).await;
}

#[tokio::test]
async fn one_contacts_calls_arrive_in_order_also_after_trouble() {
    let office = Office::open(&["crm"]);
    office.crm("crm").set(Act::Fail(ErrorKind::Timeout));
    for second in 0..5 {
        let mut details = call("1");
        details.call.started_at = jiff::Timestamp::from_second(second).ok();
        office.submit(&details, BRIEF / 10).await.unwrap();
    }
    office.crm("crm").set(Act::Answer);
    eventually(|| office.crm("crm").written().len() == 5).await;
    let written = office.crm("crm").written();
    let started: Vec<_> = written
        .iter()
        .filter_map(|it| Some(it.call.started_at?.as_second()))
        .collect();
    assert_eq!(started, [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn a_lost_answer_is_looked_into_before_it_is_sent_again() {
    let office = Office::open(&["crm"]);
    office.crm("crm").set(Act::Fail(ErrorKind::OutcomeUnknown));
    office.submit(&call("1"), BRIEF).await.unwrap();
    office.crm("crm").called(1).await;
    office.crm("crm").set(Act::Answer);
    eventually(|| office.crm("crm").written().len() == 1).await;
    assert_eq!(office.crm("crm").written()[0].progress, Progress::Uncertain);
}

#[tokio::test]
async fn a_panic_is_one_failed_delivery_whose_outcome_is_unknown() {
    let office = Office::open(&["crm"]);
    office.crm("crm").set(Act::Panic);
    let answer = office.submit(&call("1"), BRIEF).await.unwrap();
    assert_eq!(answer.status, Status::Queued);
    office.crm("crm").called(1).await;
    office.crm("crm").set(Act::Answer);
    eventually(|| office.crm("crm").written().len() == 1).await;
    assert_eq!(office.crm("crm").written()[0].progress, Progress::Uncertain);
}

#[tokio::test]
async fn an_unknown_caller_is_looked_for_once_and_the_record_kept() {
    let office = Office::open(&["crm"]);
    office.desk.set_caller(Some("51"));
    office.crm("crm").set(Act::Fail(ErrorKind::Unavailable));
    let mut details = call("");
    details.contact = None;
    let target = support::target("crm", None, UnknownCaller::Find);
    office
        .submit_targets(&details, vec![target], BRIEF)
        .await
        .unwrap();
    office.crm("crm").called(1).await;
    office.desk.set_caller(None);
    office.crm("crm").set(Act::Answer);
    eventually(|| office.crm("crm").written().len() == 1).await;
    let written = office.crm("crm").written();
    assert_eq!(written[0].contact.as_deref(), Some("51"));
}

#[tokio::test]
async fn what_waits_is_delivered_after_a_restart() {
    let office = Office::open(&["crm"]);
    office.crm("crm").set(Act::Fail(ErrorKind::Unavailable));
    let first = office.submit(&call("1"), BRIEF).await.unwrap();
    let office = office.restart().await;
    office.crm("crm").set(Act::Answer);
    eventually(|| office.crm("crm").written().len() == 1).await;
    let again = office.submit(&call("1"), TIME).await.unwrap();
    assert_eq!((again.status, again.id), (Status::Repeated, first.id));
}

#[tokio::test]
async fn of_two_processes_one_delivers_and_both_can_take_requests_in() {
    let office = Office::open(&["crm"]);
    // The first one has the right to deliver once it has delivered something.
    assert_eq!(
        office.submit(&call("1"), TIME).await.unwrap().status,
        Status::Done
    );
    let second = office.beside(&["crm"]);
    let answer = second.submit(&call("2"), TIME).await.unwrap();
    assert_eq!(answer.status, Status::Done);
    assert_eq!(office.crm("crm").written().len(), 2);
    assert_eq!(second.crm("crm").written().len(), 0);
    office.stop().await;
    let answer = second.submit(&call("3"), TIME).await.unwrap();
    assert_eq!(answer.status, Status::Done, "the second takes over");
    assert_eq!(second.crm("crm").written().len(), 1);
}

#[tokio::test]
async fn the_operators_decisions_take_effect_in_the_running_process() {
    let office = Office::open(&["crm"]);
    office.crm("crm").set(Act::Fail(ErrorKind::InvalidRequest));
    let answer = office.submit(&call("1"), BRIEF).await.unwrap();
    let beside = office.store_beside();
    let filter = Filter {
        limit: 10,
        ..Filter::default()
    };
    let deadline = tokio::time::Instant::now() + TIME;
    let entries = loop {
        let entries = beside.list(filter.clone()).await.unwrap();
        // The reply may have left before the first attempt ended.
        if entries[0].error_kind.is_some() || tokio::time::Instant::now() > deadline {
            break entries;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(entries[0].state, State::Waiting);
    assert_eq!(entries[0].error_kind.as_deref(), Some("invalid_request"));
    office.crm("crm").set(Act::Answer);
    beside
        .retry(answer.id, false, jiff::Timestamp::now())
        .await
        .unwrap();
    eventually(|| office.crm("crm").written().len() == 1).await;
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused_and_not_delivered() {
    let office = Office::without_folder(&["crm"]);
    let refused = office.submit(&call("1"), TIME).await;
    assert!(matches!(refused, Err(StoreError::NotWritable(_))));
    assert_eq!(office.crm("crm").calls(), 0);
    office.make_folder();
    let answer = office.submit(&call("1"), TIME).await.unwrap();
    assert_eq!(answer.status, Status::Done);
}
