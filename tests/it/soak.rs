//! Many lookups while CRMs fail at random: nobody is told a wrong name, nobody waits too long, no
//! failure is shown as "nobody", and nothing leaks.
#![cfg(target_os = "linux")]

mod calls;
mod control;
mod gauge;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fmt,
    str::FromStr,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use futures::future::{join, join_all};
use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;
use whocalls_testkit::{
    contacts::messy_contacts,
    upstream::{Fault, Upstream},
    world::AllKinds,
};

use calls::{Call, Calls};
use control::{Control, Lost};
use gauge::Footprint;

use crate::{
    child::Process,
    commands::folder_with,
    harness::{PATIENT, client, client_builder},
};

/// How many lookups, if that is to be another number than [`LOOKUPS`].
const LOOKUPS_VARIABLE: &str = "WHOCALLS_SOAK_LOOKUPS";
/// As many as fit into a run of all tests.
const LOOKUPS: usize = 5_000;
/// Repeats a failed run.
const SEED_VARIABLE: &str = "WHOCALLS_SOAK_SEED";
/// Telephones that ask at the same time.
const CLIENTS: usize = 128;
/// For how long each of them rests between two calls, on average: enough for two cores to run the
/// gateway, the telephones and the CRMs. More would measure the machine.
const PAUSE: Duration = Duration::from_millis(400);
/// For how long they use an idle connection again: much less than the gateway keeps it open, because
/// a request on a connection that is just being closed fails.
const REUSED_FOR: Duration = Duration::from_secs(1);
/// The first of the numbers, which half of the calls are for.
const HOT: usize = 20;
/// Contacts with numbers of their own, and as many numbers that nobody owns.
const CONTACTS: u32 = 200;
/// What the reply's deadline is, by the settings below.
const DEADLINE: Duration = Duration::from_millis(480);
/// What a reply may take beyond its deadline.
const GRACE: Duration = Duration::from_millis(20);
/// What the process may grow by once it is warm, however many lookups there are: a few of the
/// largest replies, 4 MB each, that happen to be read at the same time.
const GROWTH_KIB: u64 = 40 * 1024;
/// Descriptors that come and go: the log, a database, a connection that is just being closed.
const SPARE_DESCRIPTORS: usize = 8;
/// Threads for blocking work come and go.
const SPARE_THREADS: u64 = 16;

/// Answers are short-lived and CRMs are tried again soon, so that they are asked all the time.
const SETTINGS: &str = "
[gateway]
listen = \"127.0.0.1:0\"
admin_listen = \"127.0.0.1:0\"
request_timeout_ms = 480
[defaults]
timeout_ms = 480
late_answer_ms = 1500
breaker = { open_ms = 200 }
[defaults.cache]
ttl_secs = 2
empty_ttl_secs = 2
stale_secs = 2
";

/// A lookup's answer: whether it is complete, and the ids of the contacts; `None` when all failed.
struct Answer {
    is_complete: bool,
    ids: Option<BTreeSet<String>>,
}

/// The simulated CRMs, the gateway, and who owns which number.
struct Soak {
    crms: AllKinds,
    process: Process,
    numbers: Vec<String>,
    owners: BTreeMap<String, BTreeSet<String>>,
    _folder: TempDir,
}

impl Soak {
    async fn start() -> Self {
        let crms = AllKinds::start(&messy_contacts(CONTACTS));
        let folder = folder_with(&format!("{SETTINGS}{}", crms.servers_toml()));
        let process = Process::start(folder.path(), "").await;
        // The first contacts share a number; these have their own, and then come unknown numbers.
        let known = (14..14 + CONTACTS).map(|id| 5_550_000 + id);
        let unknown = (0..CONTACTS).map(|place| 5_558_000 + place);
        let numbers = known.chain(unknown).map(|local| format!("4144{local}"));
        let mut soak = Self {
            crms,
            process,
            numbers: numbers.collect(),
            owners: BTreeMap::new(),
            _folder: folder,
        };
        soak.owners = soak.ask_for_owners().await;
        soak
    }

