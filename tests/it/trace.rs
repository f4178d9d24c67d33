//! `check --trace` and `lookup --explain` show what is said to each CRM, and none of its secrets.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    sim::{
        hubspot::HubSpot,
        rest::{API_KEY, RestCrm},
        sugar::Sugar,
        suitecrm::SuiteCrm,
    },
    upstream::{Request, SimulatedCrm, Upstream},
    world::World,
};

use crate::commands::{fine, folder_with, run};

/// A way to sign in to a CRM.
struct SignIn {
    kind: &'static str,
    crm: fn() -> Arc<dyn SimulatedCrm>,
    settings: String,
    /// Everything in it that no trace may show.
    secrets: Vec<&'static str>,
    /// Whether the simulated CRM accepts it.
    is_accepted: bool,
}

fn hubspot() -> Arc<dyn SimulatedCrm> {
    Arc::new(HubSpot::new(&messy_contacts(30)))
}

fn sugar() -> Arc<dyn SimulatedCrm> {
    Arc::new(Sugar::new(&messy_contacts(30)))
}

fn suitecrm() -> Arc<dyn SimulatedCrm> {
    Arc::new(SuiteCrm::new(&messy_contacts(30)))
}

fn rest() -> Arc<dyn SimulatedCrm> {
    Arc::new(RestCrm::new(&messy_contacts(30)))
}

fn rest_settings(credential: &str) -> String {
    format!(
        r#"base_url = "{{url}}"
        credential = {{ {credential} }}
        lookup.path = "/api/contacts"
        lookup.query = {{ phone = "{{{{ number.wild }}}}" }}
        lookup.hits = "$.items[*]"
        lookup.fields = {{ id = "$.id", name = "$.person.name", phones = "$.phones.mobile" }}"#
    )
}

fn sign_ins() -> Vec<SignIn> {
    let [suite_secret, suite_password] = [SuiteCrm::CLIENT_SECRET, SuiteCrm::PASSWORD];
    let base = "base_url = \"{url}\"\n";
    let suite_user = format!("username = \"cti\"\npassword.value = \"{suite_password}\"\n");
    let suite_client = |id: &str| {
        format!("{base}client_id = \"{id}\"\nclient_secret.value = \"{suite_secret}\"\n")
    };
    let of = |kind, crm, settings, secrets: &[&'static str]| SignIn {
        kind,
        crm,
        settings,
        secrets: secrets.to_vec(),
        is_accepted: true,
    };
    let odd_key = "k3y with \\\"signs\\\" & more";
    let mut odd = of(
        "rest",
        rest,
        rest_settings(&format!(
            "kind = \"query\", name = \"q\", value = {{ value = \"{odd_key}\" }}"
        )),
        &["k3y", "signs"],
    );
    odd.is_accepted = false;
    let mut basic = of(
        "rest",
        rest,
        rest_settings("kind = \"basic\", username = \"cti\", password = { value = \"pa55word\" }"),
        &["pa55word", "Y3RpOnBhNTV3b3Jk"],
    );
    basic.is_accepted = false;
    vec![
        of(
            "sugar",
            sugar,
            format!(
                "base_url = \"{{url}}/rest/v11\"\nusername = \"cti\"\npassword.value = \"{}\"",
                Sugar::PASSWORD
            ),
            &[Sugar::PASSWORD],
        ),
        of(
            "hubspot",
            hubspot,
            format!("{base}token.value = \"{}\"", HubSpot::TOKEN),
            &[HubSpot::TOKEN],
        ),
        of(
            "hubspot",
            hubspot,
            format!(
                "{base}client_id = \"{}\"\nclient_secret.value = \"{}\"\nrefresh_token.value = \"{}\"",
                HubSpot::CLIENT_ID,
                HubSpot::CLIENT_SECRET,
                HubSpot::REFRESH_TOKEN
            ),
            &[HubSpot::CLIENT_SECRET, HubSpot::REFRESH_TOKEN],
        ),
        of(
            "suitecrm",
            suitecrm,
            suite_client(SuiteCrm::CLIENT_ID),
            &[suite_secret],
        ),
        of(
            "suitecrm",
            suitecrm,
            suite_client(SuiteCrm::PASSWORD_CLIENT_ID) + &suite_user,
            &[suite_secret, suite_password],
        ),
        of(
            "suitecrm",
            suitecrm,
            format!("{base}api = \"v4_1\"\n{suite_user}"),
            &[suite_password],
        ),
        of(
            "rest",
            rest,
            rest_settings(&format!(
                "kind = \"bearer\", token = {{ value = \"{API_KEY}\" }}"
            )),
            &[API_KEY],
        ),
        of(
            "rest",
            rest,
            rest_settings(&format!(
                "kind = \"header\", name = \"X-Api-Key\", value = {{ value = \"{API_KEY}\" }}"
            )),
            &[API_KEY],
        ),
        odd,
        basic,
    ]
}

