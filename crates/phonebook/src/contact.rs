//! A contact as a reader finds it, and the rows that are not contacts.

use std::fmt;

/// What a reader found in one row or card. Empty texts stand for nothing.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    /// The file's own id of the contact.
    pub(crate) id: String,
    /// The person's full name.
    pub(crate) person: String,
    /// The company's name.
    pub(crate) company: String,
    /// Where the contact can be seen.
    pub(crate) url: String,
    /// Where the company can be seen.
    pub(crate) company_url: String,
    /// When the contact was changed, as written.
    pub(crate) modified: String,
    /// Number fields, as written.
    pub(crate) phones: Vec<String>,
    /// E-mail addresses.
    pub(crate) emails: Vec<String>,
    /// The texts of the configured custom fields, in their order.
    pub(crate) custom: Vec<String>,
}

/// Why a row or card is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It has no phone number.
    NoNumber,
    /// It has neither a person's nor a company's name.
    NoName,
    /// Its fields are not where the header says, or the card has no end.
    Damaged,
}

/// The rows or cards that were left out: how many, why, and where the first ones are.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Skipped {
    no_number: usize,
    no_name: usize,
    damaged: usize,
    first_lines: Vec<u64>,
}

impl Skipped {
    /// So many line numbers are kept.
    const LINES: usize = 5;

    /// Counts the entry that starts at `line`.
    pub(crate) fn add(&mut self, line: u64, fault: Fault) {
        match fault {
            Fault::NoNumber => self.no_number += 1,
            Fault::NoName => self.no_name += 1,
            Fault::Damaged => self.damaged += 1,
        }
        if self.first_lines.len() < Self::LINES {
            self.first_lines.push(line);
        }
    }

    /// Whether nothing was left out.
    pub(crate) fn is_empty(&self) -> bool {
        self.first_lines.is_empty()
    }
}

/// One sentence without any contents of the file.
impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons = [
            (self.no_number, "without a number"),
            (self.no_name, "without a name"),
            (self.damaged, "damaged"),
        ];
        let reasons: Vec<String> = reasons
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, reason)| format!("{count} {reason}"))
            .collect();
        let lines: Vec<String> = self.first_lines.iter().map(u64::to_string).collect();
        write!(
            f,
            "skipped entries: {}; first lines: {}",
            reasons.join(", "),
            lines.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_entries_are_counted_and_the_first_lines_named() {
        let mut skipped = Skipped::default();
        assert!(skipped.is_empty());
        for line in [3, 8, 9, 12, 20, 31] {
            skipped.add(line, Fault::NoNumber);
        }
        skipped.add(40, Fault::Damaged);
        assert_eq!(
            skipped.to_string(),
            "skipped entries: 6 without a number, 1 damaged; first lines: 3, 8, 9, 12, 20"
        );
    }
}