    /// Who owns which number, while all CRMs are well.
    async fn ask_for_owners(&self) -> BTreeMap<String, BTreeSet<String>> {
        let client = client();
        let mut owners = BTreeMap::new();
        for number in &self.numbers {
            let deadline = Instant::now() + PATIENT;
            let ids = loop {
                let answer = self.ask(&client, number).await;
                if let (true, Some(ids)) = (answer.is_complete, answer.ids) {
                    break ids;
                }
                assert!(Instant::now() < deadline, "no complete answer");
            };
            owners.insert(number.clone(), ids);
        }
        let found = owners
            .values()
            .filter(|ids| ids.len() == AllKinds::SERVERS.len());
        assert_eq!(found.count(), CONTACTS as usize, "each is in every CRM");
        let nobody = owners.values().filter(|ids| ids.is_empty());
        assert_eq!(nobody.count(), CONTACTS as usize);
        owners
    }

    async fn ask(&self, client: &Client, number: &str) -> Answer {
        let url = format!("{}/Lookup?PhoneNumber={number}", self.process.url);
        let reply = client.get(url).send().await.unwrap();
        let is_complete = reply.headers()["x-lookup-complete"] == "true";
        let status = reply.status().as_u16();
        let body = reply.bytes().await.unwrap();
        let ids = (status == 200).then(|| {
            let contacts: Vec<Value> = serde_json::from_slice(&body).unwrap();
            let ids = contacts
                .iter()
                .map(|contact| contact["id"].as_str().unwrap());
            ids.flat_map(|ids| ids.split(','))
                .map(str::to_owned)
                .collect()
        });
        assert!(
            ids.is_some() || [502, 503, 504].contains(&status),
            "{status}"
        );
        Answer { is_complete, ids }
    }

