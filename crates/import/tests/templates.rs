//! Templates written for the purpose, and what becomes of them.

use proptest::prelude::*;
use whocalls_import::{Unreadable, import};

const TEMPLATES: [(&str, &str); 5] = [
    ("contacts", include_str!("templates/contacts.xml")),
    ("chain", include_str!("templates/chain.xml")),
    ("session", include_str!("templates/session.xml")),
    ("oauth", include_str!("templates/oauth.xml")),
    ("yeastar", include_str!("templates/yeastar.xml")),
];

#[test]
fn each_template_becomes_the_description_that_was_reviewed() {
    for (name, template) in TEMPLATES {
        let imported = import(template.as_bytes()).unwrap();
        insta::assert_snapshot!(name, imported.description);
    }
}

#[test]
fn descriptions_are_toml_and_name_every_note() {
    for (name, template) in TEMPLATES {
        let imported = import(template.as_bytes()).unwrap();
        let table: toml::Table = imported.description.parse().unwrap();
        assert_eq!(table["adapters"].as_table().unwrap().len(), 1, "{name}");
        for note in &imported.notes {
            assert!(imported.description.contains(&note.why), "{name}: {note}");
        }
    }
}

/// What becomes of parts of a template: `<Number>` and other children of `<Crm>`, and a text that
/// the description has.
#[test]
fn parts_of_templates_are_translated() {
    let key = r#"<Parameters><Parameter Name="ApiKey"/></Parameters>"#;
    for (parts, expected) in [
        (
            r#"<Number Prefix="AsIs" MaxLength=""/>"#,
            r#"n = "{{ number.e164 }}""#,
        ),
        (r#"<Number Prefix="Plus"/>"#, r#"n = "{{ number.e164 }}""#),
        (r#"<Number Prefix="Off"/>"#, r#"n = "{{ number.digits }}""#),
        (
            r#"<Number Prefix="Zeros" MaxLength="15"/>"#,
            r#"n = "{{ number.intl00 }}""#,
        ),
        (
            r#"<Number Prefix="Plus" MaxLength="7"/>"#,
            r#"n = "{{ number.last(7) }}""#,
        ),
        (
            r#"<Number MaxLength="[MaxLength]"/>"#,
            r#"n = "{{ number.last(9) }}""#,
        ),
        (
            r#"<Number MaxLength="[N]"/><Parameters><Parameter Name="N" Default="6"/></Parameters>"#,
            r#"n = "{{ number.last(6) }}""#,
        ),
        (
            r#"<Connection MaxConcurrentRequests="3"/>"#,
            "max_concurrent = 3",
        ),
        (r#"<Authentication Type="No"/>"#, r#"kind = "none""#),
        (
            r#"<Authentication Type="Kerberos"/>"#,
            "`Kerberos` is unknown",
        ),
        (
            r#"<Authentication Type="Scenario"><Value>X</Value></Authentication>"#,
            "no scenario `X`",
        ),
        (
            &format!(
                r#"{key}<Authentication Type="Basic"><Value>[ApiKey]:X</Value></Authentication>"#
            ),
            "username = \"{{ account.api_key }}\"\npassword = { value = \"X\" }",
        ),
        (
            &format!(
                r#"{key}<Authentication Type="Bearer"><Value>[ApiKey]</Value></Authentication>"#
            ),
            "kind = \"bearer\"\ntoken = \"{{ account.api_key }}\"",
        ),
    ] {
        let template = format!(
            r#"<Crm Name="Part">{parts}<Scenarios><Scenario Id=""><Request
            Url="https://crm.example.com/s?n=[Number]"/></Scenario></Scenarios></Crm>"#
        );
        let description = import(template.as_bytes()).unwrap().description;
        assert!(
            description.contains(expected),
            "{expected} in\n{description}"
        );
    }
}

#[test]
fn a_template_in_utf_16_is_the_same_template() {
    for (name, template) in TEMPLATES {
        let utf8 = import(template.as_bytes()).unwrap();
        let units = || template.encode_utf16();
        let little: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(units().flat_map(u16::to_le_bytes))
            .collect();
        let big: Vec<u8> = [0xFE, 0xFF]
            .into_iter()
            .chain(units().flat_map(u16::to_be_bytes))
            .collect();
        assert_eq!(import(&little).as_ref(), Ok(&utf8), "{name}");
        assert_eq!(import(&big).as_ref(), Ok(&utf8), "{name}");
    }
}

#[test]
fn what_is_no_template_is_refused_with_a_reason() {
    assert!(matches!(import(b""), Err(Unreadable::Xml(_))));
    assert!(matches!(import(b"<Crm>"), Err(Unreadable::Xml(_))));
    assert!(matches!(import(b"\xffabc"), Err(Unreadable::Encoding)));
    assert!(matches!(
        import(&vec![b' '; 2_000_000]),
        Err(Unreadable::TooLarge)
    ));
    assert_eq!(
        import(b"<html/>"),
        Err(Unreadable::Unknown("html".to_owned()))
    );
    let bomb = r#"<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Crm Name="&b;"/>"#;
    assert!(matches!(import(bomb.as_bytes()), Err(Unreadable::Xml(_))));
}

#[test]
fn an_empty_template_becomes_a_description_to_fill_in() {
    for empty in [
        "<Crm/>",
        "<Information/>",
        "<Crm><Scenarios><Scenario Id=''/></Scenarios></Crm>",
    ] {
        let imported = import(empty.as_bytes()).unwrap();
        assert!(
            imported.description.parse::<toml::Table>().is_ok(),
            "{}",
            imported.description
        );
        assert!(!imported.notes.is_empty(), "{empty}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        drop(import(&bytes));
    }

    /// Whatever stands in a template: there is no panic, and what comes out is TOML.
    #[test]
    fn a_changed_template_still_becomes_toml(
        which in 0..TEMPLATES.len(),
        at in any::<prop::sample::Index>(),
        length in 0..40_usize,
        text in r#"[\[\]{}().,=!|&^%a-zA-Z0-9"' <>/#$\\:;-]{0,40}"#,
    ) {
        let (_, template) = TEMPLATES[which];
        let start = at.index(template.len());
        let end = (start + length).min(template.len());
        let mut bytes = template.as_bytes().to_vec();
        bytes.splice(start..end, text.bytes());
        if let Ok(imported) = import(&bytes) {
            let parsed: Result<toml::Table, _> = imported.description.parse();
            prop_assert!(parsed.is_ok(), "{}", imported.description);
        }
    }

    /// Texts of values, from what may stand between brackets and braces.
    #[test]
    fn any_expression_becomes_toml(
        value in r#"(\[|\]|\{\{|\}\}|\(|\)|IIf\(|Number|CallType|\.ToString\(|\.Substring\(|"|,|==|!=|\|\||&&|1|a b|\.){0,24}"#,
    ) {
        let escape = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        for template in [
            include_str!("templates/session.xml").replace("[Session]", &escape(&value)),
            include_str!("templates/yeastar.xml").replace("{{.domain}}", &escape(&value)),
            include_str!("templates/chain.xml").replace("[Company]", &escape(&value)),
        ] {
            let imported = import(template.as_bytes()).unwrap();
            let parsed: Result<toml::Table, _> = imported.description.parse();
            prop_assert!(parsed.is_ok(), "{}", imported.description);
        }
    }
}
