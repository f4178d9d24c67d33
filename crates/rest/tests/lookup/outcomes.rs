//! What replies mean where their status does not tell.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use whocalls_core::ErrorKind;
use whocalls_testkit::upstream::Response;

use super::{Crm, mia, ok};

/// Rules of the settings, the lookup and the step, of which the innermost come first.
const RULES: &str = r#"
[[outcomes]]
path = "$.error.code"
equals = "INVALID_SESSIONID"
means = "unauthenticated"
[[outcomes]]
path = "$.error"
means = "invalid_request"
[[outcomes]]
status = [403]
header = "X-RateLimit-Remaining"
equals = 0
means = "rate_limited"
retry_after = { header = "X-RateLimit-Reset", unit = "unix" }

[lookup]
path = "/contacts/{{ number.nsn }}"
hits = "$.items[*]"
empty_statuses = [204, 404]
outcomes = [
  { path = "$.error.code", equals = "NOT_FOUND", means = "nobody" },
  { status = [404], path = "$.error.code", equals = "NO_ROUTE", means = "not_found" },
]
fields = { id = "$.id", name = "$.name", phones = "$.phone" }
"#;

async fn look_up(status: u16, body: Value) -> Result<usize, ErrorKind> {
    let crm = Crm::start(RULES, move |_| Response::json(status, &body));
    let answer = crm.look_up().await;
    answer
        .map(|answer| answer.matches().len())
        .map_err(|error| error.kind)
}

#[tokio::test]
async fn replies_mean_what_the_rules_say() {
    for (status, body, expected) in [
        (200, json!({"items": [mia(1)]}), Ok(1)),
        (404, json!({}), Ok(0)),
        (200, json!({"error": {"code": "NOT_FOUND"}}), Ok(0)),
        (
            404,
            json!({"error": {"code": "NO_ROUTE"}}),
            Err(ErrorKind::NotFound),
        ),
        (
            200,
            json!({"error": {"code": "INVALID_SESSIONID"}}),
            Err(ErrorKind::Unauthenticated),
        ),
        (
            200,
            json!({"error": {"code": "OTHER"}}),
            Err(ErrorKind::InvalidRequest),
        ),
        (200, json!({}), Err(ErrorKind::Protocol)),
        (403, json!({}), Err(ErrorKind::PermissionDenied)),
        (500, json!({}), Err(ErrorKind::Unavailable)),
    ] {
        assert_eq!(
            look_up(status, body.clone()).await,
            expected,
            "{status} {body}"
        );
    }
}

#[tokio::test]
async fn a_403_may_be_a_limit_that_ends_at_a_moment() {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let reset = (now + Duration::from_mins(1)).as_secs().to_string();
    let crm = Crm::start(RULES, move |_| {
        Response::status(403)
            .with_header("x-ratelimit-remaining", "0")
            .with_header("x-ratelimit-reset", &reset)
    });
    let error = crm.look_up().await.expect_err("a limit");
    assert_eq!(error.kind, ErrorKind::RateLimited);
    assert!(!error.is_own_refusal());
    let wait = error.retry_after.expect("a wait").as_secs();
    assert!((30..=60).contains(&wait), "{wait}");
}

/// A resolver that fails leaves `null` behind, and says so beside it (GraphQL, October 2021, §7.1).
#[tokio::test]
async fn an_error_of_graphql_is_not_nobody() {
    let described = |outcomes: &str| {
        format!(
            r#"
[lookup]
method = "POST"
path = "/graphql"
hits = "$.data.contacts[*]"
{outcomes}
[lookup.body.graphql]
query = "query($v: String) {{ contacts(phone: $v) {{ id name phone }} }}"
variables = {{ v = "{{{{ number.e164 }}}}" }}
[lookup.fields]
id = "$.id"
name = "$.name"
phones = "$.phone"
"#
        )
    };
    let failed = json!({"data": {"contacts": null}, "errors": [{"message": "timeout"}]});
    let fine = json!({"data": {"contacts": null}, "errors": []});
    for (outcomes, reply, kind) in [
        ("", &failed, Some(ErrorKind::Protocol)),
        ("", &fine, None),
        (
            r#"outcomes = [{ path = "$.errors", means = "unavailable" }]"#,
            &failed,
            Some(ErrorKind::Unavailable),
        ),
        (
            r#"outcomes = [{ path = "$.errors", means = "ok" }]"#,
            &failed,
            None,
        ),
    ] {
        let reply = reply.clone();
        let crm = Crm::start(&described(outcomes), move |_| ok(&reply));
        let failure = crm.look_up().await.err();
        assert_eq!(failure.map(|error| error.kind), kind, "{outcomes}");
    }
}
