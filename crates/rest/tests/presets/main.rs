//! Every preset against a simulated CRM that its fixture describes.
//!
//! The simulated CRM knows the contacts of `messy_contacts`, takes what the fixture says, and
//! refuses anything else. A preset keeps the contract of adapters, sends and reads what its fixture
//! shows, and takes failures for what they are. `fixture.rs` says what may stand in a fixture; the
//! shortest is
//!
//! ```toml
//! stored = ["number.e164", "number.national_digits"]    # how numbers are written in this CRM
//!
//! [account]
//! company = "acme"
//! token = "3f9d1c77a2b84e0f"
//!
//! [addresses]
//! base_url = "https://acme.example.com"
//!
//! [credential]                                          # without it, the CRM replies `refused`
//! headers = { x-api-token = "{{ account.token }}" }
//!
//! [refused]
//! status = 401
//! body = '{"error": "unauthorized"}'
//!
//! [[routes]]
//! request = "GET /persons/search"
//! query = { fields = "phone" }
//! asked = { query = "term" }                            # the CRM looks for the text of this parameter,
//! compare = "contains"                                  # for numbers that contain it,
//! hit = '{"id": {{ contact.id }}, "name": {{ contact.name }}, "phones": {{ contact.phones }}}'
//! reply.body = '{"items": {{ hits }}}'                  # and replies this
//!
//! [known]
//! requests = ["GET /persons/search?term=791234567&fields=phone"]
//! record = { id = "13", name = "Mia Keller", phones = ["0791234567"] }
//!
//! [[errors]]
//! status = 429
//! kind = "rate_limited"
//! ```
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture has to fail the test"
)]

mod calls;
mod checks;
mod crm;
mod fixture;
mod matching;
mod render;
mod rows;
mod scene;
mod settings;

use std::{fs, path::Path};

macro_rules! presets {
    ($($test:ident = $name:literal),* $(,)?) => {
        const TESTED: &[&str] = &[$($name),*];
        $(mod $test {
            #[tokio::test]
            async fn keeps_the_contract() {
                crate::checks::conformance($name).await;
            }

            #[tokio::test]
            async fn sends_and_reads_what_the_fixture_shows() {
                crate::checks::known(&crate::scene::Scene::of($name)).await;
            }

            #[tokio::test]
            async fn fails_as_the_crm_does() {
                crate::checks::failures(&crate::scene::Scene::of($name)).await;
            }

            #[tokio::test]
            async fn logs_calls() {
                crate::calls::check(&crate::scene::Scene::of($name)).await;
            }
        })*
    };
}

presets! {
    activecampaign = "activecampaign",
    attio = "attio",
    bexio = "bexio",
    bitrix24 = "bitrix24",
    centralstation = "centralstation",
    clio = "clio",
    close = "close",
    copper = "copper",
    dolibarr = "dolibarr",
    dynamics = "dynamics",
    espocrm = "espocrm",
    freshdesk = "freshdesk",
    insightly = "insightly",
    monday = "monday",
    odoo = "odoo",
    odoo_jsonrpc = "odoo-jsonrpc",
    pipedrive = "pipedrive",
    salesforce = "salesforce",
    twenty = "twenty",
    vtiger = "vtiger",
    vtiger_oss = "vtiger-oss",
    weclapp = "weclapp",
    zendesk = "zendesk",
    zoho = "zoho",
}

#[test]
fn every_preset_has_a_fixture_and_every_fixture_a_preset() {
    let shipped: Vec<&str> = whocalls_rest::factory()
        .presets
        .iter()
        .map(|preset| preset.name)
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/presets");
    let mut fixtures: Vec<String> = fs::read_dir(folder)
        .expect("the folder exists")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            path.file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    fixtures.sort();
    let mut tested = TESTED.to_vec();
    tested.sort_unstable();
    assert_eq!(fixtures, shipped);
    assert_eq!(tested, shipped);
}
