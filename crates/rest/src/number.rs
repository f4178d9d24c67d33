//! The asked number as templates see it: `number.e164`, `number.wild`, `number.last(9)`.
//!
//! There is no form "as it was asked": equal numbers share an answer, whoever asked first.

use std::sync::{Arc, OnceLock};

use minijinja::{
    Error, ErrorKind, State, Value,
    value::{Object, ObjectRepr, from_args},
};
use whocalls_core::{Caller, NumberPlan, PhoneNumber};

use crate::scope::{Variable, Variables};

/// The wildcard of SQL's `LIKE`, which most search interfaces pass on.
const WILDCARD: char = '%';
/// What may be a wildcard in some language. None of them ends a literal anywhere.
const WILDCARDS: &str = "%*?_.";

/// What a template can ask of `number`. The last three are methods.
pub(crate) const FORMS: [&str; 15] = [
    "e164",
    "digits",
    "national",
    "national_digits",
    "nsn",
    "groups",
    "international",
    "intl00",
    "calling_code",
    "region",
    "wild",
    "spellings",
    "wildcard",
    "last",
    "mask",
];

/// What not every number has: where no numbering plan knows it, and a mask for another length.
pub(crate) const ABSENT: [&str; 3] = ["calling_code", "region", "mask"];

/// What a mask has for each digit.
const PLACEHOLDER: char = '#';

/// A number that nobody owns: the country code 999 is not assigned (ITU-T E.164).
const NOBODY: &str = "+999000000000";

/// A number with country code, to try templates out.
const SAMPLE: &str = "+41215522000";

/// A number that nobody owns and no numbering plan knows.
pub(crate) fn nobody(plan: &NumberPlan) -> Option<PhoneNumber> {
    read(NOBODY, plan)
}

/// The variable `number`. It is tried out with a number with country code, and with one of which
/// only the digits are known.
pub(crate) fn variable(plan: &NumberPlan) -> Variable {
    let samples = [SAMPLE, NOBODY].iter().filter_map(|text| read(text, plan));
    let samples = samples.map(|number| NumberForms::value(&number));
    let samples: Vec<Value> = samples.collect();
    let bare = samples.last().cloned().unwrap_or_default();
    Variable::new("number")
        .with_members(FORMS)
        .with_samples(samples)
        .or_without(ABSENT.map(str::to_owned).to_vec(), bare)
}

fn read(text: &str, plan: &NumberPlan) -> Option<PhoneNumber> {
    match plan.classify(text) {
        Caller::Number(number) => Some(number),
        _ => None,
    }
}

/// A number in all its forms. Where no numbering plan knows the number, every form consists of
/// its digits.
#[derive(Debug)]
pub(crate) struct NumberForms {
    number: PhoneNumber,
    /// They take long to make, and are made once for all templates of a lookup.
    spellings: OnceLock<Value>,
}

impl NumberForms {
    /// The variables of a lookup's templates.
    pub(crate) fn variables(number: &PhoneNumber) -> Variables {
        Variables::default().with("number", Self::value(number))
    }

    /// The number as a variable.
    pub(crate) fn value(number: &PhoneNumber) -> Value {
        Value::from_object(Self {
            number: number.clone(),
            spellings: OnceLock::new(),
        })
    }

    fn form(&self, name: &str) -> Option<Value> {
        let number = &self.number;
        Some(match name {
            "e164" => number
                .e164()
                .unwrap_or_else(|| number.digits().to_owned())
                .into(),
            "digits" => number.digits().into(),
            "national" => number.national().into(),
            "national_digits" => number.national_digits().into(),
            "nsn" => number.national_significant().into(),
            "groups" => self.groups().into(),
            "international" => number.international().into(),
            "intl00" => self.intl00().into(),
            "calling_code" => optional(self.calling_code()),
            "region" => optional(number.region()),
            "wild" => pattern(number, WILDCARD),
            "spellings" => {
                let spellings = || number.spellings().into();
                self.spellings.get_or_init(spellings).clone()
            }
            _ => return None,
        })
    }

    fn intl00(&self) -> String {
        let prefix = if self.number.e164().is_some() {
            "00"
        } else {
            ""
        };
        format!("{prefix}{}", self.number.digits())
    }

    /// The national significant number in the usual groups: the international form behind the
    /// country code.
    fn groups(&self) -> String {
        let international = self.number.international();
        match (
            international.strip_prefix('+'),
            international.split_once(' '),
        ) {
            (Some(_), Some((_, groups))) => groups.to_owned(),
            _ => self.number.national_significant(),
        }
    }

    /// The digits of the country code.
    fn calling_code(&self) -> Option<String> {
        self.number.e164()?;
        let significant = self.number.national_significant();
        let code = self.number.digits().strip_suffix(&significant);
        code.map(str::to_owned)
    }

    /// The national significant number written as the mask says, which has a `#` for each digit;
    /// none when the number has more digits or fewer.
    fn mask(&self, mask: &str) -> Option<String> {
        let significant = self.number.national_significant();
        let places = mask.chars().filter(|c| *c == PLACEHOLDER).count();
        if places != significant.len() {
            return None;
        }
        let mut digits = significant.chars();
        let masked = mask.chars().map(|c| match c {
            PLACEHOLDER => digits.next().unwrap_or(PLACEHOLDER),
            c => c,
        });
        Some(masked.collect())
    }

    fn last(&self, count: usize) -> String {
        let digits = self.number.national_significant();
        let start = digits.len().saturating_sub(count);
        digits.get(start..).unwrap_or_default().to_owned()
    }
}

impl Object for NumberForms {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.form(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.form(key)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "wildcard" => {
                let (wildcard,): (char,) = from_args(args)?;
                if !WILDCARDS.contains(wildcard) {
                    let message = "a wildcard is one of % * ? _ .";
                    return Err(Error::new(ErrorKind::InvalidOperation, message));
                }
                Ok(pattern(&self.number, wildcard))
            }
            "last" => {
                let (count,): (usize,) = from_args(args)?;
                Ok(self.last(count).into())
            }
            "mask" => {
                let (mask,): (&str,) = from_args(args)?;
                Ok(optional(self.mask(mask)))
            }
            _ => Err(ErrorKind::UnknownMethod.into()),
        }
    }
}

/// A pattern: digits and wildcards, which no query language is to escape.
fn pattern(number: &PhoneNumber, wildcard: char) -> Value {
    Value::from_safe_string(number.wildcard(wildcard))
}

fn optional(text: Option<String>) -> Value {
    text.map_or(Value::UNDEFINED, Value::from)
}

#[cfg(test)]
mod tests;
