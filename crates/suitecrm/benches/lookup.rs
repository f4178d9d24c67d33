//! The processor time of a warm lookup, without that of the simulated SuiteCRM.
#![expect(
    clippy::unwrap_used,
    reason = "a broken set-up has to stop the benchmark"
)]

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use support::{Bench, Way, cx, simulated};
use tokio::runtime::{Builder, Runtime};
use whocalls_testkit::{contacts::MIA_NUMBER, cpu::thread_time, query};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// One request for each module: with one module and with all three.
fn cpu_of_warm_lookups(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("cpu of a warm lookup");
    let all = ["Contacts", "Leads", "Accounts"].as_slice();
    let one = ["Contacts"].as_slice();
    for (api, way) in [("v8", Way::Client), ("v4_1", Way::Session)] {
        for modules in [one, all] {
            let bench = Bench::with(simulated(), way, |settings| {
                let settings = settings.as_object_mut().unwrap();
                settings.insert("modules".to_owned(), json!(modules));
            });
            let query = query(MIA_NUMBER);
            let lookup = || runtime.block_on(bench.adapter.lookup(&cx(), &query));
            assert_eq!(lookup().unwrap().matches().len(), 1);
            let title = format!("{api}, modules: {}", modules.len());
            group.bench_function(title, |bencher| {
                bencher.iter_custom(|rounds| {
                    let start = thread_time().unwrap();
                    for _ in 0..rounds {
                        black_box(lookup().unwrap());
                    }
                    thread_time().unwrap().saturating_sub(start)
                });
            });
        }
    }
}

criterion_group!(benches, cpu_of_warm_lookups);
criterion_main!(benches);