    /// Asks for numbers at random until `left` is used up.
    async fn call(&self, client: &Client, left: &AtomicUsize, mut chance: Rng) -> Vec<Call> {
        let mut calls = Vec::new();
        while left
            .fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1))
            .is_ok()
        {
            // Half of the calls are for a few numbers: a ring group, a customer who calls again.
            let among = if chance.bool() {
                HOT
            } else {
                self.numbers.len()
            };
            let number = &self.numbers[chance.usize(..among)];
            let started = Instant::now();
            let answer = self.ask(client, number).await;
            let wait = started.elapsed();
            self.assert_right(number, &answer);
            calls.push(Call {
                started,
                wait,
                is_complete: answer.is_complete,
                is_answered: answer.ids.is_some(),
            });
            tokio::time::sleep(PAUSE.mul_f64(2.0 * chance.f64())).await;
        }
        calls
    }

    fn assert_right(&self, number: &str, answer: &Answer) {
        let owners = &self.owners[number];
        match &answer.ids {
            Some(ids) => {
                assert!(ids.is_subset(owners), "{number}: {ids:?}, not {owners:?}");
                let is_whole = ids == owners;
                assert!(
                    is_whole || !answer.is_complete,
                    "{number}: {ids:?} of {owners:?}"
                );
            }
            None => assert!(!answer.is_complete, "{number}"),
        }
    }

    /// All telephones, and one that only sleeps.
    async fn call_all(&self, client: &Client, left: &AtomicUsize, seed: u64) -> (Vec<Call>, Lost) {
        let all_asked = AtomicBool::new(false);
        let calls = (0..CLIENTS as u64)
            .map(|number| self.call(client, left, Rng::with_seed(seed ^ (number << 32))));
        let calls = async {
            let calls = join_all(calls).await;
            all_asked.store(true, Relaxed);
            calls.concat()
        };
        join(calls, control::sleep_only(|| !all_asked.load(Relaxed))).await
    }

    /// Makes `lookups` calls while CRMs fail.
    fn run(&self, lookups: usize, seed: u64) -> Calls {
        let left = AtomicUsize::new(lookups);
        // As telephone systems do, which keep connections.
        let builder = client_builder().pool_idle_timeout(REUSED_FOR);
        let client = builder.build().unwrap();
        let (calls, control) = thread::scope(|scope| {
            let (trouble, is_going_on) = mpsc::channel();
            let servers = self.crms.upstreams();
            scope.spawn(move || make_trouble(&servers, seed, &is_going_on));
            let (watched, is_watched) = mpsc::channel();
            let threads = self.process.proc("");
            let watch = scope.spawn(move || control::watch_threads(&threads, &is_watched));
            let (calls, telephones) = tokio::task::block_in_place(|| {
                let calls = self.call_all(&client, &left, seed);
                tokio::runtime::Handle::current().block_on(calls)
            });
            drop((trouble, watched));
            let gateway = watch.join().unwrap();
            (
                calls,
                Control {
                    gateway,
                    telephones,
                },
            )
        });
        Calls::new(calls, &control)
    }

    /// Cuts all connections to CRMs, and waits until the process has at most so many descriptors
    /// and nothing under way. Returns what it has.
    async fn quiet(&self, descriptors: usize) -> Footprint {
        for server in self.crms.upstreams() {
            server.control().set_fault(Fault::Refused);
        }
        let deadline = Instant::now() + PATIENT;
        loop {
            let under_way = gauge::under_way(&self.process).await;
            let footprint = Footprint::of(&self.process);
            if under_way == 0.0 && footprint.descriptors <= descriptors {
                break footprint;
            }
            assert!(
                Instant::now() < deadline,
                "{under_way} under way, {footprint:?}, expected {descriptors} descriptors"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn all_well(&self) {
        for server in self.crms.upstreams() {
            server.control().set_fault(Fault::None);
        }
    }
}

/// Gives servers faults at random, and takes them away, until nobody holds the other end of
/// `is_going_on`.
fn make_trouble(servers: &[&Upstream], seed: u64, is_going_on: &mpsc::Receiver<()>) {
    const CHANGE_EVERY: Duration = Duration::from_millis(200);
    /// In so many changes, one is for the worse.
    const FAULT_IN: u8 = 4;
    /// In so many changes, one is for all at once.
    const ALL_IN: usize = 12;
    let mut chance = Rng::with_seed(seed);
    let slow = [100, 450, 1000].map(|millis| Fault::Slow(Duration::from_millis(millis)));
    let faults: Vec<Fault> = Fault::FATAL.into_iter().chain(slow).collect();
    for change in 1.. {
        if is_going_on.recv_timeout(CHANGE_EVERY) != Err(mpsc::RecvTimeoutError::Timeout) {
            return;
        }
        let is_for_all = change % ALL_IN == 0;
        let is_fault = is_for_all || chance.u8(..FAULT_IN) == 0;
        let fault = chance.choice(&faults).filter(|_| is_fault);
        let only = chance.usize(..servers.len());
        for (place, server) in servers.iter().enumerate() {
            if is_for_all || place == only {
                let fault = fault.copied().unwrap_or_default();
                server.control().set_fault(fault);
            }
        }
    }
}

/// What a variable of the environment says.
#[expect(
    clippy::disallowed_methods,
    reason = "it changes a run of the tests, not the gateway"
)]
fn variable<T: FromStr>(name: &str, default: T) -> T
where
    T::Err: fmt::Debug,
{
    env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn random_faults_lead_to_no_wrong_name_no_late_reply_and_no_leak() {
    let lookups = variable(LOOKUPS_VARIABLE, LOOKUPS);
    let seed = variable(SEED_VARIABLE, fastrand::u64(..));
    println!("{SEED_VARIABLE}={seed}");
    let soak = Soak::start().await;
    let at_first = soak.quiet(usize::MAX).await;
    soak.all_well();
    // Buffers and pools grow to their size before memory is measured.
    soak.run(lookups / 3, seed);
    let warm = soak.quiet(at_first.descriptors + SPARE_DESCRIPTORS).await;
    soak.all_well();
    let started = Instant::now();
    let calls = soak.run(lookups - lookups / 3, seed.wrapping_add(1));
    let elapsed = started.elapsed();
    let in_time = 100.0 * gauge::in_time(&soak.process, DEADLINE + GRACE).await;
    let after = soak.quiet(at_first.descriptors + SPARE_DESCRIPTORS).await;
    println!("{calls}; {elapsed:.1?} in all");
    println!("by the gateway's own clock, {in_time:.3} % within deadline and grace");
    println!("{at_first:?} at first, {warm:?} when warm, {after:?} in the end");
    assert!(
        !calls.outcomes().contains(&0),
        "no case is left out: {calls}"
    );
    assert_eq!(calls.lateness(), Duration::ZERO, "{calls}");
    assert!(
        after.memory_kib < warm.memory_kib + GROWTH_KIB,
        "{warm:?}, {after:?}"
    );
    assert!(
        after.threads <= warm.threads + SPARE_THREADS,
        "{warm:?}, {after:?}"
    );
}
