//! What the CRM says has changed is forgotten.

use whocalls_core::{
    AdapterError, CallContext, Changes, CrmAdapter, ErrorKind, Freshness, Notification, RequestId,
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED, UNKNOWN},
    fake::FakeAdapter,
};

use crate::{Fixture, SECOND, fixture};

fn notification(tail: &str, body: &str) -> Notification {
    Notification {
        method: "POST".to_owned(),
        path_and_query: "/".to_owned(),
        tail: tail.to_owned(),
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
        received_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

impl Fixture {
    async fn notify(&self, tail: &str, body: &str) -> Result<Changes, AdapterError> {
        let cx = CallContext::within(SECOND, RequestId::new("hook"));
        self.cache
            .read_notification(&cx, &notification(tail, body))
            .await
    }
}

#[tokio::test(start_paused = true)]
async fn what_changed_in_the_crm_is_forgotten_and_the_rest_is_kept() {
    let secret = FakeAdapter::NOTIFICATION_SECRET;
    // Mia is record 13; the number is that of twelve others.
    for (body, mia, spelled, nobody) in [
        ("13", "ok", "cached", "ok"),
        ("1", "cached", "ok", "ok"),
        ("+41 79 123 45 67", "ok", "cached", "ok"),
        ("99", "cached", "cached", "ok"),
    ] {
        let f = fixture();
        for number in [MIA_NUMBER, SPELLED, UNKNOWN] {
            f.ask(number).await.unwrap();
        }
        f.notify(secret, body).await.unwrap();
        for (number, expected) in [(MIA_NUMBER, mia), (SPELLED, spelled), (UNKNOWN, nobody)] {
            let is_live = f.freshness(number).await == Freshness::Live;
            assert_eq!(is_live, expected == "ok", "{body}: {number}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_notification_that_is_not_believed_changes_nothing() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    let error = f.notify("guess", "13").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert!(matches!(
        f.freshness(MIA_NUMBER).await,
        Freshness::Cached { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn an_answer_from_before_a_change_is_not_stored_after_it() {
    let f = fixture();
    f.fake.hold();
    let change = async {
        f.fake.called(1).await;
        f.notify(FakeAdapter::NOTIFICATION_SECRET, "13")
            .await
            .unwrap();
        f.fake.release();
    };
    let (answer, ()) = tokio::join!(f.ask(MIA_NUMBER), change);
    assert_eq!(
        answer.unwrap().matches().len(),
        1,
        "the caller gets it all the same"
    );
    assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Live);
}

impl Fixture {
    /// The CRM tells what has changed.
    pub(crate) async fn notify_of(&self, body: &str) {
        let told = self.notify(FakeAdapter::NOTIFICATION_SECRET, body).await;
        told.unwrap();
    }
}
