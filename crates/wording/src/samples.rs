//! Invented calls of every kind, to try templates out.

use jiff::Timestamp;
use minijinja::Value;
use serde_json::Map;
use whocalls_core::{CallDetails, Direction};

use crate::variables::Locale;

/// Calls in both directions and in none, with all that can be known of them and with little,
/// however they went. The first one has every variable.
pub(crate) fn samples(locale: &Locale, workflow: &str) -> Vec<Value> {
    let mut samples = Vec::new();
    for direction in [Some(Direction::Incoming), Some(Direction::Outgoing), None] {
        for times in COURSES {
            for is_known in [true, false] {
                let call = call(direction, times, is_known);
                samples.push(locale.variables(workflow, &call, &Map::new()));
            }
        }
    }
    samples
}

/// Seconds at which a call started, was answered, was declined and ended.
type Times = [Option<i64>; 4];

/// The first has every time, although no call was both answered and declined.
const COURSES: [Times; 7] = [
    [Some(0), Some(8), Some(8), Some(98)],
    [Some(0), Some(8), None, Some(98)],
    [Some(0), Some(8), None, None],
    [Some(0), None, Some(8), None],
    [Some(0), None, None, Some(25)],
    [Some(0), None, None, None],
    [None; 4],
];

fn call(direction: Option<Direction>, times: Times, is_known: bool) -> CallDetails {
    let text = |text: &str| is_known.then(|| text.to_owned());
    let [started_at, answered_at, declined_at, ended_at] =
        times.map(|second| Timestamp::from_second(second?).ok());
    CallDetails {
        direction,
        originator_number: text("+41445550123"),
        originator_name: text("Mia Keller"),
        destination_number: text("+41445550199"),
        destination_name: text("Noah Favre"),
        started_at,
        answered_at,
        declined_at,
        ended_at,
    }
}
