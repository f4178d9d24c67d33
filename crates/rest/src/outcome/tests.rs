use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use whocalls_core::{AdapterId, BuildContext, CallContext, Operation, RequestId};
use whocalls_http::{BaseUrl, HttpClient, HttpSettings, Method};
use whocalls_testkit::{
    number_plan,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use super::*;

struct Anything;

impl SimulatedCrm for Anything {
    fn respond(&self, _: &Request) -> Response {
        Response::status(200)
    }
}

/// A reply to a request that reads or, for `is_write`, to one that creates something.
async fn any_reply(is_write: bool) -> Reply {
    let upstream = Upstream::start(Arc::new(Anything));
    let context = BuildContext {
        id: AdapterId::new("crm").unwrap(),
        crm_name: "CRM".into(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: std::path::PathBuf::new(),
    };
    let base = BaseUrl::parse("base_url", &upstream.url()).unwrap();
    let http = HttpClient::new(&context, &HttpSettings::default(), &base);
    let cx = CallContext::within(Duration::from_secs(20), RequestId::new("test"));
    let request = http
        .request(Operation::Lookup, Method::GET, base.join(["x"]))
        .unwrap();
    let reply = if is_write {
        http.send_write(&cx, Operation::Workflow, request).await
    } else {
        http.send(&cx, Operation::Lookup, request).await
    };
    reply.unwrap()
}

fn with(reply: &Reply, status: u16, body: &Json) -> Reply {
    let status = StatusCode::from_u16(status).unwrap();
    reply.part(status, serde_json::to_vec(body).unwrap())
}

fn rules(settings: Json) -> Outcomes {
    let settings: Vec<OutcomeSettings> = serde_json::from_value(settings).unwrap();
    let mut problems = Problems::default();
    let rules = Outcomes::compile(&settings, "outcomes", &mut problems);
    assert_eq!(problems.count(), 0, "{:?}", problems.into_found());
    rules
}

/// What a reply means, in a word.
fn word(rules: &Outcomes, reply: &Reply) -> &'static str {
    match rules.of(reply) {
        Outcome::Success => "ok",
        Outcome::Nobody => "nobody",
        Outcome::Failure(error) => error.kind.as_str(),
    }
}

#[tokio::test]
async fn the_first_rule_that_fits_decides_and_else_the_status() {
    let reply = any_reply(false).await;
    let rules = rules(json!([
        {"status": [404], "path": "$.error.code", "equals": "NO_ROUTE", "means": "not_found"},
        {"status": [404, 410], "means": "nobody"},
        {"path": "$.error.code", "equals": "INVALID_SESSIONID", "means": "unauthenticated"},
        {"path": "$.error.message", "pattern": "(?i)too many", "means": "rate_limited"},
        {"path": "$.errors[*].code", "equals": 17, "means": "permission_denied"},
        {"path": "$.success", "equals": false, "means": "invalid_request"},
        {"status": ["5xx"], "path": "$.maintenance", "means": "unavailable"},
        {"path": "$.error", "means": "protocol"},
        {"status": ["4xx"], "path": "$.fine", "means": "ok"},
    ]));
    for (status, body, expected) in [
        (404, json!({"error": {"code": "NO_ROUTE"}}), "not_found"),
        (404, json!({"error": {"code": "OTHER"}}), "nobody"),
        (410, json!(null), "nobody"),
        (
            200,
            json!({"error": {"code": "INVALID_SESSIONID"}}),
            "unauthenticated",
        ),
        (
            200,
            json!({"error": {"message": "Too many requests"}}),
            "rate_limited",
        ),
        (
            200,
            json!({"errors": [{"code": 3}, {"code": 17}]}),
            "permission_denied",
        ),
        (200, json!({"errors": [{"code": 3}]}), "ok"),
        (200, json!({"success": false}), "invalid_request"),
        (200, json!({"success": true}), "ok"),
        (500, json!({"maintenance": true}), "unavailable"),
        (200, json!({"maintenance": true}), "ok"),
        (200, json!({"error": "x"}), "protocol"),
        (200, json!({"error": null}), "ok"),
        (200, json!({"error": []}), "ok"),
        (200, json!({"error": {}}), "ok"),
        (200, json!({"error": 0}), "protocol"),
        (400, json!({"fine": "yes"}), "ok"),
        (400, json!({}), "invalid_request"),
        (401, json!({}), "unauthenticated"),
        (403, json!({}), "permission_denied"),
        (429, json!({}), "rate_limited"),
        (503, json!({}), "unavailable"),
    ] {
        assert_eq!(
            word(&rules, &with(&reply, status, &body)),
            expected,
            "{status} {body}"
        );
    }
    let no_json = reply.part(StatusCode::OK, "<html>");
    assert_eq!(word(&rules, &no_json), "ok", "whoever needs JSON notices");
}

#[tokio::test]
async fn inner_rules_come_before_outer_ones() {
    let reply = with(&any_reply(false).await, 404, &json!({}));
    let outer = rules(json!([{"status": [404], "means": "unavailable"}]));
    let mut problems = Problems::default();
    let statuses = Outcomes::empty_statuses(&[204, 404], "empty_statuses", &mut problems);
    let inner = rules(json!([{"status": [404], "means": "not_found"}]));
    assert_eq!(word(&outer, &reply), "unavailable");
    let statuses = statuses.within(&outer);
    assert_eq!(word(&statuses, &reply), "nobody");
    assert_eq!(word(&inner.within(&statuses), &reply), "not_found");
}

#[tokio::test]
async fn a_failed_write_may_have_happened_unless_the_crm_says_that_it_did_not() {
    let read = any_reply(false).await;
    let write = any_reply(true).await;
    for (means, status, of_read, of_write) in [
        ("unavailable", 200, "unavailable", "outcome_unknown"),
        ("unavailable", 503, "unavailable", "unavailable"),
        ("protocol", 200, "protocol", "outcome_unknown"),
        ("rate_limited", 200, "rate_limited", "rate_limited"),
        ("invalid_request", 200, "invalid_request", "invalid_request"),
    ] {
        let rules = rules(json!([{"path": "$.error", "means": means}]));
        let body = json!({"error": "x"});
        assert_eq!(
            word(&rules, &with(&read, status, &body)),
            of_read,
            "{means} {status}"
        );
        assert_eq!(
            word(&rules, &with(&write, status, &body)),
            of_write,
            "{means} {status}"
        );
    }
}

/// Some CRMs say with 403 that they are asked too often, and with a moment when it is over.
#[tokio::test]
async fn a_limit_is_known_by_its_headers_and_says_when_it_ends() {
    let reply = any_reply(false).await;
    let since_1970 = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let wait = |settings: Json, headers: &[(&'static str, String)], body: Json| {
        let rules = rules(json!([
            {"status": [403], "header": "x-remaining", "equals": 0, "means": "rate_limited",
             "retry_after": settings},
        ]));
        let mut reply = with(&reply, 403, &body);
        reply.headers.insert("x-remaining", "0".parse().unwrap());
        for (name, value) in headers {
            reply.headers.insert(*name, value.parse().unwrap());
        }
        match rules.of(&reply) {
            Outcome::Failure(error) => {
                assert_eq!(error.kind, ErrorKind::RateLimited);
                error.retry_after.map(|wait| wait.as_secs_f64().round())
            }
            other => panic!("a failure is expected: {other:?}"),
        }
    };
    let reset = |value: String| vec![("x-reset", value)];
    let header = |unit: &str| json!({"header": "X-Reset", "unit": unit});
    let in_30 = since_1970.as_secs() + 30;
    for (settings, headers, expected) in [
        (header("secs"), reset("30".into()), Some(30.0)),
        (json!({"header": "X-Reset"}), reset("1.9".into()), Some(2.0)),
        (header("ms"), reset("30000".into()), Some(30.0)),
        (header("secs"), reset("99999999".into()), Some(86_400.0)),
        (header("secs"), reset("-1".into()), Some(0.0)),
        (header("secs"), reset("soon".into()), None),
        (header("secs"), vec![("retry-after", "7".into())], Some(7.0)),
        (header("unix"), reset("1".into()), Some(0.0)),
        (header("date"), reset("2026-01-01".into()), None),
        (
            header("date"),
            reset("2006-01-01T00:00:00Z".into()),
            Some(0.0),
        ),
    ] {
        assert_eq!(
            wait(settings.clone(), &headers, json!({})),
            expected,
            "{settings}"
        );
    }
    for (unit, value) in [("unix", in_30), ("unix_ms", in_30 * 1000)] {
        let waited = wait(header(unit), &reset(value.to_string()), json!({})).unwrap();
        assert!((25.0..=30.0).contains(&waited), "{unit}: {waited}");
    }
    let moment = Timestamp::from_second(i64::try_from(in_30).unwrap()).unwrap();
    let of_header = moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for date in [moment.to_string(), of_header] {
        let waited = wait(header("date"), &reset(date.clone()), json!({})).unwrap();
        assert!((25.0..=30.0).contains(&waited), "{date}: {waited}");
    }
    let path = json!({"path": "$.wait", "unit": "secs"});
    assert_eq!(wait(path, &[], json!({"wait": 12})), Some(12.0));
}

#[tokio::test]
async fn a_failure_says_by_which_rule_and_quotes_nothing() {
    let rules = rules(json!([{"path": "$.error", "means": "invalid_request"}]));
    let reply = with(
        &any_reply(false).await,
        200,
        &json!({"error": "no contact Mia Keller"}),
    );
    let Outcome::Failure(error) = rules.of(&reply) else {
        panic!("a failure is expected");
    };
    assert!(error.message.contains("outcomes.0"), "{error}");
    assert!(!error.to_string().contains("Keller"), "{error}");
    assert_eq!(error.status, Some(200));
}

#[test]
fn rules_that_make_no_sense_are_reported() {
    for (rule, path, message) in [
        (json!({"means": "ok"}), "r.0", "every reply"),
        (
            json!({"status": [404], "equals": "x", "means": "ok"}),
            "r.0",
            "`path` or `header`",
        ),
        (
            json!({"path": "$.a", "header": "X", "means": "ok"}),
            "r.0",
            "not both",
        ),
        (
            json!({"path": "$.a", "equals": "x", "pattern": "x", "means": "ok"}),
            "r.0",
            "not both",
        ),
        (
            json!({"path": "a", "means": "ok"}),
            "r.0.path",
            "begins with `$`",
        ),
        (
            json!({"path": "$.a", "pattern": "(", "means": "ok"}),
            "r.0.pattern",
            "regular",
        ),
        (
            json!({"header": "X Y", "means": "ok"}),
            "r.0.header",
            "name of a header",
        ),
        (
            json!({"status": ["6xx"], "means": "ok"}),
            "r.0.status.0",
            "5xx",
        ),
        (
            json!({"status": [404, 999], "means": "ok"}),
            "r.0.status.1",
            "404",
        ),
        (
            json!({"status": [401], "means": "nobody"}),
            "r.0.status.0",
            "cannot mean",
        ),
        (
            json!({"status": ["4xx"], "means": "nobody"}),
            "r.0.status.0",
            "cannot mean",
        ),
        (
            json!({"status": [429], "means": "rate_limited", "retry_after": {"unit": "ms"}}),
            "r.0.retry_after",
            "`header` or `path`",
        ),
    ] {
        let settings: OutcomeSettings = serde_json::from_value(rule.clone()).unwrap();
        let mut problems = Problems::default();
        drop(Outcomes::compile(&[settings], "r", &mut problems));
        let found = problems.into_found();
        assert_eq!(found.len(), 1, "{rule}: {found:?}");
        assert_eq!(found[0].path, path, "{rule}");
        assert!(
            found[0].message.contains(message),
            "{rule}: {}",
            found[0].message
        );
    }
}
