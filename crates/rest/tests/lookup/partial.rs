//! What is answered when a part of the CRM does not answer.

use std::{sync::mpsc, time::Duration};

use serde_json::json;
use whocalls_core::{CallContext, ErrorKind, LookupAnswer, RequestId};
use whocalls_testkit::{contacts::MIA_NUMBER, query, upstream::Response};

use super::{Crm, mia, ok, stranger};

/// Two tables, and companies that only add to them.
const TABLES: &str = r#"
[lookup]
steps = [
  { name = "contacts", path = "/contacts/{{ number.nsn }}", hits = "$[*]",
    capture = { companies = "$[*].company" } },
  { name = "leads", path = "/leads/{{ number.nsn }}", hits = "$[*]" },
  { name = "companies", path = "/companies/{{ item }}", for_each = "captured.companies",
    hits = "$", index_by = "$.id" },
]
[lookup.fields]
id = "$.id"
name = "$.name"
phones = "$.phone"
company = [{ step = "companies", key = "$.company", path = "$.name" }, "$.company_name"]
"#;

/// The CRM with these statuses of its tables, of which an owner of the number is in the first.
fn crm(contacts: u16, leads: u16, companies: u16) -> Crm {
    crm_described(TABLES, contacts, leads, companies)
}

fn crm_described(settings: &str, contacts: u16, leads: u16, companies: u16) -> Crm {
    Crm::start(settings, move |request| {
        let (status, body) = match request.segments().first().map(String::as_str) {
            Some("contacts") => {
                let mut mia = mia(1);
                mia["company"] = json!(7);
                mia["company_name"] = json!("Keller");
                (contacts, json!([mia]))
            }
            Some("leads") => (leads, json!([stranger(2)])),
            _ => (companies, json!({"id": 7, "name": "Keller AG"})),
        };
        Response::json(status, &body)
    })
}

#[tokio::test]
async fn what_the_other_steps_found_is_a_partial_answer() {
    for (leads, companies, is_partial, company) in [
        (200, 200, false, "Keller AG"),
        (500, 200, true, "Keller AG"),
        (200, 500, true, "Keller"),
        (403, 429, true, "Keller"),
    ] {
        let answer = crm(200, leads, companies)
            .look_up()
            .await
            .expect("an answer");
        assert_eq!(answer.is_partial(), is_partial, "{leads} {companies}");
        let record = &answer.matches().first().expect("a match").record;
        assert_eq!(
            record.company.as_deref(),
            Some(company),
            "{leads} {companies}"
        );
    }
}

#[tokio::test]
async fn a_failure_is_never_nobody() {
    let error = crm(500, 200, 200).look_up().await.expect_err("no answer");
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.message.contains("`contacts`"), "{error}");
    let nobody = crm(204, 200, 500).look_up().await.expect("an answer");
    assert!(
        nobody.is_empty() && !nobody.is_partial(),
        "no details are missing of nobody"
    );
}

#[tokio::test]
async fn a_required_step_is_not_done_without() {
    let required = TABLES.replace("index_by =", "required = true, index_by =");
    let crm = crm_described(&required, 200, 200, 500);
    let error = crm.look_up().await.expect_err("no answer");
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.message.contains("`companies`"), "{error}");
}

#[tokio::test]
async fn hits_without_ids_are_a_failure_of_their_step() {
    let described = TABLES.replace("id = \"$.id\"\nname", "id = \"$.uuid\"\nname");
    let error = crm_described(&described, 200, 200, 200)
        .look_up()
        .await
        .expect_err("no answer");
    assert_eq!(error.kind, ErrorKind::Protocol);
    assert!(error.message.contains("lookup.steps.0"), "{error}");
}

/// The first failure ends the step, because a CRM that is not well is not asked nine more times.
#[tokio::test]
async fn what_a_step_found_before_it_failed_counts() {
    const EACH: &str = r#"
[lookup]
steps = [{ name = "each", path = "/x", query = { q = "{{ item }}" }, hits = "$[*]",
           for_each = "['a', 'b', number.nsn, 'c']" }]
fields = { id = "$.id", name = "$.name", phones = "$.phone" }
"#;
    let crm = Crm::start(EACH, |request| {
        if request.query_value("q").as_deref() == Some("b") {
            return Response::status(500);
        }
        ok(&json!([mia(1)]))
    });
    let answer = crm.look_up().await.expect("an answer");
    assert_eq!(answer.matches().len(), 1);
    assert!(answer.is_partial());
}

/// The answer of a CRM that keeps silent about companies until the answer is there.
async fn answer_without_companies(settings: &str, patience: Duration) -> LookupAnswer {
    let (release, held) = mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let crm = Crm::start(settings, move |request| {
        match request.segments().first().map(String::as_str) {
            Some("contacts") => {
                let mut mia = mia(1);
                mia["company"] = json!(7);
                ok(&json!([mia]))
            }
            Some("leads") => ok(&json!([])),
            _ => {
                let held = held.lock().expect("one request");
                let _over: Result<(), _> = held.recv();
                Response::status(500)
            }
        }
    });
    let cx = CallContext::within(patience, RequestId::new("test"));
    let answer = crm.adapter.lookup(&cx, &query(MIA_NUMBER)).await;
    drop(release);
    answer.expect("an answer in time")
}

/// Companies must not cost the contact: they have a part of the time.
#[tokio::test]
async fn details_that_take_too_long_are_left_out() {
    let answer = answer_without_companies(TABLES, Duration::from_secs(1)).await;
    assert!(answer.is_partial());
    assert_eq!(answer.matches().len(), 1);
}

#[tokio::test]
async fn a_step_has_the_time_that_the_description_gives_it() {
    let limited = TABLES.replace("index_by =", "timeout_ms = 100, index_by =");
    let an_hour = Duration::from_hours(1);
    let answer = answer_without_companies(&limited, an_hour).await;
    assert!(answer.is_partial());
    assert_eq!(answer.matches().len(), 1);
}

/// There may be an owner behind each of them.
#[tokio::test]
async fn more_captured_than_is_kept_makes_the_answer_truncated() {
    const LISTED: &str = r#"
[lookup]
steps = [
  { name = "ids", path = "/ids/{{ number.nsn }}", capture = { ids = "$[*]" } },
  { name = "contacts", path = "/contacts", query = { ids = "{{ items | join(',') }}" },
    for_each = "captured.ids", batch = 500, hits = "$[*]" },
]
fields = { id = "$.id", name = "$.name", phones = "$.phone" }
"#;
    for (count, is_truncated) in [(500, false), (501, true)] {
        let crm = Crm::start(LISTED, move |request| {
            match request.segments().first().map(String::as_str) {
                Some("ids") => ok(&json!((0..count).collect::<Vec<u32>>())),
                _ => ok(&json!([mia(1)])),
            }
        });
        let answer = crm.look_up().await.expect("an answer");
        assert_eq!(answer.matches().len(), 1, "{count}");
        assert_eq!(answer.is_truncated(), is_truncated, "{count}");
    }
}
