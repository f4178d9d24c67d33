//! Deadline, cancellation, concurrency.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use whocalls_core::{CallContext, ErrorKind, RequestId};

use super::{PATIENT, Subject, patient};
use crate::{contacts::MIA_NUMBER, query, upstream::Fault};

const SHORT: Duration = Duration::from_millis(200);

pub(super) async fn check<F: Fn() -> Subject>(start: &F) {
    many_lookups_at_once(start()).await;
    if start().upstream.is_some() {
        the_deadline_ends_a_lookup(start()).await;
        a_dropped_lookup_leaves_nothing_behind(start()).await;
    }
}

async fn many_lookups_at_once(subject: Subject) {
    let lookups = (0..50).map(|_| async {
        subject
            .adapter
            .lookup(&patient(), &query(MIA_NUMBER))
            .await
            .map(|a| a.matches().len())
    });
    for found in join_all(lookups).await {
        assert_eq!(found.expect("an answer"), 1);
    }
}

async fn the_deadline_ends_a_lookup(subject: Subject) {
    for fault in [Fault::Hang, Fault::HangInBody, Fault::Drip] {
        set(&subject, fault);
        let cx = CallContext::within(SHORT, RequestId::new("short"));
        let query = query(MIA_NUMBER);
        let lookup = subject.adapter.lookup(&cx, &query);
        let result = tokio::time::timeout(PATIENT, lookup).await;
        let error = result
            .expect("the lookup ends by itself")
            .expect_err("nothing was answered");
        assert_eq!(error.kind, ErrorKind::Timeout, "{fault:?}: {error}");
    }
}

async fn a_dropped_lookup_leaves_nothing_behind(subject: Subject) {
    let Some(upstream) = &subject.upstream else {
        return;
    };
    let control = Arc::clone(upstream.control());
    let before = control.request_count();
    let hold = control.hold();
    {
        let cx = patient();
        let query = query(MIA_NUMBER);
        let lookup = subject.adapter.lookup(&cx, &query);
        tokio::select! {
            answered = lookup => panic!("nothing can be answered yet: {answered:?}"),
            () = control.arrived(before + 1) => {}
        }
    }
    drop(hold);
    let answer = subject.adapter.lookup(&patient(), &query(MIA_NUMBER)).await;
    assert_eq!(answer.expect("an answer").matches().len(), 1);
}

fn set(subject: &Subject, fault: Fault) {
    if let Some(upstream) = &subject.upstream {
        upstream.control().set_fault(fault);
    }
}
