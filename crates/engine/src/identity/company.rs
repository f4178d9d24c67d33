//! Names of companies: without legal form and place.

use rapidfuzz::distance::osa;
use smallvec::SmallVec;

use super::{
    fold::{self, USUAL_WORDS, Words, key_of_words},
    lists::{CompanyWord, company_word},
};

/// A company's name as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CompanyName {
    words: Words,
    /// Which of the words say who the company is, rather than its legal form and place.
    telling: SmallVec<[bool; USUAL_WORDS]>,
    /// Stands for the telling words as one.
    key: u32,
    /// Stands for its places; 0 when it names none.
    place: u32,
}

/// How two names of companies relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CompanyMatch {
    Same,
    /// Further words, a typing error, or the initials.
    Similar,
    Other,
}

impl CompanyName {
    /// Reads a name; `None` for one without letters.
    pub(super) fn of(name: &str) -> Option<Self> {
        let words = Words::of(name);
        let mut kinds: SmallVec<[_; USUAL_WORDS]> = words.iter().map(company_word).collect();
        mark_spelled_forms(&words, &mut kinds);
        let forms_only = kinds.iter().all(|kind| kind.is_legal_form);
        let places_too = !kinds
            .iter()
            .any(|kind| !kind.is_legal_form && !kind.is_place);
        let telling: SmallVec<[bool; USUAL_WORDS]> = kinds
            .iter()
            .map(|kind| forms_only || (!kind.is_legal_form && (places_too || !kind.is_place)))
            .collect();
        let of = |is_telling: bool| {
            let words = words.iter().zip(&telling);
            words.filter(move |it| *it.1 == is_telling).map(|it| it.0)
        };
        let key = key_of_words(of(true));
        // Companies name one place; of two the first counts.
        let place = of(false).find(|word| company_word(word).is_place);
        let place = place.map_or(0, fold::key);
        telling.contains(&true).then_some(Self {
            words,
            telling,
            key,
            place,
        })
    }

    /// The words that say who the company is.
    pub(super) fn telling(&self) -> impl Iterator<Item = &str> {
        let words = self.words.iter().zip(&self.telling);
        words.filter(|(_, telling)| **telling).map(|it| it.0)
    }

    /// Stands for the name without legal form and place.
    pub(super) fn key(&self) -> u32 {
        self.key
    }

    /// Whether the two name the same company.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Whether the first words, written as one, are `text`.
    pub(super) fn begins_with(&self, text: &str) -> bool {
        let mut rest = text;
        self.telling().any(|word| match rest.strip_prefix(word) {
            Some("") => true,
            Some(after) => {
                rest = after;
                false
            }
            None => false,
        })
    }

    /// Whether both name a place, and not the same.
    pub(super) fn is_elsewhere(&self, other: &Self) -> bool {
        self.place != 0 && other.place != 0 && self.place != other.place
    }

    pub(super) fn compare(&self, other: &Self) -> CompanyMatch {
        if self.is_same(other) {
            return CompanyMatch::Same;
        }
        let size = |it: &Self| it.telling().count();
        let (few, many) = if (size(self), self.key) <= (size(other), other.key) {
            (self, other)
        } else {
            (other, self)
        };
        let contains = few
            .telling()
            .all(|word| many.telling().any(|it| is_alike(it, word)));
        let is_short = |short: &Self, long: &Self| {
            let initials: String = long.telling().filter_map(|it| it.chars().next()).collect();
            initials.len() >= 3 && short.telling().eq([initials.as_str()])
        };
        let joined = |it: &Self| it.telling().collect::<String>();
        if contains || is_short(few, many) || is_alike(&joined(self), &joined(other)) {
            CompanyMatch::Similar
        } else {
            CompanyMatch::Other
        }
    }
}

/// Marks the letters of `S.r.l.` and `e. V.`, which are words of their own, as a legal form.
fn mark_spelled_forms(words: &Words, kinds: &mut [CompanyWord]) {
    let mut spelled = String::new();
    for (position, word) in words.iter().chain([""]).enumerate() {
        if word.len() == 1 {
            spelled.push_str(word);
            continue;
        }
        if spelled.is_empty() {
            continue;
        }
        let start = position - spelled.len();
        if company_word(&spelled).is_legal_form
            && let Some(letters) = kinds.get_mut(start..position)
        {
            for letter in letters {
                letter.is_legal_form = true;
            }
        }
        spelled.clear();
    }
}

/// One typing error in a word of four letters, two in one of eight, three in one of sixteen.
fn is_alike(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let allowed = match a.len().min(b.len()) {
        0..4 => return false,
        4..8 => 1,
        8..16 => 2,
        _ => 3,
    };
    a.len().abs_diff(b.len()) <= allowed && osa::distance(a.bytes(), b.bytes()) <= allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(a: &str, b: &str) -> CompanyMatch {
        let name = |text| CompanyName::of(text).unwrap();
        assert_eq!(name(a).compare(&name(b)), name(b).compare(&name(a)));
        name(a).compare(&name(b))
    }

    #[test]
    fn legal_forms_places_and_spelling_do_not_count() {
        for (a, b) in [
            ("Keller AG", "Keller"),
            ("Rossi & Figli S.r.l.", "Rossi Figli"),
            ("Müller GmbH & Co. KG", "Mueller"),
            ("Garage du Lac SA", "Garage du Lac Sàrl, Genève"),
            ("White Cross Co", "Whitecross Ltd."),
            ("Zürich AG", "Zurich"),
        ] {
            assert_eq!(compare(a, b), CompanyMatch::Same, "{a} {b}");
        }
    }

    #[test]
    fn longer_names_typing_errors_and_initials_are_similar() {
        for (a, b) in [
            ("Keller AG", "Keller Immobilien AG"),
            ("Bäckerei Sonne", "Bäckerei Sone GmbH"),
            ("SBB", "Schweizer Bundes Bahnen"),
        ] {
            assert_eq!(compare(a, b), CompanyMatch::Similar, "{a} {b}");
        }
        assert_eq!(compare("Keller AG", "Meier SA"), CompanyMatch::Other);
        assert_eq!(CompanyName::of(" -- "), None);
    }

    #[test]
    fn branches_are_elsewhere() {
        let name = |text| CompanyName::of(text).unwrap();
        assert!(name("Keller AG Bern").is_elsewhere(&name("Keller Basel")));
        assert!(!name("Keller AG Bern").is_elsewhere(&name("Keller AG")));
    }
}
