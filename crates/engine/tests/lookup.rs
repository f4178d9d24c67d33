//! The fan-out, on a virtual clock with adapters in memory.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use tokio::time::Instant;
use whocalls_core::{AdapterId, CallContext, CrmAdapter, ErrorKind, RequestId};
use whocalls_engine::{Engine, EngineSettings, LookupReport, LookupRequest, Source};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED, UNKNOWN, messy_contacts},
    fake::{Act, FakeAdapter},
    query,
};

const SECOND: Duration = Duration::from_secs(1);

struct Fixture {
    fakes: Vec<Arc<FakeAdapter>>,
    engine: Engine,
}

/// Three CRMs that know the same contacts.
fn fixture(settle: Option<Duration>) -> Fixture {
    let contacts = messy_contacts(50);
    let fakes: Vec<_> = ["sugar", "hubspot", "erp"]
        .into_iter()
        .map(|id| Arc::new(FakeAdapter::seeded(id, &contacts)))
        .collect();
    let sources = (1..).zip(&fakes).map(|(position, fake)| Source {
        adapter: Arc::clone(fake) as Arc<dyn CrmAdapter>,
        priority: position * 10,
        actions: Vec::new(),
    });
    let settings = EngineSettings {
        settle,
        ..EngineSettings::default()
    };
    Fixture {
        engine: Engine::new(sources.collect(), settings),
        fakes,
    }
}

impl Fixture {
    fn fake(&self, position: usize) -> &FakeAdapter {
        self.fakes.get(position).unwrap()
    }

    async fn ask(&self, number: &str) -> LookupReport {
        self.ask_some(number, None).await
    }

    async fn ask_some(&self, number: &str, allowed: Option<&[AdapterId]>) -> LookupReport {
        let cx = CallContext::within(SECOND, RequestId::new("test"));
        let query = query(number);
        let max_results = NonZeroUsize::new(5).unwrap();
        let request = LookupRequest {
            cx: &cx,
            query: &query,
            allowed,
            max_results,
        };
        self.engine.lookup(request).await
    }
}

fn labels(report: &LookupReport) -> Vec<&'static str> {
    report
        .sources
        .iter()
        .map(whocalls_engine::SourceOutcome::label)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn one_person_in_three_crms_is_one_contact_that_names_all_three() {
    let report = fixture(None).ask(MIA_NUMBER).await;
    let [mia] = report.contacts.as_slice() else {
        panic!("one contact: {report:?}");
    };
    assert_eq!(mia.id().to_string(), "sugar:13,hubspot:13,erp:13");
    assert_eq!(
        mia.contact_uri.as_deref(),
        Some("https://sugar.example/contacts/13")
    );
    assert!(report.is_complete());
    assert_eq!(labels(&report), ["ok", "ok", "ok"]);
}

#[tokio::test(start_paused = true)]
async fn all_adapters_are_asked_at_once() {
    let f = fixture(None);
    for fake in &f.fakes {
        fake.hold();
    }
    let release = async {
        // Each is called before any has answered.
        for fake in &f.fakes {
            fake.called(1).await;
        }
        for fake in &f.fakes {
            fake.release();
        }
    };
    let (report, ()) = tokio::join!(f.ask(MIA_NUMBER), release);
    assert!(report.is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_slow_adapter_costs_only_its_own_part() {
    let f = fixture(None);
    for act in [Act::Hang, Act::HangForEver] {
        f.fake(1).set(act);
        let started = Instant::now();
        let report = f.ask(MIA_NUMBER).await;
        assert_eq!(started.elapsed(), SECOND, "the deadline");
        assert_eq!(labels(&report), ["ok", "timeout", "ok"]);
        assert!(!report.is_complete());
        assert_eq!(
            report.contacts.first().unwrap().id().to_string(),
            "sugar:13,erp:13"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_or_panicking_adapter_costs_only_its_own_part() {
    let f = fixture(None);
    f.fake(0).set(Act::Fail(ErrorKind::Unauthenticated));
    f.fake(2).set(Act::Panic);
    let report = f.ask(MIA_NUMBER).await;
    assert_eq!(labels(&report), ["error", "ok", "error"]);
    let kinds: Vec<_> = report
        .sources
        .iter()
        .map(|s| s.error().map(|e| e.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            Some(ErrorKind::Unauthenticated),
            None,
            Some(ErrorKind::Internal)
        ]
    );
    assert_eq!(report.contacts.len(), 1);
    assert!(!report.is_failed());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_apart_from_failure() {
    let f = fixture(None);
    let report = f.ask(UNKNOWN).await;
    assert!(report.contacts.is_empty() && report.is_complete() && !report.is_failed());
    for fake in &f.fakes {
        fake.set(Act::Fail(ErrorKind::Unavailable));
    }
    let report = f.ask(UNKNOWN).await;
    assert!(report.contacts.is_empty() && report.is_failed());
}

#[tokio::test(start_paused = true)]
async fn after_an_exact_match_the_others_have_the_settle_time() {
    let f = fixture(Some(SECOND / 10));
    f.fake(1).set(Act::AnswerAfter(SECOND / 20));
    f.fake(2).set(Act::AnswerAfter(SECOND / 2));
    let started = Instant::now();
    let report = f.ask(MIA_NUMBER).await;
    assert_eq!(started.elapsed(), SECOND / 10);
    assert_eq!(labels(&report), ["ok", "ok", "skipped"]);
    let report = f.ask(UNKNOWN).await;
    assert_eq!(
        labels(&report),
        ["empty", "empty", "empty"],
        "no match, no hurry"
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_may_ask_only_its_adapters() {
    let f = fixture(None);
    let allowed = [AdapterId::new("erp").unwrap()];
    let report = f.ask_some(MIA_NUMBER, Some(&allowed)).await;
    assert_eq!(labels(&report), ["ok"]);
    assert_eq!(f.fake(0).calls() + f.fake(1).calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_answer_is_cut_to_the_results_wanted() {
    let report = fixture(None).ask(SPELLED).await;
    assert_eq!((report.contacts.len(), report.total), (5, 12));
}

#[tokio::test(start_paused = true)]
async fn half_an_answer_is_given_and_not_called_complete() {
    let f = fixture(None);
    f.fake(1).set(Act::AnswerPartially);
    let report = f.ask(MIA_NUMBER).await;
    assert_eq!(labels(&report), ["ok", "ok", "ok"]);
    assert!(!report.is_complete());
    assert_eq!(report.contacts.len(), 1);
}
