//! The process dies, the CRMs fail, the disk is full: every workflow that was acknowledged ends up
//! in its CRM, once.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use whocalls_outbox::{Filter, State, Store};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    port::ReservedPort,
    upstream::{Fault, Upstream},
    world::AllKinds,
};

use crate::{
    child::Process,
    commands::folder_with,
    harness::{client, until_ready},
};

/// Long enough for what all CRMs missed, on a busy machine.
const RECOVERY: Duration = Duration::from_mins(3);
/// The adapters, one of each kind.
const ADAPTERS: [&str; 5] = AllKinds::IDS;
const HUBSPOT: usize = 1;
const SUITE: usize = 3;
/// Long enough for any disk to store a workflow. The reply to one that is not delivered takes it.
const PATIENT_STORE: Duration = Duration::from_secs(3);
/// When the first call began.
const FIRST_CALL: i64 = 1_767_254_400;

/// All kinds of CRM, and a folder with the configuration that connects the gateway to them.
struct Scene {
    crms: AllKinds,
    folder: TempDir,
    /// Of the gateway, also while it is not there: no request reaches that of another test.
    _port: ReservedPort,
    /// The record of one person in each CRM, as a lookup names it.
    contacts: [String; 5],
}

impl Scene {
    async fn new(workflow_timeout: Duration) -> Self {
        let contacts = messy_contacts(5);
        let crms = AllKinds::start(&contacts);
        let port = ReservedPort::new();
        let folder = folder_with(&configuration(&crms, &port, workflow_timeout));
        let book = format!("Name,Phone\nMia Keller,+{MIA_NUMBER}\n");
        fs::write(folder.path().join(AllKinds::CONTACT_FILE), book).unwrap();
        let contacts = look_up(folder.path()).await;
        Self {
            crms,
            folder,
            _port: port,
            contacts,
        }
    }

    /// The calls in each CRM, in the order of [`ADAPTERS`], by the number of the call.
    fn calls(&self) -> [Vec<i64>; 5] {
        let numbers = |starts: Vec<String>| starts.iter().map(|start| number(start)).collect();
        let field = |objects: Vec<Value>, field: &str| {
            let text = |object: &Value| object[field].as_str().map(str::to_owned);
            numbers(objects.iter().filter_map(text).collect())
        };
        let hubspot = self.crms.world.hubspot.created().into_iter();
        let hubspot = hubspot.map(|object| Value::Object(object.properties));
        [
            field(self.crms.world.sugar.created_objects(), "date_start"),
            field(hubspot.collect(), "hs_timestamp"),
            field(self.crms.world.erp.notes(), "started_at"),
            field(self.crms.suite.created_objects(), "date_start"),
            numbers(self.logged()),
        ]
    }

    /// When the calls began that are in the phonebook's call log.
    fn logged(&self) -> Vec<String> {
        let Ok(log) = fs::read_to_string(self.folder.path().join(AllKinds::CALL_LOG)) else {
            return Vec::new();
        };
        let mut lines = log.lines();
        let titles = lines.next().unwrap_or_default().split(',');
        let column = titles.take_while(|title| *title != "started_at").count();
        let start = |line: &str| line.split(',').nth(column).map(str::to_owned);
        lines.filter_map(start).collect()
    }
}

/// The record of the test's caller in each CRM.
async fn look_up(folder: &Path) -> [String; 5] {
    let process = Process::start(folder, "").await;
    let url = format!("{}/Lookup?PhoneNumber={MIA_NUMBER}", process.url);
    let reply = client().get(url).send().await.unwrap();
    let found: Value = serde_json::from_str(&reply.text().await.unwrap()).unwrap();
    let ids = found.as_array().unwrap().iter();
    let ids: Vec<&str> = ids
        .flat_map(|contact| contact["id"].as_str().unwrap().split(','))
        .collect();
    ADAPTERS.map(|adapter| {
        let prefix = format!("{adapter}:");
        let record = ids.iter().find(|id| id.starts_with(&prefix));
        (*record.unwrap_or_else(|| panic!("{adapter} is not in {ids:?}"))).to_owned()
    })
}

