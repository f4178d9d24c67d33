use jiff::civil::date;

use super::*;
use crate::samples::samples;

fn locale(language: Language) -> Locale {
    Locale {
        language,
        time_zone: TimeZone::get("Europe/Zurich").unwrap(),
        plan: NumberPlan::new("CH").unwrap(),
    }
}

#[test]
fn a_party_is_shown_as_well_as_it_is_known() {
    let locale = locale(Language::De);
    let long = "ä".repeat(81);
    let shortened = format!("{}…", "ä".repeat(79));
    for (name, number, told) in [
        (
            "Mia",
            "41791234567",
            ["Mia, +41 79 123 45 67", "+41 79 123 45 67", "+41791234567"],
        ),
        (
            "",
            "079 123 45 67",
            ["+41 79 123 45 67", "+41 79 123 45 67", "+41791234567"],
        ),
        (" Mia\nKeller ", "anonymous", ["Mia Keller", "", ""]),
        ("Mia", "4711", ["Mia, 4711", "4711", ""]),
        ("", "*21#", ["*21#", "*21#", ""]),
        ("", "anonymous", ["unbekannte Nummer", "", ""]),
        (long.as_str(), "", [shortened.as_str(), "", ""]),
    ] {
        let party = locale.party(Some(name), Some(number));
        let seen = ["label", "number", "e164"].map(|part| {
            let value = party.get_attr(part).unwrap();
            value.as_str().unwrap_or_default().to_owned()
        });
        assert_eq!(seen, told, "{name:?} {number:?}");
        assert_eq!(party.to_string(), told[0]);
    }
}

#[test]
fn moments_are_local_and_unambiguous() {
    let locale = locale(Language::En);
    for (utc, text, iso) in [
        // The clocks go forward from 2:00 to 3:00 at 1:00 UTC.
        (
            "2025-03-30T00:59:59Z",
            "30 March 2025, 01:59",
            "2025-03-30T01:59:59+01:00",
        ),
        (
            "2025-03-30T01:00:00Z",
            "30 March 2025, 03:00",
            "2025-03-30T03:00:00+02:00",
        ),
        // The clocks go back from 3:00 to 2:00 at 1:00 UTC.
        (
            "2025-10-26T00:30:00Z",
            "26 October 2025, 02:30 (UTC+02:00)",
            "2025-10-26T02:30:00+02:00",
        ),
        (
            "2025-10-26T01:30:00Z",
            "26 October 2025, 02:30 (UTC+01:00)",
            "2025-10-26T02:30:00+01:00",
        ),
        (
            "2025-10-26T02:00:00Z",
            "26 October 2025, 03:00",
            "2025-10-26T03:00:00+01:00",
        ),
        (
            "2024-12-31T23:30:00Z",
            "1 January 2025, 00:30",
            "2025-01-01T00:30:00+01:00",
        ),
    ] {
        let moment = locale.moment(utc.parse().unwrap());
        assert_eq!(moment.to_string(), text);
        assert_eq!(moment.get_attr("iso").unwrap().as_str(), Some(iso));
    }
}

#[test]
fn the_first_and_the_last_moment_can_be_told() {
    for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"] {
        let time_zone = TimeZone::get(zone).unwrap();
        let locale = Locale {
            time_zone,
            ..locale(Language::It)
        };
        for at in [Timestamp::MIN, Timestamp::MAX] {
            assert!(locale.moment(at).to_string().contains(", ore "));
        }
    }
    assert_eq!(Language::It.date(date(-44, 3, 15)), "15 marzo -44");
}

/// The names that the README lists are those that exist.
#[test]
fn the_readme_describes_every_variable() {
    let readme = include_str!("../../README.md");
    let samples = samples(&locale(Language::En), "CallFlow");
    let sample = samples.first().unwrap();
    let names = names_in(sample);
    assert_eq!(names.len(), 15, "{names:?}");
    for name in names {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
        for part in names_in(&sample.get_attr(&name).unwrap()) {
            assert!(readme.contains(&format!("`.{part}`")), "{name}.{part}");
        }
    }
}
