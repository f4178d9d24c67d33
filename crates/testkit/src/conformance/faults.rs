//! What a broken CRM leads to: the right kind of error, never an empty answer.

use std::time::Duration;

use whocalls_core::{AdapterError, ErrorKind};

use super::{Subject, patient};
use crate::{
    contacts::{MIA_NUMBER, UNKNOWN},
    query,
    upstream::Fault,
};

/// Every fault with the kinds it may be reported as.
const KINDS: [(Fault, &[ErrorKind]); 19] = [
    (Fault::Refused, &[ErrorKind::Unavailable]),
    (Fault::Reset, &[ErrorKind::Unavailable]),
    (Fault::ResetInHead, &[ErrorKind::Unavailable]),
    (Fault::ResetInBody, &[ErrorKind::Unavailable]),
    (Fault::LostAnswer, &[ErrorKind::Unavailable]),
    (Fault::CutBody, &[ErrorKind::Unavailable]),
    (Fault::NotHttp, &[ErrorKind::Unavailable]),
    (Fault::Expired, &[ErrorKind::Unauthenticated]),
    (Fault::Html, &[ErrorKind::Protocol]),
    (Fault::Garbage, &[ErrorKind::Protocol]),
    (Fault::Truncated, &[ErrorKind::Protocol]),
    (Fault::Oversized, &[ErrorKind::Protocol]),
    (Fault::Status(400), &[ErrorKind::InvalidRequest]),
    (Fault::Status(401), &[ErrorKind::Unauthenticated]),
    (Fault::Status(403), &[ErrorKind::PermissionDenied]),
    (Fault::Status(500), &[ErrorKind::Unavailable]),
    (Fault::Status(502), &[ErrorKind::Unavailable]),
    (Fault::Status(503), &[ErrorKind::Unavailable]),
    (Fault::RateLimited(None), &[ErrorKind::RateLimited]),
];

pub(super) async fn check<F: Fn() -> Subject>(start: &F) {
    if start().upstream.is_none() {
        return;
    }
    for (fault, kinds) in KINDS {
        // A fault may hit the first request, or one on a warm connection with a good token.
        for warm in [false, true] {
            a_fault_has_its_kind(start(), fault, kinds, warm).await;
        }
    }
    the_wait_asked_for_is_passed_on(start()).await;
    the_crm_works_again_after_a_fault(start()).await;
}

async fn a_fault_has_its_kind(subject: Subject, fault: Fault, kinds: &[ErrorKind], warm: bool) {
    if warm {
        subject
            .adapter
            .lookup(&patient(), &query(UNKNOWN))
            .await
            .expect("an answer");
    }
    let error = fail(&subject, fault).await;
    assert!(
        kinds.contains(&error.kind),
        "{fault:?}, warm {warm}: {error}"
    );
    let told = format!(
        "{error} {error:?} {:?} {}",
        subject.adapter, subject.adapter
    );
    for secret in &subject.secrets {
        assert!(!told.contains(secret), "{fault:?}: a secret in the error");
    }
    for personal in [MIA_NUMBER, "791234567", "Keller"] {
        assert!(
            !told.contains(personal),
            "{fault:?}: personal data in the error: {told}"
        );
    }
}

async fn the_wait_asked_for_is_passed_on(subject: Subject) {
    let error = fail(&subject, Fault::RateLimited(Some(7))).await;
    assert_eq!(error.kind, ErrorKind::RateLimited);
    assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
}

async fn the_crm_works_again_after_a_fault(subject: Subject) {
    for fault in [Fault::Refused, Fault::Status(503), Fault::Garbage] {
        fail(&subject, fault).await;
        set(&subject, Fault::None);
        let answer = subject.adapter.lookup(&patient(), &query(MIA_NUMBER)).await;
        assert_eq!(
            answer.expect("the CRM is well again").matches().len(),
            1,
            "{fault:?}"
        );
    }
}

async fn fail(subject: &Subject, fault: Fault) -> AdapterError {
    set(subject, fault);
    let result = subject.adapter.lookup(&patient(), &query(MIA_NUMBER)).await;
    match result {
        Ok(answer) => panic!("{fault:?} was answered: {answer:?}"),
        Err(error) => error,
    }
}

fn set(subject: &Subject, fault: Fault) {
    let upstream = subject.upstream.as_ref().expect("faults need a server");
    upstream.control().set_fault(fault);
}
