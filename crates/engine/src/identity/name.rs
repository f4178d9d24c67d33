//! Names of people: what their words are, and how two names compare.

mod agree;
mod align;
mod read;

use smallvec::SmallVec;

use super::{
    fold::{Bounds, Words, key, letters},
    lists::NameWord,
};

/// More words than a name has; what follows is left out.
const MAX_WORDS: usize = 12;
/// Words that count in most names at most; these are kept without an allocation.
const USUAL_TOKENS: usize = 3;

/// A person's name as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct PersonName {
    words: Words,
    /// The words that tell people apart, at most [`MAX_WORDS`].
    tokens: SmallVec<[Token; USUAL_TOKENS]>,
    generation: Option<Generation>,
    sex: Option<Sex>,
    is_household: bool,
    /// Whether it is not told which word is the given name: `Weiß Ayşe`.
    is_order_unsure: bool,
}

/// A word that tells people apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    role: Role,
    /// Its place among all words of the name.
    position: u8,
    /// Its letters in the words' text.
    bounds: Bounds,
    key: u32,
    sound: [u8; 8],
    /// A bit for each letter that occurs.
    letters: u32,
    known: Option<&'static NameWord>,
}

/// What a word is in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Given,
    /// A further given name, or the first of two family names.
    Further,
    Family,
    Particle,
    /// A title and whatever else does not tell people apart.
    Idle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generation {
    Senior,
    Junior,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sex {
    Female,
    Male,
}

impl Role {
    /// Whether the word tells people apart.
    fn counts(self) -> bool {
        !matches!(self, Self::Particle | Self::Idle)
    }
}

impl Token {
    fn is_given_name(&self) -> bool {
        self.known.is_some_and(|known| known.is_given_name)
    }

    fn nicknames(&self) -> &'static [u32] {
        self.known.map_or(&[], |known| &known.nicknames)
    }
}

impl PersonName {
    /// Whether there is a word to compare.
    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Whether it is the name of one person with given name and family name, both written out.
    pub(super) fn is_full(&self) -> bool {
        let tokens = self.tokens.iter();
        let written_out = tokens.filter(|token| token.bounds.len() > 1).count();
        written_out >= 2 && !self.is_household
    }

    /// Whether given name and family name, both written out, are words of `text`, or the name is
    /// all that it says, however it is divided. `text` is in lower case.
    pub(super) fn is_written_in(&self, text: &str) -> bool {
        let of = |role| self.tokens.iter().filter(move |token| token.role == role);
        let ends = || of(Role::Given).chain(of(Role::Family));
        // Most texts lack a letter of the name.
        let letters = letters(text);
        if !self.is_full() || ends().any(|token| token.letters & !letters != 0) {
            return false;
        }
        let words = Words::of(text);
        let has = |role| {
            let mut written_out = of(role).filter(|token| token.bounds.len() > 1);
            written_out.any(|token| words.iter().any(|word| word == self.text(token)))
        };
        (has(Role::Given) && has(Role::Family)) || words.joined() == self.words.joined()
    }

    /// Keys of which two names that are worth a comparison share one. A given name that we know
    /// counts as it is written, unless it is all there is: in another form it comes with the same
    /// family name.
    pub(super) fn for_each_key(&self, mut each: impl FnMut(u32)) {
        let is_single = self.tokens.len() == 1;
        for token in &self.tokens {
            each(token.key);
            if is_single || !token.is_given_name() {
                each(key(token.sound));
            }
            if is_single {
                // Lines are few; they must only be no keys of words.
                token.nicknames().iter().for_each(|line| each(!line));
            }
        }
    }

    fn text(&self, token: &Token) -> &str {
        self.words.word(token.bounds)
    }
}
