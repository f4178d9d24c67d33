//! A real server as a process of the test.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio, id},
    time::{Duration, Instant},
};

use serde_json::Value;
use whocalls_core::{CallContext, Operation, RequestId};
use whocalls_http::{BaseUrl, HttpClient, HttpSettings, Method};
use whocalls_testkit::port::ReservedPort;

use crate::support::context;

/// How long a server may take to start. On an idle machine the slowest, BottleCRM, takes 8 s.
const START: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_millis(20);

/// The program that a variable names. Says why the test is skipped if it is not set.
pub(crate) fn program(variable: &str, script: &str) -> Option<OsString> {
    let program = env::var_os(variable);
    if program.is_none() {
        eprintln!("skipped: {variable} is not set; see scripts/{script}");
    }
    program
}

/// Enough time for whatever a server is asked.
pub(crate) fn patient() -> CallContext {
    CallContext::within(Duration::from_mins(1), RequestId::new("servers"))
}

/// A running server with a data folder of its own. Stops when dropped.
pub(crate) struct Server {
    process: Child,
    _folder: Folder,
    _port: ReservedPort,
    url: String,
    base: BaseUrl,
    http: HttpClient,
}

impl Server {
    /// Starts what `command` makes of an empty folder and a port, and waits until it answers at
    /// the path `health`, with whatever status.
    pub(crate) async fn start(
        name: &str,
        health: &str,
        command: impl FnOnce(&Path, u16) -> Command,
    ) -> Self {
        let started = Instant::now();
        let folder = Folder::create(name);
        let port = ReservedPort::new();
        let process = command(&folder.0, port.number())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program runs");
        let url = format!("http://{}", port.address());
        let base = BaseUrl::parse("base_url", &url).expect("a URL");
        let mut server = Self {
            process,
            _folder: folder,
            _port: port,
            http: HttpClient::new(&context(), &HttpSettings::default(), &base),
            url,
            base,
        };
        server.is_up(health).await;
        eprintln!("{name} is up after {:?}", started.elapsed());
        server
    }

    async fn is_up(&mut self, health: &str) {
        let deadline = Instant::now() + START;
        while let Err(error) = self.send(Method::GET, health, None, None).await {
            let ended = self.process.try_wait().expect("a child");
            assert_eq!(ended, None, "the server ended");
            assert!(Instant::now() < deadline, "no answer: {error}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What it replies to a `GET` with this header.
    pub(crate) async fn get(&self, path: &str, header: (&str, &str)) -> Value {
        self.ask(Method::GET, path, Some(header), None).await
    }

    /// What it replies to a document. Fails the test unless the status is 2xx.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        header: Option<(&str, &str)>,
        body: Option<&Value>,
    ) -> Value {
        let (success, reply) = self
            .send(method, path, header, body)
            .await
            .unwrap_or_else(|reason| panic!("{path}: {reason}"));
        assert!(success, "{path}: {}", String::from_utf8_lossy(&reply));
        serde_json::from_slice(&reply).expect("JSON")
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        header: Option<(&str, &str)>,
        body: Option<&Value>,
    ) -> Result<(bool, Vec<u8>), String> {
        let url = self.base.join(path.split('/'));
        let mut request = self
            .http
            .request(Operation::Probe, method, url)
            .map_err(|error| error.to_string())?;
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let reply = self
            .http
            .send(&patient(), Operation::Probe, request)
            .await
            .map_err(|error| error.to_string())?;
        Ok((reply.status.is_success(), reply.body.to_vec()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing to be done if it is gone already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn create(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", id()));
        fs::create_dir_all(&folder).expect("a folder for the data");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
