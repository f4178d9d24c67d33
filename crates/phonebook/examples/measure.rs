//! Measures the phonebook on a generated file: load time, memory, lookup time. Linux only.
//!
//! `cargo run --release -p whocalls-phonebook --example measure -- 100000`

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a tool that prints and may stop"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::{
    fs,
    hint::black_box,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use support::{adapter, numbers_of, plan, query, within, write_contacts};
use whocalls_core::{ContactQuery, CrmAdapter};

/// How many lookups are timed.
const LOOKUPS: usize = 20_000;
const AMPLE: Duration = Duration::from_mins(10);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let count = std::env::args().nth(1);
    let contacts = count.map_or(100_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    write_contacts(&folder.path().join("contacts.csv"), contacts);
    let book = load(folder.path()).await;
    look_up(&*book, contacts).await;
}

async fn load(folder: &Path) -> Arc<dyn CrmAdapter> {
    // The tables of libphonenumber are loaded at the first use and are not the phonebook's.
    drop(query("41215522000", 5));
    // Forgets the peak of writing the file (proc(5), clear_refs).
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = resident_kib("VmRSS:");
    let started = Instant::now();
    let book = adapter(folder, serde_json::json!({ "file": "contacts.csv" }));
    let report = book.probe(&within(AMPLE)).await.unwrap();
    let elapsed = started.elapsed().as_millis();
    let grown = |line| resident_kib(line).saturating_sub(before) / 1024;
    let file = fs::metadata(folder.join("contacts.csv")).unwrap().len() >> 20;
    println!("{}, {file} MiB", report.summary);
    println!("load   {elapsed} ms");
    println!(
        "memory {} MiB kept, {} MiB at the peak of loading",
        grown("VmRSS:"),
        grown("VmHWM:")
    );
    book
}

async fn look_up(book: &dyn CrmAdapter, contacts: usize) {
    let plan = plan();
    let (mut whole, mut verifying) = (Vec::new(), Vec::new());
    for lookup in 0..LOOKUPS {
        let query = query(&numbers_of(lookup * 7919 % contacts)[lookup % 2], 5);
        let cx = within(AMPLE);
        let started = Instant::now();
        let answer = book.lookup(&cx, &query).await.unwrap();
        whole.push(started.elapsed());
        let ([found], ContactQuery::Number(query)) = (answer.matches(), &query) else {
            panic!("one contact is expected");
        };
        let started = Instant::now();
        for phone in &found.record.phones {
            black_box(plan.match_stored(phone, &query.number));
        }
        verifying.push(started.elapsed());
    }
    print_times("lookup", whole);
    print_times(
        "  of it reading the numbers of the contact found with the plan",
        verifying,
    );
}

fn print_times(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e6;
    println!("{what}: {:.1} µs median, {:.1} µs at 99 %", at(50), at(99));
}

/// A line of `/proc/self/status`.
fn resident_kib(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let value = status
        .lines()
        .find_map(|text| text.strip_prefix(line))
        .unwrap();
    value.trim().trim_end_matches(" kB").parse().unwrap()
}
