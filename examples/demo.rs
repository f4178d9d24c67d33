//! The gateway in front of three simulated CRMs, with lines to copy.
//!
//! `cargo run --release --example demo` starts a Sugar, a HubSpot and a REST CRM on loopback ports,
//! all of which know the same people, and three gateways: one where all CRMs are well, one whose
//! HubSpot is slow, one whose Sugar is dead. Ends with Ctrl-C.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the demo talks to a person and has nobody to report errors to"
)]

use std::{net::Ipv4Addr, path::Path, sync::Arc, time::Duration};

use whocalls::{
    compose,
    config::{Environment, Mode, Source, load},
    gateway::Gateway,
    server::Server,
    telemetry::Metrics,
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED, messy_contacts},
    upstream::Fault,
    world::World,
};

const TOKEN: &str = "demo";
/// One person, as Sugar and HubSpot know her.
const IN_SUGAR: &str = "sugar:Contacts/1f3a1c2d-0000-4000-8000-000000000013";
const IN_HUBSPOT: &str = "hubspot:13";

/// A gateway of the demo: what is wrong in its world, and its preferred port.
struct Scene {
    title: &'static str,
    port: u16,
    fault: Option<(&'static str, Fault)>,
    /// Lines to copy, for the gateway at this URL.
    lines: fn(&str) -> String,
}

const SCENES: [Scene; 3] = [
    Scene {
        title: "one person in three CRMs: one contact",
        port: 18080,
        fault: None,
        lines: merged,
    },
    Scene {
        title: "HubSpot takes 2 s: the answer is in time without it; some seconds later it is complete",
        port: 18090,
        fault: Some(("hubspot", Fault::Slow(Duration::from_secs(2)))),
        lines: partial,
    },
    Scene {
        title: "Sugar is dead: the others answer, and a call for it is kept until it is back",
        port: 18100,
        fault: Some(("sugar", Fault::Refused)),
        lines: dead,
    },
];

#[actix_web::main]
async fn main() {
    // Gone when the demo ends.
    let folder = tempfile::tempdir().unwrap();
    let mut worlds = Vec::new();
    let mut running = Vec::new();
    println!("Three gateways in front of simulated Sugar, HubSpot and REST CRMs. Copy a line:\n");
    for scene in SCENES {
        let world = World::start(&messy_contacts(500));
        let (gateway, server) = start(&world, scene.port, folder.path());
        let url = format!("http://{}", server.address().unwrap());
        running.push(actix_web::rt::spawn(server.run(async {
            actix_web::rt::signal::ctrl_c().await.unwrap();
        })));
        // Ready first: the fault begins while everything works, as in life.
        while !gateway.not_ready_reasons().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if let Some((adapter, fault)) = scene.fault {
            world.upstream(adapter).control().set_fault(fault);
        }
        println!("# {}", scene.title);
        println!("{}\n", (scene.lines)(&url));
        worlds.push(world);
    }
    println!("Stop with Ctrl-C.");
    for server in running {
        server.await.unwrap().unwrap();
    }
}

/// The number of one person whom all three CRMs know: one merged contact.
fn merged(url: &str) -> String {
    format!(
        "{}\n\n# the same number in twelve spellings, for twelve people: the five best\n{}\n\n\
         # the call is over: log it in the contact's CRM; sent twice, it is logged once\n{}",
        lookup(url, MIA_NUMBER),
        lookup(url, SPELLED),
        call_flow(url, IN_HUBSPOT),
    )
}

/// A lookup and a workflow for a dead CRM.
fn dead(url: &str) -> String {
    format!("{}\n{}", partial(url), call_flow(url, IN_SUGAR))
}

/// The end of a call with this contact.
fn call_flow(url: &str, contact: &str) -> String {
    let body = format!(
        r#"{{"inputs":{{"contactCrmId":"{contact}","direction":"incoming","originatorNumber":"{MIA_NUMBER}","destinationNumber":"41445550100","startedTime":"2026-11-22 09:30:00","answeredTime":"2026-11-22 09:30:08","endedTime":"2026-11-22 09:33:12"}}}}"#
    );
    format!(
        "curl -si -H 'X-Execution-Token: {TOKEN}' -H 'Content-Type: application/json' \\\n     \
         -d '{body}' \\\n     {url}/CallFlow"
    )
}

/// A lookup that shows what became of each CRM.
fn partial(url: &str) -> String {
    lookup(url, MIA_NUMBER)
}

fn lookup(url: &str, number: &str) -> String {
    format!("curl -si -H 'X-Execution-Token: {TOKEN}' '{url}/Lookup?PhoneNumber={number}'")
}

fn start(world: &World, port: u16, folder: &Path) -> (Arc<Gateway>, Server) {
    let text = format!(
        r#"
[gateway]
admin_listen = "127.0.0.1:0"
[outbox]
path = "{port}.db"
[[gateway.tokens]]
name = "connector"
value = {{ value = "{TOKEN}" }}
{}"#,
        world.adapters_toml()
    );
    let source = Source::new("demo", text, folder);
    let loaded = load(
        &source,
        &Environment::default(),
        &compose::registry(),
        Mode::Full,
    );
    let loaded = loaded.unwrap_or_else(|report| panic!("{report}"));
    let settings = loaded.config.gateway.clone();
    let gateway = Gateway::new(loaded, Metrics::new().unwrap()).unwrap();
    let bind = |port| {
        let listen = (Ipv4Addr::LOCALHOST, port).into();
        Server::bind(
            Arc::clone(&gateway),
            listen,
            settings.admin_listen,
            &settings.root_path,
        )
    };
    let server = bind(port).or_else(|_in_use| bind(0)).unwrap();
    (gateway, server)
}
