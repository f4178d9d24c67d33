//! Reading vCards of version 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350).

use calcard::{
    Entry, Parser,
    common::IanaString,
    vcard::{
        VCard, VCardEntry, VCardParameterName, VCardParameterValue, VCardProperty, VCardType,
        VCardValue,
    },
};

use self::cards::cards;
use crate::{
    book::BookBuilder,
    config::Settings,
    contact::{Contact, Fault},
    load::LoadError,
    text::{clean_cell, clean_url},
};

pub(crate) use self::cards::is_vcard;

mod cards;

/// How address books of Apple mark a company.
const APPLE_SHOW_AS: &str = "X-ABSHOWAS";

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
    if found {
        Ok(())
    } else {
        Err(LoadError::NoCard)
    }
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
    let parts = name_of_parts(card);
    let name = match first(VCardProperty::Fn) {
        full if full.is_empty() => parts.clone(),
        full => full,
    };
    // A card has to have FN: on that of a company it repeats the company's name.
    let repeats_company = parts.is_empty() && name == company;
    let (person, company) = if !is_company(card) && !repeats_company {
        (name, company)
    } else if company.is_empty() {
        (String::new(), name)
    } else {
        (String::new(), company)
    };
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
        url: clean_url(&first(VCardProperty::Url)),
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
    let part = |position| {
        entry
            .values
            .get(position)
            .map(value_text)
            .unwrap_or_default()
    };
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
    values
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
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
