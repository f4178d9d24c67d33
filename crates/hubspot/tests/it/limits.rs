//! Searches stay within the account's limits, and nobody waits for them in vain.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde_json::{Value, json};
use tokio::time::Instant;
use whocalls_core::{CallContext, ErrorKind, RequestId};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN, messy_contacts},
    query,
    sim::hubspot::HubSpot,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use crate::{
    count, lookup, patient,
    support::{adapter, start, with_token},
};

/// What HubSpot allows.
const ACCOUNT_LIMIT: usize = 5;

fn account() -> HubSpot {
    HubSpot::new(&messy_contacts(0))
}

/// The settings with the default budget of searches.
fn with_default_budget() -> Value {
    let mut settings = with_token();
    let table = settings.as_object_mut().unwrap();
    table.remove("searches_per_second").unwrap();
    settings
}

#[tokio::test]
async fn many_lookups_at_once_stay_within_the_limit_and_their_deadline() {
    const LOOKUPS: usize = 20;
    const BUDGET: Duration = Duration::from_secs(3);
    let crm = account().with_search_limit(ACCOUNT_LIMIT);
    let hubspot = start(crm, with_default_budget());
    let lookups = (0..LOOKUPS).map(|i| {
        let adapter = &hubspot.adapter;
        async move {
            let cx = CallContext::within(BUDGET, RequestId::new("burst"));
            let question = query(&format!("4179123{i:04}"));
            let result = adapter.lookup(&cx, &question).await;
            (result, Instant::now() <= cx.deadline)
        }
    });
    let results = join_all(lookups).await;
    let mut answered = 0;
    for (result, was_in_time) in results {
        assert!(was_in_time);
        match result {
            Ok(answer) => {
                assert!(answer.is_empty());
                answered += 1;
            }
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::RateLimited, "{error}");
                assert_eq!(error.status, None, "HubSpot had nothing to refuse");
                assert!(error.retry_after.is_some());
            }
        }
    }
    assert_eq!(count(&hubspot.upstream, "/search"), answered);
    // Four at once, and up to four more before three quarters of the time are over; the next ones
    // would be too late.
    assert!((4..=8).contains(&answered), "{answered}");
}

#[tokio::test]
async fn companies_are_searched_from_the_same_budget() {
    let mut settings = with_token();
    settings["companies"] = json!(true);
    settings["searches_per_second"] = json!(1);
    let hubspot = start(account(), settings);
    let cx = CallContext::within(Duration::from_secs(1), RequestId::new("one"));
    let error = hubspot.adapter.lookup(&cx, &query(UNKNOWN)).await;
    assert_eq!(error.unwrap_err().kind, ErrorKind::RateLimited);
    assert_eq!(count(&hubspot.upstream, "/search"), 1);
}

#[tokio::test]
async fn a_refused_search_holds_the_others_back() {
    let hubspot = start(account().with_search_limit(0), with_token());
    let error = lookup(&*hubspot.adapter, MIA_NUMBER).await.unwrap_err();
    assert_eq!(
        (error.kind, error.status),
        (ErrorKind::RateLimited, Some(429))
    );
    assert_eq!(error.retry_after, Some(Duration::from_secs(1)));
    let cx = CallContext::within(Duration::from_millis(500), RequestId::new("held"));
    let error = hubspot.adapter.lookup(&cx, &query(UNKNOWN)).await;
    let error = error.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::RateLimited, None));
    assert!(error.retry_after.unwrap() <= Duration::from_secs(1));
    assert_eq!(count(&hubspot.upstream, "/search"), 1, "it was not sent");
}

/// Allows no further search today, once account info was read.
struct UsedUp(HubSpot);

impl SimulatedCrm for UsedUp {
    fn respond(&self, request: &Request) -> Response {
        if request.path.ends_with("/search") {
            return Response::json(429, &json!({ "policyName": "DAILY" }));
        }
        self.0.respond(request)
    }
}

fn until_midnight_in_zurich() -> Duration {
    let zone = TimeZone::get("Europe/Zurich").unwrap();
    let now = Timestamp::now().to_zoned(zone);
    let midnight = now.checked_add(1.day()).unwrap().start_of_day().unwrap();
    midnight.duration_since(&now).try_into().unwrap()
}

#[tokio::test]
async fn the_daily_limit_lasts_until_midnight_where_the_account_is() {
    let upstream = Upstream::start(Arc::new(UsedUp(account())));
    let adapter = adapter(&upstream, with_token());
    let earlier = until_midnight_in_zurich();
    let error = adapter.probe(&patient()).await.unwrap_err();
    let later = until_midnight_in_zurich();
    let wait = error.retry_after.unwrap();
    // Midnight may pass while the test runs.
    assert!(
        wait <= earlier && wait >= later || later > earlier,
        "{wait:?}"
    );
    let error = lookup(&*adapter, MIA_NUMBER).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::RateLimited, None));
    assert!(error.retry_after.unwrap() <= wait);
    assert_eq!(count(&upstream, "/search"), 1, "nothing is asked any more");
}
