//! Letters of any script and spelling become plain words.

use std::hash::{Hash, Hasher};

use deunicode::deunicode_char;
use smallvec::SmallVec;

/// Words that most names have at most; these are kept without a further allocation.
pub(super) const USUAL_WORDS: usize = 6;

/// Where a word begins and ends in the text of its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    start: u16,
    end: u16,
}

impl Bounds {
    pub(super) fn len(self) -> usize {
        usize::from(self.end - self.start)
    }
}

/// Words in lower-case ASCII letters and digits, in one buffer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words {
    text: String,
    bounds: SmallVec<[Bounds; USUAL_WORDS]>,
}

impl Words {
    /// The words of a text. Accents, case and punctuation are dropped, other scripts written in
    /// Latin letters; `ae`, `oe` and `ue` count as the umlauts that they stand for, here and in
    /// every text that it is compared with. An apostrophe does not end a word.
    pub(super) fn of(text: &str) -> Self {
        let mut words = Self {
            text: String::with_capacity(text.len() + 8),
            bounds: SmallVec::new(),
        };
        let mut start = 0;
        for c in text.chars() {
            match c {
                'a'..='z' | '0'..='9' => words.text.push(c),
                'A'..='Z' => words.text.push(c.to_ascii_lowercase()),
                '\'' | '’' | '`' | '´' => {}
                _ if c.is_ascii() => start = words.end(start),
                _ => start = words.push_foreign(c, start),
            }
        }
        words.end(start);
        words
    }

    /// Writes a character in ASCII. Letters that are written as several stay in the word, signs
    /// such as dashes end it.
    fn push_foreign(&mut self, c: char, start: usize) -> usize {
        let written = deunicode_char(c).unwrap_or_default();
        let is_letter = c.is_alphanumeric();
        let length = self.text.len();
        let letters = written.chars().filter(char::is_ascii_alphanumeric);
        self.text.extend(letters.map(|c| c.to_ascii_lowercase()));
        // A combining mark is written as nothing and stays within the word.
        let is_mark = written.is_empty();
        if is_letter || is_mark || self.text.len() > length {
            start
        } else {
            self.end(start)
        }
    }

    /// Ends the word that began at `start`; the start of the next one.
    fn end(&mut self, start: usize) -> usize {
        if self.text.len() > start {
            fold_digraphs(&mut self.text, start);
            // A text that is longer than any name is cut.
            if let (Ok(start), Ok(end)) = (start.try_into(), self.text.len().try_into()) {
                self.bounds.push(Bounds { start, end });
            }
        }
        self.text.len()
    }

    /// The words in order.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.bounds.iter().map(|bounds| self.word(*bounds))
    }

    /// The words with their places, in order.
    pub(super) fn places(&self) -> impl Iterator<Item = (Bounds, &str)> {
        self.bounds
            .iter()
            .map(|bounds| (*bounds, self.word(*bounds)))
    }

    /// The word in a place.
    pub(super) fn word(&self, bounds: Bounds) -> &str {
        let range = usize::from(bounds.start)..usize::from(bounds.end);
        self.text.get(range).unwrap_or_default()
    }

    /// All words as one.
    pub(super) fn joined(&self) -> &str {
        &self.text
    }
}

/// Drops the `e` of `ae`, `oe` and `ue` in the word that begins at `start`.
fn fold_digraphs(text: &mut String, start: usize) {
    let is_digraph = |pair: &[u8]| matches!(pair, [b'a' | b'o' | b'u', b'e']);
    let word = text.as_bytes().get(start..).unwrap_or_default();
    if !word.windows(2).any(is_digraph) {
        return;
    }
    let mut folded = String::with_capacity(word.len());
    let mut before = b' ';
    for &byte in word {
        // Of `oee` both go: what is left is no digraph again.
        if !is_digraph(&[before, byte]) {
            folded.push(char::from(byte));
            before = byte;
        }
    }
    text.truncate(start);
    text.push_str(&folded);
}

