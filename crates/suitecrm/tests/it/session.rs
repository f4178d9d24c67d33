//! Logins, renewals, and tokens that expire at the wrong moment.

use serde_json::{Value, json};
use whocalls_core::ErrorKind;
use whocalls_testkit::contacts::{MIA_NUMBER, SPELLED};

use crate::support::{Bench, Way, cx, simulated};

/// The grant types of the token requests, in order.
fn grants(bench: &Bench) -> Vec<String> {
    let requests = bench.upstream.control().requests();
    let grants = requests
        .iter()
        .filter_map(|request| request.form_value("grant_type"));
    grants.collect()
}

#[tokio::test]
async fn an_expired_token_is_renewed_once() {
    for (way, expected) in [
        (
            Way::Client,
            vec!["client_credentials", "client_credentials"],
        ),
        (Way::User, vec!["password", "refresh_token"]),
        (Way::Session, vec![]),
    ] {
        let bench = Bench::new(simulated(), way);
        assert_eq!(bench.count(MIA_NUMBER).await, 1);
        bench.suite.expire_tokens();
        assert_eq!(bench.count(MIA_NUMBER).await, 1);
        assert_eq!(grants(&bench), expected);
        assert_eq!(bench.suite.tokens_issued(), 2, "{way:?}");
    }
}

#[tokio::test]
async fn a_refused_refresh_token_is_followed_by_a_login() {
    let bench = Bench::new(simulated().without_refresh(), Way::User);
    bench.count(MIA_NUMBER).await;
    bench.suite.expire_tokens();
    assert_eq!(bench.count(MIA_NUMBER).await, 1);
    assert_eq!(grants(&bench), ["password", "refresh_token", "password"]);
}

#[tokio::test]
async fn a_token_whose_time_is_up_is_renewed_before_it_is_used() {
    for way in [Way::Client, Way::User] {
        let bench = Bench::with(simulated().with_token_lifetime(0), way, |settings| {
            settings["modules"] = json!(["Contacts"]);
        });
        bench.count(MIA_NUMBER).await;
        bench.count(MIA_NUMBER).await;
        let no_request_was_rejected = ["access_token", "Contacts"].repeat(2);
        assert_eq!(bench.asked(), no_request_was_rejected, "{way:?}");
    }
}

/// The session ends after some of the three requests of one lookup: they share one new login.
#[tokio::test]
async fn a_session_that_ends_within_a_lookup_does_not_fail_it() {
    for way in Way::ALL {
        for requests in 0..3 {
            let bench = Bench::new(simulated(), way);
            bench.count(MIA_NUMBER).await;
            let before = bench.suite.tokens_issued();
            bench.suite.expire_tokens_after(requests);
            let answer = bench.lookup(SPELLED).await.unwrap();
            assert_eq!(answer.matches().len(), 12, "{way:?} after {requests}");
            assert!(!answer.is_partial(), "{way:?} after {requests}");
            let renewed = bench.suite.tokens_issued() - before;
            assert_eq!(renewed, 1, "{way:?} after {requests}");
        }
    }
}

#[tokio::test]
async fn twenty_lookups_share_one_login() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let lookups = (0..20).map(|_| bench.count(MIA_NUMBER));
        let found = futures::future::join_all(lookups).await;
        assert!(found.iter().all(|count| *count == 1), "{way:?}");
        assert_eq!(bench.suite.tokens_issued(), 1, "{way:?}");
    }
}

#[tokio::test]
async fn a_wrong_setting_is_named_and_tried_once() {
    let wrong = json!({"value": "wrong"});
    let cases: [(Way, &str, &Value, &str); 8] = [
        (
            Way::Client,
            "client_id",
            &json!("nobody"),
            "check client_id and client_secret",
        ),
        (
            Way::Client,
            "client_secret",
            &wrong,
            "check client_id and client_secret",
        ),
        (
            Way::User,
            "client_id",
            &json!("nobody"),
            "check client_id and client_secret",
        ),
        (
            Way::User,
            "client_id",
            &json!(whocalls_testkit::sim::suitecrm::SuiteCrm::CLIENT_ID),
            "the client's grant type",
        ),
        (
            Way::User,
            "username",
            &json!("nobody"),
            "username and password",
        ),
        (Way::User, "password", &wrong, "username and password"),
        (
            Way::Session,
            "username",
            &json!("nobody"),
            "username and password",
        ),
        (Way::Session, "password", &wrong, "username and password"),
    ];
    for (way, key, value, advice) in cases {
        let bench = Bench::with(simulated(), way, |settings| settings[key] = value.clone());
        for error in [
            bench.lookup(MIA_NUMBER).await.unwrap_err(),
            bench.adapter.probe(&cx()).await.unwrap_err(),
        ] {
            assert_eq!(error.kind, ErrorKind::Unauthenticated, "{way:?} {key}");
            assert!(error.message.contains(advice), "{way:?} {key}: {error}");
            assert!(
                !error.to_string().contains("wrong"),
                "{way:?} {key}: {error}"
            );
        }
        assert_eq!(bench.asked().len(), 2, "{way:?} {key}: one login for each");
    }
}
