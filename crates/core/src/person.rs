//! The person whom [`CREATE_CONTACT`](crate::workflow::CREATE_CONTACT) enters.

use std::fmt;

use crate::{CallDetails, Caller, NumberPlan};

/// More than any name; CRMs hold this much in each field of a name.
const MAX_NAME_CHARS: usize = 100;

/// A caller whom no CRM knows yet, as a CRM enters people.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// Everything before the last name; none for a name of one word, and for a number.
    pub first_name: Option<String>,
    /// The last name; the number in its usual groups when no name is known. Not empty.
    pub last_name: String,
    /// The number in E.164 form; its bare digits where no country is known.
    pub phone: String,
}

impl NewPerson {
    /// The remote party of a call; `None` without a number by which a later call would be
    /// recognised, as when it is withheld or internal.
    pub fn of(call: &CallDetails, plan: &NumberPlan) -> Option<Self> {
        let Caller::Number(number) = plan.classify(call.remote_number()?) else {
            return None;
        };
        let (first_name, last_name) = call
            .remote_name()
            .and_then(split)
            .unwrap_or_else(|| (None, number.international()));
        Some(Self {
            first_name,
            last_name,
            phone: number.e164().unwrap_or_else(|| number.digits().to_owned()),
        })
    }
}

/// Names and numbers are personal data: nothing of them is shown.
impl fmt::Debug for NewPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPerson").finish_non_exhaustive()
    }
}

/// First and last name: `Mia Keller`, or `Keller, Mia`. What follows the first word is the last
/// name, because particles (`Urs von Arx`) are more frequent than second first names. A text
/// without a letter is no name: telephone systems repeat the number in its place.
fn split(name: &str) -> Option<(Option<String>, String)> {
    if !name.chars().any(char::is_alphabetic) {
        return None;
    }
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (first, last) = match name.split_once(',') {
        Some((last, first)) => (words(first), words(last)),
        None => match name.trim().split_once(char::is_whitespace) {
            Some((first, last)) => (words(first), words(last)),
            None => (String::new(), words(name)),
        },
    };
    let (first, last) = if last.is_empty() {
        (String::new(), first)
    } else {
        (first, last)
    };
    let kept = |text: String| text.chars().take(MAX_NAME_CHARS).collect::<String>();
    let first = (!first.is_empty()).then(|| kept(first));
    Some((first, kept(last)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Direction;

    fn of(number: &str, name: &str) -> Option<NewPerson> {
        let call = CallDetails {
            originator_number: Some(number.to_owned()),
            originator_name: Some(name.to_owned()),
            ..CallDetails::default()
        };
        NewPerson::of(&call, &NumberPlan::new("CH").unwrap())
    }

    #[test]
    fn a_name_becomes_first_and_last_name() {
        let number = "+41 79 123 45 67";
        for (name, first, last) in [
            ("Mia Keller", Some("Mia"), "Keller"),
            ("  Mia   Keller ", Some("Mia"), "Keller"),
            ("Urs von Arx", Some("Urs"), "von Arx"),
            ("Keller, Mia Anna", Some("Mia Anna"), "Keller"),
            ("Keller,", None, "Keller"),
            (", Mia", None, "Mia"),
            ("Keller", None, "Keller"),
            ("", None, number),
            (" , ", None, number),
            ("079 123 45 67", None, number),
        ] {
            let person = of("41791234567", name).unwrap();
            let found = (person.first_name.as_deref(), person.last_name.as_str());
            assert_eq!(found, (first, last), "{name:?}");
            assert_eq!(person.phone, "+41791234567");
        }
    }

    #[test]
    fn a_long_name_is_cut() {
        let person = of("41791234567", &"ä".repeat(500)).unwrap();
        assert_eq!(person.last_name, "ä".repeat(MAX_NAME_CHARS));
    }

    #[test]
    fn nobody_is_entered_without_a_number_to_be_recognised_by() {
        for number in ["", "anonymous", "4711", "*21#"] {
            assert_eq!(of(number, "Mia Keller"), None, "{number}");
        }
        let strange = of("99912345678901234567", "").unwrap();
        assert_eq!(strange.phone, "99912345678901234567");
    }

    #[test]
    fn the_remote_party_is_entered_and_shown_to_nobody() {
        let call = CallDetails {
            direction: Some(Direction::Outgoing),
            originator_number: Some("41445550100".to_owned()),
            originator_name: Some("Anna Example".to_owned()),
            destination_number: Some("0791234567".to_owned()),
            destination_name: Some("Mia Keller".to_owned()),
            ..CallDetails::default()
        };
        let person = NewPerson::of(&call, &NumberPlan::new("CH").unwrap()).unwrap();
        assert_eq!(person.last_name, "Keller");
        assert_eq!(person.phone, "+41791234567");
        let shown = format!("{person:?}");
        assert!(
            !shown.contains("Keller") && !shown.contains("4567"),
            "{shown}"
        );
    }
}
