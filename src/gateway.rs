//! The running gateway: its current service, its metrics, and how it reloads.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use futures::future::join_all;
use whocalls_core::{AdapterFactory, CallContext, CrmAdapter, RequestId};
use whocalls_outbox::{Outbox, OutboxSettings};

use crate::{
    admission::Admission,
    cache_file::CacheKeeper,
    config::{
        self, Config, Environment, Loaded, Mode, Report, Source,
        schema::{CacheFile, Log},
    },
    courier::GatewayCourier,
    crm_runtime::CrmRuntime,
    service::Service,
    telemetry::Metrics,
};

/// How long a probe at start may take. Requests are served meanwhile.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// Where the configuration comes from, so that it can be read again.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The file.
    pub path: PathBuf,
    /// The environment as it was when the process started.
    pub environment: Environment,
    /// The adapter kinds of this build.
    pub registry: Vec<AdapterFactory>,
}

impl Origin {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    /// All problems of the file.
    pub fn load(&self, mode: Mode) -> Result<Loaded, Report> {
        let source = Source::read(&self.path)?;
        config::load(&source, &self.environment, &self.registry, mode)
    }
}

/// Settings that are read once, when the process starts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fixed {
    listen: SocketAddr,
    admin_listen: SocketAddr,
    root_path: String,
    max_in_flight: usize,
    log: Log,
    /// Whether there are `cors_origins`; which ones may change.
    answers_browsers: bool,
    outbox: OutboxSettings,
    cache: CacheFile,
}

impl Fixed {
    fn of(config: &Config) -> Self {
        let gateway = &config.gateway;
        Self {
            listen: gateway.listen,
            admin_listen: gateway.admin_listen,
            root_path: gateway.root_path.clone(),
            max_in_flight: gateway.max_in_flight,
            log: config.log.clone(),
            answers_browsers: !gateway.cors_origins.is_empty(),
            outbox: config.outbox.settings(),
            cache: config.cache.clone(),
        }
    }
}

/// The state that all requests share.
#[derive(Debug)]
pub struct Gateway {
    service: Arc<ArcSwap<Service>>,
    /// Where CRMs are asked, unless it is on the thread that serves the client.
    crm_runtime: CrmRuntime,
    /// Workflows on their way to a CRM.
    pub outbox: Arc<Outbox>,
    /// Answers that are kept over a restart; none unless configured.
    cache_keeper: Option<CacheKeeper>,
    fixed: Fixed,
    /// The descriptions that the configuration names, as it was read last.
    descriptions: ArcSwap<Vec<PathBuf>>,
    /// How many requests may wait.
    pub admission: Admission,
    /// Counts, times, sizes.
    pub metrics: Metrics,
    /// Whether the first probes have not ended yet.
    probing: AtomicBool,
    stopping: AtomicBool,
}

impl Gateway {
    /// A gateway that serves `loaded`, with the answers that were kept from before.
    ///
    /// # Errors
    /// When threads cannot be started: for the outbox, for requests to CRMs.
    pub fn new(loaded: Loaded, metrics: Metrics) -> io::Result<Arc<Self>> {
        let fixed = Fixed::of(&loaded.config);
        let descriptions = ArcSwap::from_pointee(descriptions(&loaded.warnings));
        let recorder = metrics.recorder();
        let crm_runtime = CrmRuntime::new()?;
        let service = Service::new(loaded, None, &recorder, crm_runtime.handle());
        let cache_keeper = CacheKeeper::new(&fixed.cache);
        if let Some(keeper) = &cache_keeper {
            keeper.load(&service);
        }
        let service = Arc::new(ArcSwap::from_pointee(service));
        let courier = Arc::new(GatewayCourier::new(Arc::clone(&service)));
        let outbox = Outbox::new(&fixed.outbox, courier, recorder)?;
        Ok(Arc::new(Self {
            admission: Admission::new(fixed.max_in_flight, metrics.clone()),
            fixed,
            descriptions,
            service,
            crm_runtime,
            outbox,
            cache_keeper,
            metrics,
            probing: AtomicBool::new(true),
            stopping: AtomicBool::new(false),
        }))
    }

    /// The service as it is now. A request keeps it to its end.
    pub fn service(&self) -> Arc<Service> {
        self.service.load_full()
    }

