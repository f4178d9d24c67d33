//! Listeners, signals, graceful stop.

use std::{
    collections::HashMap,
    fs, io, iter,
    net::{SocketAddr, TcpListener},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, SystemTime},
};

use actix_web::{App, HttpServer, dev, middleware::Condition, web};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{MissedTickBehavior, interval},
};

use crate::{
    gateway::{Gateway, Origin},
    listener::listen as listen_on,
    routes,
};

/// How long requests in flight may take to finish after a stop was asked for. Longer than any
/// `request_timeout_ms`.
const STOP_TIMEOUT_SECS: u64 = 61;
/// How long deliveries under way may take to finish after that. One that is cut short is resolved
/// after the next start.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the configuration file is looked at. Looking at its metadata works for editors that
/// rename, for symbolic links and on network file systems, where notifications do not.
const FILE_CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// How often metrics are tidied. Until then every duration is kept on its own: at 100,000 lookups
/// a second, megabytes.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(1);

/// How long a client may take to send the head of its first request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection without request is kept. Opening one costs the client a round trip, and
/// connections are few.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// How long a client may take to close a connection.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// actix-server takes no more.
const MAX_THREADS: usize = 512;
/// Connections of operators at once.
const MAX_ADMIN_CONNECTIONS: usize = 64;

/// The gateway with its open ports.
#[derive(Debug)]
pub struct Server {
    gateway: Arc<Gateway>,
    listener: TcpListener,
    admin_listener: TcpListener,
    root_path: String,
}

impl Server {
    /// Opens the ports.
    ///
    /// # Errors
    /// When an address is in use or not one of this machine.
    pub fn bind(
        gateway: Arc<Gateway>,
        listen: SocketAddr,
        admin_listen: SocketAddr,
        root_path: &str,
    ) -> io::Result<Self> {
        let open = |key: &str, address: SocketAddr| {
            listen_on(address).map_err(|error| {
                io::Error::new(
                    error.kind(),
                    format!("gateway.{key} = \"{address}\": {error}"),
                )
            })
        };
        Ok(Self {
            listener: open("listen", listen)?,
            admin_listener: open("admin_listen", admin_listen)?,
            gateway,
            root_path: root_path.to_owned(),
        })
    }

    /// The address for clients.
    ///
    /// # Errors
    /// When the operating system does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The address for operators.
    ///
    /// # Errors
    /// When the operating system does not tell.
    pub fn admin_address(&self) -> io::Result<SocketAddr> {
        self.admin_listener.local_addr()
    }

    /// Serves until `stop` ends, then finishes the requests in flight.
    ///
    /// # Errors
    /// When a listener fails.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let Self {
            gateway,
            listener,
            admin_listener,
            root_path,
        } = self;
        // One thread a core; each takes its part of the connections.
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let threads = threads.min(MAX_THREADS);
        let public = serve(
            listener,
            threads,
            gateway.admission.max_connections().div_ceil(threads),
            {
                let gateway = Arc::clone(&gateway);
                move |config| {
                    config.app_data(web::Data::from(Arc::clone(&gateway)));
                    routes::configure(config, &root_path);
                }
            },
            Arc::clone(&gateway),
        )?;
        let admin = serve(
            admin_listener,
            1,
            MAX_ADMIN_CONNECTIONS,
            {
                let gateway = Arc::clone(&gateway);
                move |config| {
                    config.app_data(web::Data::from(Arc::clone(&gateway)));
                    routes::configure_admin(config);
                }
            },
            Arc::clone(&gateway),
        )?;
        let handles = [public.handle(), admin.handle()];
        let stopping = async {
            stop.await;
            gateway.set_stopping();
            let [public, admin] = handles;
            // The operator's view stays until the last client is served.
            public.stop(true).await;
            gateway.outbox.stop(STOP_TIMEOUT).await;
            gateway.save_caches().await;
            admin.stop(false).await;
        };
        gateway.start_deliveries();
        gateway.start_saving();
        gateway.warm_up();
        let (public, admin, ()) = tokio::join!(public, admin, stopping);
        public.and(admin)
    }
}

/// One HTTP server with `threads` threads. Each holds up to `max_connections` open; further ones
/// wait in the queue of the operating system.
fn serve(
    listener: TcpListener,
    threads: usize,
    max_connections: usize,
    configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    gateway: Arc<Gateway>,
) -> io::Result<dev::Server> {
    let server = HttpServer::new(move || {
        App::new()
            .wrap(Condition::new(
                gateway.answers_browsers(),
                routes::cors(Arc::clone(&gateway)),
            ))
            .configure(configure.clone())
    })
    .disable_signals()
    .shutdown_timeout(STOP_TIMEOUT_SECS)
    .workers(threads)
    .max_connections(max_connections)
    .client_request_timeout(HEAD_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .client_disconnect_timeout(CLOSE_TIMEOUT)
    .listen(listener)?;
    Ok(server.run())
}

/// The signals that a serving process listens to.
#[derive(Debug)]
pub struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Starts to listen. From now on these signals do not end the process by themselves.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Reloads on `SIGHUP` and when the file or a description that it names changes, tidies
    /// metrics; ends on `SIGTERM` or `SIGINT`.
    pub async fn until_stopped(mut self, gateway: &Gateway, origin: &Origin) {
        let mut file_check = interval(FILE_CHECK_INTERVAL);
        let mut upkeep = interval(UPKEEP_INTERVAL);
        for timer in [&mut file_check, &mut upkeep] {
            timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        let mut seen = Versions::of(gateway, origin);
        loop {
            tokio::select! {
                () = received(&mut self.terminate) => return,
                () = received(&mut self.interrupt) => return,
                () = received(&mut self.hangup) => {
                    seen = Versions::of(gateway, origin).after_reload(gateway, origin);
                }
                _ = file_check.tick() => {
                    let now = Versions::of(gateway, origin);
                    if now.has_changed_since(&seen) {
                        tracing::info!("the configuration file changed");
                        seen = now.after_reload(gateway, origin);
                    }
                }
                _ = upkeep.tick() => gateway.metrics.run_upkeep(),
            }
        }
    }
}

async fn received(signal: &mut Signal) {
    if signal.recv().await.is_none() {
        // No further signal can arrive; the others decide.
        std::future::pending::<()>().await;
    }
}

/// The files of a configuration as they were seen.
#[derive(Debug)]
struct Versions(HashMap<PathBuf, Option<Version>>);

/// What changes when a file changes.
type Version = (SystemTime, u64);

impl Versions {
    fn of(gateway: &Gateway, origin: &Origin) -> Self {
        let descriptions = gateway.descriptions();
        let paths = iter::once(&origin.path).chain(descriptions.iter());
        Self(paths.map(|path| (path.clone(), version(path))).collect())
    }

    /// Whether a file that can be seen is not what it was.
    fn has_changed_since(&self, seen: &Self) -> bool {
        let mut files = self.0.iter();
        files.any(|(path, version)| version.is_some() && seen.0.get(path) != Some(version))
    }

    /// Reloads. What changed while the files were read is a change later; files that are named
    /// since then are taken as they are.
    fn after_reload(self, gateway: &Gateway, origin: &Origin) -> Self {
        gateway.reload(origin);
        let newer = Self::of(gateway, origin);
        Self(newer.0.into_iter().chain(self.0).collect())
    }
}

/// The version of a file; `None` while it cannot be seen.
fn version(path: &Path) -> Option<Version> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
