//! Puts the words of two names side by side.

use super::{
    MAX_WORDS, PersonName, Role, Token,
    agree::{Agreement, Word, agreement},
};
use crate::identity::{Clue, Evidence};

/// Two words that stand for each other.
#[derive(Debug, Clone, Copy)]
struct Pair {
    roles: (Role, Role),
    agreement: Agreement,
    /// Whether both words are given names that we know.
    are_known: bool,
}

/// Pairs in a fixed place, because most comparisons need few and there are many comparisons.
#[derive(Debug)]
struct Pairs {
    items: [Option<Pair>; MAX_WORDS],
    count: usize,
}

/// The words of two names side by side.
#[derive(Debug)]
struct Alignment<'a> {
    names: (&'a PersonName, &'a PersonName),
    pairs: Pairs,
    /// A bit for each token that has no counterpart yet.
    left: (u16, u16),
}

impl PersonName {
    /// Adds what two names say.
    pub(in crate::identity) fn compare(&self, other: &Self, evidence: &mut Evidence) {
        if self.is_empty() || other.is_empty() {
            return;
        }
        if std::ptr::eq(self, other) {
            // Each word stands for itself, and nothing is left.
            return evidence.add(if self.tokens.len() == 1 {
                Clue::SameSingleName
            } else {
                Clue::SameName
            });
        }
        if self.is_household != other.is_household {
            evidence.add(Clue::Household);
        }
        if let (Some(a), Some(b)) = (self.sex, other.sex)
            && a != b
        {
            evidence.add(Clue::OtherSalutation);
        }
        match (self.generation, other.generation) {
            (Some(a), Some(b)) if a != b => evidence.add(Clue::OtherGeneration),
            (Some(_), None) | (None, Some(_)) => evidence.add(Clue::OneGeneration),
            _ => {}
        }
        // Pairing is greedy; in one order, it is the same both ways.
        let (first, second) = if self.words.joined() <= other.words.joined() {
            (self, other)
        } else {
            (other, self)
        };
        align(first, second).judge(evidence);
    }

    fn word<'a>(&'a self, token: &'a Token) -> Word<'a> {
        let text = self.text(token);
        Word { text, token }
    }

    /// The tokens whose bits are set.
    fn among(&self, left: u16) -> impl Iterator<Item = (usize, &Token)> {
        let tokens = self.tokens.iter().enumerate();
        tokens.filter(move |(token, _)| left & (1 << token) != 0)
    }

    /// How many words from `position` on make up `text`; none if a single one does.
    fn spells(&self, position: usize, text: &str) -> Option<usize> {
        let mut rest = text;
        for (count, word) in (1..).zip(self.words.iter().skip(position)) {
            rest = rest.strip_prefix(word)?;
            if rest.is_empty() {
                return (count > 1).then_some(count);
            }
        }
        None
    }
}

fn align<'a>(a: &'a PersonName, b: &'a PersonName) -> Alignment<'a> {
    let all = |name: &PersonName| name.tokens.iter().fold(0, |all, _| all << 1 | 1);
    let mut alignment = Alignment {
        names: (a, b),
        pairs: Pairs {
            items: [None; MAX_WORDS],
            count: 0,
        },
        left: (all(a), all(b)),
    };
    alignment.pair_equal();
    alignment.join();
    alignment.pair_alike();
    alignment
}

impl Pairs {
    fn push(&mut self, pair: Pair) {
        if let Some(place) = self.items.get_mut(self.count) {
            *place = Some(pair);
            self.count += 1;
        }
    }

    fn iter(&self) -> impl Iterator<Item = Pair> {
        self.items.iter().flatten().copied()
    }
}

