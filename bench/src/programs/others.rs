//! What a user might pick instead, installed by `bench/others/install`.

use std::{fs, path::PathBuf, process::Command};

use anyhow::Context;

use super::{Place, Program, Setup, TOKEN};
use crate::backends::Shape;

/// Why a program cannot be measured here, as the installer noted it.
pub(super) fn lack(place: &Place, program: Program) -> Option<String> {
    let (name, needed) = match program {
        Program::LimitHit | Program::LimitMiss => return None,
        Program::Whocalls => ("whocalls", place.whocalls.clone()),
        Program::Nginx => ("nginx", nginx_program(place)),
        Program::Node => ("node", place.installed.join("node/node_modules/undici")),
        Program::Python => ("python", python_program(place)),
    };
    if needed.exists() {
        return None;
    }
    let reason = fs::read_to_string(place.installed.join(format!("{name}.reason")));
    let reason = reason.map(|text| text.trim().to_owned());
    Some(reason.unwrap_or_else(|_| "not installed; run bench/others/install".to_owned()))
}

fn nginx_program(place: &Place) -> PathBuf {
    place.installed.join("nginx/usr/sbin/nginx")
}

fn python_program(place: &Place) -> PathBuf {
    place.installed.join("python/bin/python")
}

/// nginx with the configuration in which the names of the run are filled in.
pub(super) fn nginx(place: &Place, port: u16, setup: &Setup) -> anyhow::Result<Command> {
    let sources = place.sources.join("others/nginx");
    let template = fs::read_to_string(sources.join("nginx.conf"))?;
    let root = place.installed.join("nginx");
    let library = libraries(&root)?;
    // Debian's older packages are not below `usr`.
    let old = root
        .join("lib")
        .join(library.file_name().unwrap_or_default());
    let mut text = template
        .replace("@ROOT@", &root.display().to_string())
        .replace("@LIBRARY@", &library.display().to_string())
        .replace("@SOURCES@", &sources.display().to_string())
        .replace("@WORKERS@", &place.workers.to_string())
        .replace("@PORT@", &port.to_string())
        .replace("@TIMEOUT_MS@", &setup.timeout_ms.to_string())
        .replace("@TOKEN@", TOKEN);
    for (name, url) in urls(setup) {
        let address = url.trim_start_matches("http://").to_owned();
        text = text.replace(&format!("@{name}@"), &address);
    }
    let prefix = place.work.join("nginx");
    fs::create_dir_all(prefix.join("temp"))?;
    let file = prefix.join("nginx.conf");
    fs::write(&file, text)?;
    let mut command = Command::new(nginx_program(place));
    command
        .env(
            "LD_LIBRARY_PATH",
            format!("{}:{}", library.display(), old.display()),
        )
        .arg("-p")
        .arg(&prefix)
        .arg("-c")
        .arg(&file)
        .args(["-e", "stderr"]);
    Ok(command)
}

/// `usr/lib/<this machine>` below `root`.
fn libraries(root: &std::path::Path) -> anyhow::Result<PathBuf> {
    let folders = fs::read_dir(root.join("usr/lib"))?.flatten();
    let mut paths = folders.map(|folder| folder.path());
    let found = paths.find(|path| path.to_string_lossy().ends_with("-linux-gnu"));
    found.context("nginx without libraries")
}

/// Node with one process for each core.
pub(super) fn node(place: &Place, port: u16, setup: &Setup) -> Command {
    let mut command = Command::new("node");
    command
        .arg(place.sources.join("others/node/server.js"))
        .env("NODE_PATH", place.installed.join("node/node_modules"))
        .env("NODE_ENV", "production")
        .env("WORKERS", place.workers.to_string());
    told(&mut command, port, setup);
    command
}

/// uvicorn with one process for each core.
pub(super) fn python(place: &Place, port: u16, setup: &Setup) -> Command {
    let mut command = Command::new(python_program(place));
    command
        .args(["-m", "uvicorn", "app:app", "--host", "127.0.0.1"])
        .args(["--loop", "uvloop", "--http", "httptools"])
        .args(["--no-access-log", "--log-level", "warning"])
        .args(["--backlog", "4096", "--timeout-keep-alive", "60"])
        .args(["--port", &port.to_string()])
        .args(["--workers", &place.workers.to_string()])
        .arg("--app-dir")
        .arg(place.sources.join("others/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    told(&mut command, port, setup);
    command
}

/// What Node and Python are told through the environment.
fn told(command: &mut Command, port: u16, setup: &Setup) {
    command
        .env("PORT", port.to_string())
        .env("TIMEOUT_MS", setup.timeout_ms.to_string())
        .env("TOKEN", TOKEN)
        .envs(urls(setup));
}

/// The back ends of the first adapter of each kind.
fn urls(setup: &Setup) -> impl Iterator<Item = (&'static str, String)> {
    setup.adapters.iter().take(Shape::ALL.len()).map(|adapter| {
        let name = match adapter.shape {
            Shape::Sugar => "SUGAR",
            Shape::HubSpot => "HUBSPOT",
            Shape::Rest => "ERP",
        };
        (name, format!("http://127.0.0.1:{}", adapter.port))
    })
}
