//! What it costs to match, merge and rank the answers of three CRMs with 20 records each.
//!
//! | benchmark | measures |
//! |---|---|
//! | `matching` | verifying 60 candidates against the asked number |
//! | `merging` | merging 60 records of 20 people, and ranking the contacts |
//! | `whole` | both |
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a broken set-up has to stop the benchmark"
)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use whocalls_core::{
    AdapterId, Caller, ContactRecord, LookupAnswer, NumberPlan, NumberQuery, RecordKind,
};
use whocalls_engine::{Asked, MergeSettings, SourceMatches, merge, rank};

const CRMS: [&str; 3] = ["sugar", "hubspot", "erp"];
const GIVEN: [&str; 10] = [
    "Anna", "Luca", "Zoé", "Jürg", "Chiara", "Noah", "Léa", "Urs", "Sofia", "Matteo",
];
const FAMILY: [&str; 8] = [
    "Müller", "Rossi", "Favre", "Keller", "O'Neill", "Dubois", "von Arx", "Schmid",
];
const SPELLINGS: [&str; 3] = ["+41 44 555 01 00", "044 555 01 00", "+41445550100"];

/// Twenty colleagues at the number of their company, as each of the CRMs has them.
fn records() -> Vec<(AdapterId, Vec<ContactRecord>)> {
    let record = |crm: usize, id: usize| {
        let source = AdapterId::new(CRMS[crm]).unwrap();
        let (given, family) = (GIVEN[id % 10], FAMILY[id * 3 % 8]);
        let name = if crm == 2 {
            format!("{family}, {given}")
        } else {
            format!("{given} {family}")
        };
        let kind = RecordKind::Contact;
        let mut record = ContactRecord::new(source, id.to_string(), kind, name);
        record.company = Some("Alpina Treuhand AG".to_owned());
        record.emails = vec![format!("person{id}@alpina.example")];
        record.phones = vec![SPELLINGS[crm].to_owned(), format!("079 555 10 {id:02}")];
        record
    };
    let each = CRMS.iter().enumerate();
    each.map(|(crm, id)| {
        let records = (0..20).map(|id| record(crm, id));
        (AdapterId::new(id).unwrap(), records.collect())
    })
    .collect()
}

fn bench(c: &mut Criterion) {
    let plan = NumberPlan::new("CH").unwrap();
    let Caller::Number(number) = plan.classify("41445550100") else {
        return;
    };
    let query = NumberQuery {
        number,
        max_records: 20.try_into().unwrap(),
        explain: false,
    };
    let matching = |records: Vec<(AdapterId, Vec<ContactRecord>)>| -> Vec<SourceMatches> {
        let each = records.into_iter().zip(1..);
        each.map(|((source, records), priority)| SourceMatches {
            source,
            priority,
            matches: LookupAnswer::verified(records, &query, &plan).into_matches(),
        })
        .collect()
    };
    let merging = |sources: Vec<SourceMatches>| {
        let mut contacts = merge(MergeSettings::default(), Asked::of(&query.number), &sources);
        rank(&mut contacts);
        contacts
    };
    let contacts = merging(matching(records()));
    assert_eq!(contacts.len(), 20, "{contacts:?}");
    c.bench_function("matching", |b| {
        b.iter_batched(records, |it| black_box(matching(it)), BatchSize::SmallInput);
    });
    c.bench_function("merging", |b| {
        let sources = || matching(records());
        b.iter_batched(sources, |it| black_box(merging(it)), BatchSize::SmallInput);
    });
    c.bench_function("whole", |b| {
        let run = |it| black_box(merging(matching(it)));
        b.iter_batched(records, run, BatchSize::SmallInput);
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
