//! Answers that adapters have in memory, in the fan-out: on a virtual clock.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken test set-up has to fail the test"
)]

use std::{fmt, num::NonZeroUsize, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, ContactQuery, CrmAdapter, LookupAnswer, ProbeReport,
    RequestId, WorkflowReceipt, WorkflowRequest,
};
use whocalls_engine::{Engine, EngineSettings, LookupRequest, Source, SourceOutcome};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    fake::{Act, FakeAdapter},
    query,
};

const SECOND: Duration = Duration::from_secs(1);

/// What an adapter has in memory.
#[derive(Debug, Clone, Copy)]
enum Memory {
    Nothing,
    /// What the CRM would answer.
    Answer,
    /// Breaks the contract.
    Panic,
}

#[derive(Debug)]
struct Remembering {
    crm: Arc<FakeAdapter>,
    memory: Memory,
    answer: LookupAnswer,
}

impl fmt::Display for Remembering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "remembering({})", self.crm)
    }
}

#[async_trait]
impl CrmAdapter for Remembering {
    fn info(&self) -> &AdapterInfo {
        self.crm.info()
    }

    fn remembered(&self, _: &CallContext, _: &ContactQuery) -> Option<LookupAnswer> {
        match self.memory {
            Memory::Nothing => None,
            Memory::Answer => Some(self.answer.clone()),
            Memory::Panic => panic!("the adapter was told to panic"),
        }
    }

    async fn lookup(
        &self,
        cx: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        self.crm.lookup(cx, query).await
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        self.crm.run_workflow(cx, request).await
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        self.crm.probe(cx).await
    }
}

fn cx() -> CallContext {
    CallContext::within(10 * SECOND, RequestId::new("test"))
}

struct Fixture {
    crms: Vec<Arc<FakeAdapter>>,
    engine: Engine,
}

/// CRMs that know the same contacts, behind such memories. They have been called once each.
async fn fixture(memories: &[Memory], settle: Option<Duration>) -> Fixture {
    let mut crms = Vec::new();
    let mut sources = Vec::new();
    for (id, memory) in ["sugar", "hubspot", "erp"].into_iter().zip(memories) {
        let crm = Arc::new(FakeAdapter::seeded(id, &messy_contacts(0)));
        let answer = crm.lookup(&cx(), &query(MIA_NUMBER)).await.unwrap();
        let adapter = Remembering {
            crm: Arc::clone(&crm),
            memory: *memory,
            answer,
        };
        crms.push(crm);
        sources.push(Source {
            adapter: Arc::new(adapter),
            priority: 10,
            actions: Vec::new(),
        });
    }
    let settings = EngineSettings {
        settle,
        ..EngineSettings::default()
    };
    Fixture {
        crms,
        engine: Engine::new(sources, settings),
    }
}

impl Fixture {
    /// What became of each, and how often each CRM was asked.
    async fn ask(&self) -> (Vec<&'static str>, Vec<usize>) {
        let request = LookupRequest {
            cx: &cx(),
            query: &query(MIA_NUMBER),
            allowed: None,
            max_results: NonZeroUsize::MIN,
        };
        let sources = self.engine.ask(&request).await;
        let labels = sources.iter().map(SourceOutcome::label).collect();
        let calls = self.crms.iter().map(|crm| crm.calls() - 1).collect();
        (labels, calls)
    }
}

#[tokio::test(start_paused = true)]
async fn only_adapters_without_the_answer_in_memory_are_asked() {
    let f = fixture(&[Memory::Answer, Memory::Nothing, Memory::Answer], None).await;
    assert_eq!(f.ask().await, (vec!["ok"; 3], vec![0, 1, 0]));
    let f = fixture(&[Memory::Answer; 3], None).await;
    assert_eq!(f.ask().await, (vec!["ok"; 3], vec![0; 3]));
}

#[tokio::test(start_paused = true)]
async fn an_exact_match_from_memory_starts_the_settle_time_of_the_others() {
    let f = fixture(&[Memory::Nothing, Memory::Answer], Some(SECOND)).await;
    for crm in &f.crms {
        crm.set(Act::Hang);
    }
    let started = Instant::now();
    assert_eq!(f.ask().await.0, ["skipped", "ok"]);
    assert_eq!(started.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_memory_that_panics_costs_only_its_own_part() {
    let f = fixture(&[Memory::Panic, Memory::Answer, Memory::Nothing], None).await;
    assert_eq!(f.ask().await, (vec!["error", "ok", "ok"], vec![0, 0, 1]));
}
