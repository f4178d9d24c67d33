//! A certificate that nobody trusts: of a private authority, or of somebody in between. What heals
//! is `ca_file`.

use std::{fmt::Write as _, fs};

use whocalls::{
    compose,
    config::{Environment, Mode},
    gateway::Origin,
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN, messy_contacts},
    upstream::TlsFront,
    world::AllKinds,
};

use super::scene::{found_in, value};
use crate::harness::{UNHURRIED, start_loaded};

/// The CRMs in `wrong` have such a certificate. The reply says that they failed; when the
/// certificate is in `ca_file`, they are asked.
async fn try_in(wrong: &[&str]) {
    let contacts = messy_contacts(5);
    let crms = AllKinds::start(&contacts);
    let folder = tempfile::tempdir().unwrap();
    let mut text = crms.servers_toml();
    let mut trust = String::new();
    let mut fronts = Vec::new();
    for id in wrong {
        let upstream = crms.upstream(id);
        let front = TlsFront::start(upstream);
        text = text.replace(&upstream.url(), &front.url());
        fs::write(folder.path().join(id), front.certificate()).unwrap();
        writeln!(trust, "[adapters.{id}.settings.http]\nca_file = \"{id}\"").unwrap();
        fronts.push(front);
    }
    let origin = Origin {
        path: folder.path().join("adapters.toml"),
        environment: UNHURRIED.into_iter().collect::<Environment>(),
        registry: compose::registry(),
    };
    fs::write(&origin.path, &text).unwrap();
    let gateway = start_loaded(origin.load(Mode::Full).unwrap());
    let well: Vec<&str> = AllKinds::SERVERS
        .into_iter()
        .filter(|id| !wrong.contains(id))
        .collect();
    for (number, otherwise) in [(MIA_NUMBER, "ok"), (UNKNOWN, "empty")] {
        let reply = gateway.lookup(number).await;
        assert_eq!(reply.header("x-lookup-complete"), "false");
        let outcome = |id: &str| {
            if wrong.contains(&id) {
                "error"
            } else {
                otherwise
            }
        };
        assert_eq!(
            reply.outcomes(),
            AllKinds::SERVERS.map(outcome),
            "{wrong:?}"
        );
        if well.is_empty() {
            assert_eq!((reply.status, reply.code()), (502, "crms_failed"));
        } else if number == MIA_NUMBER {
            assert_eq!(found_in(&reply), well.iter().copied().collect());
        }
    }
    let metrics = gateway.gateway.metrics.render();
    for id in wrong {
        let outcome = "operation=\"lookup\",outcome=\"unavailable\"";
        let failed = value(&metrics, "whocalls_adapter_calls_total", id, outcome);
        assert_eq!(failed, Some(2.0), "{id}");
        let requests = crms.upstream(id).control().request_count();
        assert_eq!(requests, 0, "{id}: nothing is told to a stranger");
    }

    fs::write(&origin.path, text + &trust).unwrap();
    gateway.gateway.reload(&origin);
    let reply = gateway.lookup(MIA_NUMBER).await;
    assert_eq!(reply.header("x-lookup-complete"), "true", "{reply:?}");
    assert_eq!(found_in(&reply), AllKinds::SERVERS.into_iter().collect());
}

#[tokio::test]
async fn an_untrusted_certificate() {
    for id in AllKinds::SERVERS {
        try_in(&[id]).await;
    }
    try_in(&AllKinds::SERVERS).await;
}
