//! Wrong addresses: no TLS where it is expected, a host that does not exist. What heals is the
//! configuration.

use std::fs;

use whocalls::{
    compose,
    config::{Environment, Mode},
    gateway::Origin,
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    upstream::Upstream,
    world::AllKinds,
};

use super::scene::found_in;
use crate::harness::{UNHURRIED, start_loaded};

/// The reply says that the CRMs in `wrong` failed; after the address is corrected, all are asked.
async fn try_in(wrong: &[&str], address: fn(&Upstream) -> String, outcomes: &[&str]) {
    let contacts = messy_contacts(5);
    let crms = AllKinds::start(&contacts);
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join(AllKinds::CONTACT_FILE);
    fs::write(book, AllKinds::contact_file(&contacts)).unwrap();
    let right = crms.adapters_toml(folder.path());
    let mut text = right.clone();
    for id in wrong {
        let upstream = crms.upstream(id);
        text = text.replace(&upstream.url(), &address(upstream));
    }
    let origin = Origin {
        path: folder.path().join("adapters.toml"),
        environment: UNHURRIED.into_iter().collect::<Environment>(),
        registry: compose::registry(),
    };
    fs::write(&origin.path, text).unwrap();
    let gateway = start_loaded(origin.load(Mode::Full).unwrap());
    let reply = gateway.lookup(MIA_NUMBER).await;
    assert_eq!(reply.header("x-lookup-complete"), "false");
    for (id, outcome) in reply.timing() {
        let is_wrong = wrong.contains(&id.as_str());
        let expected = if is_wrong { outcomes } else { &["ok"][..] };
        assert!(expected.contains(&outcome.as_str()), "{id}: {outcome}");
    }
    let well = AllKinds::IDS.into_iter().filter(|id| !wrong.contains(id));
    assert_eq!(found_in(&reply), well.collect(), "{wrong:?}");

    fs::write(&origin.path, right).unwrap();
    gateway.gateway.reload(&origin);
    let reply = gateway.lookup(MIA_NUMBER).await;
    assert_eq!(
        reply.header("x-lookup-complete"),
        "true",
        "{wrong:?}: {reply:?}"
    );
    assert_eq!(found_in(&reply), AllKinds::IDS.into_iter().collect());
}

/// For each CRM alone, and for all that have an address.
async fn try_everywhere(address: fn(&Upstream) -> String, outcomes: &[&str]) {
    for id in AllKinds::SERVERS {
        try_in(&[id], address, outcomes).await;
    }
    try_in(&AllKinds::SERVERS, address, outcomes).await;
}

#[tokio::test]
async fn a_server_without_tls() {
    try_everywhere(Upstream::tls_url, &["error"]).await;
}

#[tokio::test]
async fn an_unknown_host() {
    // A resolver without network may be silent instead.
    try_everywhere(Upstream::unknown_host_url, &["error", "timeout"]).await;
}
