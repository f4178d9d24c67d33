//! A world with a CRM of every kind and a gateway in front of it.

use std::{collections::BTreeSet, fs};

use tempfile::TempDir;
use tokio::task::spawn_blocking;
use whocalls_testkit::{contacts::messy_contacts, upstream::Fault, world::AllKinds};

use crate::harness::{Reply, Running, start};

/// Which CRMs have the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ill {
    /// This one; the others are well, the phonebook included.
    One(&'static str),
    /// All, and there is no phonebook.
    All,
}

impl Ill {
    /// The CRMs that have it.
    pub(super) fn ids(self) -> Vec<&'static str> {
        match self {
            Self::One(id) => vec![id],
            Self::All => AllKinds::SERVERS.to_vec(),
        }
    }

    pub(super) fn has(self, id: &str) -> bool {
        self.ids().contains(&id)
    }

    /// The CRMs that are asked, in the order of the configuration.
    pub(super) fn asked(self) -> Vec<&'static str> {
        match self {
            Self::One(_) => AllKinds::IDS.to_vec(),
            Self::All => AllKinds::SERVERS.to_vec(),
        }
    }
}

/// A gateway that is ready, and the CRMs behind it.
pub(super) struct Scene {
    pub(super) gateway: Running,
    pub(super) crms: AllKinds,
    pub(super) ill: Ill,
    _folder: TempDir,
}

impl Scene {
    /// Starts all with `settings` before the adapters. All CRMs are well.
    pub(super) async fn start(settings: &str, ill: Ill) -> Self {
        Self::start_with(settings, "", ill).await
    }

    /// The same with settings of the adapters that are to be ill, and of no other.
    pub(super) async fn start_with(settings: &str, of_the_ill: &str, ill: Ill) -> Self {
        let [settings, of_the_ill] = [settings, of_the_ill].map(str::to_owned);
        // The requests of scenes beside this one go on.
        let start = move || Self::set_up(&settings, &of_the_ill, ill);
        let scene = spawn_blocking(start).await.unwrap();
        scene.gateway.ready().await;
        scene
    }

    fn set_up(settings: &str, of_the_ill: &str, ill: Ill) -> Self {
        let contacts = messy_contacts(100);
        let crms = AllKinds::start(&contacts);
        let folder = tempfile::tempdir().unwrap();
        let book = folder.path().join(AllKinds::CONTACT_FILE);
        fs::write(book, AllKinds::contact_file(&contacts)).unwrap();
        let mut adapters = match ill {
            Ill::One(_) => crms.adapters_toml(folder.path()),
            Ill::All => crms.servers_toml(),
        };
        for id in ill.ids() {
            let head = format!("[adapters.{id}]\n");
            adapters = adapters.replace(&head, &format!("{head}{of_the_ill}"));
        }
        Self {
            gateway: start(&format!("{settings}\n{adapters}")),
            crms,
            ill,
            _folder: folder,
        }
    }

    /// Stops all; the requests of scenes beside this one go on.
    pub(super) async fn stop(self) {
        spawn_blocking(|| drop(self)).await.unwrap();
    }

    /// Gives the fault to the CRMs that are to have it.
    pub(super) fn set_fault(&self, fault: Fault) {
        for id in self.ill.ids() {
            self.crms.upstream(id).control().set_fault(fault);
        }
    }

    /// Whether a lookup was answered by all CRMs and found the same person in each.
    pub(super) fn is_whole(&self, reply: &Reply) -> bool {
        reply.header("x-lookup-complete") == "true"
            && found_in(reply) == self.ill.asked().into_iter().collect()
    }

    /// The value of a metric of an adapter.
    pub(super) fn metric(&self, name: &str, adapter: &str, more: &str) -> Option<f64> {
        let metrics = self.gateway.gateway.metrics.render();
        value(&metrics, name, adapter, more)
    }
}

/// The value of a metric of an adapter in the text of all metrics.
pub(super) fn value(metrics: &str, name: &str, adapter: &str, more: &str) -> Option<f64> {
    let label = format!("adapter=\"{adapter}\"");
    let of_adapter = |line: &&str| {
        line.starts_with(&format!("{name}{{")) && line.contains(&label) && line.contains(more)
    };
    let line = metrics.lines().find(of_adapter)?;
    line.rsplit(' ').next()?.parse().ok()
}

/// The CRMs in which the only person of a reply was found; none when there is nobody.
pub(super) fn found_in(reply: &Reply) -> BTreeSet<&str> {
    match reply.contacts().as_slice() {
        [] => BTreeSet::new(),
        [one] => {
            let ids = one["id"].as_str().unwrap().split(',');
            ids.map(|id| id.split_once(':').unwrap().0).collect()
        }
        more => panic!("one person, not {more:?}"),
    }
}

/// A number that exactly one contact of each CRM owns.
pub(super) fn number(place: u32) -> String {
    // From 26 to 49, numbers stand in the CRMs without notes.
    assert!(place < 24);
    format!("4144{}", 5_550_026 + place)
}
