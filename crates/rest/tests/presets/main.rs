//! Every preset against a simulated CRM that its fixture describes: `fixtures/presets/<name>.toml`.
//!
//! The simulated CRM knows `messy_contacts`, takes exactly what the fixture says and refuses anything
//! else. A preset passes the conformance suite, and sends and reads what its fixture shows.
//!
//! ```toml
//! [account]                      # values for `settings.account`; `UPSTREAM` is the simulated CRM's address
//! company = "acme"
//! token = "pipedrive-token-1"    # one that the preset calls secret is given as a secret
//!
//! [addresses]                    # what `base_url`, `token_url`, `login_url` come out as with this account; the
//! base_url = "https://acme.pipedrive.com"    # host in front is replaced by the simulated CRM's. Needed for
//!                                            # those that begin with `https://`, and only for them.
//! [settings]                     # optional: laid over the preset, for what else has to lead to UPSTREAM
//!
//! [credential]                   # what every request but a login must have, else the reply is `refused`:
//! headers = { x-api-token = "{{ account.token }}" }   # headers, query, form, json, path (how it begins).
//!                                                     # Templates: `account`, `token` (the one issued last),
//!                                                     # `upstream`, filter `base64`.
//! [refused]                      # the reply to a wrong credential
//! status = 401
//! body = '{"success": false, "error": "unauthorized access", "errorCode": 401}'
//!
//! [[routes]]                     # first that fits answers; a request that fits none fails the test
//! request = "GET /api/v2/persons/search"    # method and path, percent-decoded; `*` is any one segment
//! query = { fields = "phone", limit = "20" }  # what it must have: query, form, headers (texts), and
//!                                             # json (JSONPath = value); templates as above
//! asked = { query = "term" }     # what it asks for: query, form (names), json (JSONPath), text = true (the body),
//!                                # or path (a regular expression). With `pattern` (regular expression): the first
//!                                # group of each match, or all of it; with `split`: cut at this text
//! rows = "contacts"              # what it asks in: contacts (default), companies, objects (what workflows created)
//! module = "Leads"               # only the contacts of this module (see `modules`)
//! against = ["contact.mobile"]   # expressions: the texts of a row that are compared; default: both numbers of a
//!                                # contact, the id of a company; needed for objects
//! compare = "contains"           # exact (default), contains, like (`%` and `*` stand for anything), digits
//!                                # (equal digits), contains_digits, ends_with_digits, e164 (of a stored number)
//! hit = '''{"id": {{ contact.id }}, "name": {{ contact.name }}}'''   # of each row that fits. Values become JSON:
//!                                # write {{ "12x" ~ contact.id }} instead of quotes around
//! reply = { status = 200, headers = { x = "y" }, body = '''{"data": {{ hits }}}''' }   # `hits`: list of these
//! nobody = { status = 204 }      # the reply when no row fits; default: `reply` with empty `hits`
//! login = true                   # a login: `credential` of the fixture is not asked for, but the route's own:
//! credential = { form = { client_secret = "{{ account.secret }}" } }   # as above, else `refused` of the route or fixture
//! issues = true                  # a new `token`, which `reply` may use
//! creates = true                 # creates an object: `object.id`, `object.sent.json|form|query` (what was sent)
//!
//! [known]                        # a lookup of +41 79 123 45 67, which contact 13, Mia Keller, owns
//! requests = ["GET /api/v2/persons/search?term=791234567&fields=phone&limit=20"]   # all but logins, decoded, in any
//!                                # order; a body follows in the next line
//! [known.record]                 # the whole record, with the names of `lookup.fields`, and `kind`
//! id = "13"
//! custom_fields = { "Job title" = "…" }
//!
//! [[errors]]                     # the CRM fails in its own words
//! status = 429
//! headers = {}
//! body = '{}'
//! kind = "rate_limited"          # what the lookup fails as
//! retry_after_secs = 2           # optional
//! at_login = true                # optional: the login fails instead
//!
//! [call]                         # for presets with CallFlow: contact 13, user "7", incoming, see checks/calls.rs
//! requests = ['''POST /api/v2/activities
//! {"subject": "…"}''']
//! receipt = { id = "501", url = "…" }
//! bare = ["…"]                   # the requests for a call without contact and user; left out where it
//! needs = ["contact"]            # needs them (the conformance suite is then run without the workflow)
//! update = ["…"]                 # the requests of a later report; none for presets without `update`
//!
//! # Optional, at the top:
//! stored = ["number.e164", "number.national"]  # expressions: how this CRM's numbers are written, in turn; forms as
//!                                # in `number.*` of the language. Default: as people type them
//! modules = ["Contacts", "Leads"]  # contacts are spread over these; `contact.module`. Contact 13 is in the first
//! ```
//!
//! A contact has `id`, `first_name`, `last_name`, `name`, `company`, `company_id`, `email`, `mobile`, `work`, `phones`,
//! `job_title`, `module`; a company `id` and `name`.
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
    bitrix24 = "bitrix24",
    centralstation = "centralstation",
    close = "close",
    copper = "copper",
    dolibarr = "dolibarr",
    espocrm = "espocrm",
    insightly = "insightly",
    monday = "monday",
    odoo = "odoo",
    odoo_jsonrpc = "odoo-jsonrpc",
    pipedrive = "pipedrive",
    twenty = "twenty",
    vtiger = "vtiger",
    vtiger_oss = "vtiger-oss",
    weclapp = "weclapp",
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
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    fixtures.sort();
    let mut tested = TESTED.to_vec();
    tested.sort_unstable();
    assert_eq!(fixtures, shipped);
    assert_eq!(tested, shipped);
}