/// How a word sounds, roughly: spellings of the same sound become one letter, vowels after the
/// first letter and double letters are dropped. At most eight letters.
///
/// It finds candidates for a comparison and is no evidence of its own.
pub(super) fn sound(word: &str) -> [u8; 8] {
    let mut sound = [0; 8];
    let mut length = 0;
    let mut last = 0;
    for (position, letter) in word.bytes().enumerate() {
        let letter = match letter {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | b'j' if position > 0 => {
                last = 0;
                continue;
            }
            b'y' | b'j' => b'i',
            b'h' if position > 0 => continue,
            b'w' | b'f' => b'v',
            b'c' | b'q' | b'g' => b'k',
            b'z' => b's',
            b'd' => b't',
            b'b' => b'p',
            other => other,
        };
        if letter == last {
            continue;
        }
        last = letter;
        let Some(slot) = sound.get_mut(length) else {
            break;
        };
        *slot = letter;
        length += 1;
    }
    sound
}

/// A bit for each letter that occurs.
pub(super) fn letters(word: &str) -> u32 {
    let letter = |byte: u8| 1 << (byte.wrapping_sub(b'a') % 32);
    word.bytes().fold(0, |letters, byte| letters | letter(byte))
}

/// A number that stands for a value; the same in every run of the program.
pub(super) fn key(value: impl Hash) -> u32 {
    let mut hasher = QuickHasher::default();
    value.hash(&mut hasher);
    halves(hasher.finish())
}

/// The key of words written as one, however they are divided (FNV-1a, byte by byte:
/// <http://www.isthe.com/chongo/tech/comp/fnv/>).
pub(super) fn key_of_words<'a>(words: impl Iterator<Item = &'a str>) -> u32 {
    let hash = words
        .flat_map(str::bytes)
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    halves(hash)
}

fn halves(hash: u64) -> u32 {
    u32::try_from((hash >> 32) ^ (hash & u64::from(u32::MAX))).unwrap_or_default()
}

/// The multiplicative hash of Firefox, eight bytes at a time. Not for keys that others choose in
/// numbers: the lists are ours, and equal keys of unequal words cost a comparison.
#[derive(Debug, Default)]
pub(super) struct QuickHasher(u64);

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((chunk, behind)) = rest.split_first_chunk() {
            self.write_u64(u64::from_le_bytes(*chunk));
            rest = behind;
        }
        let end = rest
            .iter()
            .fold(0, |end, byte| (end << 8) | u64::from(*byte));
        self.write_u64(end);
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    /// The upper bits are the best mixed ones, and tables use both ends.
    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        Words::of(text).iter().map(str::to_owned).collect()
    }

    #[test]
    fn words_lose_accents_case_and_punctuation() {
        for (text, expected) in [
            ("  Zoé  O'Neill-Müller ", vec!["zo", "oneill", "muller"]),
            ("MUELLER", vec!["muller"]),
            ("Mu\u{308}ller", vec!["muller"]),
            ("Bäckerei „Sonne\" GmbH", vec!["backerei", "sonne", "gmbh"]),
            ("Søren Ångström–Weiß", vec!["soren", "angstrom", "weiss"]),
            ("Щербаков", vec!["shcherbakov"]),
            ("Παπαδόπουλος", vec!["papadopoulos"]),
            ("Kloeeren", vec!["kloren"]),
            ("— ", vec![]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn spellings_of_one_sound_sound_alike() {
        for (a, b) in [
            ("meier", "mayer"),
            ("schmid", "schmitt"),
            ("yuri", "juri"),
            ("weber", "vebber"),
        ] {
            assert_eq!(sound(a), sound(b), "{a} {b}");
        }
        assert_ne!(sound("keller"), sound("weber"));
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in ".{0,40}") {
            let folded = words(&text);
            prop_assert_eq!(words(&folded.join(" ")), folded);
        }
    }
}
