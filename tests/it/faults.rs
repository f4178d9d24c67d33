//! Every fault of a CRM, for each kind of adapter, in one CRM and in all at once: what the
//! telephone system gets meanwhile, what is counted, and that all is well again afterwards.

mod address;
mod case;
mod certificate;
mod left_alone;
mod phonebook;
mod recovery;
mod scene;
mod tolerated;

use futures::{StreamExt as _, stream};
use whocalls_testkit::{upstream::Fault, world::AllKinds};

use case::{Effect, Seen};
use scene::Ill;

/// Runs a fault in each CRM alone and in all of them, each time with a world of its own.
async fn try_everywhere(effect: Effect) {
    const AT_ONCE: usize = 3;
    let alone = AllKinds::SERVERS.map(Ill::One);
    let cases = stream::iter(alone.into_iter().chain([Ill::All]));
    cases
        .for_each_concurrent(AT_ONCE, |ill| case::run(effect, ill))
        .await;
}

/// One test a row: the fault, the error's kind, what `Server-Timing` says, and whether the breaker
/// counts it.
macro_rules! faults {
    ($($test:ident: $fault:expr, $kind:literal, $seen:expr, counts: $counts:literal;)*) => {
        $(#[tokio::test]
        async fn $test() {
            try_everywhere(Effect { fault: $fault, kind: $kind, seen: $seen, counts: $counts }).await;
        })*

        #[test]
        fn no_fatal_fault_is_left_out() {
            let tried = [$($fault),*];
            for fault in Fault::FATAL {
                assert!(tried.contains(&fault), "{fault:?}");
            }
        }
    };
}

faults! {
    connections_are_refused: Fault::Refused, "unavailable", Seen::Error, counts: true;
    connections_are_reset: Fault::Reset, "unavailable", Seen::Error, counts: true;
    reset_in_the_head: Fault::ResetInHead, "unavailable", Seen::Error, counts: true;
    reset_in_the_body: Fault::ResetInBody, "unavailable", Seen::Error, counts: true;
    closed_instead_of_a_reply: Fault::LostAnswer, "unavailable", Seen::Error, counts: true;
    closed_in_the_body: Fault::CutBody, "unavailable", Seen::Error, counts: true;
    silent_before_the_head: Fault::Hang, "timeout", Seen::Timeout, counts: true;
    silent_in_the_body: Fault::HangInBody, "timeout", Seen::Timeout, counts: true;
    a_body_that_drips: Fault::Drip, "timeout", Seen::Timeout, counts: true;
    truncated_json: Fault::Truncated, "protocol", Seen::Error, counts: true;
    a_page_of_html: Fault::Html, "protocol", Seen::Error, counts: true;
    bytes_instead_of_json: Fault::Garbage, "protocol", Seen::Error, counts: true;
    another_protocol: Fault::NotHttp, "unavailable", Seen::Error, counts: true;
    an_oversized_body: Fault::Oversized, "protocol", Seen::Error, counts: true;
    status_500: Fault::Status(500), "unavailable", Seen::Error, counts: true;
    status_502: Fault::Status(502), "unavailable", Seen::Error, counts: true;
    status_503: Fault::Status(503), "unavailable", Seen::Error, counts: true;
    status_429: Fault::RateLimited(None), "rate_limited", Seen::Error, counts: false;
    status_429_with_a_wait: Fault::RateLimited(Some(1)), "rate_limited", Seen::Error, counts: false;
    a_missing_right: Fault::Status(403), "permission_denied", Seen::Error, counts: false;
    expired_credentials: Fault::Expired, "unauthenticated", Seen::Error, counts: false;
}
