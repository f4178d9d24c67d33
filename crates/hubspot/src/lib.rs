//! The HubSpot adapter of whocalls: lookups by phone number with one search request, calls and
//! tickets as workflows. Speaks the numbered (`v3`) and the dated (`2026-09`) interface.
//!
//! The facts about HubSpot come from `crm-apis.md` §1; the README says what of them is verified.
//!
//! | module | holds |
//! |---|---|
//! | `config` | the settings and what the schema cannot express about them |
//! | `api` | object types, API versions and the paths of every endpoint |
//! | `wire` | the JSON of requests and replies |
//! | `error` | what a refusal of HubSpot means |
//! | `auth` | the service key, or access tokens that are renewed |
//! | `limits` | how many searches a second, and when to ask again |
//! | `client` | the requests, one method each |
//! | `search` | which search finds the owners of a number |
//! | `record` | a hit as a contact record |
//! | `account`, `companies`, `details` | page links and company names, remembered |
//! | `leads` | the leads of the contacts that were found |
//! | `owners` | the HubSpot user that an object belongs to |
//! | `workflow` | calls, tickets and contacts made of a workflow |
//! | `delivery` | how a call or ticket is created once and brought up to date |
//! | `notification` | what HubSpot sends when contacts change, believed if it is signed |
//! | `adapter` | all of it as a `CrmAdapter` |

mod account;
mod adapter;
mod api;
mod auth;
mod client;
mod companies;
mod config;
mod delivery;
mod details;
mod error;
mod leads;
mod limits;
mod notification;
mod owners;
mod record;
mod search;
mod wire;
mod workflow;

use whocalls_core::AdapterFactory;

/// The adapter kind `hubspot`.
pub fn factory() -> AdapterFactory {
    AdapterFactory {
        kind: config::KIND,
        summary: "HubSpot CRM, with a service key or OAuth",
        example_toml: config::EXAMPLE_TOML,
        settings_schema: || schemars::schema_for!(config::Settings),
        presets: &[],
        build: adapter::HubSpotAdapter::build,
    }
}
