//! What a language brings along: its built-in templates, its words for dates, durations and the
//! unknown. Swiss usage where usages differ: no ß in German, no blank before a colon in French.

use jiff::civil::{Date, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The language of what is written into a CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// German.
    De,
    /// French.
    Fr,
    /// Italian.
    It,
    /// English.
    #[default]
    En,
}

/// The built-in templates of a language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuiltIn {
    pub(crate) subject: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! built_in {
    ($language:literal) => {
        BuiltIn {
            subject: include_str!(concat!("../templates/", $language, ".subject.jinja")),
            text: include_str!(concat!("../templates/", $language, ".text.jinja")),
        }
    };
}

const DE_MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const FR_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const IT_MONTHS: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];
const EN_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Language {
    /// Every language.
    pub const ALL: [Self; 4] = [Self::De, Self::Fr, Self::It, Self::En];

    pub(crate) const fn built_in(self) -> BuiltIn {
        match self {
            Self::De => built_in!("de"),
            Self::Fr => built_in!("fr"),
            Self::It => built_in!("it"),
            Self::En => built_in!("en"),
        }
    }

    /// In place of a number that is hidden or was not sent.
    pub(crate) const fn unknown_number(self) -> &'static str {
        match self {
            Self::De => "unbekannte Nummer",
            Self::Fr => "numéro inconnu",
            Self::It => "numero sconosciuto",
            Self::En => "unknown number",
        }
    }

    /// A subject that is right whatever the call was.
    pub(crate) const fn any_call(self) -> &'static str {
        match self {
            Self::De => "Anruf",
            Self::Fr => "Appel",
            Self::It => "Chiamata",
            Self::En => "Call",
        }
    }

    /// A day with its month in words, so that nobody takes day and month for each other.
    pub(crate) fn date(self, date: Date) -> String {
        let (months, first) = match self {
            Self::De => (&DE_MONTHS, "1."),
            Self::Fr => (&FR_MONTHS, "1er"),
            Self::It => (&IT_MONTHS, "1°"),
            Self::En => (&EN_MONTHS, "1"),
        };
        let day = match (self, date.day()) {
            (_, 1) => first.to_owned(),
            (Self::De, day) => format!("{day}."),
            (_, day) => day.to_string(),
        };
        let index = usize::try_from(date.month() - 1).unwrap_or_default();
        let month = months.get(index).copied().unwrap_or_default();
        format!("{day} {month} {}", date.year())
    }

    /// A day and a time of day.
    pub(crate) fn date_time(self, date: Date, time: Time) -> String {
        let (date, time) = (self.date(date), time_of_day(time));
        match self {
            Self::De => format!("{date}, {time} Uhr"),
            Self::Fr => format!("{date} à {time}"),
            Self::It => format!("{date}, ore {time}"),
            Self::En => format!("{date}, {time}"),
        }
    }

    /// `3 min 4 s`, `1 h 5 s`: parts that are zero are left out.
    pub(crate) fn duration(self, seconds: u64) -> String {
        let units = match self {
            Self::De => ["Std.", "Min.", "Sek."],
            Self::Fr | Self::It | Self::En => ["h", "min", "s"],
        };
        let [_, _, second] = units;
        if seconds == 0 {
            return format!("0 {second}");
        }
        [seconds / 3600, seconds / 60 % 60, seconds % 60]
            .into_iter()
            .zip(units)
            .filter(|(count, _)| *count > 0)
            .map(|(count, unit)| format!("{count} {unit}"))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// `14:05`.
pub(crate) fn time_of_day(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn dates_read_as_in_a_letter() {
        let moments = [date(2025, 3, 1), date(2025, 8, 11), date(2024, 12, 31)]
            .map(|day| Language::ALL.map(|it| it.date_time(day, time(7, 5, 59, 0))));
        assert_eq!(
            moments,
            [
                [
                    "1. März 2025, 07:05 Uhr",
                    "1er mars 2025 à 07:05",
                    "1° marzo 2025, ore 07:05",
                    "1 March 2025, 07:05"
                ],
                [
                    "11. August 2025, 07:05 Uhr",
                    "11 août 2025 à 07:05",
                    "11 agosto 2025, ore 07:05",
                    "11 August 2025, 07:05"
                ],
                [
                    "31. Dezember 2024, 07:05 Uhr",
                    "31 décembre 2024 à 07:05",
                    "31 dicembre 2024, ore 07:05",
                    "31 December 2024, 07:05"
                ],
            ]
        );
    }

    #[test]
    fn durations_leave_out_what_is_zero() {
        for (seconds, german, others) in [
            (0, "0 Sek.", "0 s"),
            (59, "59 Sek.", "59 s"),
            (60, "1 Min.", "1 min"),
            (184, "3 Min. 4 Sek.", "3 min 4 s"),
            (3600, "1 Std.", "1 h"),
            (3605, "1 Std. 5 Sek.", "1 h 5 s"),
            (3725, "1 Std. 2 Min. 5 Sek.", "1 h 2 min 5 s"),
            (90_000, "25 Std.", "25 h"),
        ] {
            let told = Language::ALL.map(|it| it.duration(seconds));
            assert_eq!(told, [german, others, others, others]);
        }
    }

    #[test]
    fn languages_are_configured_by_their_codes() {
        let languages: [Language; 4] = serde_json::from_str(r#"["de","fr","it","en"]"#).unwrap();
        assert_eq!(languages, Language::ALL);
    }

    #[test]
    fn german_is_written_without_sharp_s() {
        let BuiltIn { subject, text } = Language::De.built_in();
        assert!(!subject.contains('ß') && !text.contains('ß'));
    }
}
