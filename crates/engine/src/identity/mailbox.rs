//! E-mail addresses: whose mailbox an address is.

use smallvec::SmallVec;

use super::{
    Clue, Evidence,
    company::CompanyName,
    fold::{Words, key},
    lists::{MailWord, mail_word},
    name::PersonName,
};

/// More addresses than a person has.
const MAX_MAILBOXES: usize = 6;

/// One address as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mailbox {
    /// In lower case.
    address: String,
    /// Where the part before the `@` ends, without what follows a `+`.
    local_end: usize,
    domain_start: usize,
    /// Whether that part has dots or the like in it: `mia.keller`.
    has_parts: bool,
    /// Stands for the whole address.
    key: u32,
    domain: u32,
    /// Whether it is a person's, and not the reception's.
    is_personal: bool,
    /// Whether strangers have addresses at the same domain.
    is_at_provider: bool,
}

/// The addresses of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mailboxes(SmallVec<[Mailbox; 1]>);

impl Mailboxes {
    pub(super) fn of(addresses: &[String]) -> Self {
        let mailboxes = addresses.iter().filter_map(|it| Mailbox::of(it));
        Self(mailboxes.take(MAX_MAILBOXES).collect())
    }

    /// Keys that stand for the personal addresses.
    pub(super) fn keys(&self) -> impl Iterator<Item = u32> {
        let personal = self.0.iter().filter(|mailbox| mailbox.is_personal);
        personal.map(|mailbox| mailbox.key)
    }

    /// Whether an address is at a domain that is called like the company.
    pub(super) fn name_company(&self, company: &CompanyName) -> bool {
        const SHORTEST: usize = 4;
        let mut own = self.0.iter().filter(|it| !it.is_at_provider);
        own.any(|mailbox| {
            let label = Words::of(mailbox.label().unwrap_or_default());
            label.joined().len() >= SHORTEST && company.begins_with(label.joined())
        })
    }

    /// Whether a personal address is made of the name: `mia.keller`, `keller_mia`.
    pub(super) fn name_person(&self, name: &PersonName) -> bool {
        let mut personal = self.0.iter().filter(|it| it.is_personal);
        personal.any(|mailbox| name.is_written_in(mailbox.local()))
    }

    /// Adds what the addresses of two records say.
    pub(super) fn compare(&self, other: &Self, evidence: &mut Evidence) {
        let (mut is_alias, mut found) = (false, Evidence::default());
        for (a, b) in self
            .0
            .iter()
            .flat_map(|a| other.0.iter().map(move |b| (a, b)))
        {
            let are_personal = a.is_personal && b.is_personal;
            if are_personal && a.key == b.key {
                return evidence.add(Clue::SameEmail);
            }
            is_alias = is_alias || (are_personal && a.may_be_alias(b));
            match (are_personal, a.is_of_same_company(b)) {
                (true, true) => found.add(Clue::OtherMailbox),
                (true, false) if a.is_at_provider && b.is_at_provider => {
                    found.add(Clue::OtherPrivateEmail);
                }
                (false, true) => found.add(Clue::SameDomain),
                (true | false, false) => {}
            }
        }
        if !is_alias {
            evidence.add_all(found);
        } else if found.has(Clue::OtherMailbox) || found.has(Clue::SameDomain) {
            evidence.add(Clue::SameDomain);
        }
    }
}

impl Mailbox {
    fn of(address: &str) -> Option<Self> {
        let mut address = address.trim().to_owned();
        address.make_ascii_lowercase();
        let (local, domain) = address.rsplit_once('@')?;
        let local = local.split('+').next().unwrap_or_default();
        if local.is_empty() || domain.is_empty() {
            return None;
        }
        Some(Self {
            has_parts: local.bytes().any(is_separator),
            local_end: local.len(),
            domain_start: address.len() - domain.len(),
            key: key(local) ^ key(domain).rotate_left(1),
            domain: key(domain),
            is_personal: !is_generic(local),
            is_at_provider: mail_word(domain) == Some(MailWord::Provider),
            address,
        })
    }

    fn local(&self) -> &str {
        self.address.get(..self.local_end).unwrap_or_default()
    }

    /// The domain without its end: `keller` of `keller.example`.
    fn label(&self) -> Option<&str> {
        let domain = self.address.get(self.domain_start..)?;
        domain.rsplit_once('.').map(|(label, _)| label)
    }

    /// Whether both belong to one company: the same domain, which is its own, or the same mailbox.
    fn is_of_same_company(&self, other: &Self) -> bool {
        self.key == other.key || (self.domain == other.domain && !self.is_at_provider)
    }

