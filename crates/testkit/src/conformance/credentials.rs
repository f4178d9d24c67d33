//! Tokens that expire while lookups go on.

use futures::future::join_all;

use super::{Subject, patient};
use crate::{contacts::MIA_NUMBER, query};

pub(super) async fn check<F: Fn() -> Subject>(start: &F) {
    let subject = start();
    if subject.expire_tokens.is_none() || subject.tokens_issued.is_none() {
        return;
    }
    an_expired_token_is_renewed_once(subject).await;
}

/// The token expires, fifty lookups start at once: all succeed and one new token is issued.
async fn an_expired_token_is_renewed_once(subject: Subject) {
    let (Some(expire), Some(issued)) = (&subject.expire_tokens, &subject.tokens_issued) else {
        return;
    };
    let ask = || async { subject.adapter.lookup(&patient(), &query(MIA_NUMBER)).await };
    ask().await.expect("an answer");
    let before = issued();
    expire();
    for answer in join_all((0..50).map(|_| ask())).await {
        assert_eq!(answer.expect("the token is renewed").matches().len(), 1);
    }
    assert_eq!(issued() - before, 1, "one refresh for all lookups");
}
