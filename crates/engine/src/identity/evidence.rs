//! The pieces of evidence for and against two records being the same, and what each weighs.

use std::fmt;

use serde::Serialize;

/// The evidence that a comparison found.
///
/// Its [`points`](Self::points) are the sum of the weights of its clues, which stand for about
/// the binary logarithm of how much more often the clue is seen between two records of the same
/// person than between two of different people *who own the same number* (Fellegi and Sunter,
/// "A Theory for Record Linkage", 1969).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    clues: u64,
    points: i16,
}

impl Evidence {
    /// Adds a clue; a second time it counts no more.
    pub(super) fn add(&mut self, clue: Clue) {
        let bit = 1_u64 << (clue as u32);
        if self.clues & bit == 0 {
            self.clues |= bit;
            self.points += clue.weight();
        }
    }

    /// Adds the clues of `other`, none of which is known yet.
    pub(super) fn add_all(&mut self, other: Self) {
        debug_assert_eq!(self.clues & other.clues, 0, "a clue that is known");
        self.clues |= other.clues;
        self.points += other.points;
    }

    /// How much speaks for the same person, less what speaks against it.
    pub fn points(self) -> i16 {
        self.points
    }

    /// Whether more speaks against than for the same person: the two are never in one contact,
    /// whatever a third record says.
    pub fn is_against(self) -> bool {
        self.points < 0
    }

    /// The clues, those for the same person first.
    pub fn clues(self) -> impl Iterator<Item = Clue> {
        let clues = Clue::ALL.iter().copied();
        clues.filter(move |clue| self.has(*clue))
    }

    /// Whether the clue was found.
    pub fn has(self, clue: Clue) -> bool {
        self.clues & (1_u64 << (clue as u32)) != 0
    }
}

/// `same name (+8), other company (-9) = -1`
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, clue) in self.clues().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}{} ({:+})", clue.label(), clue.weight())?;
        }
        write!(f, " = {}", self.points)
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! clues {
    ($($(#[$doc:meta])* $name:ident = $weight:literal, $label:literal;)*) => {
        /// One piece of evidence.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Clue { $($(#[$doc])* $name,)* }

        impl Clue {
            /// All clues, those for the same person first.
            pub const ALL: [Self; [$(Self::$name),*].len()] = [$(Self::$name),*];

            /// Its points: positive for the same person, negative against.
            pub const fn weight(self) -> i16 {
                match self { $(Self::$name => $weight,)* }
            }

            /// In a few words, as `--explain` prints it.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }
        }
    };
}

clues! {
    /// The same record of the same CRM.
    SameRecord = 99, "same record";
    /// The same personal e-mail address.
    SameEmail = 8, "same e-mail address";
    /// The family name does not agree, and the personal e-mail address of one is made of the other's
    /// name: people keep addresses when they marry.
    FormerName = 8, "e-mail address with the other's name";
    /// Each word of the shorter name is in the longer one; two words at least. The clues below
    /// tell of differences.
    SameName = 8, "same name";
    /// The same company, by its name without legal form.
    SameCompanyName = 8, "same company name";
    /// The same single word is all that both have for a name.
    SameSingleName = 4, "same single name";
    /// The company's name with a further word or a typing error.
    SimilarCompanyName = 4, "similar company name";
    /// The number is a mobile one, which few people share.
    PersonalNumber = 3, "personal number";
    /// One has a single word of the other's name.
    PartOfName = 2, "part of the name";
    /// The same mailbox of a company, or other mailboxes of the same domain.
    SameDomain = 2, "same e-mail domain";
    /// They work for the same company.
    SameCompany = 2, "same company";
    /// They share a further number.
    SecondNumber = 2, "a second number in common";
    /// They work for companies with similar names.
    SimilarCompany = 1, "similar company";
    /// One name is longer: a second given name or family name.
    LongerName = -1, "longer name";
    /// A given name and its short form or its form in another language.
    Nickname = -1, "short form of the given name";
    /// A typing error in the family name.
    SurnameTypo = -1, "spelling of the family name";
    /// A typing error in the given name.
    GivenNameTypo = -2, "spelling of the given name";
    /// Other private e-mail addresses.
    OtherPrivateEmail = -2, "other private e-mail address";
    /// The given name agrees, the family name does not.
    OtherSurname = -2, "other family name";
    /// One of the two matches the number only weakly.
    WeakMatch = -3, "weak match of the number";
    /// Given name and family name have changed places.
    SwappedName = -3, "swapped names";
    /// Other companies, at a number that goes with the person.
    FormerCompany = -3, "other company at a personal number";
    /// The same company in another place.
    OtherPlace = -4, "other place";
    /// An initial in place of a given name.
    Initial = -4, "initial only";
    /// The first given name of one is not among those of the other; or given names besides the
    /// first, or family names of a double name, differ.
    OtherFurtherName = -5, "other further name";
    /// A word that resembles the other's, and is more than a slip away.
    DistantSpelling = -6, "distant spelling";
    /// One of them is called senior or junior, the other is not.
    OneGeneration = -6, "senior or junior in one only";
    /// Other companies.
    OtherCompany = -9, "other company";
    /// Other mailboxes at the same company.
    OtherMailbox = -12, "other mailbox at the same company";
    /// Another name.
    OtherName = -20, "other name";
    /// A man and a woman.
    OtherSalutation = -20, "other salutation";
    /// Senior and junior.
    OtherGeneration = -20, "senior and junior";
    /// One of them is a family or a couple.
    Household = -20, "a household and a person";
    /// A person and a company.
    OtherKind = -99, "a person and a company";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_the_sum_of_the_weights_each_counted_once() {
        let mut evidence = Evidence::default();
        evidence.add(Clue::SameName);
        evidence.add(Clue::OtherCompany);
        evidence.add(Clue::SameName);
        assert_eq!(evidence.points(), -1);
        assert!(evidence.is_against());
        assert_eq!(
            evidence.to_string(),
            "same name (+8), other company (-9) = -1"
        );
    }

    #[test]
    fn clues_fit_their_set_and_are_in_order_of_weight() {
        assert!(Clue::ALL.len() <= 64);
        assert!(Clue::ALL.is_sorted_by_key(|clue| -clue.weight()));
    }
}
