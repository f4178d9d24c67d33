//! When an event happened: `2026-01-15T09:30:00.123456Z`.

use std::{
    cell::Cell,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jiff::Timestamp;

/// `2026-01-15T09:30:00.123456Z`.
type Text = [u8; 27];

/// Where the microseconds are in it, and what each of their digits counts.
const MICROS: [(usize, u32); 6] = [
    (20, 100_000),
    (21, 10_000),
    (22, 1_000),
    (23, 100),
    (24, 10),
    (25, 1),
];

thread_local! {
    /// The second that was written last, since 1970, and its text: the calendar is asked once a
    /// second. At first one that is never written.
    static LAST: Cell<(u64, Text)> = const { Cell::new((u64::MAX, [b' '; 27])) };
}

/// Appends the time that it is now, in UTC.
pub(super) fn write_now(line: &mut String) {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock before 1970 is wrong anyway.
    write(line, since_1970.unwrap_or_default());
}

fn write(line: &mut String, since_1970: Duration) {
    let second = since_1970.as_secs();
    let (last, mut text) = LAST.get();
    if last != second {
        text = text_of(second);
        LAST.set((second, text));
    }
    let micros = since_1970.subsec_micros();
    for (place, unit) in MICROS {
        if let (Some(place), Ok(digit)) = (text.get_mut(place), u8::try_from(micros / unit % 10)) {
            *place = b'0' + digit;
        }
    }
    line.push_str(str::from_utf8(&text).unwrap_or_default());
}

fn text_of(second: u64) -> Text {
    let second = i64::try_from(second).unwrap_or(i64::MAX);
    let timestamp = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    let mut text = [b' '; 27];
    for (place, byte) in text.iter_mut().zip(format!("{timestamp:.6}").bytes()) {
        *place = byte;
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(since_1970: Duration) -> String {
        let mut line = String::new();
        write(&mut line, since_1970);
        line
    }

    #[test]
    fn a_time_is_written_with_all_its_digits() {
        let second = 1_768_469_400;
        for (nanos, expected) in [
            (0, "2026-01-15T09:30:00.000000Z"),
            (1_999, "2026-01-15T09:30:00.000001Z"),
            (999_999_999, "2026-01-15T09:30:00.999999Z"),
        ] {
            assert_eq!(written(Duration::new(second, nanos)), expected);
        }
        assert_eq!(written(Duration::ZERO), "1970-01-01T00:00:00.000000Z");
    }

    proptest! {
        #[test]
        fn any_time_of_four_digit_years_reads_as_it_is(
            times in prop::collection::vec((0_i64..253_402_300_800, 0_u32..1_000_000), 1..4),
        ) {
            for (second, micros) in times {
                let since_1970 = Duration::new(second.try_into()?, 1_000 * micros);
                let read: Timestamp = written(since_1970).parse()?;
                let micros = second * 1_000_000 + i64::from(micros);
                prop_assert_eq!(read.as_microsecond(), micros);
            }
        }
    }
}
