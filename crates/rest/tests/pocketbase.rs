//! The adapter against a real server of somebody else: PocketBase, with 1,000 messy contacts and
//! the description in `examples/pocketbase.toml`.
//!
//! Runs when `WHOCALLS_POCKETBASE` is the path of the program, which
//! `scripts/install-pocketbase` installs and prints.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken test set-up has to fail the test"
)]

mod support;

use std::{
    collections::HashSet,
    ffi::{OsStr, OsString},
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use support::{adapter_at, context};
use whocalls_core::{CallContext, Caller, CrmAdapter, ErrorKind, Operation, RequestId};
use whocalls_http::{BaseUrl, HttpClient, HttpSettings, Method, StatusCode};
use whocalls_testkit::{
    contacts::{MIA, MIA_NUMBER, SPELLED, SeedContact, UNKNOWN, messy_contacts},
    number_plan, query,
};

const DESCRIPTION: &str = include_str!("../examples/pocketbase.toml");
/// How long the server may take to start; it takes 0.3 s on an idle machine.
const START: Duration = Duration::from_secs(30);
const USER: &str = "cti@example.ch";
const PASSWORD: &str = "pocketbase-test";

#[tokio::test]
async fn pocketbase_knows_the_callers() {
    let Some(program) = std::env::var_os("WHOCALLS_POCKETBASE") else {
        eprintln!("skipped: WHOCALLS_POCKETBASE is not set; see scripts/install-pocketbase");
        return;
    };
    let contacts = messy_contacts(987);
    let started = Instant::now();
    let server = Server::start(&program).await;
    eprintln!("started in {:?}", started.elapsed());
    let started = Instant::now();
    let token = server.seed(&contacts).await;
    eprintln!(
        "seeded {} contacts in {:?}",
        contacts.len(),
        started.elapsed()
    );

    let adapter = adapter_at(DESCRIPTION, &server.url, &token);
    twelve_spellings_are_found(&*adapter).await;
    a_contact_is_complete(&*adapter, &server.url).await;
    nobody_is_nobody(&*adapter).await;
    let times = every_caller_is_found(&*adapter, &contacts).await;
    eprintln!(
        "{} lookups: median {:?}, slowest {:?}",
        times.len(),
        times[times.len() / 2],
        times[times.len() - 1]
    );
    the_probe_has_nothing_to_say(&*adapter).await;
    a_wrong_token_lacks_the_permission(&server.url).await;
    a_misspelled_parameter_yields_no_false_match(&server.url, &token).await;
}

async fn twelve_spellings_are_found(adapter: &dyn CrmAdapter) {
    let answer = adapter
        .lookup(&cx(), &query(SPELLED))
        .await
        .expect("an answer");
    let ids: HashSet<_> = answer
        .matches()
        .iter()
        .map(|found| &found.record.id)
        .collect();
    assert_eq!(ids.len(), 12, "{answer:?}");
}

async fn a_contact_is_complete(adapter: &dyn CrmAdapter, url: &str) {
    let answer = adapter
        .lookup(&cx(), &query(MIA_NUMBER))
        .await
        .expect("an answer");
    let [found] = answer.matches() else {
        panic!("exactly one contact owns the number: {answer:?}");
    };
    let record = &found.record;
    assert_eq!(record.name, MIA);
    assert_eq!(record.company.as_deref(), Some("Keller AG"));
    assert_eq!(record.phones, ["079 123 45 67"]);
    assert_eq!(record.emails, ["contact13@example.ch"]);
    let page = format!(
        "{url}/_/#/collections?collection=contacts&record={}",
        record.id
    );
    assert_eq!(record.contact_uri.as_deref(), Some(page.as_str()));
}

async fn nobody_is_nobody(adapter: &dyn CrmAdapter) {
    let answer = adapter
        .lookup(&cx(), &query(UNKNOWN))
        .await
        .expect("an answer");
    assert!(answer.is_empty(), "{answer:?}");
    assert_eq!(answer.rejected(), 0, "the server filters");
}

/// Every seventh contact is found by its own number, however that is spelled. Returns how long the
/// lookups took, sorted.
async fn every_caller_is_found(
    adapter: &dyn CrmAdapter,
    contacts: &[SeedContact],
) -> Vec<Duration> {
    let mut times = Vec::new();
    for contact in contacts.iter().step_by(7) {
        let stored = format!("{}{}", contact.mobile, contact.work);
        let Caller::Number(number) = number_plan().classify(&stored) else {
            panic!("{stored} is a number");
        };
        let started = Instant::now();
        let answer = adapter
            .lookup(&cx(), &query(number.digits()))
            .await
            .expect("an answer");
        times.push(started.elapsed());
        let is_owner = |email: &String| *email == contact.email;
        assert!(
            answer
                .matches()
                .iter()
                .any(|found| found.record.emails.iter().any(is_owner)),
            "the owner of {stored} is not found"
        );
    }
    times.sort();
    times
}

async fn the_probe_has_nothing_to_say(adapter: &dyn CrmAdapter) {
    let report = adapter.probe(&cx()).await.expect("PocketBase is well");
    assert_eq!(report.warnings, Vec::<String>::new());
}

/// PocketBase takes a wrong token for no token, and says 403 (`crm-apis.md` §7).
async fn a_wrong_token_lacks_the_permission(url: &str) {
    let adapter = adapter_at(DESCRIPTION, url, "wrong");
    let error = adapter
        .lookup(&cx(), &query(MIA_NUMBER))
        .await
        .expect_err("the token is wrong");
    assert_eq!(error.kind, ErrorKind::PermissionDenied, "{error}");
    let error = adapter.probe(&cx()).await.expect_err("the token is wrong");
    assert_eq!(error.kind, ErrorKind::PermissionDenied, "{error}");
}

/// PocketBase ignores parameters that it does not know and returns everybody.
async fn a_misspelled_parameter_yields_no_false_match(url: &str, token: &str) {
    let misspelled = DESCRIPTION.replace("query.filter", "query.fitler");
    let adapter = adapter_at(&misspelled, url, token);
    let answer = adapter
        .lookup(&cx(), &query(UNKNOWN))
        .await
        .expect("an answer");
    assert!(answer.is_empty(), "{answer:?}");
    assert_eq!(answer.rejected(), 50, "a page full of strangers");
    let report = adapter.probe(&cx()).await.expect("an answer");
    assert!(
        report.warnings[0].contains("ignore the filter"),
        "{report:?}"
    );
}

fn cx() -> CallContext {
    CallContext::within(Duration::from_secs(20), RequestId::new("pocketbase"))
}

/// A running PocketBase with a data folder of its own. Stops when dropped.
struct Server {
    process: Child,
    folder: PathBuf,
    url: String,
    http: HttpClient,
    base: BaseUrl,
}

impl Server {
    async fn start(program: &OsStr) -> Self {
        let name = format!("pocketbase-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("a folder for the data");
        // Its migrations go beside the data.
        let mut data = OsString::from("--dir=");
        data.push(folder.join("data"));
        let user = Command::new(program)
            .args(["superuser", "upsert", USER, PASSWORD])
            .arg(&data)
            .output()
            .expect("the program runs");
        assert!(user.status.success(), "{user:?}");

        let address = format!("127.0.0.1:{}", free_port());
        let process = Command::new(program)
            .arg("serve")
            .arg(format!("--http={address}"))
            .arg(&data)
            .stdout(Stdio::null())
            .spawn()
            .expect("the program runs");
        let url = format!("http://{address}");
        let base = BaseUrl::parse("base_url", &url).expect("a URL");
        let server = Self {
            process,
            folder,
            url,
            http: HttpClient::new(&context(), &HttpSettings::default(), &base),
            base,
        };
        server.is_up().await;
        server
    }

    async fn is_up(&self) {
        let deadline = Instant::now() + START;
        while self
            .request(Method::GET, "api/health", "", &Value::Null)
            .await
            .is_err()
        {
            assert!(Instant::now() < deadline, "PocketBase does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Creates the collection with these contacts. Returns an access token.
    async fn seed(&self, contacts: &[SeedContact]) -> String {
        let login = json!({ "identity": USER, "password": PASSWORD });
        let path = "api/collections/_superusers/auth-with-password";
        let login = self.post(path, "", &login).await;
        let token = login["token"].as_str().expect("a token");

        let fields = [
            "first_name",
            "last_name",
            "company",
            "email",
            "mobile",
            "work",
            "job_title",
        ];
        let fields = fields.map(|name| json!({ "name": name, "type": "text" }));
        let collection = json!({ "name": "contacts", "type": "base", "fields": fields });
        self.post("api/collections", token, &collection).await;

        let batch = json!({ "batch": { "enabled": true, "maxRequests": contacts.len() } });
        self.request(Method::PATCH, "api/settings", token, &batch)
            .await
            .expect("the settings are changed");
        let requests: Vec<Value> = contacts
            .iter()
            .map(|contact| {
                json!({
                    "method": "POST",
                    "url": "/api/collections/contacts/records",
                    "body": {
                        "first_name": contact.first_name,
                        "last_name": contact.last_name,
                        "company": contact.company,
                        "email": contact.email,
                        "mobile": contact.mobile,
                        "work": contact.work,
                        "job_title": contact.job_title,
                    },
                })
            })
            .collect();
        let created = self
            .post("api/batch", token, &json!({ "requests": requests }))
            .await;
        assert_eq!(created.as_array().map(Vec::len), Some(contacts.len()));
        token.to_owned()
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        self.request(Method::POST, path, token, body)
            .await
            .unwrap_or_else(|reason| panic!("{path}: {reason}"))
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Result<Value, String> {
        let request = self
            .http
            .request(Operation::Probe, method, self.base.join(path.split('/')))
            .map_err(|error| error.to_string())?
            .header("authorization", token)
            .json(body);
        let reply = self
            .http
            .send(&cx(), Operation::Probe, request)
            .await
            .map_err(|error| error.to_string())?;
        if reply.status != StatusCode::OK {
            let text = String::from_utf8_lossy(&reply.body);
            return Err(format!("{}: {text}", reply.status));
        }
        reply.json().map_err(|error| error.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing to be done if it is gone already.
        drop(self.process.kill());
        drop(self.process.wait());
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("bound").port()
}
