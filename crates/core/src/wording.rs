//! The words of a logged call, in plain English, for CRMs that show a call by its subject.

use std::time::Duration;

use jiff::Timestamp;

use crate::{CallDetails, Caller, Direction, NumberPlan};

/// Longer texts are no numbers, and no names that a page can show.
const MAX_PARTY_CHARS: usize = 100;

/// One line of at most `max_chars`: what happened, and with whom.
pub fn subject(call: &CallDetails, plan: &NumberPlan, max_chars: usize) -> String {
    let (number, name) = match call.direction {
        Some(Direction::Outgoing) => (&call.destination_number, &call.destination_name),
        _ => (&call.originator_number, &call.originator_name),
    };
    let party = number_text(number.as_deref(), plan)
        .or_else(|| text(name.as_deref()))
        .unwrap_or_else(|| "an unknown number".to_owned());
    shortened(&format!("{} {party}", event(call)), max_chars)
}

/// Who called whom, and how long it took.
pub fn description(call: &CallDetails, plan: &NumberPlan) -> String {
    let party = |number: &Option<String>, name: &Option<String>| {
        let number = number_text(number.as_deref(), plan);
        match (number, text(name.as_deref())) {
            (Some(number), Some(name)) => format!("{number} ({name})"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => "unknown".to_owned(),
        }
    };
    let from = party(&call.originator_number, &call.originator_name);
    let to = party(&call.destination_number, &call.destination_name);
    format!("From: {from}\nTo: {to}\n{}", course(call))
}

fn event(call: &CallDetails) -> &'static str {
    match (call.direction, call.was_answered()) {
        (Some(Direction::Outgoing), true) => "Outgoing call to",
        (Some(Direction::Outgoing), false) => "Unanswered call to",
        (_, true) => "Incoming call from",
        (_, false) => "Missed call from",
    }
}

/// How the call went, as far as the times tell.
fn course(call: &CallDetails) -> String {
    let rang = |until: Option<Timestamp>| between(call.started_at, until).map(spoken);
    if call.was_answered() {
        let answered = match rang(call.answered_at) {
            Some(time) => format!("Answered after {time}"),
            None => "Answered".to_owned(),
        };
        return match call.talk_time() {
            Some(time) => format!("{answered}, talked for {}.", spoken(time)),
            None => format!("{answered}."),
        };
    }
    let (verb, until) = match call.declined_at {
        Some(time) => ("Declined", Some(time)),
        None => ("Not answered", call.ended_at),
    };
    match rang(until) {
        Some(time) => format!("{verb}, rang for {time}."),
        None => format!("{verb}."),
    }
}

/// The time from one moment to another; none when the clocks disagree.
fn between(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<Duration> {
    to?.duration_since(from?).try_into().ok()
}

/// `45 s`, `3 min 4 s`, `1 h 2 min 5 s`.
fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let mut text = format!("{} s", seconds % 60);
    if hours + minutes > 0 {
        text = format!("{minutes} min {text}");
    }
    if hours > 0 {
        text = format!("{hours} h {text}");
    }
    text
}

/// A number in its usual groups; what is no number stays as it is.
fn number_text(number: Option<&str>, plan: &NumberPlan) -> Option<String> {
    let given = text(number)?;
    match plan.classify(&given) {
        Caller::Number(number) => Some(number.international()),
        Caller::Withheld => None,
        Caller::Internal | Caller::Unsearchable => Some(given),
    }
}

fn text(text: Option<&str>) -> Option<String> {
    let text = text?.trim();
    (!text.is_empty()).then(|| shortened(text, MAX_PARTY_CHARS))
}

fn shortened(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max_chars.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_do() {
        for (seconds, told) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min 0 s"),
            (3600, "1 h 0 min 0 s"),
            (3725, "1 h 2 min 5 s"),
        ] {
            assert_eq!(spoken(Duration::from_secs(seconds)), told);
        }
    }

    #[test]
    fn the_subject_names_the_other_party_as_well_as_it_is_known() {
        let call = |number: &str, name: &str| CallDetails {
            originator_number: Some(number.to_owned()),
            originator_name: Some(name.to_owned()),
            ..CallDetails::default()
        };
        let plan = NumberPlan::new("CH").unwrap();
        let long = "A name that goes on and on and never seems to end";
        for (call, told) in [
            (
                call("41791234567", "Mia"),
                "Missed call from +41 79 123 45 67",
            ),
            (call("4711", "Mia"), "Missed call from 4711"),
            (call("anonymous", " "), "Missed call from an unknown number"),
            (call("anonymous", "Mia"), "Missed call from Mia"),
            (CallDetails::default(), "Missed call from an unknown number"),
            (
                call("", long),
                "Missed call from A name that goes on and on and n…",
            ),
        ] {
            assert_eq!(subject(&call, &plan, 50), told);
        }
    }
}