    /// Whether the two may be spellings of one person's address: `m.keller`, `mkeller`,
    /// `mia.keller`.
    fn may_be_alias(&self, other: &Self) -> bool {
        let (a, b) = (self.local(), other.local());
        if !self.has_parts && !other.has_parts {
            return a == b;
        }
        match (ends(a), ends(b)) {
            (None, None) => a == b,
            (None, Some((first, last))) => is_written_as(a, first, last),
            (Some((first, last)), None) => is_written_as(b, first, last),
            (Some(_), Some(_)) => {
                let is_short_for = |(a, b)| is_initial_of(a, b) || is_initial_of(b, a);
                parts(a).zip(parts(b)).all(is_short_for) && parts(a).count() == parts(b).count()
            }
        }
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'.' | b'_' | b'-')
}

fn parts(local: &str) -> impl DoubleEndedIterator<Item = &str> {
    let parts = local.split(['.', '_', '-']);
    parts.filter(|part| !part.is_empty())
}

/// The first and the last of several parts.
fn ends(local: &str) -> Option<(&str, &str)> {
    let mut parts = parts(local);
    Some((parts.next()?, parts.next_back()?))
}

/// Whether `one` is made of a first and a last part: `miakeller`, `kellerm`, `keller`.
fn is_written_as(one: &str, first: &str, last: &str) -> bool {
    let is_pair = |a: &str, b: &str| {
        one.strip_prefix(a)
            .is_some_and(|rest| is_initial_of(rest, b))
            || one
                .strip_suffix(b)
                .is_some_and(|rest| is_initial_of(rest, a))
    };
    one == first || one == last || is_pair(first, last) || is_pair(last, first)
}

fn is_initial_of(short: &str, long: &str) -> bool {
    short == long || (short.len() == 1 && long.starts_with(short))
}

/// `info`, `info2`, `office-bern`: the first part is a mailbox of a company, and what follows is
/// too short or too general for a name.
fn is_generic(local: &str) -> bool {
    let is_word = |part: &str| {
        let part = part.trim_end_matches(|c: char| c.is_ascii_digit());
        mail_word(part) == Some(MailWord::Generic)
    };
    is_word(local)
        || local
            .split_once(['.', '_', '-'])
            .is_some_and(|(first, rest)| is_word(first) && (rest.len() <= 2 || is_word(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clues(a: &str, b: &str) -> Vec<Clue> {
        let mut evidence = Evidence::default();
        let mailboxes = |text: &str| Mailboxes::of(&[text.to_owned()]);
        mailboxes(a).compare(&mailboxes(b), &mut evidence);
        evidence.clues().collect()
    }

    #[test]
    fn the_same_personal_address_is_strong_evidence() {
        let same = [Clue::SameEmail];
        assert_eq!(
            clues("Mia.Keller@Example.ch", "mia.keller@example.ch "),
            same
        );
        assert_eq!(clues("mia+crm@example.ch", "mia@example.ch"), same);
    }

    #[test]
    fn a_company_s_mailbox_speaks_for_the_company_only() {
        let domain = [Clue::SameDomain];
        for (a, b) in [
            ("info@example.ch", "info@example.ch"),
            ("info@example.ch", "mia.keller@example.ch"),
            ("office-be@example.ch", "empfang2@example.ch"),
            ("praxis@bluewin.ch", "praxis@bluewin.ch"),
        ] {
            assert_eq!(clues(a, b), domain, "{a} {b}");
        }
        assert_eq!(clues("info@gmail.com", "office@gmail.com"), []);
    }

    #[test]
    fn aliases_are_no_other_mailbox() {
        for other in [
            "m.keller",
            "mkeller",
            "kellerm",
            "keller",
            "miakeller",
            "mia",
        ] {
            let other = format!("{other}@example.ch");
            let domain = [Clue::SameDomain];
            assert_eq!(clues("mia.keller@example.ch", &other), domain, "{other}");
        }
        let other = [Clue::OtherMailbox];
        assert_eq!(
            clues("mia.keller@example.ch", "max.keller@example.ch"),
            other
        );
        assert_eq!(clues("t.meier@example.ch", "t.meier2@example.ch"), other);
    }

    #[test]
    fn private_addresses_differ() {
        let other = [Clue::OtherPrivateEmail];
        assert_eq!(clues("mia@gmail.com", "sun77@gmx.ch"), other);
        assert_eq!(clues("mia@gmail.com", "mia@gmx.ch"), []);
        assert_eq!(clues("mia@gmail.com", "office7@example.ch"), []);
        assert_eq!(clues("no address", "@"), []);
    }
}
