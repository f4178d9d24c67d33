//! What one lookup costs: whole, and its parts.
//!
//! | benchmark | measures |
//! |---|---|
//! | `lookup/whole` | a warm lookup of one contact with a known company, over loopback |
//! | `lookup/cpu` | the processor time of the thread that runs the same lookup, without that of the simulated HubSpot |
//! | `lookup/exchange` | the same HTTP exchange by the same client, reply unread |
//! | `lookup/verification` | the check of one found number against the asked one |
//!
//! The adapter's own part (building the search, reading the reply, mapping, verification) is the
//! difference of the first two; both share the processor with the simulated HubSpot.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a broken set-up has to stop the benchmark"
)]

#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

use std::{cell::Cell, hint::black_box, sync::Arc, time::Duration};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use whocalls_core::{
    AdapterId, BuildContext, CallContext, ContactQuery, ContactRecord, CrmAdapter, LookupAnswer,
    Operation, RecordKind, RequestId,
};
use whocalls_http::{BaseUrl, HttpClient, HttpSettings, Method};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    cpu::thread_time,
    number_plan, query,
    sim::hubspot::HubSpot,
    upstream::{SimulatedCrm, Upstream},
};

/// Each adapter is limited to a hundred searches a second, so many of them take turns.
const ADAPTERS: usize = 256;

fn cx() -> CallContext {
    CallContext::within(Duration::from_secs(20), RequestId::new("bench"))
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn hubspot() -> Upstream {
    let crm: Arc<dyn SimulatedCrm> = Arc::new(HubSpot::new(&messy_contacts(0)));
    Upstream::start(crm)
}

/// Adapters that have read the company and opened their connection.
fn warm_adapters(upstream: &Upstream, runtime: &Runtime) -> Vec<Arc<dyn CrmAdapter>> {
    let warm = || {
        let adapter = support::adapter(upstream, support::with_token());
        let answer = runtime.block_on(adapter.lookup(&cx(), &query(MIA_NUMBER)));
        assert_eq!(answer.expect("an answer").matches().len(), 1);
        adapter
    };
    (0..ADAPTERS).map(|_| warm()).collect()
}

fn whole(criterion: &mut Criterion) {
    let (upstream, runtime) = (hubspot(), runtime());
    let adapters = warm_adapters(&upstream, &runtime);
    let (mia, turn) = (query(MIA_NUMBER), Cell::new(0));
    criterion.bench_function("lookup/whole", |bencher| {
        bencher.to_async(&runtime).iter(|| {
            let adapter = &adapters[turn.get() % ADAPTERS];
            turn.set(turn.get() + 1);
            let mia = &mia;
            async move { adapter.lookup(&cx(), mia).await.expect("an answer") }
        });
    });
}

fn cpu(criterion: &mut Criterion) {
    let (upstream, runtime) = (hubspot(), runtime());
    let adapters = warm_adapters(&upstream, &runtime);
    let mia = query(MIA_NUMBER);
    let mut turns = adapters.iter().cycle();
    criterion.bench_function("lookup/cpu", |bencher| {
        bencher.iter_custom(|rounds| {
            let start = thread_time().expect("Linux");
            for _ in 0..rounds {
                let adapter = turns.next().unwrap();
                let answer = runtime.block_on(adapter.lookup(&cx(), &mia));
                assert_eq!(answer.expect("an answer").matches().len(), 1);
            }
            thread_time().expect("Linux").saturating_sub(start)
        });
    });
}

fn exchange(criterion: &mut Criterion) {
    let (upstream, runtime) = (hubspot(), runtime());
    let adapter = support::adapter(&upstream, support::with_token());
    let found = runtime.block_on(adapter.lookup(&cx(), &query(MIA_NUMBER)));
    found.expect("an answer");
    let search = upstream.control().requests().swap_remove(0);
    let body: Value = search.json().unwrap();
    let context = BuildContext {
        id: AdapterId::new("hubspot").unwrap(),
        crm_name: String::new(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: std::path::PathBuf::new(),
    };
    let base = BaseUrl::parse("base_url", &upstream.url()).unwrap();
    let client = HttpClient::new(&context, &HttpSettings::default(), &base);
    let url = base.join(search.path.split('/').skip(1));
    criterion.bench_function("lookup/exchange", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            let request = client.request(Operation::Lookup, Method::POST, url.clone());
            let request = request.unwrap().bearer_auth(HubSpot::TOKEN).json(&body);
            let reply = client.send(&cx(), Operation::Lookup, request).await;
            assert!(reply.expect("a reply").status.is_success());
        });
    });
}

fn verification(criterion: &mut Criterion) {
    let (plan, ContactQuery::Number(asked)) = (number_plan(), query(MIA_NUMBER)) else {
        return;
    };
    let source = AdapterId::new("hubspot").unwrap();
    let found = || {
        let name = "Mia Keller".to_owned();
        let mut record = ContactRecord::new(source.clone(), "51", RecordKind::Contact, name);
        record.phones = vec!["079 123 45 67".to_owned()];
        record
    };
    criterion.bench_function("lookup/verification", |bencher| {
        let verify = |record| LookupAnswer::verified([record], black_box(&asked), &plan);
        bencher.iter_batched(found, verify, BatchSize::SmallInput);
    });
}

criterion_group! {
    name = lookup;
    config = Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = whole, cpu, exchange, verification
}
criterion_main!(lookup);
