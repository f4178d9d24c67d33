//! What a lookup finds, what it costs, and what missing rights and fields change.

use std::sync::Arc;

use serde_json::{Value, json};
use whocalls_core::{ErrorKind, LookupAnswer, RecordKind};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED, UNKNOWN},
    sim::suitecrm::SuiteCrm,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use crate::support::{Bench, Way, adapter, cx, settings, simulated};

/// The requests of one lookup; all modules are asked at once, so their order does not matter.
fn modules(way: Way) -> [&'static str; 3] {
    match way {
        Way::Client | Way::User => ["Accounts", "Contacts", "Leads"],
        Way::Session => [
            "get_entry_list Accounts",
            "get_entry_list Contacts",
            "get_entry_list Leads",
        ],
    }
}

fn login(way: Way) -> &'static str {
    match way {
        Way::Client | Way::User => "access_token",
        Way::Session => "login",
    }
}

#[tokio::test]
async fn a_warm_lookup_costs_one_request_for_each_module() {
    for way in Way::ALL {
        let bench = Bench::with(simulated(), way, |settings| {
            settings["custom_fields"] = json!({});
        });
        for number in [MIA_NUMBER, SPELLED, UNKNOWN] {
            bench.lookup(number).await.unwrap();
        }
        let asked = bench.asked();
        let (first, searches) = asked.split_first().unwrap();
        assert_eq!(first, login(way), "{way:?}");
        for lookup in searches.chunks(3) {
            let mut lookup = lookup.to_vec();
            lookup.sort_unstable();
            assert_eq!(lookup, modules(way), "{way:?}");
        }
        assert_eq!(searches.len(), 9, "{way:?}");
    }
}

/// By them, the gateway recognises a person whom other CRMs have, too.
#[tokio::test]
async fn addresses_come_along() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let answer = bench.lookup(MIA_NUMBER).await.unwrap();
        let emails = &answer.matches()[0].record.emails;
        assert_eq!(emails, &["contact13@example.ch"], "{way:?}");
    }
}

/// All requests have arrived before the first is answered.
#[tokio::test]
async fn the_modules_are_asked_at_once() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        bench.count(MIA_NUMBER).await;
        let control = Arc::clone(bench.upstream.control());
        let before = control.request_count();
        let hold = control.hold();
        let release = async {
            control.arrived(before + 3).await;
            drop(hold);
        };
        let (found, ()) = tokio::join!(bench.count(MIA_NUMBER), release);
        assert_eq!(found, 1, "{way:?}");
    }
}

#[tokio::test]
async fn people_leads_and_companies_are_told_apart_and_linked() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let kinds = |answer: &LookupAnswer, kind| {
            let records = answer.matches().iter().map(|found| &found.record);
            records.filter(|record| record.kind == kind).count()
        };
        let answer = bench.lookup(SPELLED).await.unwrap();
        assert_eq!(kinds(&answer, RecordKind::Contact), 10, "{way:?}");
        assert_eq!(kinds(&answer, RecordKind::Lead), 2, "{way:?}");
        let switchboard = bench.lookup("41447000200").await.unwrap();
        let [company] = switchboard.matches() else {
            panic!("{way:?}: {switchboard:?}");
        };
        let company = &company.record;
        assert_eq!(company.kind, RecordKind::Company);
        assert_eq!(company.name, "Keller AG");
        let mia = bench.lookup(MIA_NUMBER).await.unwrap();
        let mia = &mia.matches()[0].record;
        assert_eq!(mia.company_uri, company.contact_uri, "{way:?}");
        let address = bench.upstream.url();
        let page = format!("{address}/index.php?module=Contacts&action=DetailView&record=");
        assert!(mia.contact_uri.as_ref().unwrap().starts_with(&page));
        assert!(mia.id.starts_with("Contacts/"));
        assert_eq!(mia.emails.len(), 1);
        assert!(mia.modified_at.is_some());
    }
}

/// `O'Neill` and `Alpen "Blick" Hotel` are among the contacts.
#[tokio::test]
async fn texts_arrive_without_html_entities() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let answer = bench.lookup(SPELLED).await.unwrap();
        let texts: Vec<&str> = answer
            .matches()
            .iter()
            .flat_map(|found| {
                [
                    Some(found.record.name.as_str()),
                    found.record.company.as_deref(),
                ]
            })
            .flatten()
            .collect();
        for part in ["O'Neill", "\"Blick\"", " & "] {
            assert!(
                texts.iter().any(|text| text.contains(part)),
                "{way:?} {part}"
            );
        }
        assert!(
            texts
                .iter()
                .all(|text| !text.contains("&#") && !text.contains("&amp;"))
        );
    }
}

#[tokio::test]
async fn custom_fields_are_shown_where_the_record_has_them() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let answer = bench.lookup(SPELLED).await.unwrap();
        let titled = answer.matches().iter().filter(|found| {
            let custom = &found.record.custom;
            custom.iter().any(|field| field.title == "Job title")
        });
        assert_eq!(titled.count(), 4, "{way:?}: every third person has a title");
    }
}

