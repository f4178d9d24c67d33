//! A restart at nine in the morning: the answers of before are there, even when no CRM is.

use std::fs;

use tempfile::TempDir;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    upstream::Fault,
    world::World,
};

use crate::{
    commands::{folder_with, run},
    harness::{Running, start},
};

const KEY: &str = "an-invented-key-of-more-than-32-characters";

struct Fixture {
    world: World,
    folder: TempDir,
}

/// A gateway that has been asked for Mia, and the text of its configuration.
async fn fixture() -> (Fixture, Running, String) {
    let world = World::start(&messy_contacts(0));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let text = format!(
        "[cache]\npath = \"{}\"\nkey = {{ value = \"{KEY}\" }}\n{}",
        path.display(),
        world.adapters_toml()
    );
    let gateway = start(&text);
    gateway.ready().await;
    assert_eq!(gateway.lookup(MIA_NUMBER).await.outcomes(), ["ok"; 3]);
    (Fixture { world, folder }, gateway, text)
}

impl Fixture {
    /// From now on, no CRM can be reached.
    fn kill_all(&self) {
        for upstream in &self.world.upstreams {
            upstream.control().set_fault(Fault::Refused);
        }
    }
}

#[tokio::test]
async fn after_a_restart_with_dead_crms_the_contact_is_there() {
    let (f, gateway, text) = fixture().await;
    f.kill_all();
    let gateway = gateway.restart(&text);
    let reply = gateway.lookup(MIA_NUMBER).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.outcomes(), ["cached"; 3]);
    assert_eq!(reply.header("x-lookup-complete"), "true");
    let [mia] = reply.contacts().as_slice() else {
        panic!("one contact: {reply:?}");
    };
    assert_eq!(mia["name"], "Mia Keller");
    assert_eq!(mia["id"].as_str().unwrap().split(',').count(), 3);
    let timing = reply.header("server-timing");
    let entries: Vec<_> = timing.split(", ").collect();
    for entry in entries {
        let (_, age) = entry.split_once("desc=\"cached\";age=").unwrap();
        age.parse::<u64>().unwrap();
    }
}

#[tokio::test]
async fn a_changed_adapter_or_another_key_begins_with_nothing() {
    let (f, gateway, text) = fixture().await;
    let changed = text.replace("crm_name = \"ERP\"", "crm_name = \"Our ERP\"");
    let gateway = gateway.restart(&changed);
    let reply = gateway.lookup(MIA_NUMBER).await;
    assert_eq!(reply.outcomes(), ["cached", "cached", "ok"]);
    f.kill_all();
    let gateway = gateway.restart(&changed.replace(KEY, &KEY.replace("an-", "another-")));
    assert_eq!(gateway.lookup(MIA_NUMBER).await.status, 502);
}

#[tokio::test]
async fn without_the_setting_nothing_is_written() {
    let (f, gateway, text) = fixture().await;
    let before = fs::read_dir(f.folder.path()).unwrap().count();
    assert_eq!(before, 0, "only a stop writes so soon");
    let (_, adapters) = text.split_once("\n\n").unwrap();
    let gateway = gateway.restart(adapters);
    assert_eq!(gateway.lookup(MIA_NUMBER).await.outcomes(), ["ok"; 3]);
    fs::remove_file(f.folder.path().join("cache")).unwrap();
    drop(gateway);
    assert_eq!(fs::read_dir(f.folder.path()).unwrap().count(), 0);
}

#[test]
fn check_tells_whether_answers_can_be_kept() {
    let book = "[adapters.book]\nkind = \"phonebook\"\nsettings = { file = \"book.csv\" }\n";
    for (path, code) in [("cache", 0), ("missing/cache", 78), ("adapters.toml", 78)] {
        let cache = format!("[cache]\npath = \"{path}\"\nkey = {{ value = \"{KEY}\" }}\n");
        let folder = folder_with(&format!("{cache}{book}"));
        fs::write(folder.path().join("book.csv"), "Name,Phone\n").unwrap();
        let (found, out, err) = run(&["check"], folder.path());
        assert_eq!(found, code, "{path}: {out}{err}");
        assert_eq!(err.contains("cache.path"), code != 0, "{path}: {err}");
        assert_eq!(run(&["check", "--offline"], folder.path()).0, 0, "{path}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "{path}");
    }
}
