//! What is wrong with the steps of a lookup as a whole.

use std::{collections::HashSet, sync::Arc};

use super::step::Step;
use crate::{
    compile::Problems,
    config::{LookupSettings, StepSettings},
};

/// More steps than these are no lookup that ends while the telephone rings.
const MOST_STEPS: usize = 12;

/// Reports where there are neither steps nor the one request, or both.
pub(super) fn form(settings: &LookupSettings, problems: &mut Problems) {
    let has_steps = !settings.steps.is_empty();
    let has_records = |step: &StepSettings| step.hits.is_some() && step.index_by.is_none();
    let has_no_fields = |step: &StepSettings| has_records(step) && step.fields.is_none();
    if settings.fields.is_none() && settings.steps().iter().any(|(_, step)| has_no_fields(step)) {
        problems.add(
            "lookup.fields",
            "needed: where a hit has its id, name and phone numbers",
        );
    }
    if !has_steps {
        if settings.path.is_none() {
            problems.add("lookup.path", "needed, unless there are `steps`");
        }
        return;
    }
    let given = [
        ("path", settings.path.is_some()),
        ("query", !settings.query.is_empty()),
        ("headers", !settings.headers.is_empty()),
        ("body", settings.body.is_some()),
        ("hits", settings.hits.is_some()),
        ("pages", settings.pages.is_some()),
    ];
    for (key, is_given) in given {
        if is_given {
            problems.add(
                &format!("lookup.{key}"),
                "where there are `steps`, it stands in a step",
            );
        }
    }
    if settings.steps.len() > MOST_STEPS {
        problems.add(
            "lookup.steps",
            format!("at most {MOST_STEPS} steps are carried out"),
        );
    }
    if !settings.steps.iter().any(has_records) {
        problems.add(
            "lookup.steps",
            "no step finds records; one needs `hits` and no `index_by`",
        );
    }
}

/// Reports names that do not work.
pub(super) fn names(described: &[(String, StepSettings)], problems: &mut Problems) {
    let mut known = HashSet::new();
    for (at, step) in described {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if step.name.is_empty() || !step.name.chars().all(is_plain) {
            problems.add(
                &format!("{at}.name"),
                "a name consists of letters, digits, `_` and `-`",
            );
        }
        if !known.insert(&step.name) {
            problems.add(&format!("{at}.name"), "another step has this name already");
        }
        for name in step.capture.keys() {
            let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if !begins || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                problems.add(
                    &format!("{at}.capture.{name}"),
                    "a name consists of letters, digits and `_`, and begins with no digit",
                );
            }
        }
    }
}

/// Reports steps that ask the CRM the same for every caller.
pub(super) fn uses(steps: &[Arc<Step>], problems: &mut Problems) {
    for step in steps {
        let asks_for_all = !step.asks_with("number") && !step.asks_with("captured");
        if asks_for_all && !step.is_index() {
            problems.add(
                &step.at,
                "no template of the request uses `number`, so the CRM would be asked the same for \
                 every caller; put for example {{ number.e164 }} where the number belongs",
            );
        }
    }
}