/// Which call began at this time, in any of the CRMs' forms.
fn number(start: &str) -> i64 {
    let local = || {
        let time: DateTime = start.parse().unwrap();
        time.to_zoned(TimeZone::UTC).unwrap().timestamp()
    };
    let time: Timestamp = start.parse().unwrap_or_else(|_| local());
    time.as_second() - FIRST_CALL
}

fn configuration(crms: &AllKinds, port: &ReservedPort, workflow_timeout: Duration) -> String {
    format!(
        r#"
[gateway]
listen = "{}"
admin_listen = "127.0.0.1:0"
request_timeout_ms = 30000
workflow_timeout_ms = {}

[defaults]
timeout_ms = 30000

[outbox]
# The simulated CRMs carry out what they have received within this time, on a busy machine too.
unknown_outcome_wait_ms = 5000
{}
[adapters.erp.settings.workflows.CallFlow]
id = "$.id"
[adapters.erp.settings.workflows.CallFlow.create]
path = "/api/notes"
body.json = {{ external_key = "{{{{ workflow.key }}}}", started_at = "{{{{ call.started_at }}}}", subject = "{{{{ subject }}}}" }}
[adapters.erp.settings.workflows.CallFlow.find]
path = "/api/notes"
query.external_key = "{{{{ workflow.key }}}}"
hits = "$.items[*]"
id = "$.id"
"#,
        port.address(),
        workflow_timeout.as_millis(),
        crms.adapters_toml(Path::new(""))
    )
}

/// Posts call `number` of `contact`. Whether it was acknowledged; `None` when nobody answered.
async fn post(client: &Client, url: &str, number: usize, contact: &str) -> Option<bool> {
    let second = FIRST_CALL + i64::try_from(number).unwrap();
    let inputs = json!({
        "contactCrmId": contact,
        "originatorNumber": "41791234567",
        "destinationNumber": "41445550100",
        "direction": "incoming",
        "startedTime": second,
        "answeredTime": second + 5,
        "endedTime": second + 65,
    });
    let request = client.post(format!("{url}/CallFlow"));
    let reply = request
        .json(&json!({ "inputs": inputs }))
        .send()
        .await
        .ok()?;
    let status = reply.status().as_u16();
    assert!([200, 503].contains(&status), "{status}");
    Some(status == 200)
}

