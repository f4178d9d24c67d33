//! The numbering plans take little memory, whatever numbers come. A process of its own, so that
//! nothing else counts. Linux only: elsewhere there is no `/proc`.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a broken set-up has to stop the test")]

use std::{fs, hint::black_box, thread};

use whocalls_core::{Caller, NumberPlan};

/// Numbers of all regions and types; see `oracle/README.md`.
const CASES: &str = include_str!("oracle/cases.tsv");
/// An attacker who sends numbers of every country reaches it, so it has to be bearable.
const LIMIT_KIB: u64 = 32 * 1024;
/// What is cached for each thread counts as often as there are threads.
const THREADS: usize = 4;

/// Memory of the process that is not swapped out, in KiB (proc(5)).
fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse().unwrap()
}

/// Reads, validates and formats every number; tells how many there were.
fn use_all_regions() -> usize {
    let cases = CASES.lines().skip(1).filter_map(|line| {
        let mut fields = line.split('\t');
        Some((fields.next()?, fields.nth(1)?, fields.next()?))
    });
    let mut numbers = 0;
    for (region, national, international) in cases {
        let plan = NumberPlan::new(region).or_else(|_| NumberPlan::new("CH"));
        let plan = plan.unwrap();
        let Caller::Number(number) = plan.classify(international) else {
            continue;
        };
        numbers += 1;
        black_box((number.is_valid(), number.e164(), number.spellings()));
        black_box(plan.match_stored(national, &number));
        black_box(plan.stored_digits(national));
    }
    numbers
}

#[test]
fn numbers_of_every_region_leave_the_memory_small() {
    let before = resident_kib();
    let rounds: Vec<_> = (0..THREADS)
        .map(|_| thread::spawn(use_all_regions))
        .collect();
    for round in rounds {
        assert!(round.join().unwrap() > 2000);
    }
    let grown = resident_kib() - before;
    println!(
        "phone metadata after numbers of every region: {} MiB",
        grown / 1024
    );
    assert!(grown < LIMIT_KIB, "{grown} KiB");
}
