//! Whether two words stand for each other.

use rapidfuzz::distance::{jaro_winkler, osa};

use super::{Role, Token};

/// How two words agree; the better comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Agreement {
    Equal,
    /// `Hanspeter` and `Hans Peter`, `De Luca` and `Deluca`.
    Joined,
    Nickname,
    Initial,
    Typo,
    /// More than a slip, and yet not another word for certain.
    Distant,
}

/// A word of a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) token: &'a Token,
}

/// How two words that are not the same agree, if they do.
pub(super) fn agreement(a: &Word<'_>, b: &Word<'_>) -> Option<Agreement> {
    if is_listed(a, b) {
        return Some(Agreement::Nickname);
    }
    if are_known(a, b) || !may_be_alike(a.token, b.token) {
        return None;
    }
    if is_short_form(a, b) {
        Some(Agreement::Nickname)
    } else if is_initial(a, b) {
        Some(Agreement::Initial)
    } else if is_typo(a, b) {
        Some(Agreement::Typo)
    } else {
        is_distant(a, b).then_some(Agreement::Distant)
    }
}

/// A cheap test that refuses most words which do not agree: those of which each has letters that
/// the other lacks, and several of them.
fn may_be_alike(a: &Token, b: &Token) -> bool {
    /// Three slips, each a letter for another one.
    const DIFFERING: u32 = 6;
    let common = a.letters & b.letters;
    let is_part = common == a.letters || common == b.letters;
    is_part || (a.letters ^ b.letters).count_ones() <= DIFFERING
}

/// Whether one line of the nickname list has both.
fn is_listed(a: &Word<'_>, b: &Word<'_>) -> bool {
    let (lines, others) = (a.token.nicknames(), b.token.nicknames());
    !are_family(a, b) && lines.iter().any(|line| others.contains(line))
}

/// A given name and three letters or more of its start or end.
fn is_short_form(a: &Word<'_>, b: &Word<'_>) -> bool {
    const SHORTEST: usize = 3;
    let is_short = |short: &str, long: &str| {
        let lacks_more_than_an_ending = long.len() >= short.len() + 2;
        short.len() >= SHORTEST
            && lacks_more_than_an_ending
            && (long.starts_with(short) || long.ends_with(short))
    };
    !are_family(a, b) && (is_short(a.text, b.text) || is_short(b.text, a.text))
}

fn are_family(a: &Word<'_>, b: &Word<'_>) -> bool {
    a.token.role == Role::Family && b.token.role == Role::Family
}

/// Whether both are given names that we know: then neither is a misspelling of the other.
fn are_known(a: &Word<'_>, b: &Word<'_>) -> bool {
    !are_family(a, b) && a.token.is_given_name() && b.token.is_given_name()
}

/// Whether two given names that we do not know differ as those of a man and a woman do: `Dragan`
/// and `Dragana`. Of a name that we know, the other may be a misspelling.
fn are_man_and_woman(a: &Word<'_>, b: &Word<'_>) -> bool {
    let root = |text: &str| text.trim_end_matches(['a', 'e', 'o']).len();
    let (one, other) = (root(a.text), root(b.text));
    let have_endings = one < a.text.len() || other < b.text.len();
    !are_family(a, b)
        && !a.token.is_given_name()
        && !b.token.is_given_name()
        && have_endings
        && a.text.bytes().last() != b.text.bytes().last()
        && a.text.get(..one) == b.text.get(..other)
}

/// A word and its first letter.
fn is_initial(a: &Word<'_>, b: &Word<'_>) -> bool {
    let is_short = |short: &str, long: &str| short.len() == 1 && long.starts_with(short);
    is_short(a.text, b.text) || is_short(b.text, a.text)
}

/// Words of four letters may differ by one typing error, of three if one of them is a given name
/// that we know, those of eight by two; so may words that sound alike; and one may be cut short.
fn is_typo(a: &Word<'_>, b: &Word<'_>) -> bool {
    const SHORTEST: usize = 4;
    const SHORTEST_FOR_TWO: usize = 8;
    let shortest = a.text.len().min(b.text.len());
    let is_one_known = a.token.is_given_name() != b.token.is_given_name();
    if shortest < SHORTEST - usize::from(is_one_known) || are_man_and_woman(a, b) {
        return false;
    }
    let allowed = if shortest >= SHORTEST_FOR_TWO { 2 } else { 1 };
    let is_cut = |short: &str, long: &str| short.len() > SHORTEST && long.starts_with(short);
    if is_cut(a.text, b.text) || is_cut(b.text, a.text) {
        return true;
    }
    let allowed = allowed + usize::from(a.token.sound == b.token.sound);
    may_differ_by(allowed, a, b) && osa::distance(a.text.bytes(), b.text.bytes()) <= allowed
}

/// A cheap test that refuses most words which differ by more slips: one slip exchanges a letter
/// for another one at most.
fn may_differ_by(slips: usize, a: &Word<'_>, b: &Word<'_>) -> bool {
    let differing = (a.token.letters ^ b.token.letters).count_ones();
    a.text.len().abs_diff(b.text.len()) <= slips && differing as usize <= 2 * slips
}

/// Several slips in one word, none of them at its start.
fn is_distant(a: &Word<'_>, b: &Word<'_>) -> bool {
    /// Of Winkler's similarity; below, unlike words are as frequent.
    const SIMILAR: f64 = 0.85;
    let have_one_start = a.text.bytes().next() == b.text.bytes().next();
    have_one_start
        && !are_man_and_woman(a, b)
        && jaro_winkler::similarity(a.text.bytes(), b.text.bytes()) >= SIMILAR
}