/// Waits until nothing is on its way any longer.
async fn all_delivered(folder: &Path) {
    let store = Store::new(folder.join("whocalls.db")).unwrap();
    let under_way = Filter {
        states: vec![State::Waiting, State::Sending],
        adapter: None,
        limit: 20,
    };
    let deadline = Instant::now() + RECOVERY;
    loop {
        let entries = store.list(under_way.clone()).await.unwrap();
        if entries.is_empty() {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "still on their way: {entries:#?}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Asserts that each CRM has each of its acknowledged calls, and none twice.
fn assert_once(scene: &Scene, acknowledged: &[BTreeSet<i64>; 5]) {
    for ((place, calls), acknowledged) in scene.calls().into_iter().enumerate().zip(acknowledged) {
        let mut times: BTreeMap<i64, usize> = BTreeMap::new();
        for call in calls {
            *times.entry(call).or_default() += 1;
        }
        let adapter = ADAPTERS[place];
        let twice: Vec<_> = times.iter().filter(|(_, count)| **count > 1).collect();
        assert_eq!(
            twice,
            [],
            "{adapter}: calls that were logged more than once"
        );
        let lost: Vec<_> = acknowledged
            .iter()
            .filter(|call| !times.contains_key(call))
            .collect();
        assert_eq!(
            lost,
            [] as [&i64; 0],
            "{adapter}: acknowledged calls that are lost"
        );
    }
}

/// Makes servers fail half of the time, until nobody holds the other end of `is_going_on`.
fn make_trouble(servers: &[&Upstream], seed: u64, is_going_on: &mpsc::Receiver<()>) {
    const CHANGE_EVERY: Duration = Duration::from_millis(30);
    let mut chance = fastrand::Rng::with_seed(seed);
    let faults = [
        Fault::Refused,
        Fault::Reset,
        Fault::LostAnswer,
        Fault::Truncated,
        Fault::Status(503),
    ];
    while is_going_on.recv_timeout(CHANGE_EVERY) == Err(mpsc::RecvTimeoutError::Timeout) {
        for server in servers {
            let fault = chance.choice(faults).filter(|_| chance.bool());
            server.control().set_fault(fault.unwrap_or_default());
        }
    }
    for server in servers {
        server.control().set_fault(Fault::None);
    }
}

/// A burst of posts by several clients, during which the process is killed now and then.
struct Burst<'s> {
    contacts: &'s [String; 5],
    seed: u64,
    posts: usize,
    kills: usize,
    /// Calls that were acknowledged, in the order of [`ADAPTERS`].
    acknowledged: Mutex<[BTreeSet<i64>; 5]>,
    next: AtomicUsize,
}

impl<'s> Burst<'s> {
    fn new(contacts: &'s [String; 5], seed: u64, posts: usize, kills: usize) -> Self {
        Self {
            contacts,
            seed,
            posts,
            kills,
            acknowledged: Mutex::default(),
            next: AtomicUsize::new(0),
        }
    }

    /// Posts until all are sent. Every second client asks again when nobody answered, as a
    /// telephone system with retries does; the others leave it at that.
    async fn send(&self, url: &str, asks_again: bool) {
        let client = client();
        loop {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            if number >= self.posts {
                return;
            }
            let place = number % self.contacts.len();
            loop {
                let answered = post(&client, url, number, &self.contacts[place]).await;
                if answered == Some(true) {
                    let call = i64::try_from(number).unwrap();
                    self.acknowledged.lock().unwrap()[place].insert(call);
                }
                if answered.is_none() {
                    until_it_is_back(&client, url).await;
                }
                if answered.is_some() || !asks_again {
                    break;
                }
            }
        }
    }

    /// Kills the process at random points and starts it again. Returns the last one.
    async fn kill_now_and_then(&self, mut process: Process, folder: &Path) -> Process {
        let mut chance = fastrand::Rng::with_seed(self.seed);
        let mut points: Vec<usize> = (0..self.kills)
            .map(|_| chance.usize(..self.posts))
            .collect();
        points.sort_unstable();
        for point in points {
            while self.next.load(Ordering::SeqCst) < point {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(Duration::from_micros(chance.u64(..20_000))).await;
            process.kill();
            process = Process::start(folder, "").await;
        }
        process
    }
}

/// Waits until the gateway, which is being started again, answers.
async fn until_it_is_back(client: &Client, url: &str) {
    let ask = || client.get(format!("{url}/health/live")).send();
    while ask().await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_workflow_exists_once_however_often_the_process_is_killed() {
    const CLIENTS: usize = 8;
    let scene = Scene::new(Duration::from_secs(1)).await;
    let burst = Burst::new(&scene.contacts, 20_261_122, 500, 6);
    let process = Process::start(scene.folder.path(), "").await;
    let url = process.url.clone();
    let runtime = tokio::runtime::Handle::current();
    let _process = thread::scope(|scope| {
        let (trouble, is_going_on) = mpsc::channel();
        let servers = scene.crms.upstreams();
        let seed = burst.seed;
        scope.spawn(move || make_trouble(&servers, seed, &is_going_on));
        let process = tokio::task::block_in_place(|| {
            runtime.block_on(async {
                let clients = (0..CLIENTS).map(|client| burst.send(&url, client % 2 == 0));
                let clients = futures::future::join_all(clients);
                let kills = burst.kill_now_and_then(process, scene.folder.path());
                futures::join!(clients, kills).1
            })
        });
        drop(trouble);
        process
    });
    all_delivered(scene.folder.path()).await;
    let acknowledged = burst.acknowledged.into_inner().unwrap();
    let count: usize = acknowledged.iter().map(BTreeSet::len).sum();
    // What is missing was posted once when the process was killed, or could not be stored in time.
    assert!(
        count > burst.posts / 2,
        "most posts were acknowledged: {count}"
    );
    assert_once(&scene, &acknowledged);
}

#[tokio::test]
async fn deliveries_that_run_when_the_process_dies_are_resolved_after_the_start() {
    let scene = Scene::new(PATIENT_STORE).await;
    let mut process = Process::start(scene.folder.path(), "").await;
    let client = client();
    until_ready(&client, &process.url).await;
    // Signs in, so that what is held back is the creation itself.
    for place in [HUBSPOT, SUITE] {
        let contact = &scene.contacts[place];
        assert_eq!(
            post(&client, &process.url, place, contact).await,
            Some(true)
        );
    }
    all_delivered(scene.folder.path()).await;
    let hubspot = scene.crms.upstream("hubspot").control();
    let suite = scene.crms.suite_server.control();
    let arrived = [hubspot.request_count(), suite.request_count()];
    let holds = [hubspot.hold(), suite.hold()];
    for place in [HUBSPOT, SUITE] {
        let (number, contact) = (10 + place, &scene.contacts[place]);
        assert_eq!(
            post(&client, &process.url, number, contact).await,
            Some(true)
        );
    }
    hubspot.arrived(arrived[0] + 1).await;
    suite.arrived(arrived[1] + 1).await;
    process.kill();
    drop(holds);
    let _process = Process::start(scene.folder.path(), "").await;
    all_delivered(scene.folder.path()).await;
    let mut acknowledged: [BTreeSet<i64>; 5] = Default::default();
    acknowledged[HUBSPOT] = BTreeSet::from([1, 11]);
    acknowledged[SUITE] = BTreeSet::from([3, 13]);
    assert_once(&scene, &acknowledged);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn on_a_full_disk_workflows_are_refused_and_none_that_was_acknowledged_is_lost() {
    const POSTS: usize = 3000;
    let scene = Scene::new(PATIENT_STORE).await;
    scene.crms.suite_server.control().set_fault(Fault::Refused);
    // No file may grow beyond 512 KiB, which for the outbox is a full disk.
    let limited = "trap '' XFSZ; ulimit -f 1024;";
    let mut process = Process::start(scene.folder.path(), limited).await;
    let client = client();
    let mut acknowledged: [BTreeSet<i64>; 5] = Default::default();
    let mut refused = 0;
    for number in 0..POSTS {
        match post(&client, &process.url, number, &scene.contacts[SUITE]).await {
            Some(true) => {
                acknowledged[SUITE].insert(i64::try_from(number).unwrap());
            }
            Some(false) => refused += 1,
            None => panic!("the gateway does not answer"),
        }
        if refused >= 10 {
            break;
        }
    }
    assert!(refused >= 10, "the disk was never full");
    assert!(!acknowledged[SUITE].is_empty());
    process.kill();
    let _process = Process::start(scene.folder.path(), "").await;
    scene.crms.suite_server.control().set_fault(Fault::None);
    all_delivered(scene.folder.path()).await;
    assert_once(&scene, &acknowledged);
}

/// The order of writes, syncs and replies, as a library under the process sees them.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_workflow_is_synced_to_disk_before_its_reply() {
    let scene = Scene::new(PATIENT_STORE).await;
    let folder = scene.folder.path();
    let library = folder.join("sync_order.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sync_order.c");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status();
    assert!(
        compiled.unwrap().success(),
        "the C compiler that builds the dependencies"
    );
    let order = folder.join("order");
    let prefix = format!(
        "SYNC_ORDER_LOG='{}' LD_PRELOAD='{}'",
        order.display(),
        library.display()
    );
    let process = Process::start(folder, &prefix).await;
    let client = client();
    // The first one is tried and refused, and that is written down, before its reply. From then on
    // the CRM is left alone for an hour: of the second one nothing is written but that it is there,
    // and its reply waits for nothing else.
    let an_hour = Fault::RateLimited(Some(3600));
    scene.crms.suite_server.control().set_fault(an_hour);
    let store = async |number| {
        let stored = post(&client, &process.url, number, &scene.contacts[SUITE]).await;
        assert_eq!(stored, Some(true));
    };
    store(1).await;
    let seen = fs::read_to_string(&order).unwrap().lines().count();
    store(2).await;
    let order = fs::read_to_string(&order).unwrap();
    let lines: Vec<&str> = order.lines().skip(seen).collect();
    let position = |what: &str, file: &str| {
        let fits = |line: &&str| line.starts_with(what) && line.contains(file);
        lines.iter().position(fits)
    };
    let written =
        position("written", "db-wal").unwrap_or_else(|| panic!("it was not written: {lines:#?}"));
    let synced =
        position("synced", "db-wal").unwrap_or_else(|| panic!("it was not synced: {lines:#?}"));
    let replied =
        position("replied", "socket").unwrap_or_else(|| panic!("it was not answered: {lines:#?}"));
    assert!(written < synced && synced < replied, "{lines:#?}");
}
