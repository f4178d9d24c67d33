//! Reading vCards of version 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350).

use calcard::{
    Entry, Parser,
    common::IanaString,
    vcard::{
        VCard, VCardEntry, VCardParameterName, VCardParameterValue, VCardProperty, VCardType,
        VCardValue,
    },
};

use crate::{
    book::BookBuilder,
    config::Settings,
    contact::{Contact, Fault},
    load::LoadError,
    text::{clean_cell, clean_url},
};

const BEGIN: &str = "BEGIN:VCARD";
const END: &str = "END:VCARD";
/// How address books of Apple mark a company.
const APPLE_SHOW_AS: &str = "X-ABSHOWAS";

/// Whether a text begins like a file of vCards.
pub(crate) fn is_vcard(text: &str) -> bool {
    starts_with(text.trim_start(), BEGIN)
}

/// Reads all cards of a file into `book`.
///
/// # Errors
/// When there is no card.
pub(crate) fn read(
    text: &str,
    settings: &Settings,
    book: &mut BookBuilder<'_>,
) -> Result<(), LoadError> {
    let custom: Vec<&str> = settings.custom_fields.fields().collect();
    let mut found = false;
    for (line, card) in cards(text) {
        found = true;
        match card.map(|card| Parser::new(card).entry()) {
            Some(Entry::VCard(card)) => book.add(line, &contact(&card, &custom)),
            _ => book.skip(line, Fault::Damaged),
        }
    }
    if found { Ok(()) } else { Err(LoadError::NoCard) }
}

/// The cards with the number of their first line; no text for a card without end. Each is parsed
/// by itself, so that a damaged one costs no other.
fn cards(text: &str) -> impl Iterator<Item = (u64, Option<&str>)> {
    let mut lines = Lines { text, position: 0, number: 0 };
    let mut open: Option<(u64, usize)> = None;
    std::iter::from_fn(move || {
        while let Some((number, start, line)) = lines.next() {
            if starts_with(line, BEGIN) {
                if let Some((number, _)) = open.replace((number, start)) {
                    return Some((number, None));
                }
            } else if starts_with(line, END)
                && let Some((number, start)) = open.take()
            {
                return Some((number, text.get(start..lines.position)));
            }
        }
        open.take().map(|(number, _)| (number, None))
    })
}

/// The lines of a text with their number and where they start.
struct Lines<'a> {
    text: &'a str,
    position: usize,
    number: u64,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (u64, usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.position;
        let line = self.text.get(start..)?.split_inclusive('\n').next()?;
        self.position += line.len();
        self.number += 1;
        Some((self.number, start, line))
    }
}

fn starts_with(line: &str, start: &str) -> bool {
    line.get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// The contact on a card.
fn contact(card: &VCard, custom: &[&str]) -> Contact {
    let first = |property: VCardProperty| {
        let mut texts = card.properties(&property).map(text);
        texts.find(|text| !text.is_empty()).unwrap_or_default()
    };
    let company = card
        .property(&VCardProperty::Org)
        .and_then(|entry| entry.values.first())
        .map(value_text)
        .unwrap_or_default();
    let mut person = first(VCardProperty::Fn);
    let parts = name_of_parts(card);
    if person.is_empty() {
        person.clone_from(&parts);
    }
    // A card has to have FN: on that of a company it repeats the company's name.
    let repeats_company = parts.is_empty() && person == company;
    if is_company(card) || repeats_company {
        let name = std::mem::take(&mut person);
        return Contact {
            company: if company.is_empty() { name } else { company },
            ..details(card, custom, &first)
        };
    }
    Contact {
        person,
        company,
        ..details(card, custom, &first)
    }
}

/// Everything but the names.
fn details(card: &VCard, custom: &[&str], first: &dyn Fn(VCardProperty) -> String) -> Contact {
    let all = |property: VCardProperty, is_wanted: fn(&VCardEntry) -> bool| -> Vec<String> {
        let entries = card.entries.iter().filter(|entry| entry.name == property);
        let texts = entries.filter(|entry| is_wanted(entry)).map(text);
        texts.filter(|text| !text.is_empty()).collect()
    };
    Contact {
        id: first(VCardProperty::Uid),
        contact_url: clean_url(&first(VCardProperty::Url)),
        modified: first(VCardProperty::Rev),
        phones: all(VCardProperty::Tel, is_voice),
        emails: all(VCardProperty::Email, |_| true),
        custom: custom.iter().map(|name| custom_text(card, name)).collect(),
        ..Contact::default()
    }
}

/// First and last name from the components of N, which are family; given; additional; prefix;
/// suffix (RFC 6350 §6.2.2).
fn name_of_parts(card: &VCard) -> String {
    let Some(entry) = card.property(&VCardProperty::N) else {
        return String::new();
    };
    let part = |position| entry.values.get(position).map(value_text).unwrap_or_default();
    format!("{} {}", part(1), part(0)).trim().to_owned()
}

fn is_company(card: &VCard) -> bool {
    let is = |name: &str, wanted: &str| custom_text(card, name).eq_ignore_ascii_case(wanted);
    is("KIND", "org") || is(APPLE_SHOW_AS, "company")
}

/// Whether people call from the number: not a pure fax or pager.
fn is_voice(entry: &VCardEntry) -> bool {
    let has = |wanted: VCardType| {
        let wanted = VCardParameterValue::Type(wanted);
        let mut types = entry.parameters(&VCardParameterName::Type);
        types.any(|value| *value == wanted)
    };
    !(has(VCardType::Fax) || has(VCardType::Pager)) || has(VCardType::Voice)
}

/// The first property with this name, in any letter case, that has a text.
fn custom_text(card: &VCard, name: &str) -> String {
    let entries = card.entries.iter();
    entries
        .filter(|entry| entry.name.as_str().eq_ignore_ascii_case(name))
        .map(text)
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The text of a property; of one with components those that are not empty.
fn text(entry: &VCardEntry) -> String {
    let values = entry.values.iter().map(value_text);
    values.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

fn value_text(value: &VCardValue) -> String {
    let text = match value {
        VCardValue::Text(text) => text.clone(),
        VCardValue::Component(parts) => parts.join(" "),
        VCardValue::Integer(number) => number.to_string(),
        VCardValue::Float(number) => number.to_string(),
        VCardValue::Boolean(value) => value.to_string(),
        VCardValue::PartialDateTime(time) => time.to_rfc3339().unwrap_or_default(),
        VCardValue::Kind(kind) => kind.as_str().to_owned(),
        VCardValue::Sex(sex) => sex.as_str().to_owned(),
        VCardValue::GramGender(gender) => gender.as_str().to_owned(),
        VCardValue::Binary(_) => String::new(),
    };
    clean_cell(&text).to_owned()
}

#[cfg(test)]
mod tests;
