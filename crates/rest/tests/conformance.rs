//! The conformance suite, for the two ways in which most REST interfaces are asked and the three in
//! which they create an object once.

mod support;

use std::sync::Arc;

use support::adapter_at;
use whocalls_testkit::{
    conformance::{self, Subject},
    contacts::messy_contacts,
    sim::rest::{API_KEY, RestCrm},
    upstream::Upstream,
};

const GET_WITH_BEARER: &str = include_str!("../examples/erp.toml");

const POST_WITH_KEY: &str = r#"
[adapters.erp]
kind = "rest"

[adapters.erp.settings]
base_url = "https://erp.example.com"
credential = { kind = "header", name = "X-Api-Key", value = { env = "ERP_KEY" } }
probe = { path = "/api/me" }

[adapters.erp.settings.lookup]
method = "POST"
path = "/api/contacts/search"
body.json = { phone = "{{ number.wildcard('%') }}" }
hits = "$['items'][*]"
empty_statuses = [204, 404]

[adapters.erp.settings.lookup.fields]
id = { template = "contact-{{ hit.id }}" }
name = ["$.person.full_name", "$.person.name"]
phones = "$.phones[*]"
company = "$.company.name"
contact_uri = { template = "https://erp.example.com/contacts/{{ hit.id }}" }
company_uri = { template = "https://erp.example.com/companies/{{ hit.company.id }}" }

[adapters.erp.settings.workflows.CallFlow]
id = "$.id"
repeat_safe = true
create.path = "/api/notes"
create.headers.Idempotency-Key = "{{ workflow.key }}"
create.body.json = { subject = "{{ subject }}" }
update.path = "/api/notes/{{ object.id }}"
update.body.json = { subject = "{{ subject }}" }
"#;

/// The object has an id of the gateway's.
const OWN_ID: &str = r#"
own_id = "{{ workflow.uuid }}"
repeat_safe = true
create.method = "PUT"
create.path = "/api/notes/{{ object.id }}"
create.body.json = { subject = "{{ subject }}" }
"#;

fn subject(document: &str, crm: RestCrm) -> Subject {
    let crm = Arc::new(crm);
    let upstream = Upstream::start(Arc::clone(&crm) as _);
    let adapter = adapter_at(document, &upstream.url(), API_KEY);
    assert_eq!(adapter.info().capabilities.workflows, ["CallFlow"]);
    Subject {
        objects_created: Some(Box::new(move || crm.notes_created())),
        ..Subject::with_upstream(adapter, upstream).with_secret(API_KEY)
    }
}

#[tokio::test]
async fn a_get_with_a_bearer_token_and_notes_that_are_found_keep_the_contract() {
    let contacts = messy_contacts(100);
    conformance::check(|| subject(GET_WITH_BEARER, RestCrm::new(&contacts))).await;
}

#[tokio::test]
async fn a_post_with_a_key_in_a_header_and_notes_with_a_key_keep_the_contract() {
    let contacts = messy_contacts(100);
    let crm = || RestCrm::new(&contacts).with_404_for_nobody();
    conformance::check(|| subject(POST_WITH_KEY, crm())).await;
}

#[tokio::test]
async fn notes_with_an_id_of_the_gateways_keep_the_contract() {
    let contacts = messy_contacts(100);
    let (lookup, _) = GET_WITH_BEARER
        .split_once("id = \"$.id\"\nurl =")
        .expect("the example has a workflow");
    let document = format!("{lookup}{OWN_ID}");
    conformance::check(|| subject(&document, RestCrm::new(&contacts))).await;
}

/// The lookup as a step whose reply comes in pages.
#[tokio::test]
async fn steps_and_pages_keep_the_contract() {
    const REQUEST: &str = r#"path = "/api/contacts"
query = { phone = "{{ number.wild }}", perPage = "50" }
hits = "$.items[*]"
"#;
    const STEP: &str = r#"
[[adapters.erp.settings.lookup.steps]]
name = "contacts"
when = "found == 0"
path = "/api/contacts"
query = { phone = "{{ number.wild }}", perPage = "5", page = "{{ page.number }}" }
hits = "$.items[*]"
pages = { size = 5, max = 10 }
"#;
    assert!(GET_WITH_BEARER.contains(REQUEST), "the example has changed");
    let document = GET_WITH_BEARER.replace(REQUEST, STEP);
    let contacts = messy_contacts(100);
    conformance::check(|| subject(&document, RestCrm::new(&contacts))).await;
}
