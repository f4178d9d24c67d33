//! Filling a book.

use std::{borrow::Cow, collections::HashMap};

use whocalls_core::{CustomFields, NumberPlan};

use super::{Book, COMPANY, COMPANY_URL, CUSTOM, EMAIL, END, ID, MODIFIED, PERSON, PHONE, URL};
use crate::{
    contact::{Contact, Fault, Skipped},
    field::{self, FieldTails},
    index::IndexBuilder,
};

/// Takes in the contacts that a reader finds.
#[derive(Debug)]
pub(crate) struct BookBuilder<'a> {
    plan: &'a NumberPlan,
    text: String,
    starts: Vec<usize>,
    index: IndexBuilder,
    /// How many contacts came with an id, by the id's hash.
    seen: HashMap<u64, u32>,
    custom_titles: Vec<String>,
    numbers: usize,
    skipped: Skipped,
    warnings: Vec<String>,
}

impl<'a> BookBuilder<'a> {
    /// Starts an empty book with room for so many bytes of text.
    pub(crate) fn new(plan: &'a NumberPlan, custom: &CustomFields, bytes: usize) -> Self {
        Self {
            plan,
            text: String::with_capacity(bytes),
            starts: Vec::new(),
            index: IndexBuilder::default(),
            seen: HashMap::new(),
            custom_titles: custom.iter().map(|(title, _)| title.to_owned()).collect(),
            numbers: 0,
            skipped: Skipped::default(),
            warnings: Vec::new(),
        }
    }

    /// Takes in the contact that starts at `line`, or counts it as skipped.
    pub(crate) fn add(&mut self, line: u64, contact: &Contact) {
        let numbers = self.numbers_of(contact);
        if numbers.is_empty() {
            return self.skip(line, Fault::NoNumber);
        }
        if contact.person.is_empty() && contact.company.is_empty() {
            return self.skip(line, Fault::NoName);
        }
        if self.starts.len() == IndexBuilder::MAX_CONTACTS {
            return self.skip(line, Fault::Damaged);
        }
        for (_, tails) in &numbers {
            self.numbers += tails.numbers;
            self.index.add(self.starts.len(), tails);
        }
        self.starts.push(self.text.len());
        let id = self.unique_id(contact);
        self.put(ID, &id);
        for (phone, _) in &numbers {
            self.put(PHONE, phone);
        }
        self.put_others(contact);
    }

    /// The number fields with the keys to file them under; the keys are those of the text as it is
    /// stored.
    fn numbers_of<'c>(&self, contact: &'c Contact) -> Vec<(Cow<'c, str>, FieldTails)> {
        let phones = contact.phones.iter().map(|phone| blank(phone));
        phones
            .map(|phone| {
                let tails = field::of_field(&phone, self.plan);
                (phone, tails)
            })
            .filter(|(_, found)| !found.tails.is_empty())
            .collect()
    }

    /// Counts the entry that starts at `line` as skipped.
    pub(crate) fn skip(&mut self, line: u64, fault: Fault) {
        self.skipped.add(line, fault);
    }

    /// Keeps a sentence for the operator.
    pub(crate) fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    /// The finished book.
    pub(crate) fn build(mut self) -> Book {
        self.text.shrink_to_fit();
        self.starts.shrink_to_fit();
        if self.starts.is_empty() {
            self.warn("the file holds no contact with a number".to_owned());
        }
        if !self.skipped.is_empty() {
            self.warnings.push(self.skipped.to_string());
        }
        Book {
            text: self.text,
            starts: self.starts,
            index: self.index.build(),
            custom_titles: self.custom_titles,
            numbers: self.numbers,
            warnings: self.warnings,
        }
    }

    /// The file's own id, else a hash of what makes the contact: its names, numbers and addresses.
    /// The second contact with the same id becomes `id-2`.
    fn unique_id(&mut self, contact: &Contact) -> String {
        let id = if contact.id.is_empty() {
            let mut parts = vec![contact.person.as_str(), &contact.company];
            parts.extend(
                contact
                    .phones
                    .iter()
                    .chain(&contact.emails)
                    .map(String::as_str),
            );
            format!("{:016x}", hash(&parts))
        } else {
            contact.id.clone()
        };
        let count = self.count_id(&id);
        if count == 1 {
            return id;
        }
        (count..=u32::MAX)
            .map(|number| format!("{id}-{number}"))
            .find(|candidate| self.count_id(candidate) == 1)
            .unwrap_or(id)
    }

    fn count_id(&mut self, id: &str) -> u32 {
        let count = self.seen.entry(hash(&[id])).or_default();
        *count = count.saturating_add(1);
        *count
    }

    fn put_others(&mut self, contact: &Contact) {
        self.put(PERSON, &contact.person);
        self.put(COMPANY, &contact.company);
        self.put(URL, &contact.url);
        self.put(COMPANY_URL, &contact.company_url);
        self.put(MODIFIED, &contact.modified);
        for email in &contact.emails {
            self.put(EMAIL, email);
        }
        for (tag, text) in (CUSTOM..=char::MAX).zip(&contact.custom) {
            self.put(tag, text);
        }
    }

    fn put(&mut self, tag: char, text: &str) {
        if text.is_empty() {
            return;
        }
        self.text.push(tag);
        self.text.push_str(&blank(text));
        self.text.push(END);
    }
}

/// The text with blanks for control characters, [`END`] among them, but for ends of line and tabs.
fn blank(text: &str) -> Cow<'_, str> {
    let is_unwanted = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.contains(is_unwanted) {
        text.replace(is_unwanted, " ").into()
    } else {
        text.into()
    }
}

/// A hash that stays the same from one version of the program to the next.
fn hash(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    u64::from_be_bytes(first)
}
