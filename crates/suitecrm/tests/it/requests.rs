//! The requests, byte for byte where a byte decides.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::Value;
use whocalls_core::{Caller, NumberQuery};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED},
    number_plan, query_at_most,
};

use crate::support::{Bench, Way, cx, simulated};

const PERSON_PHONES: [&str; 5] = [
    "phone_mobile",
    "phone_work",
    "phone_home",
    "phone_other",
    "assistant_phone",
];

/// The requests for one module's records.
fn searches(bench: &Bench, module: &str) -> Vec<whocalls_testkit::upstream::Request> {
    let asked = bench.asked();
    let requests = bench.upstream.control().requests().into_iter();
    let is_search = |asked: &String| asked.ends_with(module);
    requests
        .zip(asked)
        .filter(|(_, asked)| is_search(asked))
        .map(|(request, _)| request)
        .collect()
}

#[tokio::test]
async fn a_v8_search_joins_one_pattern_for_each_phone_field_with_or() {
    let bench = Bench::new(simulated(), Way::Client);
    bench.count(SPELLED).await;
    let search = searches(&bench, "Contacts").remove(0);
    let pattern = "%2%1%5%5%2%2%0%0%0%";
    let mut expected = vec![("filter[operator]".to_owned(), "or".to_owned())];
    expected
        .extend(PERSON_PHONES.map(|field| (format!("filter[{field}][like]"), pattern.to_owned())));
    for (key, value) in [
        ("page[size]", "100"),
        ("page[number]", "1"),
        ("sort", "-date_modified"),
    ] {
        expected.push((key.to_owned(), value.to_owned()));
    }
    let pairs = search.query_pairs();
    assert_eq!(pairs[0].0, "fields[Contacts]");
    assert_eq!(pairs[1..], expected);
    assert!(search.query.contains("=%252%251%255"), "{}", search.query);
    assert_eq!(search.header("accept"), Some("application/vnd.api+json"));
}

#[tokio::test]
async fn a_v4_1_search_has_every_argument_in_its_place() {
    let bench = Bench::new(simulated(), Way::Session);
    bench.count(SPELLED).await;
    let search = searches(&bench, "Leads").remove(0);
    let form = search.form_pairs();
    let names: Vec<&str> = form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["method", "input_type", "response_type", "rest_data"]
    );
    let data: Value = serde_json::from_str(&form[3].1).unwrap();
    let keys: Vec<&str> = data
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "session",
            "module_name",
            "query",
            "order_by",
            "offset",
            "select_fields",
            "link_name_to_fields_array",
            "max_results",
            "deleted",
            "favorites",
        ]
    );
    let conditions = PERSON_PHONES.map(|field| format!("leads.{field} LIKE '%2%1%5%5%2%2%0%0%0%'"));
    assert_eq!(data["query"], format!("({})", conditions.join(" OR ")));
    assert_eq!(data["order_by"], "leads.date_modified DESC");
    assert_eq!(data["max_results"], 100);
}

#[tokio::test]
async fn a_modest_number_of_candidates_is_asked_for() {
    for (records, candidates) in [(1, 20), (10, 40), (50, 100)] {
        let bench = Bench::new(simulated(), Way::Client);
        let query = query_at_most(SPELLED, records);
        bench.adapter.lookup(&cx(), &query).await.unwrap();
        for search in searches(&bench, "Leads") {
            let size = search.query_value("page[size]");
            assert_eq!(size, Some(candidates.to_string()));
        }
    }
}

/// Reads the password out of the login: the hash, or the password itself for LDAP.
#[tokio::test]
async fn a_password_is_sent_as_its_hash_unless_told_otherwise() {
    for is_plain in [false, true] {
        let bench = Bench::with(simulated(), Way::Session, |settings| {
            settings["plain_password"] = Value::Bool(is_plain);
        });
        assert_eq!(bench.count(MIA_NUMBER).await, 1, "plain: {is_plain}");
        let login = bench.upstream.control().requests().remove(0);
        let data: Value = serde_json::from_str(&login.form_value("rest_data").unwrap()).unwrap();
        let encryption = data["user_auth"].get("encryption");
        assert_eq!(encryption.is_some_and(|kind| kind == "PLAIN"), is_plain);
    }
}

/// Every value that a search carries into SQL: the patterns of V8, the query of `v4_1` without the
/// columns and operators that never change.
fn sql_of(bench: &Bench) -> String {
    let mut sql = String::new();
    for search in bench.upstream.control().requests() {
        for (key, value) in search.query_pairs() {
            if key.ends_with("[like]") {
                sql.push_str(&value);
            }
        }
        if search.form_value("method").as_deref() == Some("get_entry_list") {
            let data: Value =
                serde_json::from_str(&search.form_value("rest_data").unwrap()).unwrap();
            let query = data.get("query").and_then(Value::as_str).unwrap();
            sql.extend(query.split('\'').skip(1).step_by(2));
        }
    }
    sql
}

/// Whatever the number, nothing but digits and `%` reaches the CRM's SQL.
#[test]
fn a_query_consists_of_digits_and_wildcards_whatever_the_number() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    };
    let numbers = "[0-9 '\"%;()+/_\\\\-]{7,24}|\\+?[0-9]{7,20}|\\PC{1,20}";
    for way in [Way::Client, Way::Session] {
        let property = |text: String| {
            let Caller::Number(number) = number_plan().classify(&text) else {
                return Ok(());
            };
            let max_records = std::num::NonZeroUsize::MIN;
            let query = NumberQuery {
                number,
                max_records,
                explain: false,
            };
            let bench = Bench::new(simulated(), way);
            let answer = runtime.block_on(bench.adapter.lookup(&cx(), &query.into()));
            prop_assert!(answer.is_ok(), "{answer:?}");
            let sql = sql_of(&bench);
            prop_assert!(sql.chars().all(|c| c.is_ascii_digit() || c == '%'), "{sql}");
            Ok(())
        };
        TestRunner::new(config.clone())
            .run(&numbers, property)
            .unwrap();
    }
}