impl Alignment<'_> {
    fn is_open(&self) -> bool {
        self.left.0 != 0 && self.left.1 != 0
    }

    /// The roles of the words that are left.
    fn roles_left(&self) -> impl Iterator<Item = Role> {
        let (a, b) = self.names;
        let left = a.among(self.left.0).chain(b.among(self.left.1));
        left.map(|(_, token)| token.role)
    }

    fn pair_equal(&mut self) {
        let (a, b) = self.names;
        for (i, token) in a.among(self.left.0) {
            let mut others = b.among(self.left.1);
            if let Some((j, other)) = others.find(|(_, other)| token.key == other.key) {
                self.pair(Agreement::Equal, (i, token), (j, other));
            }
        }
    }

    /// Pairs what is left and alike, the best agreement first, so that no word is taken by a worse
    /// one.
    fn pair_alike(&mut self) {
        let (a, b) = self.names;
        while self.is_open() {
            let pairs = a.among(self.left.0).flat_map(|(i, token)| {
                let others = b.among(self.left.1);
                others.map(move |(j, other)| ((i, token), (j, other)))
            });
            let alike = pairs.filter_map(|(one, other)| {
                let agreement = agreement(&a.word(one.1), &b.word(other.1))?;
                Some((agreement, one, other))
            });
            // Of equal agreements, that of the words which come first.
            let best = alike.min_by_key(|(agreement, one, other)| (*agreement, one.0, other.0));
            let Some((agreement, one, other)) = best else {
                return;
            };
            self.pair(agreement, one, other);
        }
    }

    fn pair(&mut self, agreement: Agreement, (i, a): (usize, &Token), (j, b): (usize, &Token)) {
        self.left = (self.left.0 & !(1 << i), self.left.1 & !(1 << j));
        self.pairs.push(Pair {
            roles: (a.role, b.role),
            agreement,
            are_known: a.is_given_name() && b.is_given_name(),
        });
    }

    /// Pairs a word of one name with several words of the other that it is written together from.
    /// Looked for only where one name has more words.
    fn join(&mut self) {
        let (a, b) = self.names;
        if !self.is_open() || a.words.iter().len() == b.words.iter().len() {
            return;
        }
        let ((ones, parts), (others, other_parts)) = (
            join_one_way((a, self.left.0), (b, self.left.1), &mut self.pairs),
            join_one_way((b, self.left.1), (a, self.left.0), &mut self.pairs),
        );
        self.left = (
            self.left.0 & !(ones | other_parts),
            self.left.1 & !(parts | others),
        );
    }

    /// What the alignment says.
    fn judge(&self, evidence: &mut Evidence) {
        if self.is_open() {
            return self.judge_difference(evidence);
        }
        let has_rest = self.left != (0, 0);
        let mut pairs = self.pairs.iter();
        match (pairs.next(), pairs.next()) {
            (None, _) => {}
            (Some(pair), None) => match pair.agreement {
                Agreement::Joined => evidence.add(Clue::SameName),
                Agreement::Equal if has_rest => evidence.add(Clue::PartOfName),
                Agreement::Equal | Agreement::Nickname if !has_rest => {
                    evidence.add(Clue::SameSingleName);
                }
                _ => {}
            },
            (Some(_), Some(_)) => {
                evidence.add(Clue::SameName);
                self.note_initials(evidence);
                if self.lacks_first_name() || self.is_other_double_name() {
                    evidence.add(Clue::OtherFurtherName);
                } else if has_rest && !evidence.has(Clue::Initial) {
                    evidence.add(Clue::LongerName);
                }
                self.note_differences(evidence);
            }
        }
    }

    /// An initial beside two words that are written out is a further name cut short.
    fn note_initials(&self, evidence: &mut Evidence) {
        let is_initial = |pair: &Pair| pair.agreement == Agreement::Initial;
        let initials = self.pairs.iter().filter(is_initial).count();
        if initials > 0 {
            evidence.add(if self.pairs.count - initials >= 2 {
                Clue::LongerName
            } else {
                Clue::Initial
            });
        }
    }

    fn note_differences(&self, evidence: &mut Evidence) {
        for pair in self.pairs.iter() {
            note(pair, evidence);
        }
    }

    fn is_order_unsure(&self) -> bool {
        self.names.0.is_order_unsure || self.names.1.is_order_unsure
    }

    /// Whether the given name of one is the family name of the other.
    fn has_swapped(&self) -> bool {
        let mut pairs = self.pairs.iter();
        pairs.any(|pair| is_swapped(pair.roles))
    }

    /// Whether the first given name of one has no counterpart, but a further one has: `Jean-Luc` is
    /// seldom called `Luc`.
    fn lacks_first_name(&self) -> bool {
        let has_further = self.pairs.iter().any(|pair| {
            matches!(
                pair.roles,
                (Role::Given, Role::Further) | (Role::Further, Role::Given)
            )
        });
        has_further && self.roles_left().any(|role| role == Role::Given)
    }

    /// Whether a given name that is not quite the same comes with a further one: Marie-Claire is
    /// not Maria.
    fn is_other_double_name(&self) -> bool {
        let differs = |pair: Pair| {
            pair.roles == (Role::Given, Role::Given)
                && matches!(pair.agreement, Agreement::Nickname | Agreement::Distant)
        };
        self.roles_left().any(|role| role == Role::Further) && self.pairs.iter().any(differs)
    }

    /// Both names have words that the other lacks.
    fn judge_difference(&self, evidence: &mut Evidence) {
        let agrees = |role| {
            let mut pairs = self.pairs.iter();
            pairs.any(|pair| pair.roles == (role, role) && pair.agreement != Agreement::Initial)
        };
        match (agrees(Role::Given), agrees(Role::Family)) {
            (true, true) => {
                evidence.add(Clue::SameName);
                evidence.add(Clue::OtherFurtherName);
                self.note_differences(evidence);
            }
            (true, false) => {
                evidence.add(Clue::OtherSurname);
                self.note_differences(evidence);
            }
            (false, false) if self.has_swapped() && self.is_order_unsure() => {
                evidence.add(Clue::OtherSurname);
            }
            (false, _) => evidence.add(Clue::OtherName),
        }
    }
}

