//! What a working CRM answers.

use std::collections::HashSet;

use whocalls_core::ContactQuery;

use super::{Subject, patient};
use crate::{
    contacts::{MIA, MIA_NUMBER, SPELLED, TWELVE_SPELLINGS, UNKNOWN},
    query, query_at_most,
};

pub(super) async fn check<F: Fn() -> Subject>(start: &F) {
    nobody_is_an_empty_answer(start()).await;
    every_spelling_is_found(start()).await;
    a_contact_is_complete(start()).await;
    no_more_records_than_asked(start()).await;
    the_same_question_gets_the_same_answer(start()).await;
    a_probe_describes_the_crm(start()).await;
}

async fn nobody_is_an_empty_answer(subject: Subject) {
    let answer = subject.adapter.lookup(&patient(), &query(UNKNOWN)).await;
    let answer = answer.expect("an unknown number is not an error");
    assert!(answer.is_empty(), "nobody owns the number: {answer:?}");
    assert!(!answer.is_truncated());
}

async fn every_spelling_is_found(subject: Subject) {
    let answer = subject
        .adapter
        .lookup(&patient(), &query(SPELLED))
        .await
        .expect("an answer");
    let found: HashSet<_> = answer
        .matches()
        .iter()
        .map(|m| m.record.id.as_str())
        .collect();
    let spellings: HashSet<_> = TWELVE_SPELLINGS.iter().collect();
    assert_eq!(
        found.len(),
        spellings.len(),
        "one contact for each spelling: {found:?}"
    );
    assert_eq!(answer.matches().len(), found.len(), "each record once");
}

async fn a_contact_is_complete(subject: Subject) {
    let answer = subject
        .adapter
        .lookup(&patient(), &query(MIA_NUMBER))
        .await
        .expect("an answer");
    let [found] = answer.matches() else {
        panic!("exactly one contact owns the number: {answer:?}");
    };
    let record = &found.record;
    assert_eq!(record.source, subject.adapter.info().id);
    assert_eq!(record.name, MIA);
    assert_eq!(record.company.as_deref(), Some("Keller AG"));
    assert!(!record.id.is_empty());
    assert!(!record.phones.is_empty());
    for link in [&record.contact_uri, &record.company_uri]
        .into_iter()
        .flatten()
    {
        let url = url::Url::parse(link).expect("links are absolute URLs");
        assert!(matches!(url.scheme(), "http" | "https"), "{url}");
    }
    if subject.has_links {
        assert!(record.contact_uri.is_some(), "a link to the contact");
        assert!(record.company_uri.is_some(), "a link to the company");
    }
}

async fn no_more_records_than_asked(subject: Subject) {
    let three: ContactQuery = query_at_most(SPELLED, 3);
    let answer = subject
        .adapter
        .lookup(&patient(), &three)
        .await
        .expect("an answer");
    assert_eq!(answer.matches().len(), 3);
    assert!(answer.is_truncated(), "twelve contacts own the number");
}

async fn the_same_question_gets_the_same_answer(subject: Subject) {
    let ids = || async {
        let answer = subject
            .adapter
            .lookup(&patient(), &query(SPELLED))
            .await
            .expect("an answer");
        answer
            .into_matches()
            .into_iter()
            .map(|m| m.record.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids().await, ids().await);
}

async fn a_probe_describes_the_crm(subject: Subject) {
    let report = subject
        .adapter
        .probe(&patient())
        .await
        .expect("the CRM is well");
    assert!(!report.summary.is_empty());
    for secret in &subject.secrets {
        assert!(
            !format!("{report:?}").contains(secret),
            "no secret in a probe report"
        );
    }
}
