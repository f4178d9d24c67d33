//! A number that somebody has, and numbers that are nearly it.

use whocalls_core::{Caller, NumberPlan};

use crate::{
    countries::{COUNTRIES, Country},
    random::Random,
};

/// A number as its country divides it.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    pub(crate) country: &'static Country,
    line: usize,
    /// With the zero that belongs to it in Italy.
    pub(crate) area: String,
    /// The digits behind the area code, in the groups in which they are read out.
    pub(crate) groups: Vec<String>,
}

/// Of what a number is the mistaken version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    Digits,
    Area,
    Country,
}

impl Number {
    /// A number of a country that can exist.
    pub(crate) fn of(country: &'static Country, random: &mut Random) -> Self {
        loop {
            let line = random.below(country.lines.len());
            let area = random.word(country.lines[line].0).to_owned();
            let groups = random.word(country.lines[line].1);
            let sizes = groups.bytes().map(|size| usize::from(size - b'0'));
            let mut groups: Vec<String> = sizes.map(|size| random.digits(size)).collect();
            groups[0].replace_range(..1, random.word("2 3 4 5 6 7 8 9"));
            let number = Self {
                country,
                line,
                area,
                groups,
            };
            if exists(&number.digits()) {
                return number;
            }
        }
    }

    /// With country code, as the telephone system says it.
    pub(crate) fn digits(&self) -> String {
        format!("{}{}", self.country.code, self.significant())
    }

    /// As it is dialled inside its country.
    pub(crate) fn national(&self) -> String {
        format!("{}{}", self.country.trunk, self.significant())
    }

    fn significant(&self) -> String {
        format!("{}{}", self.area, self.local())
    }

    pub(crate) fn local(&self) -> String {
        self.groups.concat()
    }

    /// The same number with a digit mistyped.
    pub(crate) fn mistyped(&self, random: &mut Random) -> Self {
        let mut number = self.clone();
        let group = random.below(number.groups.len());
        let digits = &mut number.groups[group];
        let at = random.below(digits.len());
        match random.below(4) {
            0 if digits.len() > 1 => digits.replace_range(at..=at, ""),
            1 => {
                let doubled = digits[at..=at].to_owned();
                digits.insert_str(at, &doubled);
            }
            _ => digits.replace_range(at..=at, &other_digit(&digits[at..=at], random)),
        }
        number
    }

    /// Digits with country code of other numbers that look like this one.
    pub(crate) fn neighbours(&self, random: &mut Random) -> Vec<(Mistake, String)> {
        let (code, significant) = (self.country.code, self.significant());
        let at = random.below(significant.len());
        let mut changed = significant.clone();
        changed.replace_range(at..=at, &other_digit(&significant[at..=at], random));
        let end = significant.len() - 1;
        let mut next = significant.clone();
        next.replace_range(end.., &other_digit(&significant[end..], random));
        let at = random.below(end);
        let mut swapped: Vec<char> = significant.chars().collect();
        swapped.swap(at, at + 1);
        let swapped: String = swapped.into_iter().collect();
        let area = random.word(self.country.lines[self.line].0);
        let other = &COUNTRIES[random.below(COUNTRIES.len())];
        vec![
            (Mistake::Digits, format!("{code}{changed}")),
            (Mistake::Digits, format!("{code}{next}")),
            (Mistake::Digits, format!("{code}{swapped}")),
            (Mistake::Digits, format!("{code}{}", &significant[..end])),
            (
                Mistake::Digits,
                format!("{code}{significant}{}", random.below(10)),
            ),
            (Mistake::Area, format!("{code}{area}{}", self.local())),
            (Mistake::Country, format!("{}{significant}", other.code)),
        ]
    }
}

fn other_digit(digit: &str, random: &mut Random) -> String {
    let digit: usize = digit.parse().unwrap();
    ((digit + 1 + random.below(9)) % 10).to_string()
}

fn exists(digits: &str) -> bool {
    let plan = NumberPlan::new("CH").unwrap();
    matches!(plan.classify(&format!("+{digits}")), Caller::Number(number) if number.is_valid())
}
