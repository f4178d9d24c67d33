//! Dates in all the forms that the protocol leaves open (`connector-api.md` §2).

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::Value;

/// From here on a number of seconds would lie after the year 5000, so it counts milliseconds.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// A date as RFC 3339 with or without offset, as `YYYY-MM-DD HH:MM:SS`, or as Unix seconds or
/// milliseconds, in text or number. A date without offset is one of `zone`.
///
/// `Ok(None)` when absent: `null`, empty, blank. `Err` when it is something else.
pub(super) fn read(value: &Value, zone: &TimeZone) -> Result<Option<Timestamp>, ()> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => {
            let whole = number.as_i64().or_else(|| truncate(number.as_f64()?));
            whole.and_then(epoch).map(Some).ok_or(())
        }
        Value::String(text) => match text.trim() {
            "" => Ok(None),
            text => from_text(text, zone).map(Some).ok_or(()),
        },
        _ => Err(()),
    }
}

fn from_text(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(number) = text.parse() {
        return epoch(number);
    }
    if let Some(number) = text.parse().ok().and_then(truncate) {
        return epoch(number);
    }
    if let Ok(timestamp) = text.parse() {
        return Some(timestamp);
    }
    let local: DateTime = text.parse().ok()?;
    // A time that occurs twice when clocks go back is taken as the earlier one.
    zone.to_ambiguous_zoned(local)
        .compatible()
        .ok()
        .map(|zoned| zoned.timestamp())
}

fn epoch(number: i64) -> Option<Timestamp> {
    if number.abs() >= MILLISECONDS_FROM {
        Timestamp::from_millisecond(number).ok()
    } else {
        Timestamp::from_second(number).ok()
    }
}

/// The whole part of a number that fits.
fn truncate(number: f64) -> Option<i64> {
    let fits = number.is_finite() && number.abs() < 9e15;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was checked; fractions are dropped"
    )]
    fits.then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_in_zurich(value: &Value) -> Result<Option<String>, ()> {
        let zone = TimeZone::get("Europe/Zurich").unwrap();
        read(value, &zone).map(|time| time.map(|time| time.to_string()))
    }

    #[test]
    fn every_form_of_a_date_is_read() {
        let winter = "2026-01-15T08:30:00Z";
        let cases = [
            (json!("2026-01-15T08:30:00Z"), winter),
            (json!("2026-01-15T09:30:00+01:00"), winter),
            (json!("2026-01-15T09:30:00"), winter),
            (json!("2026-01-15 09:30:00"), winter),
            (json!(" 2026-01-15 09:30:00 "), winter),
            (json!("2026-01-15T08:30:00.000Z"), winter),
            (json!(1_768_465_800), winter),
            (json!("1768465800"), winter),
            (json!(1_768_465_800_000_i64), winter),
            (json!("1768465800000"), winter),
            (json!(1_768_465_800.25), winter),
            (json!("2026-07-15 10:30:00"), "2026-07-15T08:30:00Z"),
            (json!("2026-10-25 02:30:00"), "2026-10-25T00:30:00Z"),
            (json!("2026-03-29 02:30:00"), "2026-03-29T01:30:00Z"),
        ];
        for (value, expected) in cases {
            assert_eq!(
                read_in_zurich(&value),
                Ok(Some(expected.to_owned())),
                "{value}"
            );
        }
    }

    #[test]
    fn absent_and_unreadable_are_told_apart() {
        for value in [json!(null), json!(""), json!("  ")] {
            assert_eq!(read_in_zurich(&value), Ok(None), "{value}");
        }
        for value in [
            json!("soon"),
            json!([]),
            json!(true),
            json!("NaN"),
            json!(1e300),
            json!("99999999999999999999"),
        ] {
            assert_eq!(read_in_zurich(&value), Err(()), "{value}");
        }
    }
}
