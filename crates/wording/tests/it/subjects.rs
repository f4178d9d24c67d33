//! The subjects of call logs, tickets and cases.

use whocalls_core::{
    CallDetails, Direction,
    workflow::{CALL_FLOW, CREATE_CASE, CREATE_CONTACT, CREATE_TICKET},
};

use crate::{INCOMING, OUTGOING, call, in_all_languages};

const START: &str = "2025-03-03T13:05:00Z";
const LATER: &str = "2025-03-03T13:05:08Z";
const END: &str = "2025-03-03T13:08:12Z";

const ANSWERED: [&str; 4] = [START, LATER, "", END];
const ACTIVE: [&str; 4] = [START, LATER, "", ""];
const DECLINED: [&str; 4] = [START, "", LATER, ""];
const NOT_ANSWERED: [&str; 4] = [START, "", "", END];
const RINGING: [&str; 4] = [START, "", "", ""];

fn subjects(workflow: &str, call: &CallDetails) -> [String; 4] {
    in_all_languages(workflow, call).map(|words| words.subject)
}

fn check(workflow: &str, direction: Option<Direction>, times: [&str; 4], expected: [&str; 4]) {
    let expected = expected.map(|subject| subject.replace("MIA", "Mia Keller, +41 79 123 45 67"));
    assert_eq!(subjects(workflow, &call(direction, times)), expected);
}

type Row = (Option<Direction>, [&'static str; 4], [&'static str; 4]);

/// Direction; started, answered, declined, ended; the subject in each language.
const CALL_LOGS: [Row; 10] = [
    (
        INCOMING,
        ANSWERED,
        [
            "Anruf von MIA",
            "Appel entrant: MIA",
            "Chiamata in entrata: MIA",
            "Call from MIA",
        ],
    ),
    (
        INCOMING,
        ACTIVE,
        [
            "Anruf von MIA",
            "Appel entrant: MIA",
            "Chiamata in entrata: MIA",
            "Call from MIA",
        ],
    ),
    (
        INCOMING,
        RINGING,
        [
            "Anruf von MIA",
            "Appel entrant: MIA",
            "Chiamata in entrata: MIA",
            "Call from MIA",
        ],
    ),
    (
        INCOMING,
        NOT_ANSWERED,
        [
            "Verpasster Anruf von MIA",
            "Appel manqué: MIA",
            "Chiamata persa: MIA",
            "Missed call from MIA",
        ],
    ),
    (
        INCOMING,
        DECLINED,
        [
            "Abgewiesener Anruf von MIA",
            "Appel refusé: MIA",
            "Chiamata rifiutata: MIA",
            "Declined call from MIA",
        ],
    ),
    (
        OUTGOING,
        ANSWERED,
        [
            "Anruf an MIA",
            "Appel sortant: MIA",
            "Chiamata in uscita: MIA",
            "Call to MIA",
        ],
    ),
    (
        OUTGOING,
        NOT_ANSWERED,
        [
            "Unbeantworteter Anruf an MIA",
            "Appel sortant sans réponse: MIA",
            "Chiamata in uscita senza risposta: MIA",
            "Unanswered call to MIA",
        ],
    ),
    (
        OUTGOING,
        DECLINED,
        [
            "Unbeantworteter Anruf an MIA",
            "Appel sortant sans réponse: MIA",
            "Chiamata in uscita senza risposta: MIA",
            "Unanswered call to MIA",
        ],
    ),
    (
        None,
        ANSWERED,
        [
            "Anruf von MIA",
            "Appel: MIA",
            "Chiamata: MIA",
            "Call from MIA",
        ],
    ),
    (
        None,
        NOT_ANSWERED,
        [
            "Unbeantworteter Anruf von MIA",
            "Appel sans réponse: MIA",
            "Chiamata senza risposta: MIA",
            "Unanswered call from MIA",
        ],
    ),
];

#[test]
fn the_subject_of_a_call_log_tells_what_happened() {
    for (direction, times, expected) in CALL_LOGS {
        check(CALL_FLOW, direction, times, expected);
    }
}

#[test]
fn the_subject_of_anything_else_tells_who_called() {
    for workflow in [CREATE_TICKET, CREATE_CASE, CREATE_CONTACT, "Rückruf", ""] {
        for times in [ANSWERED, NOT_ANSWERED, DECLINED, RINGING, [""; 4]] {
            check(
                workflow,
                INCOMING,
                times,
                [
                    "Anruf von MIA",
                    "Appel entrant: MIA",
                    "Chiamata in entrata: MIA",
                    "Call from MIA",
                ],
            );
            check(
                workflow,
                OUTGOING,
                times,
                [
                    "Anruf an MIA",
                    "Appel sortant: MIA",
                    "Chiamata in uscita: MIA",
                    "Call to MIA",
                ],
            );
        }
    }
}

#[test]
fn a_withheld_number_is_unknown() {
    let call = |direction| CallDetails {
        direction,
        originator_number: Some("anonymous".to_owned()),
        ended_at: END.parse().ok(),
        ..CallDetails::default()
    };
    assert_eq!(
        subjects(CALL_FLOW, &call(INCOMING)),
        [
            "Verpasster Anruf von unbekannter Nummer",
            "Appel manqué: numéro inconnu",
            "Chiamata persa: numero sconosciuto",
            "Missed call from unknown number"
        ]
    );
    assert_eq!(
        subjects(CALL_FLOW, &call(OUTGOING)),
        [
            "Unbeantworteter Anruf an unbekannte Nummer",
            "Appel sortant sans réponse: numéro inconnu",
            "Chiamata in uscita senza risposta: numero sconosciuto",
            "Unanswered call to unknown number"
        ]
    );
}
