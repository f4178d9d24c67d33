//! Three simulated CRMs that know the same people, and the configuration that connects the gateway
//! to them.

mod all_kinds;

use std::sync::Arc;

pub use all_kinds::AllKinds;

use crate::{
    contacts::SeedContact,
    sim::{
        hubspot::HubSpot,
        rest::{API_KEY, RestCrm},
        sugar::Sugar,
    },
    upstream::Upstream,
};

/// A simulated Sugar, HubSpot and REST CRM, running on loopback ports until dropped.
#[derive(Debug)]
pub struct World {
    /// The servers, in the order `sugar`, `hubspot`, `erp`.
    pub upstreams: [Upstream; 3],
    /// The state of Sugar.
    pub sugar: Arc<Sugar>,
    /// The state of HubSpot.
    pub hubspot: Arc<HubSpot>,
    /// The state of the REST CRM.
    pub erp: Arc<RestCrm>,
}

impl World {
    /// The adapter ids, in the order of [`upstreams`](Self::upstreams) and of the configuration.
    pub const IDS: [&'static str; 3] = ["sugar", "hubspot", "erp"];

    /// Starts three CRMs that know `contacts`.
    pub fn start(contacts: &[SeedContact]) -> Self {
        let sugar = Arc::new(Sugar::new(contacts));
        let hubspot = Arc::new(HubSpot::new(contacts));
        let erp = Arc::new(RestCrm::new(contacts));
        Self {
            upstreams: [
                Upstream::start(Arc::clone(&sugar) as _),
                Upstream::start(Arc::clone(&hubspot) as _),
                Upstream::start(Arc::clone(&erp) as _),
            ],
            sugar,
            hubspot,
            erp,
        }
    }

    /// The server of the adapter with this id.
    pub fn upstream(&self, id: &str) -> &Upstream {
        let found = Self::IDS
            .iter()
            .zip(&self.upstreams)
            .find(|(known, _)| **known == id);
        found.expect("one of IDS").1
    }

    /// How many requests each CRM got, in the order of [`IDS`](Self::IDS).
    pub fn request_counts(&self) -> [usize; 3] {
        self.upstreams
            .each_ref()
            .map(|upstream| upstream.control().request_count())
    }

    /// The adapters' part of an `adapters.toml`. A busy machine changes no answer of HubSpot's: its
    /// details may take their time, and searches are hardly limited.
    pub fn adapters_toml(&self) -> String {
        let [sugar, hubspot, erp] = self.upstreams.each_ref().map(Upstream::url);
        let (username, password) = (Sugar::USERNAME, Sugar::PASSWORD);
        let token = HubSpot::TOKEN;
        format!(
            r#"
[adapters.sugar]
kind = "sugar"
crm_name = "Sugar CRM"
crm_logo = "https://cdn.example.com/sugar.svg"
priority = 10
[adapters.sugar.settings]
base_url = "{sugar}/rest/v11"
username = "{username}"
password = {{ value = "{password}" }}

[adapters.hubspot]
kind = "hubspot"
crm_name = "HubSpot"
crm_logo = "https://cdn.example.com/hubspot.svg"
priority = 20
[adapters.hubspot.settings]
base_url = "{hubspot}"
searches_per_second = 100
details_timeout_ms = 5000
token = {{ value = "{token}" }}

[adapters.erp]
kind = "rest"
crm_name = "ERP"
crm_logo = "https://cdn.example.com/erp.svg"
priority = 30
[adapters.erp.settings]
base_url = "{erp}"
credential = {{ kind = "bearer", token = {{ value = "{API_KEY}" }} }}
[adapters.erp.settings.lookup]
path = "/api/contacts"
query = {{ phone = "{{{{ number.wild }}}}", perPage = "50" }}
hits = "$.items[*]"
[adapters.erp.settings.lookup.fields]
id = "$.id"
name = "$.person.name"
phones = ["$.phones.mobile", "$.phones.work"]
company = "$.company.name"
contact_uri = {{ template = "{{{{ base_url }}}}/contacts/{{{{ id }}}}" }}
company_uri = {{ template = "{{{{ base_url }}}}/companies/{{{{ hit.company.id }}}}" }}
custom_fields = {{ "Job title" = "$.person.title" }}
"#
        )
    }
}