/// V8 refuses a request for a field that a module lacks: accounts have no title.
#[tokio::test]
async fn a_field_that_a_module_lacks_is_asked_for_once() {
    let bench = Bench::new(simulated(), Way::Client);
    for _ in 0..2 {
        assert_eq!(bench.count("41447000200").await, 1);
    }
    let asked = bench.asked();
    let accounts = asked.iter().filter(|name| *name == "Accounts").count();
    assert_eq!((asked.len(), accounts), (1 + 3 + 1 + 3, 3), "{asked:?}");
}

#[tokio::test]
async fn a_forbidden_module_does_not_hide_the_others() {
    for way in Way::ALL {
        let bench = Bench::new(simulated().without_access_to("Leads"), way);
        let answer = bench.lookup(SPELLED).await.unwrap();
        assert_eq!(answer.matches().len(), 10, "{way:?}");
        assert!(!answer.is_partial(), "it will not be readable later either");
        assert_eq!(bench.count(UNKNOWN).await, 0, "{way:?}");
    }
}

#[tokio::test]
async fn when_all_modules_are_forbidden_a_lookup_fails() {
    for way in Way::ALL {
        let suite = simulated()
            .without_access_to("Contacts")
            .without_access_to("Leads")
            .without_access_to("Accounts");
        let bench = Bench::new(suite, way);
        let error = bench.lookup(MIA_NUMBER).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::PermissionDenied, "{way:?}");
        assert!(error.message.contains("extend the user's role"), "{error}");
        assert!(bench.adapter.probe(&cx()).await.is_err());
    }
}

#[tokio::test]
async fn only_the_modules_of_the_settings_are_searched() {
    for way in Way::ALL {
        let bench = Bench::with(simulated(), way, |settings| {
            settings["modules"] = json!(["Leads"]);
        });
        assert_eq!(bench.count(SPELLED).await, 2, "{way:?}");
        assert_eq!(bench.asked().len(), 2, "{way:?}");
    }
}

/// SuiteCRM 8: both interfaces lie below `/legacy`, and pages have another form.
#[tokio::test]
async fn suitecrm_8_is_reached_below_legacy() {
    for (way, path) in [
        (Way::Client, "/legacy/Api"),
        (Way::Session, "/legacy/service/v4_1/rest.php"),
    ] {
        let bench = Bench::with(simulated(), way, |settings| {
            settings["api_path"] = json!(path);
        });
        let mia = bench.lookup(MIA_NUMBER).await.unwrap();
        let link = mia.matches()[0].record.contact_uri.clone().unwrap();
        let page = format!("{}/#/contacts/record/", bench.upstream.url());
        assert!(link.starts_with(&page), "{link}");
    }
}

#[tokio::test]
async fn a_probe_tells_who_answers_and_what_is_searched() {
    let reads_all = "reads Contacts, Leads, Accounts";
    for (way, identity) in [
        (Way::Client, "/Api as cti"),
        (Way::User, "/Api as cti"),
        (Way::Session, "/service/v4_1/rest.php as cti, CE 6.5.25"),
    ] {
        let bench = Bench::new(simulated(), way);
        let report = bench.adapter.probe(&cx()).await.unwrap();
        let address = bench.upstream.url();
        assert_eq!(report.summary, format!("{address}{identity}: {reads_all}"));
        assert_eq!(report.warnings, [""; 0]);

        let bench = Bench::new(simulated().without_access_to("Leads"), way);
        let report = bench.adapter.probe(&cx()).await.unwrap();
        assert!(report.summary.ends_with("reads Contacts, Accounts"));
        let [warning] = report.warnings.as_slice() else {
            panic!("{way:?}: {report:?}");
        };
        assert!(warning.starts_with("Leads is not searched: the API user lacks a right"));
    }
}

#[tokio::test]
async fn a_probe_names_a_wrong_path() {
    for (way, path) in [
        (Way::Client, "/public/Api"),
        (Way::Session, "/service/rest.php"),
    ] {
        let bench = Bench::with(simulated(), way, |settings| {
            settings["api_path"] = json!(path);
        });
        let error = bench.adapter.probe(&cx()).await.unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::NotFound, Some(404)));
        assert!(
            error.message.contains("check base_url and api_path"),
            "{error}"
        );
    }
}

/// Answers like the simulated instance, except for one module.
struct Failing {
    suite: SuiteCrm,
    module: &'static str,
    reply: Response,
}

impl SimulatedCrm for Failing {
    fn respond(&self, request: &Request) -> Response {
        let data = request.form_value("rest_data").unwrap_or_default();
        let asks_v4_1 = data.contains(&format!("\"module_name\":\"{}\"", self.module));
        if request.path.ends_with(self.module) || asks_v4_1 {
            return self.reply.clone();
        }
        self.suite.respond(request)
    }
}

