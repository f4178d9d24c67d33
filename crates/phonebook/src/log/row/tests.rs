use whocalls_core::Direction;

use super::*;
use crate::testing::plan;

fn row(call: CallDetails) -> Row {
    let request = WorkflowRequest {
        name: "CallFlow".to_owned(),
        idempotency_key: "k-1".to_owned(),
        call,
        ..WorkflowRequest::default()
    };
    Row::of(&request, &plan())
}

fn at(text: &str) -> Option<jiff::Timestamp> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

/// Started, answered, ended, declined; then the cells for outcome, start, answer, end, duration.
const COURSES: &str = "
2026-03-01T09:00:00+01:00 | 2026-03-01T09:00:05+01:00 | 2026-03-01T09:01:05+01:00 |  | answered   | 2026-03-01T08:00:00Z | 2026-03-01T08:00:05Z | 2026-03-01T08:01:05Z | 60
2026-03-29T01:59:50+01:00 | 2026-03-29T03:00:00+02:00 | 2026-03-29T03:00:20+02:00 |  | answered   | 2026-03-29T00:59:50Z | 2026-03-29T01:00:00Z | 2026-03-29T01:00:20Z | 20
2026-12-31T23:59:00Z      | 2026-12-31T23:59:30Z      | 2027-01-01T00:10:30Z      |  | answered   | 2026-12-31T23:59:00Z | 2026-12-31T23:59:30Z | 2027-01-01T00:10:30Z | 660
2026-03-01T09:00:00Z      |                           | 2026-03-01T09:00:30Z      |  | unanswered | 2026-03-01T09:00:00Z |                      | 2026-03-01T09:00:30Z | 0
2026-03-01T09:00:00Z      | 2026-03-01T09:00:05Z      | 2026-03-01T09:00:05Z      |  | answered   | 2026-03-01T09:00:00Z | 2026-03-01T09:00:05Z | 2026-03-01T09:00:05Z | 0
2026-03-01T09:00:00Z      |                           |                           | 2026-03-01T09:00:04Z | declined | 2026-03-01T09:00:00Z | | |
                          |                           | 2026-03-01T09:00:30Z      |  | unanswered |                      |                      | 2026-03-01T09:00:30Z | 0
2026-03-01T09:00:00Z      |                           |                           |  | unknown    | 2026-03-01T09:00:00Z |                      |                      |
2026-03-01T09:00:00.5Z    | 2026-03-01T09:00:01Z      | 2026-03-01T09:00:02.9Z    |  | answered   | 2026-03-01T09:00:00.5Z | 2026-03-01T09:00:01Z | 2026-03-01T09:00:02.9Z | 1
";

#[test]
fn times_are_told_in_utc_and_outcomes_in_a_word() {
    for line in COURSES.trim_matches('\n').lines() {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let row = row(CallDetails {
            started_at: at(columns[0]),
            answered_at: at(columns[1]),
            ended_at: at(columns[2]),
            declined_at: at(columns[3]),
            ..CallDetails::default()
        });
        for (title, expected) in [
            ("outcome", columns[4]),
            ("started_at", columns[5]),
            ("answered_at", columns[6]),
            ("ended_at", columns[7]),
            ("duration_seconds", columns[8]),
        ] {
            assert_eq!(row.cell(title), Some(expected), "{title} of {line}");
        }
    }
}

#[test]
fn numbers_have_their_country_and_stay_texts() {
    for (sent, cell) in [
        ("41791234567", "'+41791234567"),
        ("+41791234567", "'+41791234567"),
        ("079 123 45 67", "'+41791234567"),
        ("12", "12"),
        ("anonymous", "anonymous"),
        ("99912345678901234567", "99912345678901234567"),
        ("=1+1", "'=1+1"),
        ("", ""),
    ] {
        let row = row(CallDetails {
            originator_number: Some(sent.to_owned()),
            ..CallDetails::default()
        });
        assert_eq!(row.cell("from_number"), Some(cell), "{sent}");
    }
}

#[test]
fn a_row_has_every_part_of_a_request() {
    let text = |text: &str| Some(text.to_owned());
    let request = WorkflowRequest {
        name: "CallFlow".to_owned(),
        contact: text("7"),
        user: text("anna"),
        call: CallDetails {
            direction: Some(Direction::Outgoing),
            originator_name: text("Anna"),
            destination_number: text("0445550100"),
            destination_name: text("=cmd|' /C calc'!A0"),
            ..CallDetails::default()
        },
        idempotency_key: "k-1".to_owned(),
        subject: "Unanswered call".to_owned(),
        text: "From: Anna\nNot answered.\n".to_owned(),
        ..WorkflowRequest::default()
    };
    let row = Row::of(&request, &plan());
    let cells = TITLES.map(|title| row.cell(title).unwrap());
    assert_eq!(
        cells,
        [
            "k-1",
            "CallFlow",
            "outgoing",
            "unknown",
            "",
            "",
            "",
            "",
            "",
            "",
            "Anna",
            "'+41445550100",
            "'=cmd|' /C calc'!A0",
            "7",
            "anna",
            "Unanswered call",
            "From: Anna\nNot answered.",
        ]
    );
    assert_eq!(row.cell("note"), None);
}
