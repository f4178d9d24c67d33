//! `whocalls serve`.

use std::sync::Arc;

use super::{
    Outcome,
    output::{complain_about, fail},
};
use crate::{
    config::Mode,
    gateway::{Gateway, Origin},
    server::{Server, Signals},
    telemetry::{self, Metrics},
};

pub(super) async fn run(origin: Origin) -> Outcome {
    let loaded = match origin.load(Mode::Full) {
        Ok(loaded) => loaded,
        Err(report) => {
            complain_about(&report);
            return Outcome::Configuration;
        }
    };
    complain_about(&loaded.warnings);
    telemetry::init_logging(&loaded.config.log);
    let settings = loaded.config.gateway.clone();
    let metrics = match Metrics::new() {
        Ok(metrics) => metrics,
        Err(error) => return fail(&format!("metrics: {error}"), Outcome::Internal),
    };
    let gateway = match Gateway::new(loaded, metrics) {
        Ok(gateway) => gateway,
        Err(error) => return fail(&format!("outbox: {error}"), Outcome::Internal),
    };
    let (listen, admin) = (settings.listen, settings.admin_listen);
    let server = match Server::bind(Arc::clone(&gateway), listen, admin, &settings.root_path) {
        Ok(server) => server,
        Err(error) => return fail(&error.to_string(), Outcome::Internal),
    };
    let signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return fail(&format!("signals: {error}"), Outcome::Internal),
    };
    let (Ok(listen), Ok(admin)) = (server.address(), server.admin_address()) else {
        let reason = "the operating system does not tell which ports were opened";
        return fail(reason, Outcome::Internal);
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        %listen,
        %admin,
        root_path = settings.root_path,
        adapters = gateway.service().engine.sources().len(),
        "whocalls serves"
    );
    let stop = async {
        signals.until_stopped(&gateway, &origin).await;
        tracing::info!("stopping; requests in flight are finished");
    };
    match server.run(stop).await {
        Ok(()) => {
            tracing::info!("stopped");
            Outcome::Fine
        }
        Err(error) => fail(&error.to_string(), Outcome::Internal),
    }
}
