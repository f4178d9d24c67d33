//! Templates of the configuration.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value, json};
use whocalls_core::CallDetails;
use whocalls_wording::{Language, Templates, Wording, Words};

use crate::{INCOMING, call, wording};

const FLOW: &str = "CallFlow";

fn overrides(
    workflow: &str,
    subject: Option<&str>,
    text: Option<&str>,
) -> HashMap<String, Templates> {
    let templates = Templates {
        subject: subject.map(str::to_owned),
        text: text.map(str::to_owned),
    };
    HashMap::from([(workflow.to_owned(), templates)])
}

fn with_text(text: &str) -> Wording {
    wording(Language::En, &overrides(FLOW, None, Some(text))).unwrap()
}

fn problems(text: &str) -> Vec<String> {
    let problems = wording(Language::En, &overrides(FLOW, None, Some(text))).unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

fn a_call() -> CallDetails {
    let times = [
        "2025-03-03T13:05:00Z",
        "2025-03-03T13:05:08Z",
        "",
        "2025-03-03T13:08:12Z",
    ];
    call(INCOMING, times)
}

fn extra(extra: Value) -> Map<String, Value> {
    serde_json::from_value(extra).unwrap()
}

#[test]
fn templates_see_all_that_is_known_of_a_call() {
    let extra = extra(json!({"queue": {"name": "Support"}, "tags": ["a", "b"], "none": null}));
    for (template, expected) in [
        (
            "{{ workflow }} {{ direction }} {{ outcome }}",
            "CallFlow incoming answered",
        ),
        ("{{ caller }}", "Mia Keller, +41 79 123 45 67"),
        (
            "{{ caller.name|upper }} {{ caller.e164 }}",
            "MIA KELLER +41791234567",
        ),
        ("{{ callee.number }}{{ callee.e164 }}", "4711"),
        ("{{ 'yes' if remote.known }}", "yes"),
        ("{{ started }}", "3 March 2025, 14:05"),
        (
            "{{ started.date }} / {{ ended.time }}",
            "3 March 2025 / 14:08",
        ),
        ("{{ answered.iso }}", "2025-03-03T14:05:08+01:00"),
        ("{{ declined|default('never') }}", "never"),
        ("{{ duration }} = {{ duration_seconds }}", "3 min 4 s = 184"),
        ("{{ ring_duration }} = {{ ring_seconds }}", "8 s = 8"),
        (
            "{{ extra.queue.name }}, {{ extra.tags|join('+') }}",
            "Support, a+b",
        ),
        ("[{{ extra.none }}{{ extra.no.such.thing }}]", "[]"),
        ("{{ '<b>' ~ caller.name }} & co", "<b>Mia Keller & co"),
        (
            "{% if outcome == 'answered' %}\n  {# x #}\nyes\n{% endif %}\n",
            "yes",
        ),
        ("{% for part in range(3) %}{{ part }}{% endfor %}", "012"),
        (
            "{% include 'subject' %}",
            "Call from Mia Keller, +41 79 123 45 67",
        ),
    ] {
        let words = with_text(template).words(FLOW, &a_call(), &extra);
        assert_eq!(words.text, expected, "{template}");
    }
}

#[test]
fn the_built_in_text_can_be_added_to() {
    let wording = with_text("{% include 'text' %}\nQueue: {{ extra.queue|default('none') }}");
    let words = wording.words(FLOW, &a_call(), &Map::new());
    assert!(words.text.starts_with("Incoming call on 3 March 2025"));
    assert!(
        words.text.ends_with("talked for 3 min 4 s.\nQueue: none"),
        "{}",
        words.text
    );
}

#[test]
fn a_template_is_for_its_workflow_and_part_alone() {
    let wording = wording(Language::En, &overrides("Rückruf", Some("Call back"), None)).unwrap();
    let words = |workflow| wording.words(workflow, &a_call(), &Map::new());
    assert_eq!(words("Rückruf").subject, "Call back");
    assert_eq!(words("Rückruf").text, words(FLOW).text);
    assert_eq!(
        words(FLOW).subject,
        "Call from Mia Keller, +41 79 123 45 67"
    );
    assert_eq!(words("Rückruf/subject").subject, words(FLOW).subject);
}

#[test]
fn mistakes_are_told_with_place_and_remedy() {
    for (template, expected) in [
        ("a\n{{ caller.name", "line 2: syntax error: "),
        ("a\n\n{% if %}", "line 3: syntax error: "),
        (
            "a\n{{ calller.name }}",
            "line 2: there is no variable `calller`; there are `answered`, `callee`, `caller`, ",
        ),
        (
            "{{ caller.nmae }}",
            "line 1: `caller` has no `nmae`; it has `e164`, `known`, `label`, `name`, `number`",
        ),
        (
            "{{ started.tine }}",
            "line 1: `started` has no `tine`; it has `date`, `iso`, `time`",
        ),
        ("{{ duration.seconds }}", "line 1: `duration` has no parts"),
        (
            "{{ caller.name.upper() }}",
            "line 1: `caller.name` has no parts",
        ),
        (
            "{% if direction == 'outgoing' %}\n{{ outcome|shout }}\n{% endif %}",
            "line 2: unknown filter: ",
        ),
        ("{{ extra.a|shout }}", "line 1: unknown filter: "),
        ("{% if outcome is urgent %}{% endif %}", "unknown test: "),
        ("{% include 'signature' %}", "template not found: "),
        ("{% include 'CallFlow/text' %}", "recursion"),
        (
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
            "out of fuel",
        ),
        ("{{ duration_seconds / 60 }}", "invalid operation: "),
    ] {
        let problems = problems(template);
        assert_eq!(problems.len(), 1, "{template}: {problems:?}");
        let [problem] = &problems[..] else {
            unreachable!()
        };
        assert!(
            problem.starts_with("the text of workflow `CallFlow`"),
            "{problem}"
        );
        assert!(problem.contains(expected), "{template}: {problem}");
    }
}

#[test]
fn all_problems_are_told_at_once_and_in_order() {
    let mut all = overrides("b", Some("{{ x }}{{ y }}"), Some("{{"));
    all.extend(overrides("a", Some("fine"), Some("{{ 1|z }}")));
    let problems = wording(Language::De, &all).unwrap_err();
    let places: Vec<_> = problems
        .iter()
        .map(|problem| {
            (
                problem.workflow.as_str(),
                problem.part.as_str(),
                problem.line,
            )
        })
        .collect();
    let expected = [
        ("a", "text", Some(1)),
        ("b", "subject", Some(1)),
        ("b", "subject", Some(1)),
        ("b", "text", Some(1)),
    ];
    assert_eq!(places, expected);
}

#[test]
fn a_calculation_with_inputs_is_no_mistake() {
    let wording = with_text("{{ extra.minutes * 60 }}");
    let words = |inputs| wording.words(FLOW, &a_call(), &extra(inputs));
    assert_eq!(words(json!({"minutes": 2})).text, "120");
    assert!(
        words(json!({})).text.starts_with("Incoming call on"),
        "the built-in text"
    );
}

#[test]
fn a_blank_subject_gives_way_to_the_built_in_one() {
    let wording = wording(
        Language::Fr,
        &overrides(FLOW, Some("{{ extra.title }}"), Some("")),
    )
    .unwrap();
    let words = |title: &str| wording.words(FLOW, &a_call(), &extra(json!({"title": title})));
    assert_eq!(
        words(" \u{1b}\n").subject,
        "Appel entrant: Mia Keller, +41 79 123 45 67"
    );
    assert_eq!(words("Rappel\r\nurgent").subject, "Rappel urgent");
    assert_eq!(words("x".repeat(500).as_str()).subject.chars().count(), 200);
    assert_eq!(words("").text, "", "nobody wants a text");
}

#[test]
fn a_template_that_repeats_a_long_input_is_cut() {
    let wording = with_text("{% for i in range(2000) %}{{ extra.long }}{% endfor %}");
    let long = extra(json!({"long": "ö".repeat(100_000)}));
    let Words { text, .. } = wording.words(FLOW, &a_call(), &long);
    assert_eq!(text.chars().count(), 10_000);
    assert!(text.ends_with('…'));
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failure_is_logged_without_personal_data() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // Without a subscriber for all threads, another test that logs the same at the same moment could
    // have the library remember that nobody listens.
    let for_all = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    assert!(for_all.is_ok(), "no other test sets one");
    let wording = with_text("a\n{{ caller.name * extra.times }}");
    let extra = extra(json!({"times": "Secret"}));
    tracing::subscriber::with_default(subscriber, || wording.words(FLOW, &a_call(), &extra));
    let log = log.0.lock().unwrap_or_else(PoisonError::into_inner);
    let log = String::from_utf8_lossy(&log);
    assert!(
        log.contains(
            "the template failed (invalid operation); the built-in one is used \
                      workflow=\"CallFlow\" template=\"text\" line=2"
        ),
        "{log}"
    );
    for personal in ["Mia", "Keller", "79", "Secret"] {
        let message = log.split_once("WARN").map_or("", |(_, message)| message);
        assert!(!message.contains(personal), "{log}");
    }
    let words = wording.words(FLOW, &a_call(), &extra);
    assert!(!format!("{words:?}{wording:?}").contains("Mia"));
}

#[test]
fn a_wording_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Wording>();
}
