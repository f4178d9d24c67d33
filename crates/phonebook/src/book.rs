//! All contacts of a file, held in little memory.
//!
//! The texts of all contacts stand behind one another in one string: each field begins with a
//! character that says what it is and ends with `END`, which no text contains. A contact costs
//! its texts, two bytes a field and eight bytes for where it starts; nothing is allocated for
//! itself.

use whocalls_core::{AdapterId, ContactRecord, CustomField, MatchRules, NumberQuery, RecordKind};

use crate::{index::Index, tail, text::read_timestamp};

pub(crate) use self::builder::BookBuilder;

mod builder;

/// Ends a field: the unit separator.
const END: char = '\u{1f}';
const ID: char = 'i';
const PERSON: char = 'p';
const COMPANY: char = 'o';
const URL: char = 'u';
const COMPANY_URL: char = 'w';
const MODIFIED: char = 'm';
const PHONE: char = 't';
const EMAIL: char = 'e';
/// The first custom field; the second is the next character, and so on.
const CUSTOM: char = 'A';

/// The contacts of one file.
#[derive(Debug)]
pub(crate) struct Book {
    text: String,
    /// Where each contact starts in `text`.
    starts: Vec<usize>,
    index: Index,
    custom_titles: Vec<String>,
    numbers: usize,
    warnings: Vec<String>,
}

impl Book {
    /// The contacts that may own the number asked for: those with a number that ends in the same
    /// seven digits, and, where switchboards count, those in the same block. So a suffix is found
    /// from seven digits on.
    pub(crate) fn candidates(
        &self,
        query: &NumberQuery,
        rules: MatchRules,
        source: &AdapterId,
    ) -> impl Iterator<Item = ContactRecord> {
        self.index
            .candidates(&tail::of_asked(&query.number, rules))
            .into_iter()
            .filter_map(|position| self.record(position, source))
    }

    /// How many contacts there are.
    pub(crate) fn contacts(&self) -> usize {
        self.starts.len()
    }

    /// How many numbers they have.
    pub(crate) fn numbers(&self) -> usize {
        self.numbers
    }

    /// What deserves the operator's attention, one sentence each.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The contact at a position; the first is at 0.
    pub(crate) fn record(&self, position: usize, source: &AdapterId) -> Option<ContactRecord> {
        let start = *self.starts.get(position)?;
        let end = self.starts.get(position + 1).copied();
        let text = self.text.get(start..end.unwrap_or(self.text.len()))?;
        let mut person = None;
        let mut record = ContactRecord::new(source.clone(), "", RecordKind::Contact, String::new());
        for field in text.split_terminator(END) {
            let mut chars = field.chars();
            let Some(tag) = chars.next() else { continue };
            let value = chars.as_str().to_owned();
            match tag {
                ID => record.id = value,
                PERSON => person = Some(value),
                COMPANY => record.company = Some(value),
                URL => record.contact_uri = Some(value),
                COMPANY_URL => record.company_uri = Some(value),
                MODIFIED => record.modified_at = read_timestamp(&value),
                PHONE => record.phones.push(value),
                EMAIL => record.emails.push(value),
                tag => record.custom.extend(self.custom_field(tag, value)),
            }
        }
        if let Some(name) = person {
            record.name = name;
        } else {
            record.kind = RecordKind::Company;
            record.name = record.company.take().unwrap_or_default();
        }
        Some(record)
    }

    fn custom_field(&self, tag: char, text: String) -> Option<CustomField> {
        let position = u32::from(tag).checked_sub(u32::from(CUSTOM))?;
        let title = self.custom_titles.get(usize::try_from(position).ok()?)?;
        Some(CustomField {
            title: title.clone(),
            text,
        })
    }
}

#[cfg(test)]
mod tests;
