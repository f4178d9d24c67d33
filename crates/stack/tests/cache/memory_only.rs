//! A gateway that is overloaded is answered from memory, and nothing is started for it.

use tokio::time::advance;
use whocalls_core::{
    AdapterError, CallContext, CrmAdapter, ErrorKind, LookupAnswer, RequestId, Trace,
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    query,
};

use crate::{Fixture, SECOND, fixture, is_cached, is_stale};

impl Fixture {
    async fn ask_memory(&self, number: &str) -> Result<LookupAnswer, AdapterError> {
        let cx = CallContext::within(SECOND, RequestId::new("test")).memory_only();
        self.cache.lookup(&cx, &query(number)).await
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_is_given_fresh_or_stale_and_is_not_refreshed() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    assert!(is_cached(
        f.ask_memory(MIA_NUMBER).await.unwrap().freshness()
    ));
    advance(400 * SECOND).await;
    assert!(is_stale(
        f.ask_memory(MIA_NUMBER).await.unwrap().freshness()
    ));
    f.settle().await;
    assert_eq!(f.fake.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_stored_is_refused_at_once_also_while_others_wait_for_it() {
    let f = fixture();
    f.fake.hold();
    let refused = async {
        f.fake.called(1).await;
        for number in [MIA_NUMBER, UNKNOWN] {
            let error = f.ask_memory(number).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Overloaded);
        }
        assert_eq!(f.fake.calls(), 1);
        f.fake.release();
    };
    let (waited, ()) = tokio::join!(f.ask(MIA_NUMBER), refused);
    assert!(
        !waited.unwrap().is_empty(),
        "the one who waits is not disturbed"
    );
}

#[tokio::test(start_paused = true)]
async fn a_traced_call_asks_the_crm_whatever_is_stored() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    let cx = CallContext::within(SECOND, RequestId::new("test")).traced(Trace::default());
    let answer = f.cache.lookup(&cx, &query(MIA_NUMBER)).await.unwrap();
    assert!(!is_cached(answer.freshness()));
    assert_eq!(f.fake.calls(), 2);
}
