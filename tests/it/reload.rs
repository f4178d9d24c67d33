//! Reloading: what changed changes, what did not keeps its cache, what is wrong does nothing.

use std::fs;

use whocalls::{
    compose,
    config::{Environment, Mode},
    gateway::Origin,
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    world::World,
};

use crate::harness::{Running, UNHURRIED, start_loaded};

struct Fixture {
    world: World,
    gateway: Running,
    _folder: tempfile::TempDir,
    origin: Origin,
}

async fn fixture() -> Fixture {
    let world = World::start(&messy_contacts(100));
    let folder = tempfile::tempdir().unwrap();
    let origin = Origin {
        path: folder.path().join("adapters.toml"),
        environment: UNHURRIED.into_iter().collect::<Environment>(),
        registry: compose::registry(),
    };
    fs::write(&origin.path, world.adapters_toml()).unwrap();
    let gateway = start_loaded(origin.load(Mode::Full).unwrap());
    gateway.ready().await;
    Fixture {
        world,
        gateway,
        _folder: folder,
        origin,
    }
}

impl Fixture {
    fn reload(&self, text: &str) {
        fs::write(&self.origin.path, text).unwrap();
        self.gateway.gateway.reload(&self.origin);
    }
}

#[tokio::test]
async fn unchanged_adapters_keep_their_cache_and_changed_ones_start_anew() {
    let f = fixture().await;
    f.gateway.lookup(MIA_NUMBER).await;
    let changed = f
        .world
        .adapters_toml()
        .replace("crm_name = \"ERP\"", "crm_name = \"Our ERP\"");
    f.reload(&changed);
    let reply = f.gateway.lookup(MIA_NUMBER).await;
    assert_eq!(reply.outcomes(), ["cached", "cached", "ok"]);
    assert!(reply.contacts()[0]["customData"]["Our ERP"].is_string());
}

#[tokio::test]
async fn settings_of_the_gateway_take_effect() {
    let f = fixture().await;
    let text = format!(
        "[gateway]\nreply_case = \"pascal\"\n{}",
        f.world.adapters_toml()
    );
    f.reload(&text);
    let reply = f.gateway.lookup(MIA_NUMBER).await;
    assert_eq!(reply.contacts()[0]["Name"], "Mia Keller");
}

#[tokio::test]
async fn a_file_with_errors_changes_nothing() {
    let f = fixture().await;
    for broken in ["[gateway", "[gateway]\nmax_results = 500", "nonsense = 1"] {
        f.reload(broken);
        assert_eq!(
            f.gateway.lookup(MIA_NUMBER).await.outcomes().len(),
            3,
            "{broken}"
        );
    }
    fs::remove_file(&f.origin.path).unwrap();
    f.gateway.gateway.reload(&f.origin);
    assert_eq!(f.gateway.lookup(MIA_NUMBER).await.status, 200);
}
