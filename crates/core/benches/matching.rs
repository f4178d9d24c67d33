//! The processor time of matching one stored field against the asked number.
#![expect(clippy::panic, reason = "a broken set-up has to stop the benchmark")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use whocalls_core::{Caller, NumberPlan};

const ASKED: &str = "41215522000";

const STORED: [(&str, &str); 9] = [
    ("e164", "+41215522000"),
    ("international", "+41 21 552 20 00"),
    ("national", "021 552 20 00"),
    ("optional zero", "+41 (0)21 552 20 00"),
    ("extension", "021 552 20 00 ext. 12"),
    ("two numbers", "079 123 45 67 / 021 552 20 00"),
    ("no-break spaces", "021\u{a0}552\u{a0}20\u{a0}00"),
    ("another number", "+41 79 123 45 67"),
    ("another area", "031 552 20 00"),
];

fn matching(criterion: &mut Criterion) {
    let Ok(plan) = NumberPlan::new("CH") else {
        panic!("CH is a region");
    };
    let Caller::Number(asked) = plan.classify(ASKED) else {
        panic!("{ASKED} is a number");
    };
    let mut group = criterion.benchmark_group("match one stored field");
    for (title, stored) in STORED {
        group.bench_function(title, |bencher| {
            bencher.iter(|| plan.match_stored(black_box(stored), black_box(&asked)));
        });
    }
    group.finish();
}

criterion_group!(benches, matching);
criterion_main!(benches);