/// The tokens of `one` that are written together, and those of `other` that they consist of.
fn join_one_way(
    (one, ones): (&PersonName, u16),
    (other, others): (&PersonName, u16),
    pairs: &mut Pairs,
) -> (u16, u16) {
    let mut joined = (0, 0);
    for (i, token) in one.among(ones) {
        let text = one.text(token);
        let spelled = (0..other.words.iter().len()).find_map(|position| {
            let count = other.spells(position, text)?;
            Some(position..position + count)
        });
        let Some(range) = spelled else {
            continue;
        };
        let parts = || {
            let tokens = other.among(others & !joined.1);
            tokens.filter(|(_, token)| range.contains(&usize::from(token.position)))
        };
        if let Some((_, first)) = parts().next() {
            pairs.push(Pair {
                roles: (token.role, first.role),
                agreement: Agreement::Joined,
                are_known: false,
            });
            let bits = parts().fold(0, |bits, (j, _)| bits | 1 << j);
            joined = (joined.0 | 1 << i, joined.1 | bits);
        }
    }
    joined
}

/// Notes how a pair of words that stand for each other differs.
fn note(pair: Pair, evidence: &mut Evidence) {
    let (a, b) = pair.roles;
    match pair.agreement {
        Agreement::Nickname => evidence.add(Clue::Nickname),
        Agreement::Typo if (a, b) == (Role::Family, Role::Family) => {
            evidence.add(Clue::SurnameTypo);
        }
        Agreement::Typo => evidence.add(Clue::GivenNameTypo),
        Agreement::Distant => evidence.add(Clue::DistantSpelling),
        Agreement::Equal | Agreement::Joined | Agreement::Initial => {}
    }
    // Of two names that nobody knows, either may come first.
    if is_swapped(pair.roles) && pair.are_known {
        evidence.add(Clue::SwappedName);
    }
}

fn is_swapped(roles: (Role, Role)) -> bool {
    matches!(
        roles,
        (Role::Given, Role::Family) | (Role::Family, Role::Given)
    )
}
