//! A caller whom HubSpot does not know yet, as a contact (`crm-apis.md` §1.3, §1.5). Pure.

use whocalls_core::{CallDetails, Caller, Direction, NumberPlan, PhoneNumber};

use super::set;
use crate::wire::NewObject;

/// The party outside the company: its number, and what is to be created for it. `None` when the
/// number is hidden, internal or none at all: nobody could be found by it.
pub(crate) fn contact(
    call: &CallDetails,
    plan: &NumberPlan,
) -> Option<(PhoneNumber, NewObject<'static>)> {
    let Caller::Number(number) = plan.classify(call.remote_number()?) else {
        return None;
    };
    let name = match call.direction {
        Some(Direction::Outgoing) => &call.destination_name,
        Some(Direction::Incoming) | None => &call.originator_name,
    };
    let (first, last) = match name.as_deref().filter(|name| is_name(name)) {
        Some(name) => split(name),
        None => (None, number.international()),
    };
    let phone = number.e164().unwrap_or_else(|| number.digits().to_owned());
    let properties = set([
        ("firstname", first),
        ("lastname", Some(last)),
        ("phone", Some(phone)),
    ]);
    let contact = NewObject {
        properties,
        associations: Vec::new(),
    };
    Some((number, contact))
}

/// Telephone systems show a number where they know no name.
fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// First and last name: `Mia Keller`, or `Keller, Mia` as in directories. Of several words the last
/// one is the last name.
fn split(name: &str) -> (Option<String>, String) {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = words(name);
    let (first, last) = match (name.split_once(','), name.rsplit_once(' ')) {
        (Some((last, first)), _) => (words(first), words(last)),
        (None, Some((first, last))) => (first.to_owned(), last.to_owned()),
        (None, None) => (String::new(), name),
    };
    match (first.is_empty(), last.is_empty()) {
        (false, false) => (Some(first), last),
        (true, _) => (None, last),
        (false, true) => (None, first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(call: &CallDetails) -> Option<[Option<String>; 3]> {
        let (_, contact) = contact(call, &whocalls_testkit::number_plan())?;
        assert!(contact.associations.is_empty());
        let names = ["firstname", "lastname", "phone"];
        Some(names.map(|name| contact.properties.get(name).cloned()))
    }

    fn from(number: &str, name: &str) -> CallDetails {
        CallDetails {
            direction: Some(Direction::Incoming),
            originator_number: Some(number.to_owned()),
            originator_name: Some(name.to_owned()),
            destination_number: Some("41445550100".to_owned()),
            destination_name: Some("Anna Roth".to_owned()),
            ..CallDetails::default()
        }
    }

    #[test]
    fn a_name_is_split_and_a_number_stands_in_for_it() {
        let cases = [
            ("Mia Keller", Some("Mia"), "Keller"),
            (" Anna  Maria  Roth ", Some("Anna Maria"), "Roth"),
            ("Keller, Mia", Some("Mia"), "Keller"),
            ("Keller,", None, "Keller"),
            (", Mia", None, "Mia"),
            ("Keller", None, "Keller"),
            ("", None, "+41 79 123 45 67"),
            ("+41 79 123 45 67", None, "+41 79 123 45 67"),
        ];
        for (name, first, last) in cases {
            let expected = [first, Some(last), Some("+41791234567")];
            let made = properties(&from("079 123 45 67", name)).unwrap();
            assert_eq!(made.each_ref().map(Option::as_deref), expected, "{name:?}");
        }
    }

    #[test]
    fn the_party_outside_is_entered() {
        let outgoing = CallDetails {
            direction: Some(Direction::Outgoing),
            ..from("12", "Mia Keller")
        };
        let [first, last, phone] = properties(&outgoing).unwrap();
        assert_eq!(
            (first.as_deref(), last.as_deref(), phone.as_deref()),
            (Some("Anna"), Some("Roth"), Some("+41445550100"))
        );
    }

    #[test]
    fn nobody_is_entered_without_a_number_to_find_them_by() {
        for number in ["", "anonymous", "12", "*21#"] {
            assert_eq!(properties(&from(number, "Mia Keller")), None, "{number}");
        }
        assert_eq!(properties(&CallDetails::default()), None);
    }
}
