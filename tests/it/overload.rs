//! A ring group: many telephones ring for one call, and each asks.

use futures::future::join_all;
use whocalls_testkit::{contacts::MIA_NUMBER, world::World};

use crate::harness::world;

/// The requests of each CRM that search for contacts.
fn searches(world: &World) -> [usize; 3] {
    let is_search = |path: &str| {
        path.ends_with("/search") || path.contains("globalsearch") || path == "/api/contacts"
    };
    world.upstreams.each_ref().map(|upstream| {
        upstream
            .control()
            .requests()
            .iter()
            .filter(|request| is_search(&request.path))
            .count()
    })
}

#[tokio::test]
async fn fifty_simultaneous_lookups_are_one_request_for_each_crm() {
    let (world, gateway) = world("").await;
    let before = searches(&world);
    let holds = world
        .upstreams
        .each_ref()
        .map(|upstream| upstream.control().hold());
    let lookups = join_all((0..50).map(|_| gateway.lookup(MIA_NUMBER)));
    let release = async {
        // All fifty are inside the gateway before any CRM answers.
        let inside = || gateway.gateway.metrics.render();
        while !inside().contains("whocalls_lookups_in_flight 50") {
            tokio::task::yield_now().await;
        }
        drop(holds);
    };
    let (replies, ()) = tokio::join!(lookups, release);
    for reply in replies {
        assert_eq!((reply.status, reply.contacts().len()), (200, 1));
        assert_eq!(reply.outcomes(), ["ok"; 3]);
    }
    let asked = searches(&world);
    assert_eq!([0, 1, 2].map(|i: usize| asked[i] - before[i]), [1, 1, 1]);
}
