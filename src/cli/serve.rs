//! `whocalls serve`.

use std::sync::Arc;

use super::{
    Outcome,
    output::{complain_about, fail, failure},
};
use crate::{
    config::{Loaded, Mode},
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
    let metrics = match Metrics::new() {
        Ok(metrics) => metrics,
        Err(error) => return fail(&format!("metrics: {error}"), Outcome::Internal),
    };
    // Dropped last: then all lines are written.
    let log = match telemetry::start_log(&loaded.config.log, &metrics) {
        Ok(log) => log,
        Err(error) => return fail(&format!("log: {error}"), Outcome::Internal),
    };
    match serve(&origin, loaded, metrics).await {
        Ok(()) => Outcome::Fine,
        Err(reason) => {
            log.write(&failure(&reason));
            Outcome::Internal
        }
    }
}

/// Serves until the process is told to stop. Fails with what an operator has to know.
async fn serve(origin: &Origin, loaded: Loaded, metrics: Metrics) -> Result<(), String> {
    let settings = loaded.config.gateway.clone();
    let gateway = Gateway::new(loaded, metrics).map_err(|error| format!("outbox: {error}"))?;
    let (listen, admin) = (settings.listen, settings.admin_listen);
    let server = Server::bind(Arc::clone(&gateway), listen, admin, &settings.root_path)
        .map_err(|error| error.to_string())?;
    let signals = Signals::listen().map_err(|error| format!("signals: {error}"))?;
    let (Ok(listen), Ok(admin)) = (server.address(), server.admin_address()) else {
        return Err("the operating system does not tell which ports were opened".to_owned());
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
        signals.until_stopped(&gateway, origin).await;
        tracing::info!("stopping; requests in flight are finished");
    };
    server.run(stop).await.map_err(|error| error.to_string())?;
    tracing::info!("stopped");
    Ok(())
}
