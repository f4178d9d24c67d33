//! The texts, sentence by sentence.

use whocalls_core::{CallDetails, Direction, workflow::CALL_FLOW};

use crate::{INCOMING, OUTGOING, call, in_all_languages};

fn texts(call: &CallDetails) -> [String; 4] {
    in_all_languages(CALL_FLOW, call).map(|words| words.text)
}

#[test]
fn a_text_says_what_a_good_note_says() {
    let times = [
        "2025-03-03T13:05:00Z",
        "2025-03-03T13:05:08Z",
        "",
        "2025-03-03T13:08:12Z",
    ];
    assert_eq!(
        texts(&call(INCOMING, times)),
        [
            "Eingehender Anruf vom 3. März 2025, 14:05 Uhr\n\
             Von: Mia Keller, +41 79 123 45 67\n\
             An: Noah Favre, 4711\n\
             Nach 8 Sek. angenommen, 3 Min. 4 Sek. gesprochen.",
            "Appel entrant du 3 mars 2025 à 14:05\n\
             De: Mia Keller, +41 79 123 45 67\n\
             À: Noah Favre, 4711\n\
             Appel pris après 8 s, conversation de 3 min 4 s.",
            "Chiamata in entrata, 3 marzo 2025, ore 14:05\n\
             Da: Mia Keller, +41 79 123 45 67\n\
             A: Noah Favre, 4711\n\
             Risposta dopo 8 s, conversazione di 3 min 4 s.",
            "Incoming call on 3 March 2025, 14:05\n\
             From: Mia Keller, +41 79 123 45 67\n\
             To: Noah Favre, 4711\n\
             Answered after 8 s, talked for 3 min 4 s.",
        ]
    );
}

#[test]
fn a_call_of_which_nothing_is_known_has_a_text() {
    let outgoing = CallDetails {
        direction: OUTGOING,
        ..CallDetails::default()
    };
    assert_eq!(
        texts(&CallDetails::default()),
        [
            "Anruf\nVon: unbekannte Nummer",
            "Appel\nDe: numéro inconnu",
            "Chiamata\nDa: numero sconosciuto",
            "Call\nFrom: unknown number"
        ]
    );
    assert_eq!(
        texts(&outgoing),
        [
            "Ausgehender Anruf\nAn: unbekannte Nummer",
            "Appel sortant\nÀ: numéro inconnu",
            "Chiamata in uscita\nA: numero sconosciuto",
            "Outgoing call\nTo: unknown number"
        ]
    );
}

/// The first line tells when it was.
#[test]
fn the_first_line_tells_kind_and_time() {
    const LATE: &str = "2025-03-03T13:05:00Z";
    for (direction, times, expected) in [
        // Over midnight and New Year: the day is that of the start.
        (
            OUTGOING,
            [
                "2024-12-31T22:58:00Z",
                "2024-12-31T22:58:10Z",
                "",
                "2024-12-31T23:03:00Z",
            ],
            [
                "Ausgehender Anruf vom 31. Dezember 2024, 23:58 Uhr",
                "Appel sortant du 31 décembre 2024 à 23:58",
                "Chiamata in uscita, 31 dicembre 2024, ore 23:58",
                "Outgoing call on 31 December 2024, 23:58",
            ],
        ),
        // The same day in UTC, the next one in Zurich.
        (
            None,
            ["2025-07-31T22:00:00Z", "", "", ""],
            [
                "Anruf vom 1. August 2025, 00:00 Uhr",
                "Appel du 1er août 2025 à 00:00",
                "Chiamata, 1° agosto 2025, ore 00:00",
                "Call on 1 August 2025, 00:00",
            ],
        ),
        // Half past two comes twice in this night.
        (
            INCOMING,
            ["2025-10-26T00:30:00Z", "", "", ""],
            [
                "Eingehender Anruf vom 26. Oktober 2025, 02:30 Uhr (UTC+02:00)",
                "Appel entrant du 26 octobre 2025 à 02:30 (UTC+02:00)",
                "Chiamata in entrata, 26 ottobre 2025, ore 02:30 (UTC+02:00)",
                "Incoming call on 26 October 2025, 02:30 (UTC+02:00)",
            ],
        ),
        // No start.
        (
            INCOMING,
            ["", LATE, "", "2025-03-03T13:08:12Z"],
            [
                "Eingehender Anruf, angenommen am 3. März 2025, 14:05 Uhr",
                "Appel entrant, pris le 3 mars 2025 à 14:05",
                "Chiamata in entrata, risposta: 3 marzo 2025, ore 14:05",
                "Incoming call, answered on 3 March 2025, 14:05",
            ],
        ),
        (
            INCOMING,
            ["", "", LATE, "2025-03-03T13:08:12Z"],
            [
                "Eingehender Anruf, beendet am 3. März 2025, 14:05 Uhr",
                "Appel entrant, terminé le 3 mars 2025 à 14:05",
                "Chiamata in entrata, terminata: 3 marzo 2025, ore 14:05",
                "Incoming call, ended on 3 March 2025, 14:05",
            ],
        ),
        (
            OUTGOING,
            ["", "", "", LATE],
            [
                "Ausgehender Anruf, beendet am 3. März 2025, 14:05 Uhr",
                "Appel sortant, terminé le 3 mars 2025 à 14:05",
                "Chiamata in uscita, terminata: 3 marzo 2025, ore 14:05",
                "Outgoing call, ended on 3 March 2025, 14:05",
            ],
        ),
    ] {
        let first =
            texts(&call(direction, times)).map(|text| text.lines().next().unwrap().to_owned());
        assert_eq!(first, expected);
    }
}

