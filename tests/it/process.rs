//! The serving process: signals, logs, exit codes.

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    upstream::Fault,
    world::World,
};

use crate::{
    commands::{folder_with, whocalls},
    harness::{PATIENT, client, until_ready},
};

/// A serving process; killed when dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
    pub(crate) admin_url: String,
    log: BufReader<std::process::ChildStderr>,
    seen: String,
}

impl Serving {
    pub(crate) fn start(folder: &Path) -> Self {
        let mut command = whocalls(&["serve"], folder);
        // A busy machine is no slow CRM.
        command.env("WHOCALLS__GATEWAY__REQUEST_TIMEOUT_MS", "20000");
        command.env("WHOCALLS__DEFAULTS__TIMEOUT_MS", "20000");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut serving = Self {
            child,
            url: String::new(),
            admin_url: String::new(),
            log,
            seen: String::new(),
        };
        let line = serving.wait_for("whocalls serves");
        let address = |key: &str| {
            let rest = line.split_once(key).unwrap().1;
            format!("http://{}", rest.split(' ').next().unwrap())
        };
        serving.url = address(" listen=");
        serving.admin_url = address(" admin=");
        serving
    }

    /// Reads the log up to a line that contains `text`.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let mut line = String::new();
        while self.log.read_line(&mut line).unwrap() > 0 {
            self.seen.push_str(&line);
            if line.contains(text) {
                return line;
            }
            line.clear();
        }
        panic!("the log ended without {text:?}:\n{}", self.seen);
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// The exit code, without reading the log.
    pub(crate) async fn exit_code(&mut self) -> Option<i32> {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status.code();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENT, ended).await.unwrap()
    }

    /// The exit code and the whole log.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        let code = self.child.wait().unwrap().code();
        (code, std::mem::take(&mut self.seen) + &rest)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Both fail when the process has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Serves on free ports, which the log tells.
fn configuration(world: &World, more: &str) -> String {
    format!(
        "[gateway]
listen = \"127.0.0.1:0\"
admin_listen = \"127.0.0.1:0\"
{more}
{}",
        world.adapters_toml()
    )
}

/// Writes a file that is watched, in one step: nobody reads half of it.
fn replace(file: &Path, text: impl AsRef<[u8]>) {
    let new = file.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, file).unwrap();
}

#[tokio::test]
async fn sigterm_finishes_requests_in_flight_and_exits_with_0() {
    let world = World::start(&messy_contacts(0));
    let folder = folder_with(&configuration(&world, ""));
    let mut serving = Serving::start(folder.path());
    until_ready(&client(), &serving.admin_url).await;
    let control = world.upstream("erp").control();
    let before = control.request_count();
    let hold = control.hold();
    let lookup = client()
        .get(format!("{}/Lookup?PhoneNumber={MIA_NUMBER}", serving.url))
        .send();
    let lookup = tokio::spawn(lookup);
    tokio::time::timeout(PATIENT, control.arrived(before + 1))
        .await
        .unwrap();
    serving.signal("-TERM");
    serving.wait_for("stopping");
    drop(hold);
    let reply = lookup.await.unwrap().unwrap();
    assert_eq!(reply.status(), 200, "the request in flight was finished");
    let (code, log) = serving.end();
    assert_eq!(code, Some(0), "{log}");
}

#[tokio::test]
async fn sighup_reloads_and_a_changed_file_too() {
    let world = World::start(&messy_contacts(0));
    let folder = folder_with(&configuration(&world, ""));
    let file = folder.path().join("adapters.toml");
    let mut serving = Serving::start(folder.path());
    serving.signal("-HUP");
    serving.wait_for("configuration reloaded");
    replace(&file, "[gateway]\nnonsense = 1");
    serving.wait_for("unknown key");
    serving.wait_for("the running one goes on");
    replace(&file, configuration(&world, "reply_case = \"pascal\""));
    serving.wait_for("configuration reloaded");
    let reply = client()
        .get(format!("{}/Lookup?PhoneNumber={MIA_NUMBER}", serving.url))
        .send()
        .await
        .unwrap();
    assert!(
        reply
            .text()
            .await
            .unwrap()
            .contains("\"Name\":\"Mia Keller\"")
    );
}

