//! What a lookup of one step costs: its request, the reading of its reply, both together, and how
//! much processor time the whole takes over the loopback, with the HTTP exchange.
#![expect(
    clippy::unwrap_used,
    reason = "a broken set-up has to stop the benchmark"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use whocalls_core::{CallContext, ContactQuery, NumberQuery, RequestId};
use whocalls_rest::measured::Bare;
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    cpu::thread_time,
    number_plan, query,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

/// A description with a query language, templates in its fields, and links.
const CRM: &str = r#"
[adapters.crm]
kind = "rest"

[adapters.crm.settings]
base_url = "https://crm.example.com/api"

[adapters.crm.settings.lookup]
path = "/contacts"
query.filter = { odata = "contains(mobile,'{{ number.nsn }}') or contains(phone,'{{ number.national }}')" }
query.top = "20"
hits = "$.value[*]"

[adapters.crm.settings.lookup.fields]
id = "$.id"
name = { template = "{{ hit.first }} {{ hit.last }}" }
phones = ["$.mobile", "$.phone"]
company = "$.company.name"
emails = "$.email"
contact_uri = { template = "{{ base_url }}/contacts/{{ id }}" }
custom_fields = { "Job title" = "$.title" }
"#;

/// [`MIA_NUMBER`] as most people write it.
const SPELLINGS: [&str; 6] = [
    "+41 79 123 45 67",
    "079 123 45 67",
    "0041791234567",
    "(079) 123 45 67",
    "+41 (0)79 123 45 67",
    "+41791234567",
];

fn rendering_and_reading(criterion: &mut Criterion) {
    let lookup = Bare::new(support::settings(CRM, "key"), number_plan()).unwrap();
    let query = asked();
    let mut group = criterion.benchmark_group("one step");
    group.bench_function("request", |bencher| {
        bencher.iter(|| lookup.request(black_box(&query)).unwrap());
    });
    let body = reply(12, &SPELLINGS).to_string();
    let found = lookup.answer(body.as_bytes(), &query).unwrap();
    assert_eq!(found.matches().len(), 12);
    group.bench_function("reply with 12 as people write", |bencher| {
        bencher.iter(|| lookup.answer(black_box(body.as_bytes()), &query).unwrap());
    });
    for hits in [1, 12] {
        let body = reply(hits, &[MIA_NUMBER]).to_string();
        let found = lookup.answer(body.as_bytes(), &query).unwrap();
        assert_eq!(found.matches().len(), hits);
        group.bench_function(format!("reply with {hits}"), |bencher| {
            bencher.iter(|| lookup.answer(black_box(body.as_bytes()), &query).unwrap());
        });
        group.bench_function(format!("request and reply with {hits}"), |bencher| {
            bencher.iter(|| {
                black_box(lookup.request(&query).unwrap());
                lookup.answer(black_box(body.as_bytes()), &query).unwrap()
            });
        });
    }
}

/// The processor time of the thread that looks up, with the HTTP client and without the server.
fn cpu_of_a_lookup(criterion: &mut Criterion) {
    let upstream = Upstream::start(Arc::new(Canned));
    let adapter = support::adapter_at(CRM, &upstream.url(), "key");
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let query = query(MIA_NUMBER);
    let look_up = || {
        let cx = CallContext::within(Duration::from_secs(20), RequestId::new("bench"));
        runtime.block_on(adapter.lookup(&cx, &query)).unwrap()
    };
    assert_eq!(look_up().matches().len(), 1);
    criterion.bench_function("cpu of a lookup with its exchange", |bencher| {
        bencher.iter_custom(|rounds| {
            let start = thread_time().unwrap();
            for _ in 0..rounds {
                black_box(look_up());
            }
            thread_time().unwrap().saturating_sub(start)
        });
    });
}

fn asked() -> NumberQuery {
    let ContactQuery::Number(query) = query(MIA_NUMBER) else {
        unreachable!("a query by number");
    };
    query
}

/// Owners of the number, as a CRM returns them: with these spellings, one after the other.
fn reply(hits: usize, spellings: &[&str]) -> Value {
    let hit = |(id, spelling)| {
        json!({
            "id": id, "first": "Mia", "last": "Keller", "title": "CFO",
            "mobile": spelling, "phone": "+41 44 555 01 00", "email": "mia@example.ch",
            "company": { "id": 7, "name": "Keller AG" }, "created": "2026-01-01T00:00:00Z",
        })
    };
    let hits = (0..hits).zip(spellings.iter().cycle()).map(hit);
    json!({ "value": hits.collect::<Vec<_>>(), "next": null })
}

/// Always finds one.
struct Canned;

impl SimulatedCrm for Canned {
    fn respond(&self, _: &Request) -> Response {
        Response::json(200, &reply(1, &[MIA_NUMBER]))
    }
}

criterion_group!(benches, rendering_and_reading, cpu_of_a_lookup);
criterion_main!(benches);