    /// Whether pages of other origins may ask at all.
    pub fn answers_browsers(&self) -> bool {
        self.fixed.answers_browsers
    }

    /// Why no requests should be sent here; empty when ready. No names of CRMs.
    pub fn not_ready_reasons(&self) -> Vec<&'static str> {
        let mut reasons = Vec::new();
        if self.probing.load(Ordering::Acquire) {
            reasons.push("starting: the CRMs are being probed for the first time");
        }
        if self.stopping.load(Ordering::Acquire) {
            reasons.push("stopping");
        }
        reasons
    }

    /// From now on, the gateway is not ready.
    pub fn set_stopping(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Begins to deliver what waits in the outbox, in the background.
    pub fn start_deliveries(&self) {
        drop(self.outbox.start(&self.fixed.outbox));
    }

    /// Begins to write the caches to disk from time to time, if they are to be kept.
    pub fn start_saving(self: &Arc<Self>) {
        let Some(every) = self.cache_keeper.as_ref().map(CacheKeeper::every) else {
            return;
        };
        let gateway = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                gateway.save_caches().await;
            }
        });
    }

    /// Writes the caches to disk, if they are to be kept.
    pub async fn save_caches(&self) {
        if let Some(keeper) = &self.cache_keeper {
            keeper.save(self.service()).await;
        }
    }

    /// Starts to probe the adapters of the first configuration, which also loads contacts and
    /// opens connections before the first call. The gateway is ready when all have ended.
    pub fn warm_up(self: &Arc<Self>) {
        let gateway = Arc::clone(self);
        self.spawn_probes(async move {
            probe_all(gateway.service().new_adapters(None)).await;
            gateway.probing.store(false, Ordering::Release);
        });
    }

    /// Probes where the first calls will ask, so that these find open connections.
    fn spawn_probes(&self, probes: impl Future<Output = ()> + Send + 'static) {
        match self.crm_runtime.handle() {
            Some(runtime) => runtime.spawn(probes),
            None => tokio::spawn(probes),
        };
    }

    /// The descriptions that the configuration names: when one of them changes, it is time to
    /// reload.
    pub fn descriptions(&self) -> Arc<Vec<PathBuf>> {
        self.descriptions.load_full()
    }

    /// Reads the configuration again. One with errors leaves the running one untouched.
    pub fn reload(&self, origin: &Origin) {
        let result = origin.load(Mode::Full);
        self.metrics.reload(result.is_ok());
        let report = result
            .as_ref()
            .map_or_else(|report| report, |it| &it.warnings);
        self.descriptions.store(Arc::new(descriptions(report)));
        match result {
            Err(report) => {
                for problem in report.to_string().lines() {
                    tracing::error!("{problem}");
                }
                tracing::error!("the configuration was not reloaded; the running one goes on");
            }
            Ok(loaded) => {
                if Fixed::of(&loaded.config) != self.fixed {
                    tracing::warn!(
                        "listen, admin_listen, root_path, max_in_flight, [log], [outbox], [cache] \
                         and the first of cors_origins take effect after a restart"
                    );
                }
                let previous = self.service();
                let recorder = self.metrics.recorder();
                let runtime = self.crm_runtime.handle();
                let service = Service::new(loaded, Some(&previous), &recorder, runtime);
                let adapters = service.new_adapters(Some(&previous));
                self.service.store(Arc::new(service));
                tracing::info!(new_adapters = adapters.len(), "configuration reloaded");
                self.spawn_probes(probe_all(adapters));
            }
        }
    }
}

fn descriptions(report: &Report) -> Vec<PathBuf> {
    report.descriptions().map(Path::to_owned).collect()
}

async fn probe_all(adapters: Vec<Arc<dyn CrmAdapter>>) {
    join_all(adapters.iter().map(|adapter| probe(&**adapter))).await;
}

/// Probes one adapter and logs what comes of it. Failures are logged by the adapter's layers.
async fn probe(adapter: &dyn CrmAdapter) {
    let cx = CallContext::within(PROBE_TIMEOUT, RequestId::new("probe"));
    if let Ok(report) = adapter.probe(&cx).await {
        let id = &adapter.info().id;
        tracing::info!(adapter = %id, "{}", report.summary);
        for warning in report.warnings {
            tracing::warn!(adapter = %id, "{warning}");
        }
    }
}