const START: &str = "2025-03-03T13:05:00Z";
const SOON: &str = "2025-03-03T13:05:08Z";
const END: &str = "2025-03-03T14:07:13Z";

type Row = (Option<Direction>, [&'static str; 4], [&'static str; 4]);

/// Direction; started, answered, declined, ended; the last line in each language.
const COURSES: [Row; 19] = [
    (
        INCOMING,
        [START, SOON, "", END],
        [
            "Nach 8 Sek. angenommen, 1 Std. 2 Min. 5 Sek. gesprochen.",
            "Appel pris après 8 s, conversation de 1 h 2 min 5 s.",
            "Risposta dopo 8 s, conversazione di 1 h 2 min 5 s.",
            "Answered after 8 s, talked for 1 h 2 min 5 s.",
        ],
    ),
    // Zero-length.
    (
        OUTGOING,
        [START, START, "", START],
        [
            "Nach 0 Sek. angenommen, 0 Sek. gesprochen.",
            "Appel pris après 0 s, conversation de 0 s.",
            "Risposta dopo 0 s, conversazione di 0 s.",
            "Answered after 0 s, talked for 0 s.",
        ],
    ),
    // No start.
    (
        INCOMING,
        ["", SOON, "", END],
        [
            "Angenommen, 1 Std. 2 Min. 5 Sek. gesprochen.",
            "Appel pris, conversation de 1 h 2 min 5 s.",
            "Chiamata con risposta, conversazione di 1 h 2 min 5 s.",
            "Answered, talked for 1 h 2 min 5 s.",
        ],
    ),
    // The end before the answer: how long they talked is not known.
    (
        INCOMING,
        [START, END, "", SOON],
        [
            "Nach 1 Std. 2 Min. 13 Sek. angenommen.",
            "Appel pris après 1 h 2 min 13 s.",
            "Risposta dopo 1 h 2 min 13 s.",
            "Answered after 1 h 2 min 13 s.",
        ],
    ),
    // All the wrong way round.
    (
        INCOMING,
        [END, SOON, "", START],
        [
            "Angenommen.",
            "Appel pris.",
            "Chiamata con risposta.",
            "Answered.",
        ],
    ),
    // Across the change to summer time an hour is an hour.
    (
        INCOMING,
        [
            "2025-03-30T00:59:00Z",
            "2025-03-30T00:59:00Z",
            "",
            "2025-03-30T01:01:00Z",
        ],
        [
            "Nach 0 Sek. angenommen, 2 Min. gesprochen.",
            "Appel pris après 0 s, conversation de 2 min.",
            "Risposta dopo 0 s, conversazione di 2 min.",
            "Answered after 0 s, talked for 2 min.",
        ],
    ),
    (
        INCOMING,
        [START, SOON, "", ""],
        [
            "Nach 8 Sek. angenommen, bei der Erfassung noch im Gang.",
            "Appel pris après 8 s, en cours au moment de cette note.",
            "Risposta dopo 8 s, in corso al momento di questa nota.",
            "Answered after 8 s; under way when this was noted.",
        ],
    ),
    (
        OUTGOING,
        ["", SOON, "", ""],
        [
            "Angenommen, bei der Erfassung noch im Gang.",
            "Appel pris, en cours au moment de cette note.",
            "Chiamata con risposta, in corso al momento di questa nota.",
            "Answered; under way when this was noted.",
        ],
    ),
    (
        INCOMING,
        [START, "", "", ""],
        [
            "Klingelte bei der Erfassung noch.",
            "Sonnait encore au moment de cette note.",
            "Squillava ancora al momento di questa nota.",
            "Still ringing when this was noted.",
        ],
    ),
    (
        INCOMING,
        [START, "", "", SOON],
        [
            "Verpasst; es klingelte 8 Sek. lang.",
            "Appel manqué après 8 s de sonnerie.",
            "Chiamata persa dopo 8 s di squilli.",
            "Missed after ringing for 8 s.",
        ],
    ),
    (
        INCOMING,
        ["", "", "", SOON],
        ["Verpasst.", "Appel manqué.", "Chiamata persa.", "Missed."],
    ),
    // The end before the start.
    (
        INCOMING,
        [SOON, "", "", START],
        ["Verpasst.", "Appel manqué.", "Chiamata persa.", "Missed."],
    ),
    (
        INCOMING,
        [START, "", SOON, SOON],
        [
            "Nach 8 Sek. abgewiesen.",
            "Appel refusé après 8 s.",
            "Chiamata rifiutata dopo 8 s.",
            "Declined after 8 s.",
        ],
    ),
    (
        INCOMING,
        ["", "", SOON, ""],
        [
            "Abgewiesen.",
            "Appel refusé.",
            "Chiamata rifiutata.",
            "Declined.",
        ],
    ),
    (
        OUTGOING,
        [START, "", SOON, ""],
        [
            "Nach 8 Sek. abgebrochen, keine Antwort.",
            "Appel interrompu après 8 s, sans réponse.",
            "Chiamata interrotta dopo 8 s, senza risposta.",
            "Broken off after 8 s, no answer.",
        ],
    ),
    (
        None,
        ["", "", SOON, ""],
        [
            "Abgebrochen, keine Antwort.",
            "Appel interrompu, sans réponse.",
            "Chiamata interrotta, senza risposta.",
            "Broken off, no answer.",
        ],
    ),
    (
        OUTGOING,
        [START, "", "", SOON],
        [
            "Keine Antwort; es klingelte 8 Sek. lang.",
            "Sans réponse après 8 s de sonnerie.",
            "Senza risposta dopo 8 s di squilli.",
            "No answer after ringing for 8 s.",
        ],
    ),
    (
        None,
        ["", "", "", SOON],
        [
            "Keine Antwort.",
            "Sans réponse.",
            "Senza risposta.",
            "No answer.",
        ],
    ),
    // Answered and declined contradict each other: somebody spoke, so it was answered.
    (
        INCOMING,
        [START, SOON, SOON, SOON],
        [
            "Nach 8 Sek. angenommen, 0 Sek. gesprochen.",
            "Appel pris après 8 s, conversation de 0 s.",
            "Risposta dopo 8 s, conversazione di 0 s.",
            "Answered after 8 s, talked for 0 s.",
        ],
    ),
];

#[test]
fn the_last_line_tells_how_it_went() {
    for (direction, times, expected) in COURSES {
        let last =
            texts(&call(direction, times)).map(|text| text.lines().last().unwrap().to_owned());
        assert_eq!(last, expected, "{direction:?} {times:?}");
    }
}
