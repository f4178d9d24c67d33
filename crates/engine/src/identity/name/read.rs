//! Finds out what each word of a name is.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{Generation, MAX_WORDS, PersonName, Role, Sex, Token, USUAL_TOKENS};
use crate::identity::{
    fold::{Bounds, USUAL_WORDS, Words, key, letters, sound},
    lists::{NameWord, name_word},
};

impl PersonName {
    /// Reads a name as people write it: `Dr. Mia Keller`, `Keller, Mia`, `KELLER Mia (privat)`.
    pub(in crate::identity) fn of(name: &str) -> Self {
        let name = without_brackets(name);
        let has_sign = name.bytes().any(|byte| matches!(byte, b'&' | b'+' | b'/'));
        let words = Words::of(&in_order(&name));
        let mut parts: SmallVec<[Part; USUAL_WORDS]> =
            words.iter().take(MAX_WORDS).map(Part::of).collect();
        let mut sex = None;
        for part in &mut parts {
            sex = sex.or(part.take_title());
        }
        let (generation, is_household) = (take_generation(&mut parts), take_household(&mut parts));
        if !parts.iter().any(|part| part.role.counts()) {
            // A name made of titles is a name after all.
            for part in &mut parts {
                part.role = Role::Further;
            }
        }
        let is_order_unsure = assign_roles(&mut parts) && !name.contains(',');
        let tokens: SmallVec<[Token; USUAL_TOKENS]> = (0..)
            .zip(words.places().zip(&parts))
            .filter(|(_, (_, part))| part.role.counts())
            .map(|(position, ((bounds, word), part))| part.token(position, bounds, word))
            .collect();
        Self {
            is_order_unsure,
            is_household: is_household || (has_sign && tokens.len() >= 2),
            words,
            tokens,
            generation,
            // "Herr und Frau Keller"
            sex: sex.filter(|_| !is_household),
        }
    }
}

/// A word while its role is being found out.
#[derive(Debug)]
struct Part {
    role: Role,
    known: Option<&'static NameWord>,
}

impl Part {
    fn of(word: &str) -> Self {
        let known = name_word(word);
        let is_particle = known.is_some_and(|known| known.is_particle);
        Self {
            role: if is_particle {
                Role::Particle
            } else {
                Role::Further
            },
            known,
        }
    }

    fn token(&self, position: u8, bounds: Bounds, word: &str) -> Token {
        Token {
            role: self.role,
            position,
            bounds,
            key: key(word),
            sound: sound(word),
            letters: letters(word),
            known: self.known,
        }
    }

    fn is_given_name(&self) -> bool {
        self.is(|it| it.is_given_name)
    }

    fn is(&self, what: impl Fn(&NameWord) -> bool) -> bool {
        self.known.is_some_and(what)
    }

    /// Sets a title aside; the sex that a form of address tells.
    fn take_title(&mut self) -> Option<Sex> {
        let (female, male) = (self.is(|it| it.is_female), self.is(|it| it.is_male));
        if female || male || self.is(|it| it.is_title) {
            self.role = Role::Idle;
        }
        match (female, male) {
            (true, _) => Some(Sex::Female),
            (_, true) => Some(Sex::Male),
            _ => None,
        }
    }
}

/// The name without what stands in brackets, unless that is all.
fn without_brackets(name: &str) -> Cow<'_, str> {
    if !name.bytes().any(|byte| matches!(byte, b'(' | b'[')) {
        return Cow::Borrowed(name);
    }
    let mut depth = 0_u32;
    let mut kept = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    if kept.chars().any(char::is_alphanumeric) {
        Cow::Owned(kept)
    } else {
        Cow::Borrowed(name)
    }
}

/// The given name first: `Keller, Mia` becomes `Mia Keller`. What follows a comma and is no name
/// stays behind: `Mia Keller, MBA`.
fn in_order(name: &str) -> Cow<'_, str> {
    let Some((before, after)) = name.split_once(',') else {
        return Cow::Borrowed(name);
    };
    let is_addition = |word: &str| {
        name_word(word).is_some_and(|it| {
            it.is_title || it.is_female || it.is_male || it.is_senior || it.is_junior
        })
    };
    if Words::of(after).iter().all(is_addition) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("{after} {before}"))
    }
}

/// Sets `sen.` and `jun.` aside where a given name and a family name are left: both are family
/// names, too.
fn take_generation(parts: &mut [Part]) -> Option<Generation> {
    let counting = parts.iter().filter(|part| part.role.counts()).count();
    let is_generation = |part: &Part| part.is(|it| it.is_senior || it.is_junior);
    let marks = parts.iter().filter(|part| is_generation(part)).count();
    if marks == 0 || counting < marks + 2 {
        return None;
    }
    let mut generation = None;
    for part in parts.iter_mut().skip(1).filter(|part| is_generation(part)) {
        part.role = Role::Idle;
        let is_senior = part.is(|it| it.is_senior);
        generation = generation.or(Some(if is_senior {
            Generation::Senior
        } else {
            Generation::Junior
        }));
    }
    generation
}

/// Sets `Familie` and `und` aside; whether there was any.
fn take_household(parts: &mut [Part]) -> bool {
    let mut is_household = false;
    for part in parts
        .iter_mut()
        .filter(|part| part.is(|it| it.is_household))
    {
        part.role = Role::Idle;
        is_household = true;
    }
    is_household
}

/// Tells given names from family names. The given name comes first, unless the first word is none
/// that we know, or a particle, and the last one is: then it is the first of those at the end, as in
/// `Keller Anna Maria`. Whether that is a guess.
fn assign_roles(parts: &mut [Part]) -> bool {
    let counting: SmallVec<[usize; USUAL_WORDS]> = (0..)
        .zip(parts.iter())
        .filter(|(_, part)| part.role.counts())
        .map(|(position, _)| position)
        .collect();
    let (Some(&first), Some(&last)) = (counting.first(), counting.last()) else {
        return false;
    };
    let is_given = |position: usize| parts.get(position).is_some_and(Part::is_given_name);
    let particle = parts.iter().position(|part| part.role == Role::Particle);
    let begins_with_family = particle.is_some_and(|particle| particle < first) || !is_given(first);
    let at_end = || {
        let from_end = counting.iter().rev().copied();
        from_end
            .take_while(|it| *it != first && is_given(*it))
            .last()
    };
    let given = match counting.as_slice() {
        [only] => is_given(*only).then_some(*only),
        _ if begins_with_family && is_given(last) => at_end(),
        _ if particle.is_some_and(|particle| particle < first) => None,
        _ => Some(first),
    };
    let is_family_first = given.is_some_and(|given| given != first);
    let family = if is_family_first { first } else { last };
    let is_guess = is_given(first) == is_given(last) && particle.is_none();
    for position in counting {
        let follows_particle = particle.is_some_and(|particle| particle < position);
        let role = if Some(position) == given {
            Role::Given
        } else if position == family || (follows_particle && given == Some(first)) {
            Role::Family
        } else {
            Role::Further
        };
        if let Some(part) = parts.get_mut(position) {
            part.role = role;
        }
    }
    is_guess
}
