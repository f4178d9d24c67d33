//! What a lookup costs: how long it takes over the loopback against the simulated Sugar, how much
//! processor time of it is the adapter's, and what reading one reply costs without the network.
#![expect(
    clippy::unwrap_used,
    reason = "a broken set-up has to stop the benchmark"
)]

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use whocalls_core::ContactQuery;
use whocalls_sugar::measured::Reader;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED, UNKNOWN},
    cpu::thread_time,
    number_plan, query,
    sim::sugar::Sugar,
    upstream::{Request, SimulatedCrm},
};

use support::{Bench, cx, simulated};

/// Lookups with a session and a connection that are open already.
fn warm_lookups(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("warm lookup");
    for strategy in ["search", "filter"] {
        let bench = Bench::new(simulated(), strategy);
        for (number, owners) in [(UNKNOWN, 0), (MIA_NUMBER, 1), (SPELLED, 12)] {
            assert_eq!(runtime.block_on(bench.count(number)), owners);
            let query = query(number);
            group.bench_function(format!("by {strategy}, {owners} found"), |bencher| {
                bencher.to_async(&runtime).iter(async || {
                    let answer = bench.adapter.lookup(&cx(), &query).await;
                    black_box(answer.unwrap())
                });
            });
        }
    }
}

/// The processor time of the thread that looks up, without that of the simulated Sugar.
fn cpu_of_warm_lookups(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("cpu of a warm lookup");
    for strategy in ["search", "filter"] {
        let bench = Bench::new(simulated(), strategy);
        assert_eq!(runtime.block_on(bench.count(MIA_NUMBER)), 1);
        let query = query(MIA_NUMBER);
        group.bench_function(format!("by {strategy}, 1 found"), |bencher| {
            bencher.iter_custom(|rounds| {
                let start = thread_time().unwrap();
                for _ in 0..rounds {
                    let answer = runtime.block_on(bench.adapter.lookup(&cx(), &query));
                    black_box(answer.unwrap());
                }
                thread_time().unwrap().saturating_sub(start)
            });
        });
    }
}

/// One reply with twelve records: parsed, mapped and verified.
fn one_reply(criterion: &mut Criterion) {
    let body = search_reply(&simulated());
    let reader = Reader::new(number_plan()).unwrap();
    let ContactQuery::Number(query) = query(SPELLED) else {
        unreachable!("a query by number");
    };
    let found = reader.answer(&body, &query).unwrap();
    assert_eq!(found.matches().len(), 12);
    let mut group = criterion.benchmark_group("one reply");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("12 found", |bencher| {
        bencher.iter(|| reader.answer(black_box(&body), &query));
    });
}

/// The reply to a global search for the number with twelve owners.
fn search_reply(sugar: &Sugar) -> Vec<u8> {
    let post = |path: &str, token: &str, body: Value| {
        sugar.respond(&Request {
            method: "POST".to_owned(),
            path: format!("/rest/v11/{path}"),
            query: String::new(),
            headers: vec![("oauth-token".to_owned(), token.to_owned())],
            body: body.to_string().into(),
        })
    };
    let login = json!({
        "grant_type": "password", "client_id": "sugar", "client_secret": "",
        "username": Sugar::USERNAME, "password": Sugar::PASSWORD, "platform": Sugar::PLATFORM,
    });
    let tokens: Value = serde_json::from_slice(&post("oauth2/token", "", login).body).unwrap();
    let token = tokens.get("access_token").and_then(Value::as_str).unwrap();
    let search = json!({ "q": "215522000", "max_num": 100 });
    post("globalsearch", token, search).body.to_vec()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

criterion_group!(benches, warm_lookups, cpu_of_warm_lookups, one_reply);
criterion_main!(benches);
