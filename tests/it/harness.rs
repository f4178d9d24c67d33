//! Starts a gateway in this process and asks it.

use std::{net::Ipv4Addr, path::Path, sync::Arc, thread, time::Duration};

use reqwest::{Client, ClientBuilder, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;
use whocalls::{
    compose,
    config::{Environment, Loaded, Mode, Source, load},
    gateway::Gateway,
    server::Server,
    telemetry::Metrics,
};
use whocalls_testkit::{contacts::messy_contacts, world::World};

/// Longer than anything takes on a busy machine.
pub(crate) const PATIENT: Duration = Duration::from_secs(30);
/// A busy machine is no slow CRM: what is not about time has all of it.
pub(crate) const UNHURRIED: [(&str, &str); 2] = [
    ("WHOCALLS__GATEWAY__REQUEST_TIMEOUT_MS", "30000"),
    ("WHOCALLS__DEFAULTS__TIMEOUT_MS", "30000"),
];

/// A gateway on free ports; stops when dropped.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) admin_url: String,
    pub(crate) gateway: Arc<Gateway>,
    client: Client,
    /// Where the outbox is.
    folder: Arc<TempDir>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// A reply, read completely.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// What became of each adapter: `("sugar", "ok")`.
    pub(crate) fn timing(&self) -> Vec<(String, String)> {
        let entry = |entry: &str| {
            let (adapter, rest) = entry.split_once(';').unwrap();
            let desc = rest.split_once("desc=\"").unwrap().1;
            let (desc, _age) = desc.split_once('"').unwrap();
            (adapter.trim().to_owned(), desc.to_owned())
        };
        self.header("server-timing")
            .split(',')
            .filter(|e| !e.is_empty())
            .map(entry)
            .collect()
    }

    /// The outcomes alone, in the order of the configuration.
    pub(crate) fn outcomes(&self) -> Vec<String> {
        self.timing()
            .into_iter()
            .map(|(_, outcome)| outcome)
            .collect()
    }

    pub(crate) fn contacts(&self) -> &Vec<Value> {
        self.body.as_array().unwrap()
    }

    pub(crate) fn code(&self) -> &str {
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], self.status);
        self.body["code"].as_str().unwrap()
    }
}

fn loaded(text: &str) -> Loaded {
    let source = Source::new("adapters.toml", text, env!("CARGO_MANIFEST_DIR"));
    // Only tests about time set timeouts of their own.
    let is_set = |variable: &str| {
        let key = variable.rsplit("__").next().unwrap().to_lowercase();
        text.lines().any(|line| line.starts_with(&key))
    };
    let workflow = ("WHOCALLS__GATEWAY__WORKFLOW_TIMEOUT_MS", "30000");
    let variables = UNHURRIED.into_iter().chain([workflow]);
    let environment: Environment = variables.filter(|(name, _)| !is_set(name)).collect();
    let loaded = load(&source, &environment, &compose::registry(), Mode::Full);
    loaded.unwrap_or_else(|report| panic!("{report}"))
}

/// Starts a gateway with this configuration; its ports are chosen here.
pub(crate) fn start(text: &str) -> Running {
    start_loaded(loaded(text))
}

/// Starts a gateway whose outbox is in a folder that was prepared for it.
pub(crate) fn start_in(folder: TempDir, text: &str) -> Running {
    start_with_outbox(loaded(text), Arc::new(folder))
}

/// Starts a gateway with a configuration that was loaded already.
pub(crate) fn start_loaded(loaded: Loaded) -> Running {
    start_with_outbox(loaded, Arc::new(tempfile::tempdir().unwrap()))
}

/// Starts a gateway whose outbox is in `folder`.
fn start_with_outbox(mut loaded: Loaded, folder: Arc<TempDir>) -> Running {
    loaded.config.outbox.path = folder.path().join("outbox.db");
    let root_path = loaded.config.gateway.root_path.clone();
    let gateway = Gateway::new(loaded, Metrics::new().unwrap()).unwrap();
    let any_port = (Ipv4Addr::LOCALHOST, 0).into();
    let server = Server::bind(Arc::clone(&gateway), any_port, any_port, &root_path).unwrap();
    let url = format!(
        "http://{}{}",
        server.address().unwrap(),
        root_path.trim_end_matches('/')
    );
    let admin_url = format!("http://{}", server.admin_address().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = thread::spawn(move || {
        let stop = async { drop(stopped.await) };
        actix_web::rt::System::new()
            .block_on(server.run(stop))
            .unwrap();
    });
    Running {
        url,
        admin_url,
        gateway,
        client: client(),
        folder,
        stop: Some(stop),
        thread: Some(thread),
    }
}

/// A client that opens a connection for each request: one on a connection that the gateway is just
/// closing would fail, and on a busy machine nobody knows how long it was idle.
pub(crate) fn client() -> Client {
    let builder = client_builder().pool_max_idle_per_host(0);
    builder.build().unwrap()
}

pub(crate) fn client_builder() -> ClientBuilder {
    // Another test of this process may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .timeout(2 * PATIENT)
}

impl Running {
    /// Stops and starts again with this configuration and the same outbox.
    pub(crate) fn restart(self, text: &str) -> Self {
        let folder = Arc::clone(&self.folder);
        drop(self);
        start_with_outbox(loaded(text), folder)
    }

    /// The folder of the outbox.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url))
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client
            .request(method.parse().unwrap(), format!("{}{path}", self.url))
    }

    /// Looks a number up by query.
    pub(crate) async fn lookup(&self, number: &str) -> Reply {
        ask(self.get("/Lookup").query(&[("PhoneNumber", number)])).await
    }

    /// Waits until the first probes have ended, so that sessions are open and counts stand still.
    pub(crate) async fn ready(&self) {
        until_ready(&self.client, &self.admin_url).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            assert!(
                thread.join().is_ok() || thread::panicking(),
                "the gateway panicked"
            );
        }
    }
}

pub(crate) async fn ask(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.unwrap();
    let body = if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    };
    assert!(
        headers.contains_key("x-request-id"),
        "every reply names its request"
    );
    Reply {
        status,
        headers,
        body,
    }
}

/// Waits until the first probes of the gateway with this address have ended, after which CRMs see
/// only what clients cause.
pub(crate) async fn until_ready(client: &Client, url: &str) {
    let is_ready = async || {
        let reply = client.get(format!("{url}/health/ready")).send().await;
        reply.is_ok_and(|reply| reply.status().is_success())
    };
    let waiting = async {
        while !is_ready().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENT, waiting).await.unwrap();
}

/// Waits until `happened`.
pub(crate) async fn eventually(happened: impl Fn() -> bool + Send + Sync) {
    let waiting = async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let result = tokio::time::timeout(PATIENT, waiting).await;
    assert!(result.is_ok(), "it does not happen");
}

/// Three CRMs that know the same people, and a gateway in front of them that is ready.
pub(crate) async fn world(gateway_toml: &str) -> (World, Running) {
    let world = World::start(&messy_contacts(100));
    let running = start(&format!("{gateway_toml}\n{}", world.adapters_toml()));
    running.ready().await;
    (world, running)
}