async fn lookup_without(
    module: &'static str,
    way: Way,
    number: &str,
    reply: Response,
) -> Result<LookupAnswer, ErrorKind> {
    let suite = simulated();
    let failing = Failing {
        suite,
        module,
        reply,
    };
    let upstream = Upstream::start(Arc::new(failing));
    let adapter = adapter(settings(&upstream.url(), way));
    let query = whocalls_testkit::query(number);
    let answer = adapter.lookup(&cx(), &query).await;
    answer.map_err(|error| error.kind)
}

#[tokio::test]
async fn a_module_that_fails_for_the_moment_makes_an_empty_answer_a_failure() {
    for way in Way::ALL {
        let broken = || Response::status(503);
        let answer = lookup_without("Leads", way, SPELLED, broken())
            .await
            .unwrap();
        assert_eq!(answer.matches().len(), 10, "{way:?}");
        assert!(answer.is_partial(), "{way:?}: leads may be missing");
        let nobody = lookup_without("Leads", way, UNKNOWN, broken()).await;
        assert_eq!(nobody.unwrap_err(), ErrorKind::Unavailable, "{way:?}");
    }
}

/// A refusal that SuiteCRM does not give a reason for is one of a proxy or firewall, as far as
/// anybody knows: it says nothing of what the API user may see.
#[tokio::test]
async fn a_bare_refusal_is_no_permission_to_leave_the_module_out() {
    for way in Way::ALL {
        for (status, kind) in [
            (403, ErrorKind::PermissionDenied),
            (404, ErrorKind::NotFound),
        ] {
            let refusal = || Response::status(status);
            let answer = lookup_without("Leads", way, SPELLED, refusal())
                .await
                .unwrap();
            assert_eq!(answer.matches().len(), 10, "{way:?}");
            assert!(
                answer.is_partial(),
                "{way:?} {status}: leads may be missing"
            );
            let nobody = lookup_without("Leads", way, UNKNOWN, refusal()).await;
            assert_eq!(nobody.unwrap_err(), kind, "{way:?}");
        }
    }
}

/// No records is a fault in `v4_1`, and no failure.
#[tokio::test]
async fn no_records_is_an_empty_answer() {
    let fault = json!({
        "name": "No Records", "number": 51, "description": "No records were found.",
    });
    let failing = Failing {
        suite: simulated(),
        module: "Contacts",
        reply: Response::json(200, &fault),
    };
    let upstream = Upstream::start(Arc::new(failing));
    let mut settings = settings(&upstream.url(), Way::Session);
    settings["modules"] = json!(["Contacts"]);
    let query = whocalls_testkit::query(MIA_NUMBER);
    let answer = adapter(settings).lookup(&cx(), &query).await.unwrap();
    assert!(answer.is_empty() && !answer.is_partial());
}

/// A server that ignores the filter: its records do not own the number.
#[tokio::test]
async fn records_that_do_not_own_the_number_are_left_out() {
    let stranger = json!({
        "id": "c1", "type": "Contact",
        "attributes": { "last_name": "Stranger", "phone_work": "044 555 00 00" },
    });
    let list: Value = json!({ "data": [stranger] });
    let reply = Response::json(200, &list);
    let answer = lookup_without("Contacts", Way::Client, MIA_NUMBER, reply)
        .await
        .unwrap();
    assert!(answer.is_empty());
    assert_eq!(answer.rejected(), 1);
}

/// A server that sends thousands of records, whatever it is asked for.
#[tokio::test]
async fn no_more_records_are_looked_at_than_a_request_asks_for() {
    let phone = |id: u32| {
        if id == 0 {
            "079 123 45 67"
        } else {
            "079 999 99 99"
        }
    };
    let resource =
        |id: u32| json!({ "id": id.to_string(), "attributes": { "phone_work": phone(id) } });
    let entry = |id: u32| {
        let fields = json!({ "phone_work": { "name": "phone_work", "value": phone(id) } });
        json!({ "id": id.to_string(), "name_value_list": fields })
    };
    let data: Vec<Value> = (0..5_000).map(resource).collect();
    let entries: Vec<Value> = (0..5_000).map(entry).collect();
    for (way, list) in [
        (Way::Client, json!({ "data": data })),
        (
            Way::Session,
            json!({ "entry_list": entries, "relationship_list": [] }),
        ),
    ] {
        let failing = Failing {
            suite: simulated(),
            module: "Contacts",
            reply: Response::json(200, &list),
        };
        let upstream = Upstream::start(Arc::new(failing));
        let mut settings = settings(&upstream.url(), way);
        settings["modules"] = json!(["Contacts"]);
        let query = whocalls_testkit::query(MIA_NUMBER);
        let answer = adapter(settings).lookup(&cx(), &query).await.unwrap();
        let found = (answer.matches().len(), answer.rejected());
        assert_eq!(found, (1, 99), "{way:?}");
    }
}
