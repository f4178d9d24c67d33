//! What the wording says, seen from outside.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

mod properties;
mod sentences;
mod subjects;
mod templates;

use std::collections::HashMap;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Map;
use whocalls_core::{CallDetails, Direction, NumberPlan};
use whocalls_wording::{Language, TemplateProblem, Templates, Wording, Words};

const INCOMING: Option<Direction> = Some(Direction::Incoming);
const OUTGOING: Option<Direction> = Some(Direction::Outgoing);

fn wording(
    language: Language,
    overrides: &HashMap<String, Templates>,
) -> Result<Wording, Vec<TemplateProblem>> {
    let zone = TimeZone::get("Europe/Zurich").unwrap();
    Wording::new(language, zone, NumberPlan::new("CH").unwrap(), overrides)
}

fn built_in(language: Language) -> Wording {
    wording(language, &HashMap::new()).unwrap()
}

/// The words of the built-in templates in German, French, Italian and English.
fn in_all_languages(workflow: &str, call: &CallDetails) -> [Words; 4] {
    Language::ALL.map(|language| built_in(language).words(workflow, call, &Map::new()))
}

/// A call between Mia Keller and Noah Favre; the times are RFC 3339, or empty when absent.
fn call(direction: Option<Direction>, times: [&str; 4]) -> CallDetails {
    let at = |text: &str| text.parse::<Timestamp>().ok();
    let [started, answered, declined, ended] = times;
    let (mia, noah) = (("Mia Keller", "41791234567"), ("Noah Favre", "4711"));
    let (from, to) = match direction {
        OUTGOING => (noah, mia),
        _ => (mia, noah),
    };
    CallDetails {
        direction,
        originator_name: Some(from.0.to_owned()),
        originator_number: Some(from.1.to_owned()),
        destination_name: Some(to.0.to_owned()),
        destination_number: Some(to.1.to_owned()),
        started_at: at(started),
        answered_at: at(answered),
        declined_at: at(declined),
        ended_at: at(ended),
    }
}