#[tokio::test]
async fn a_changed_description_reloads_and_so_does_one_that_appears() {
    let world = World::start(&messy_contacts(0));
    let named = "[adapters.erp.settings]\nfile = \"crm.toml\"";
    let text = configuration(&world, "").replace("[adapters.erp.settings]", named);
    let folder = folder_with(&text);
    let description = folder.path().join("crm.toml");
    replace(&description, "[settings]\n");
    let mut serving = Serving::start(folder.path());
    serving.signal("-HUP");
    serving.wait_for("configuration reloaded");
    replace(&description, "[settings]\nnothing = 1\n");
    serving.wait_for("crm.toml:2:1: error: adapters.erp.settings.nothing: unknown key");
    std::fs::remove_file(&description).unwrap();
    serving.signal("-HUP");
    serving.wait_for("cannot read");
    let quick = "[protection]\nmax_concurrent = 2\n[settings]\n";
    replace(&description, quick);
    serving.wait_for("configuration reloaded");
}

#[tokio::test]
async fn logs_mask_numbers_and_hold_neither_names_nor_credentials() {
    let world = World::start(&messy_contacts(0));
    let more = "[[gateway.tokens]]\nname = \"connector\"\nvalue = { value = \"s3cret-token\" }\n[log]\nlevel = \"trace\"";
    let folder = folder_with(&configuration(&world, more));
    let serving = Serving::start(folder.path());
    let lookup = |number: &str| {
        let request = client().get(format!("{}/Lookup?PhoneNumber={number}", serving.url));
        request.header("X-Execution-Token", "s3cret-token").send()
    };
    assert_eq!(lookup(MIA_NUMBER).await.unwrap().status(), 200);
    world.upstream("sugar").control().set_fault(Fault::Refused);
    assert_eq!(lookup("41215522000").await.unwrap().status(), 200);
    serving.signal("-TERM");
    let (code, log) = serving.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("+4179*****67"), "{log}");
    assert!(
        log.contains("adapter=sugar") && log.contains("kind=unavailable"),
        "{log}"
    );
    let secrets = [
        "s3cret-token",
        "sim-sugar-passphrase",
        "pat-eu1-5e1f0000-simulated",
        "rest-k3y-0f-the-gateway",
    ];
    let personal = [
        "Keller",
        "contact13@",
        "791234567",
        "79 123 45 67",
        "215522000",
    ];
    for text in secrets.into_iter().chain(personal) {
        let line = log.lines().find(|line| line.contains(text));
        assert!(line.is_none(), "{text} in the log: {line:?}");
    }
}

#[tokio::test]
async fn sigterm_writes_the_cache_and_a_start_that_cannot_use_it_says_so_once() {
    let world = World::start(&messy_contacts(0));
    let with_key = |key: &str| {
        let more = format!("[cache]\npath = \"answers\"\nkey = {{ value = \"{key}\" }}");
        configuration(&world, &more)
    };
    let key = "0123456789abcdef0123456789abcdef";
    let folder = folder_with(&with_key(key));
    let file = folder.path().join("adapters.toml");
    let serving = Serving::start(folder.path());
    let url = format!("{}/Lookup?PhoneNumber={MIA_NUMBER}", serving.url);
    assert_eq!(client().get(url).send().await.unwrap().status(), 200);
    serving.signal("-TERM");
    assert_eq!(serving.end().0, Some(0));
    let restart = || {
        let serving = Serving::start(folder.path());
        serving.signal("-TERM");
        let (code, log) = serving.end();
        assert_eq!(code, Some(0), "{log}");
        log
    };
    let log = restart();
    assert!(log.contains("answers=3"), "{log}");
    std::fs::write(&file, with_key(&key.replace('0', "1"))).unwrap();
    let log = restart();
    let warnings: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
    let [warning] = warnings.as_slice() else {
        panic!("one warning: {log}");
    };
    assert!(warning.contains("written with another key"), "{warning}");
    for personal in ["Mia", "Keller", "791234567", key] {
        assert!(!log.contains(personal), "{personal}: {log}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_reported_with_its_key() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let world = World::start(&messy_contacts(0));
    let port = taken.local_addr().unwrap().port();
    let text = configuration(&world, "");
    let listen = format!("listen = \"127.0.0.1:{port}\"");
    let folder = folder_with(&text.replacen("listen = \"127.0.0.1:0\"", &listen, 1));
    let output = whocalls(&["serve"], folder.path()).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(70));
    assert!(
        err.contains("gateway.listen") && err.contains(&port.to_string()),
        "{err}"
    );
}
