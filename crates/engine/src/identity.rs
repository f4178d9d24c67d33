//! What makes two records the same person or company.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use whocalls_core::{ContactRecord, RecordKind};

/// A record's identity: whether it is a company, its name and its company's name, both normalised.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub(crate) is_company: bool,
    pub(crate) name: String,
    /// `None` when the record names no company.
    pub(crate) company: Option<String>,
}

impl Identity {
    /// The identity of a record; `None` when it has no name to be recognised by.
    pub(crate) fn of(record: &ContactRecord) -> Option<Self> {
        let name = normalise(&record.name);
        let company = record.company.as_deref().map(normalise);
        let is_company = record.kind == RecordKind::Company;
        (!name.is_empty()).then(|| Self {
            is_company,
            // A company is its own company, whether or not the CRM says so.
            company: company.filter(|company| !company.is_empty() && !is_company),
            name,
        })
    }
}

/// Letters and digits of a name in lower case without accents, words separated by one blank.
pub(crate) fn normalise(name: &str) -> String {
    let folded: String = name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn accents_case_and_punctuation_do_not_count() {
        assert_eq!(normalise("  Zoé  O'Neill-Müller "), "zoe o neill muller");
        assert_eq!(normalise("Bäckerei „Sonne\" GmbH"), "backerei sonne gmbh");
        assert_eq!(normalise("—"), "");
    }
}
