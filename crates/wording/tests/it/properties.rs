//! Whatever is sent, there are words.

use std::collections::HashMap;

use jiff::Timestamp;
use proptest::{collection::vec, option, prelude::*};
use serde_json::{Map, Value, json};
use whocalls_core::CallDetails;
use whocalls_wording::{Language, Templates};

use crate::{INCOMING, OUTGOING, built_in, wording};

fn texts() -> impl Strategy<Value = Option<String>> {
    option::of(prop_oneof![
        ".{0,120}",
        "[0-9+ ]{0,20}",
        "[\\x00-\\x20\u{202A}-\u{202E}]{0,5}",
        Just("anonymous".to_owned()),
    ])
}

fn times() -> impl Strategy<Value = Option<Timestamp>> {
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let seconds = prop_oneof![first..=last, 0..200_i64];
    option::of(seconds.prop_map(|second| Timestamp::from_second(second).unwrap()))
}

fn calls() -> impl Strategy<Value = CallDetails> {
    let directions = prop_oneof![Just(None), Just(INCOMING), Just(OUTGOING)];
    let texts = [texts(), texts(), texts(), texts()];
    let times = [times(), times(), times(), times()];
    (directions, texts, times).prop_map(|(direction, texts, times)| {
        let [
            originator_number,
            originator_name,
            destination_number,
            destination_name,
        ] = texts;
        let [started_at, answered_at, ended_at, declined_at] = times;
        CallDetails {
            direction,
            originator_number,
            originator_name,
            destination_number,
            destination_name,
            started_at,
            answered_at,
            ended_at,
            declined_at,
        }
    })
}

fn inputs() -> impl Strategy<Value = Map<String, Value>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,40}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| vec(inner, 0..4).prop_map(Value::from));
    vec((prop_oneof![Just("x".to_owned()), ".{0,8}"], value), 0..5)
        .prop_map(|pairs| pairs.into_iter().collect())
}

fn check_words(workflow: &str, call: &CallDetails, extra: &Map<String, Value>) {
    let uses_inputs = Templates {
        subject: Some("{{ extra.x }}".to_owned()),
        text: Some("{{ extra.x + 1 }}{{ extra }}{{ caller.name[:3] }}{{ started }}".to_owned()),
    };
    let overrides = HashMap::from([("Own".to_owned(), uses_inputs)]);
    let own = wording(Language::En, &overrides).unwrap();
    for words in Language::ALL
        .map(|language| built_in(language).words(workflow, call, extra))
        .into_iter()
        .chain([own.words("Own", call, extra)])
    {
        let subject = words.subject;
        assert!(!subject.trim().is_empty());
        assert!(subject.chars().count() <= 200);
        assert!(
            !subject.contains(|c: char| c.is_control() || ('\u{202A}'..='\u{202E}').contains(&c))
        );
        assert!(words.text.chars().count() <= 10_000);
        assert!(!words.text.contains(|c: char| c.is_control() && c != '\n'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_call_has_a_subject(
        workflow in prop_oneof![Just("CallFlow".to_owned()), Just("Own".to_owned()), ".{0,20}"],
        call in calls(),
        extra in inputs(),
    ) {
        check_words(&workflow, &call, &extra);
    }

    /// No name or number can add a line to the text, or anything to the subject but itself.
    #[test]
    fn a_name_stays_in_its_line(call in calls()) {
        for language in Language::ALL {
            let words = built_in(language).words("CallFlow", &call, &Map::new());
            prop_assert!(words.text.lines().count() <= 4);
        }
    }
}
