//! Tokens: which failures are final, what is sent, and that a refusal is tried again once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};
use whocalls_core::{ErrorKind, Operation};
use whocalls_testkit::{
    contacts::{MIA, MIA_NUMBER, messy_contacts},
    sim::hubspot::HubSpot,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use crate::{
    count, find, lookup, paths,
    support::{adapter, start, with_oauth, with_token},
};

fn account() -> HubSpot {
    HubSpot::new(&messy_contacts(0))
}

#[tokio::test]
async fn a_revoked_token_is_not_tried_again() {
    let hubspot = start(account(), with_token());
    hubspot.crm.revoke();
    let error = lookup(&*hubspot.adapter, MIA_NUMBER).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert_eq!(hubspot.upstream.control().request_count(), 1);
}

#[tokio::test]
async fn a_missing_scope_is_not_a_refused_token() {
    let crm = account().without_scope("crm.objects.contacts.read");
    let hubspot = start(crm, with_oauth());
    let error = lookup(&*hubspot.adapter, MIA_NUMBER).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::PermissionDenied);
    assert!(
        error.message.contains("crm.objects.contacts.read"),
        "{error}"
    );
    assert_eq!(
        count(&hubspot.upstream, "/token"),
        1,
        "a new token would not help"
    );
}

#[tokio::test]
async fn an_expired_token_is_renewed_on_refusal_and_the_request_sent_again() {
    let hubspot = start(account(), with_oauth());
    find(&*hubspot.adapter, MIA_NUMBER).await;
    let before = paths(&hubspot.upstream).len();
    hubspot.crm.expire_tokens();
    find(&*hubspot.adapter, MIA_NUMBER).await;
    let after: Vec<String> = paths(&hubspot.upstream).split_off(before);
    let search = "/crm/objects/2026-09/contacts/search";
    assert_eq!(after, [search, "/oauth/2026-09/token", search]);
}

/// Lets the access token expire as soon as the first search is answered.
struct ExpiringAfterSearch {
    crm: HubSpot,
    has_expired: AtomicBool,
}

impl SimulatedCrm for ExpiringAfterSearch {
    fn respond(&self, request: &Request) -> Response {
        let response = self.crm.respond(request);
        let is_search = request.path.ends_with("/search");
        if is_search && !self.has_expired.swap(true, Ordering::Relaxed) {
            self.crm.expire_tokens();
        }
        response
    }
}

#[tokio::test]
async fn a_token_that_expires_within_a_lookup_costs_neither_contact_nor_company() {
    let search = "/crm/objects/2026-09/contacts/search";
    let batch = "/crm/objects/2026-09/companies/batch/read";
    let token = "/oauth/2026-09/token";
    let crm = Arc::new(ExpiringAfterSearch {
        crm: account(),
        has_expired: AtomicBool::new(false),
    });
    let upstream = Upstream::start(Arc::clone(&crm) as Arc<dyn SimulatedCrm>);
    let adapter = adapter(&upstream, with_oauth());
    let answer = lookup(&*adapter, MIA_NUMBER).await.unwrap();
    assert!(!answer.is_partial());
    let [found] = answer.matches() else {
        panic!("one contact: {answer:?}");
    };
    assert_eq!(found.record.name, MIA);
    assert!(found.record.company_uri.is_some(), "the company was read");
    assert_eq!(paths(&upstream), [token, search, batch, token, batch]);
    assert_eq!(crm.crm.tokens_issued(), 2, "renewed once");
}

#[tokio::test]
async fn the_token_endpoint_belongs_to_the_version() {
    let mut settings = with_oauth();
    settings["api_version"] = json!("v3");
    let hubspot = start(account(), settings);
    find(&*hubspot.adapter, MIA_NUMBER).await;
    assert_eq!(paths(&hubspot.upstream)[0], "/oauth/v3/token");
    let request = &hubspot.upstream.control().requests()[0];
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.form_value("grant_type").unwrap(), "refresh_token");
}

