//! The name lists of `data/`, which are compiled in.

use std::{collections::HashMap, hash::BuildHasherDefault, sync::LazyLock};

use super::fold::{QuickHasher, Words};

type Table<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

/// Notes one thing about a word.
type Mark = fn(&mut NameWord);

/// What the lists say about a word of a name.
#[expect(
    clippy::struct_excessive_bools,
    reason = "one for each list, and a word may stand in several"
)]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NameWord {
    pub(super) is_title: bool,
    pub(super) is_female: bool,
    pub(super) is_male: bool,
    pub(super) is_senior: bool,
    pub(super) is_junior: bool,
    pub(super) is_particle: bool,
    pub(super) is_household: bool,
    pub(super) is_given_name: bool,
    /// The lines of the nickname list in which the word stands.
    pub(super) nicknames: Vec<u32>,
}

/// What the lists say about a word of a company's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CompanyWord {
    pub(super) is_legal_form: bool,
    pub(super) is_place: bool,
}

/// What the lists say about a part of an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MailWord {
    /// A mailbox of a company: `info`.
    Generic,
    /// A domain at which strangers have their mail: `gmail.com`.
    Provider,
}

struct Lists {
    names: Table<String, NameWord>,
    companies: Table<String, CompanyWord>,
    mail: Table<&'static str, MailWord>,
}

macro_rules! data {
    ($name:literal) => {
        include_str!(concat!("../../data/", $name, ".txt"))
    };
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| Lists {
    names: names(),
    companies: companies(),
    mail: mail(),
});

/// Reads the lists, so that no lookup has to wait for it.
pub(crate) fn prepare() {
    LazyLock::force(&LISTS);
}

/// What is known about a folded word of a name.
pub(super) fn name_word(word: &str) -> Option<&'static NameWord> {
    LISTS.names.get(word)
}

/// What is known about a folded word of a company's name.
pub(super) fn company_word(word: &str) -> CompanyWord {
    LISTS.companies.get(word).copied().unwrap_or_default()
}

/// What is known about the part of an e-mail address before or after the `@`, in lower case.
pub(super) fn mail_word(part: &str) -> Option<MailWord> {
    LISTS.mail.get(part).copied()
}

/// The entries of a list: its lines without comments.
fn entries(list: &'static str) -> impl Iterator<Item = &'static str> {
    let lines = list.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn folded(entry: &str) -> String {
    Words::of(entry).joined().to_owned()
}

fn names() -> Table<String, NameWord> {
    let mut names: Table<String, NameWord> = Table::default();
    let lists: [(&str, Mark); 8] = [
        (data!("titles"), |word| word.is_title = true),
        (data!("salutations_female"), |word| word.is_female = true),
        (data!("salutations_male"), |word| word.is_male = true),
        (data!("seniors"), |word| word.is_senior = true),
        (data!("juniors"), |word| word.is_junior = true),
        (data!("particles"), |word| word.is_particle = true),
        (data!("households"), |word| word.is_household = true),
        (data!("given_names"), |word| word.is_given_name = true),
    ];
    for (list, mark) in lists {
        for entry in entries(list) {
            mark(names.entry(folded(entry)).or_default());
        }
    }
    for (line, entry) in (0..).zip(entries(data!("nicknames"))) {
        for form in forms(entry) {
            let word = names.entry(folded(form)).or_default();
            word.nicknames.push(line);
        }
    }
    names
}

/// The names in a line of the nickname list.
fn forms(entry: &str) -> impl Iterator<Item = &str> {
    entry
        .split([':', ' '])
        .filter(|form| !form.trim().is_empty())
}

fn companies() -> Table<String, CompanyWord> {
    let mut companies: Table<String, CompanyWord> = Table::default();
    for entry in entries(data!("legal_forms")) {
        companies.entry(folded(entry)).or_default().is_legal_form = true;
    }
    for entry in entries(data!("places")) {
        companies.entry(folded(entry)).or_default().is_place = true;
    }
    companies
}

fn mail() -> Table<&'static str, MailWord> {
    let generic = entries(data!("mailboxes")).map(|entry| (entry, MailWord::Generic));
    let provider = entries(data!("mail_providers")).map(|entry| (entry, MailWord::Provider));
    generic.chain(provider).collect()
}

#[cfg(test)]
mod tests {
    use deunicode::deunicode;

    use super::*;

    const LISTS_OF_WORDS: [(&str, &str); 12] = [
        ("titles", data!("titles")),
        ("salutations_female", data!("salutations_female")),
        ("salutations_male", data!("salutations_male")),
        ("seniors", data!("seniors")),
        ("juniors", data!("juniors")),
        ("particles", data!("particles")),
        ("households", data!("households")),
        ("given_names", data!("given_names")),
        ("legal_forms", data!("legal_forms")),
        ("places", data!("places")),
        ("mailboxes", data!("mailboxes")),
        ("mail_providers", data!("mail_providers")),
    ];

    /// The order of the lists: by letters, without accents.
    fn order(entry: &str) -> String {
        deunicode(entry)
    }

    #[test]
    fn lists_are_sorted_and_without_repetition() {
        for (name, list) in LISTS_OF_WORDS {
            let keys: Vec<String> = entries(list).map(order).collect();
            assert!(!keys.is_empty(), "{name}");
            for pair in keys.windows(2) {
                assert!(pair[0] < pair[1], "{name}: {pair:?}");
            }
        }
    }

    #[test]
    fn entries_are_in_lower_case_and_one_word() {
        for (name, list) in LISTS_OF_WORDS {
            for entry in entries(list) {
                assert_eq!(entry, entry.to_lowercase(), "{name}");
                let is_address = name.starts_with("mail");
                let is_word = Words::of(entry).iter().len() == 1;
                assert!(is_word || is_address, "{name}: {entry}");
            }
        }
    }

    #[test]
    fn nicknames_are_sorted_lines_of_different_names() {
        let mut last = String::new();
        for entry in entries(data!("nicknames")) {
            assert_eq!(entry, entry.to_lowercase());
            let (name, nicknames) = entry.split_once(": ").unwrap();
            assert!(last < order(name), "{last} {name}");
            last = order(name);
            let keys: Vec<String> = nicknames.split(' ').map(order).collect();
            assert!(keys.is_sorted(), "{entry}");
            let mut all: Vec<String> = forms(entry).map(order).collect();
            let count = all.len();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), count, "{entry}");
        }
    }

    #[test]
    fn no_word_is_both_senior_and_junior_or_female_and_male() {
        for (word, known) in &LISTS.names {
            assert!(!(known.is_senior && known.is_junior), "{word}");
            assert!(!(known.is_female && known.is_male), "{word}");
        }
    }
}
