//! The asked number as templates see it: `number.e164`, `number.wild`, `number.last(9)`.

use std::sync::Arc;

use minijinja::{
    Error, ErrorKind, State, Value, context,
    value::{Object, ObjectRepr, from_args},
};
use whocalls_core::{Caller, NumberPlan, PhoneNumber};

/// The wildcard of SQL's `LIKE`, which most search interfaces pass on.
const WILDCARD: char = '%';

/// What a template can ask of `number`. The last two are methods.
pub(crate) const FORMS: [&str; 11] = [
    "e164",
    "digits",
    "national",
    "national_digits",
    "nsn",
    "international",
    "intl00",
    "wild",
    "spellings",
    "wildcard",
    "last",
];

/// A number that nobody owns: the country code 999 is not assigned (ITU-T E.164).
const NOBODY: &str = "+999000000000";

/// A number with country code, to try templates out.
const SAMPLE: &str = "+41215522000";

/// A number that nobody owns and no numbering plan knows.
pub(crate) fn nobody(plan: &NumberPlan) -> Option<PhoneNumber> {
    read(NOBODY, plan)
}

/// Variables to try templates out with: a number with country code, and one of which only the
/// digits are known.
pub(crate) fn samples(plan: &NumberPlan) -> Vec<Value> {
    [SAMPLE, NOBODY]
        .iter()
        .filter_map(|text| read(text, plan))
        .map(|number| NumberForms::variables(&number))
        .collect()
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
pub(crate) struct NumberForms(PhoneNumber);

impl NumberForms {
    /// The variables of a lookup's templates.
    pub(crate) fn variables(number: &PhoneNumber) -> Value {
        context! { number => Self::value(number) }
    }

    /// The number as a variable.
    pub(crate) fn value(number: &PhoneNumber) -> Value {
        Value::from_object(Self(number.clone()))
    }

    fn form(&self, name: &str) -> Option<Value> {
        let number = &self.0;
        Some(match name {
            "e164" => number
                .e164()
                .unwrap_or_else(|| number.digits().to_owned())
                .into(),
            "digits" => number.digits().into(),
            "national" => number.national().into(),
            "national_digits" => number.national_digits().into(),
            "nsn" => number.national_significant().into(),
            "international" => number.international().into(),
            "intl00" => self.intl00().into(),
            "wild" => number.wildcard(WILDCARD).into(),
            "spellings" => number.spellings().into(),
            _ => return None,
        })
    }

    fn intl00(&self) -> String {
        let prefix = if self.0.e164().is_some() { "00" } else { "" };
        format!("{prefix}{}", self.0.digits())
    }

    fn last(&self, count: usize) -> String {
        let digits = self.0.national_significant();
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

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "wildcard" => {
                let (wildcard,): (char,) = from_args(args)?;
                Ok(self.0.wildcard(wildcard).into())
            }
            "last" => {
                let (count,): (usize,) = from_args(args)?;
                Ok(self.last(count).into())
            }
            _ => Err(ErrorKind::UnknownMethod.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use whocalls_testkit::number;

    use super::*;
    use crate::{
        scope::Scope,
        template::{Place, Template},
    };

    fn render(source: &str, asked: &PhoneNumber) -> String {
        let scope = Scope::lookup(&whocalls_testkit::number_plan());
        let template = Template::compile(source, Place::RequestText, &scope, "a.b").unwrap();
        template.render(&NumberForms::variables(asked)).unwrap()
    }

    #[test]
    fn every_form_of_a_swiss_number() {
        let asked = number("41215522000");
        for (source, expected) in [
            ("{{ number.e164 }}", "+41215522000"),
            ("{{ number.digits }}", "41215522000"),
            ("{{ number.national }}", "021 552 20 00"),
            ("{{ number.national_digits }}", "0215522000"),
            ("{{ number.nsn }}", "215522000"),
            ("{{ number.international }}", "+41 21 552 20 00"),
            ("{{ number.intl00 }}", "0041215522000"),
            ("{{ number.wild }}", "%2%1%5%5%2%2%0%0%0%"),
            ("{{ number.wildcard('*') }}", "*2*1*5*5*2*2*0*0*0*"),
            ("{{ number.last(7) }}", "5522000"),
            ("{{ number.last(99) }}", "215522000"),
            ("{{ number.spellings[0] }}", "+41215522000"),
            (
                "{% for s in number.spellings %}{% if loop.index <= 2 %}<{{ s }}>{% endif %}{% endfor %}",
                "<+41215522000><0215522000>",
            ),
        ] {
            assert_eq!(render(source, &asked), expected, "{source}");
        }
    }

    #[test]
    fn a_number_without_country_is_its_digits_in_every_form() {
        let asked = number("99912345678901234567");
        for form in [
            "e164",
            "digits",
            "national",
            "national_digits",
            "nsn",
            "intl00",
        ] {
            let rendered = render(&format!("{{{{ number.{form} }}}}"), &asked);
            assert_eq!(rendered, "99912345678901234567", "{form}");
        }
    }

    #[test]
    fn nobody_has_no_country_wherever_the_gateway_stands() {
        for region in ["CH", "DE", "US", "JP"] {
            let plan = NumberPlan::new(region).unwrap();
            let nobody = nobody(&plan).unwrap();
            assert_eq!(nobody.e164(), None, "{region}");
            assert_eq!(nobody.digits(), "999000000000", "{region}");
        }
    }

    proptest! {
        /// So no form can end a quoted text, add a parameter or open a tag, whatever the language
        /// around it.
        #[test]
        fn forms_have_no_character_that_query_languages_know(
            digits in "\\+?[0-9]{7,20}",
            region in "CH|DE|AT|FR|IT|US|GB|BR|AR|IL|JP|AU|MX|FI|HU|LI",
        ) {
            let plan = NumberPlan::new(&region).unwrap();
            if let Caller::Number(asked) = plan.classify(&digits) {
                for form in FORMS.iter().take(9) {
                    let text = render(&format!("{{{{ number.{form} }}}}"), &asked);
                    let text = if *form == "spellings" { asked.spellings().concat() } else { text };
                    let is_harmless = |c: char| c.is_ascii_digit() || "+ ()-./%\u{a0}".contains(c);
                    prop_assert!(text.chars().all(is_harmless), "{form} of {digits} in {region}: {text}");
                }
            }
        }
    }
}
