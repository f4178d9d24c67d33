//! A world with a CRM of every kind.

use std::{fmt::Write as _, path::Path, sync::Arc};

use super::World;
use crate::{contacts::SeedContact, sim::suitecrm::SuiteCrm, upstream::Upstream};

/// A [`World`] and beside it the other kinds: a simulated SuiteCRM, and a contact file that the
/// test writes where it wants it.
#[derive(Debug)]
pub struct AllKinds {
    /// The CRMs `sugar`, `hubspot` and `erp`.
    pub world: World,
    /// The state of SuiteCRM.
    pub suite: Arc<SuiteCrm>,
    /// The server of SuiteCRM.
    pub suite_server: Upstream,
}

impl AllKinds {
    /// The adapter ids, in the order of the configuration; each is of another kind.
    pub const IDS: [&'static str; 5] = ["sugar", "hubspot", "erp", "suite", "book"];
    /// The ids of those behind a server.
    pub const SERVERS: [&'static str; 4] = ["sugar", "hubspot", "erp", "suite"];
    /// The name of the contact file.
    pub const CONTACT_FILE: &'static str = "contacts.csv";
    /// The name of the phonebook's call log.
    pub const CALL_LOG: &'static str = "calls.csv";

    /// Starts CRMs that know `contacts`.
    pub fn start(contacts: &[SeedContact]) -> Self {
        let suite = Arc::new(SuiteCrm::new(contacts));
        Self {
            world: World::start(contacts),
            suite_server: Upstream::start(Arc::clone(&suite) as _),
            suite,
        }
    }

    /// The server of the adapter with this id; one of [`SERVERS`](Self::SERVERS).
    pub fn upstream(&self, id: &str) -> &Upstream {
        match id {
            "suite" => &self.suite_server,
            _ => self.world.upstream(id),
        }
    }

    /// All servers, in the order of [`SERVERS`](Self::SERVERS).
    pub fn upstreams(&self) -> [&Upstream; 4] {
        Self::SERVERS.map(|id| self.upstream(id))
    }

    /// The adapters' part of an `adapters.toml`, with the files of the phonebook in `folder`.
    pub fn adapters_toml(&self, folder: &Path) -> String {
        let file = |name| folder.join(name).display().to_string();
        format!(
            r#"{}
[adapters.book]
kind = "phonebook"
crm_name = "Phonebook"
priority = 50
[adapters.book.settings]
file = {:?}
call_log = {:?}
"#,
            self.servers_toml(),
            file(Self::CONTACT_FILE),
            file(Self::CALL_LOG)
        )
    }

    /// The same without the phonebook.
    pub fn servers_toml(&self) -> String {
        let suite = self.suite_server.url();
        let (client, secret) = (SuiteCrm::CLIENT_ID, SuiteCrm::CLIENT_SECRET);
        format!(
            r#"{}
[adapters.suite]
kind = "suitecrm"
crm_name = "SuiteCRM"
priority = 40
[adapters.suite.settings]
base_url = "{suite}"
api = "v8"
client_id = "{client}"
client_secret = {{ value = "{secret}" }}
"#,
            self.world.adapters_toml()
        )
    }

    /// `contacts` as the contents of a contact file.
    pub fn contact_file(contacts: &[SeedContact]) -> String {
        let mut file = "Name,Company,Mobile,Work phone\n".to_owned();
        for contact in contacts {
            let SeedContact {
                first_name,
                last_name,
                company,
                mobile,
                work,
                ..
            } = contact;
            let name = format!("{first_name} {last_name}");
            let cells = [&name, company, mobile, work].map(|text| text.replace('"', "\"\""));
            writeln!(file, "\"{}\"", cells.join("\",\"")).expect("a String takes any text");
        }
        file
    }
}
