use proptest::prelude::*;
use whocalls_testkit::number;

use super::*;
use crate::{
    scope::Scope,
    template::{Place, Template},
};

fn render(source: &str, asked: &PhoneNumber) -> String {
    let scope = Scope::new(vec![variable(&whocalls_testkit::number_plan())]);
    let template = Template::compile(source, Place::RequestText, &scope, "a.b").unwrap();
    let variables: Value = NumberForms::variables(asked).into();
    template
        .render_part(&variables)
        .unwrap()
        .unwrap_or_else(|| "absent".to_owned())
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
        ("{{ number.groups }}", "21 552 20 00"),
        ("{{ number.calling_code }}", "41"),
        ("{{ number.region }}", "CH"),
        ("{{ number.mask('+41 ## ### ## ##') }}", "+41 21 552 20 00"),
        ("{{ number.mask('(###) ### ## ## ##') }}", "absent"),
        ("{{ number.mask('###') | default('none') }}", "none"),
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
        "groups",
    ] {
        let rendered = render(&format!("{{{{ number.{form} }}}}"), &asked);
        assert_eq!(rendered, "99912345678901234567", "{form}");
    }
}

#[test]
fn a_number_without_country_has_no_code_region_and_other_length() {
    let asked = number("99912345678901234567");
    for source in [
        "{{ number.calling_code }}",
        "{{ number.region }}",
        "{{ number.mask('##') }}",
    ] {
        assert_eq!(render(source, &asked), "absent", "{source}");
    }
    let american = number("12125550123");
    assert_eq!(render("{{ number.calling_code }}", &american), "1");
    assert_eq!(render("{{ number.region }}", &american), "US");
    assert_eq!(render("{{ number.groups }}", &american), "212-555-0123");
}

#[test]
fn a_wildcard_ends_no_literal() {
    let scope = Scope::new(vec![variable(&whocalls_testkit::number_plan())]);
    for source in [
        r#"{{ number.wildcard("'") }}"#,
        r"{{ number.wildcard('\\') }}",
    ] {
        let template = Template::compile(source, Place::RequestText, &scope, "a.b").unwrap();
        let message = template.try_out(&scope.samples()[0]).unwrap_err();
        assert!(message.contains("one of %"), "{message}");
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
            for form in FORMS.iter().take(12).filter(|form| **form != "region") {
                let text = render(&format!("{{{{ number.{form} }}}}"), &asked);
                let text = if *form == "spellings" { asked.spellings().concat() } else { text };
                let is_harmless = |c: char| c.is_ascii_digit() || "+ ()-./%\u{a0}".contains(c);
                prop_assert!(text == "absent" || text.chars().all(is_harmless), "{form} of {digits} in {region}: {text}");
            }
        }
    }
}
