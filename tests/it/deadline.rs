//! One deadline for a whole request, whichever part of it is slow.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use futures::{future::join_all, stream};
use reqwest::Body;
use serde_json::json;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    upstream::Fault,
};

use crate::harness::{PATIENT, ask, world};

const TIMEOUT: Duration = Duration::from_secs(2);
/// The limits of CRMs are above that of the request, so that only the latter counts.
const LIMITS: &str = "[gateway]\nrequest_timeout_ms = 2000\n[defaults]\ntimeout_ms = 30000";
/// What a busy machine may add: less than any other limit would.
const SLACK: Duration = Duration::from_secs(10);

/// A body that is sent up to here and never ends.
fn endless(start: String) -> Body {
    let chunk = stream::once(async { Ok::<_, std::io::Error>(start) });
    Body::wrap_stream(stream::StreamExt::chain(chunk, stream::pending()))
}

#[tokio::test]
async fn the_reply_leaves_at_the_deadline_when_all_crms_are_silent_or_drip() {
    for fault in [Fault::Hang, Fault::Drip] {
        let (world, gateway) = world(LIMITS).await;
        for upstream in &world.upstreams {
            upstream.control().set_fault(fault);
        }
        let started = Instant::now();
        let reply = gateway.lookup(MIA_NUMBER).await;
        let elapsed = started.elapsed();
        assert_eq!((reply.status, reply.code()), (504, "crms_timed_out"));
        assert_eq!(reply.outcomes(), ["timeout"; 3]);
        assert!(
            (TIMEOUT..TIMEOUT + SLACK).contains(&elapsed),
            "{fault:?} {elapsed:?}"
        );
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_is_waited_for_until_the_deadline() {
    let (_world, gateway) = world(LIMITS).await;
    let started = Instant::now();
    let request = gateway
        .post("/Lookup")
        .body(endless("{\"inputs\":".to_owned()));
    let reply = ask(request).await;
    assert_eq!((reply.status, reply.code()), (408, "request_timeout"));
    assert!(
        started.elapsed() < TIMEOUT + SLACK,
        "{:?}",
        started.elapsed()
    );
}

/// The time that the client took for its body is taken from the CRMs, not added.
#[tokio::test]
async fn body_and_crms_share_one_deadline() {
    /// Late, and in time.
    const LATE: Duration = Duration::from_secs(7);
    const TIMEOUT: Duration = Duration::from_secs(10);
    /// Less than the body takes.
    const SLACK: Duration = Duration::from_secs(5);
    let limits = LIMITS.replace("request_timeout_ms = 2000", "request_timeout_ms = 10000");
    let (world, gateway) = world(&limits).await;
    for upstream in &world.upstreams {
        upstream.control().set_fault(Fault::Hang);
    }
    let late_body = stream::once(async {
        tokio::time::sleep(LATE).await;
        let body = json!({ "inputs": { "phoneNumber": UNKNOWN } });
        Ok::<_, std::io::Error>(body.to_string())
    });
    let started = Instant::now();
    let request = gateway
        .post("/Lookup")
        .header("content-type", "application/json");
    let reply = ask(request.body(Body::wrap_stream(late_body))).await;
    assert_eq!((reply.status, reply.code()), (504, "crms_timed_out"));
    assert!(
        started.elapsed() < TIMEOUT + SLACK,
        "{:?}",
        started.elapsed()
    );
}

/// A client that says nothing, or half of what it wants, does not keep its connection. Without
/// token, it has no second request on it either: only the first has to be complete in time.
#[tokio::test]
async fn a_connection_without_a_whole_request_is_closed() {
    let (_world, gateway) = world("").await;
    let address = gateway.url.strip_prefix("http://").unwrap().to_owned();
    let half = "GET /Lookup HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    let whole = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n{half}");
    let cases = [
        (String::new(), "HTTP/1.1 408"),
        (half.to_owned(), "HTTP/1.1 408"),
        (whole("/no/such"), "HTTP/1.1 404"),
        (whole("/CallFlow"), "HTTP/1.1 405"),
        (whole("/health/live"), "HTTP/1.1 200"),
    ];
    let closed = cases.map(|(sent, status)| {
        let address = address.clone();
        tokio::task::spawn_blocking(move || {
            let mut connection = TcpStream::connect(&address).unwrap();
            // Whoever waits for this gives up before.
            connection.set_read_timeout(Some(2 * PATIENT)).unwrap();
            connection.write_all(sent.as_bytes()).unwrap();
            let mut answer = Vec::new();
            let mut buffer = [0; 4096];
            // Closed properly or reset, because the second request was not read.
            while let Ok(read @ 1..) = connection.read(&mut buffer) {
                answer.extend_from_slice(&buffer[..read]);
            }
            let answer = String::from_utf8(answer).unwrap();
            assert!(answer.starts_with(status), "{sent:?}: {answer:?}");
        })
    });
    let closed = tokio::time::timeout(PATIENT, join_all(closed)).await;
    for closed in closed.unwrap() {
        closed.unwrap();
    }
}
