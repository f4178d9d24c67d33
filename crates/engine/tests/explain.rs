//! What a lookup tells of how it came about.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use whocalls_core::{CallContext, ContactQuery, MatchClass, NumberQuery, RequestId};
use whocalls_engine::{
    Clue, Criterion, Engine, EngineSettings, LookupReport, LookupRequest, PairingOutcome, Source,
    SourceStatus,
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SeedContact, messy_contacts},
    fake::FakeAdapter,
    number,
};

/// Two CRMs that know Mia Keller; the second one also her husband, and somebody else.
async fn report(explain: bool) -> LookupReport {
    let mia = messy_contacts(0).pop().unwrap();
    let max = SeedContact {
        id: 99,
        first_name: "Max".to_owned(),
        ..mia.clone()
    };
    let other = SeedContact {
        id: 100,
        mobile: "079 765 43 21".to_owned(),
        ..mia.clone()
    };
    let source = |id, priority, contacts: &[SeedContact]| Source {
        adapter: Arc::new(FakeAdapter::seeded(id, contacts)),
        priority,
        actions: Vec::new(),
    };
    let sources = vec![
        source("sugar", 10, std::slice::from_ref(&mia)),
        source("hubspot", 20, &[mia, max, other]),
    ];
    let engine = Engine::new(sources, EngineSettings::default());
    let query = ContactQuery::from(NumberQuery {
        number: number(MIA_NUMBER),
        max_records: NonZeroUsize::new(20).unwrap(),
        explain,
    });
    let cx = CallContext::within(Duration::from_secs(1), RequestId::new("test"));
    let request = LookupRequest {
        cx: &cx,
        query: &query,
        allowed: None,
        max_results: NonZeroUsize::MIN,
    };
    engine.lookup(request).await
}

#[tokio::test]
async fn merging_and_ranking_are_told_with_their_reasons() {
    let explanation = report(true).await.explanation.unwrap();
    let ranking: Vec<_> = explanation
        .ranking
        .iter()
        .map(|it| (it.id.to_string(), it.class, it.priority, it.behind_by))
        .collect();
    let exact = MatchClass::Exact;
    let expected = [
        ("sugar:13,hubspot:13".to_owned(), exact, 10, None),
        (
            "hubspot:99".to_owned(),
            exact,
            20,
            Some(Criterion::Priority),
        ),
    ];
    assert_eq!(ranking, expected);
    let [pairing] = explanation.pairings.as_slice() else {
        panic!("one pair: {:?}", explanation.pairings);
    };
    assert_eq!(pairing.outcome, PairingOutcome::Merged);
    assert!(pairing.evidence.has(Clue::SameName), "{pairing:?}");
}

#[tokio::test]
async fn rejected_candidates_are_kept_for_an_explanation_only() {
    for explain in [true, false] {
        let report = report(explain).await;
        assert_eq!(report.explanation.is_some(), explain);
        let SourceStatus::Answered(answer) = &report.sources.last().unwrap().status else {
            panic!("answered");
        };
        assert_eq!(answer.rejected(), 1);
        let rejected: Vec<_> = answer
            .rejections()
            .iter()
            .map(|it| it.id.as_str())
            .collect();
        assert_eq!(rejected, if explain { vec!["100"] } else { vec![] });
    }
}