#[tokio::test]
async fn a_wrong_refresh_token_or_client_needs_somebody_to_act() {
    let secret = json!({ "value": "wrong-0451" });
    for key in ["refresh_token", "client_secret"] {
        let mut settings = with_oauth();
        settings[key] = secret.clone();
        let hubspot = start(account(), settings);
        let error = lookup(&*hubspot.adapter, MIA_NUMBER).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unauthenticated);
        assert_eq!(error.operation, Operation::Authenticate);
        assert!(error.message.contains("needs re-authorisation"), "{error}");
        assert!(!format!("{error:?}").contains("0451"));
    }
}

/// The token endpoint answers this; nothing else is asked.
struct TokenEndpoint(u16, Value);

impl SimulatedCrm for TokenEndpoint {
    fn respond(&self, _: &Request) -> Response {
        Response::json(self.0, &self.1)
    }
}

#[tokio::test]
async fn final_refusals_of_the_token_endpoint_are_told_from_passing_ones() {
    let cases = [
        (
            400,
            json!({ "status": "BAD_REFRESH_TOKEN" }),
            ErrorKind::Unauthenticated,
        ),
        (
            400,
            json!({ "error": "invalid_grant" }),
            ErrorKind::Unauthenticated,
        ),
        (
            401,
            json!({ "error": "invalid_client" }),
            ErrorKind::Unauthenticated,
        ),
        (
            400,
            json!({ "error": "unauthorized_client" }),
            ErrorKind::Unauthenticated,
        ),
        (
            400,
            json!({ "status": "BAD_CLIENT_ID" }),
            ErrorKind::Unauthenticated,
        ),
        (
            400,
            json!({ "status": "BAD_HUB" }),
            ErrorKind::Unauthenticated,
        ),
        (
            400,
            json!({ "error": "invalid_request" }),
            ErrorKind::InvalidRequest,
        ),
        (
            429,
            json!({ "policyName": "SECONDLY" }),
            ErrorKind::RateLimited,
        ),
        (502, json!({}), ErrorKind::Unavailable),
        (200, json!({ "token_type": "bearer" }), ErrorKind::Protocol),
    ];
    for (status, body, kind) in cases {
        let upstream = Upstream::start(Arc::new(TokenEndpoint(status, body.clone())));
        let adapter = adapter(&upstream, with_oauth());
        let error = lookup(&*adapter, MIA_NUMBER).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status} {body}");
        let is_final = kind == ErrorKind::Unauthenticated;
        let says_so = error.message.contains("re-authorisation");
        assert_eq!(says_so, is_final, "{error}");
    }
}

/// Gives a new refresh token with every access token and accepts only the newest.
#[derive(Default)]
struct Rotating(std::sync::Mutex<usize>);

impl SimulatedCrm for Rotating {
    fn respond(&self, request: &Request) -> Response {
        let mut issued = self.0.lock().unwrap();
        if !request.path.ends_with("/token") {
            // Every access token works for nothing, so each lookup needs two.
            return Response::status(401);
        }
        let expected = match *issued {
            0 => HubSpot::REFRESH_TOKEN.to_owned(),
            number => format!("refresh-{number}"),
        };
        if request.form_value("refresh_token") != Some(expected) {
            return Response::json(400, &json!({ "error": "invalid_grant" }));
        }
        *issued += 1;
        let next = format!("refresh-{issued}");
        Response::json(200, &json!({ "access_token": "a", "refresh_token": next }))
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_replaced_is_the_next_one_used() {
    let crm = Arc::new(Rotating::default());
    let upstream = Upstream::start(Arc::clone(&crm) as Arc<dyn SimulatedCrm>);
    let adapter = adapter(&upstream, with_oauth());
    let error = lookup(&*adapter, MIA_NUMBER).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert_eq!(error.operation, Operation::Lookup, "both tokens were had");
    assert_eq!(*crm.0.lock().unwrap(), 2);
}