/// The tokens and hashes that the CRM was sent, which no configuration has.
fn sent_secrets(request: &Request) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in ["authorization", "oauth-token", "x-api-key"] {
        let value = request.header(name).unwrap_or_default();
        found.insert(value.rsplit(' ').next().unwrap_or_default().to_owned());
    }
    let body = request.json().or_else(|| {
        let data = request.form_value("rest_data")?;
        serde_json::from_str(&data).ok()
    });
    let texts = [
        "/session",
        "/user_auth/password",
        "/password",
        "/refresh_token",
    ];
    for pointer in texts {
        let text = body
            .as_ref()
            .and_then(|body| body.pointer(pointer)?.as_str());
        found.extend(text.map(str::to_owned));
    }
    for name in ["client_secret", "refresh_token", "password"] {
        found.extend(request.form_value(name));
    }
    found.remove("");
    found
}

#[test]
fn no_secret_of_any_kind_of_adapter_shows_in_a_trace() {
    for sign_in in sign_ins() {
        let upstream = Upstream::start((sign_in.crm)());
        let settings = sign_in.settings.replace("{url}", &upstream.url());
        let folder = folder_with(&format!(
            "[adapters.crm]\nkind = \"{}\"\n[adapters.crm.settings]\n{settings}\n",
            sign_in.kind
        ));
        let mut shown = Vec::new();
        for more in [&["--json"][..], &[]] {
            let arguments = [&["check", "--trace", MIA_NUMBER], more].concat();
            let (code, out, err) = run(&arguments, folder.path());
            let expected = if sign_in.is_accepted { 0 } else { 69 };
            assert_eq!(code, expected, "{settings}\n{out}{err}");
            shown.push(out + &err);
        }
        let requests = upstream.control().requests();
        let mut secrets: BTreeSet<String> = requests.iter().flat_map(sent_secrets).collect();
        secrets.extend(sign_in.secrets.iter().map(|secret| (*secret).to_owned()));
        for out in &shown {
            for secret in &secrets {
                assert!(!out.contains(secret.as_str()), "{secret} in\n{out}");
            }
            assert!(out.contains("***"), "{settings}\n{out}");
        }
        let document: Value = serde_json::from_str(&shown[0]).unwrap();
        let traced = document["adapters"][0]["trace"].as_array().unwrap();
        let events = |name: &str| traced.iter().filter(|it| it["event"] == name).count();
        assert_eq!(
            events("request") * 2,
            requests.len(),
            "every request is shown"
        );
        assert_eq!(events("request"), events("reply"));
    }
}

#[test]
fn check_shows_what_was_said_found_and_dropped() {
    let world = World::start(&messy_contacts(100));
    let folder = folder_with(&world.adapters_toml());
    let out = fine(&["check", "--trace", MIA_NUMBER], folder.path());
    for part in [
        "  ok      erp (rest), ",
        "  erp #1 probe: GET http://127.0.0.1:",
        "lookup: GET http://127.0.0.1:",
        "    > authorization: Bearer ***\n",
        "    < 200 after ",
        "    < content-type: application/json\n",
        "\"Mia Keller\"",
        "  found 1, dropped ",
        "Mia Keller: exact\n",
        "  hubspot #1 ",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let out = fine(&["check", "--trace", MIA_NUMBER, "--json"], folder.path());
    let document: Value = serde_json::from_str(&out).unwrap();
    let erp = &document["adapters"][2];
    assert_eq!(erp["lookup"]["matches"][0]["name"], "Mia Keller");
    let trace = erp["trace"].as_array().unwrap();
    let last = trace.iter().rfind(|it| it["event"] == "reply").unwrap();
    assert_eq!(last["status"], 200);
    assert!(
        last["body"]["items"].is_array(),
        "JSON is shown as such: {last}"
    );
}

#[test]
fn a_number_that_cannot_be_looked_for_is_a_wrong_use() {
    let folder = folder_with("");
    let (code, _, err) = run(&["check", "--trace", "42"], folder.path());
    assert_eq!(code, 64, "{err}");
    assert!(err.contains("the number is internal"), "{err}");
}

#[test]
fn an_explained_lookup_shows_what_was_said() {
    let world = World::start(&messy_contacts(100));
    let folder = folder_with(&world.adapters_toml());
    let out = fine(&["lookup", MIA_NUMBER, "--explain"], folder.path());
    let (_, trace) = out.split_once("\nTrace\n").unwrap();
    for adapter in ["sugar", "hubspot", "erp"] {
        assert!(trace.contains(&format!("  {adapter} #")), "{trace}");
    }
    assert!(
        !out.contains(API_KEY) && !out.contains(HubSpot::TOKEN),
        "{out}"
    );
    let out = fine(
        &["lookup", MIA_NUMBER, "--explain", "--json"],
        folder.path(),
    );
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["trace"][0]["event"], "request");
    let out = fine(&["lookup", MIA_NUMBER, "--json"], folder.path());
    assert!(
        !out.contains("\"trace\""),
        "only when it is asked for: {out}"
    );
}
