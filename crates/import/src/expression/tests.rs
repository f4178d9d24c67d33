use super::*;

/// Names of a call in a workflow, and a parameter with an expression in it.
struct Sample;

impl Names for Sample {
    fn resolve(&self, name: &str) -> Resolved {
        let code = |code: &str, kind| Resolved::Term(Term::Code(code.to_owned(), kind));
        match name {
            "Number" => code("number.e164", Kind::Text),
            "Name" => code("call.remote_name", Kind::Text),
            "EntityId" => code("contact.id", Kind::Text),
            "FoundRecordCount" => code("found", Kind::Number),
            "Start" => code("call.started_at", Kind::Time { is_local: false }),
            "StartLocal" => code("call.started_at", Kind::Time { is_local: true }),
            "Span" => code("call.duration_seconds", Kind::Span),
            "Enabled" => Resolved::Term(Term::Constant("True".to_owned())),
            "Way" => Resolved::Term(Term::Choice(
                Box::new(Condition::Value("is_out".to_owned())),
                Box::new(Term::Constant("Outbound".to_owned())),
                Box::new(Term::Constant("Inbound".to_owned())),
            )),
            "Subject" => Resolved::Inline(Expression::bracketed("Call from [Number]").unwrap()),
            "Loop" => Resolved::Inline(Expression::Variable("Loop".to_owned())),
            other => Resolved::Unknown(format!("`{other}` is unknown")),
        }
    }
}

fn template(expression: &Expression) -> (String, Vec<String>) {
    let mut resolver = Resolver::new(&Sample);
    let text = resolver.term(expression).template();
    (text, resolver.lost)
}

#[test]
fn brackets_become_jinja() {
    for (source, expected) in [
        ("", ""),
        ("plain text", "plain text"),
        ("[Number]", "{{ number.e164 }}"),
        (
            "/c/[Number]?x=[Name]",
            "/c/{{ number.e164 }}?x={{ call.remote_name }}",
        ),
        ("{{^^a^^:[Number]}}", r#"["a":{{ number.e164 }}]"#),
        ("a{% b", r#"{{ "a{% b" }}"#),
        ("[[Number]]", "{{ number.e164 }}"),
        ("[[Number].ToLower()]", "{{ number.e164 | lower }}"),
        (
            r#"[[Number].Replace("+","00").Trim()]"#,
            r#"{{ number.e164 | replace("+", "00") | trim }}"#,
        ),
        (
            "[[Number].Substring(1,3)]",
            r#"{{ number.e164[1:4] if number.e164 else "" }}"#,
        ),
        (
            r#"[[Start].ToString("yyyy-MM-ddTHH:mm:ssZ")]"#,
            r#"{{ call.started_at | date("%Y-%m-%dT%H:%M:%SZ") }}"#,
        ),
        (
            r#"[[StartLocal].ToString("d.M.yy 'at' HH:mm")]"#,
            r#"{{ call.started_at | date("%-d.%-m.%y at %H:%M", account.time_zone) }}"#,
        ),
        (
            r#"[[[Span].get_TotalMinutes()].ToString("F0")]"#,
            r#"{{ call.duration_seconds | duration("minutes") }}"#,
        ),
        (
            "[IIf([Way]==Inbound||[Way]==Missed,in,out)]",
            "{% if not is_out %}in{% else %}out{% endif %}",
        ),
        ("[IIf([Enabled]!=True,a,b [Number])]", "b {{ number.e164 }}"),
        (
            r#"[IIf([Name]=="",Unknown (new),[Name])]"#,
            "{% if not call.remote_name %}Unknown (new){% else %}{{ call.remote_name }}{% endif %}",
        ),
        (
            "[Way]",
            "{% if is_out %}Outbound{% else %}Inbound{% endif %}",
        ),
        ("[[Subject]]!", "Call from {{ number.e164 }}!"),
    ] {
        let expression = Expression::bracketed(source).unwrap();
        assert_eq!(
            template(&expression),
            (expected.to_owned(), vec![]),
            "{source}"
        );
    }
}

#[test]
fn braces_become_jinja() {
    for (source, expected) in [
        ("{{.Number}}", "{{ number.e164 }}"),
        ("/c?x={{UrlEncode .Number}}", "/c?x={{ number.e164 }}"),
        (
            "{{ if .Name }}{{.Name}}{{ else }}?{{ end }}",
            "{% if call.remote_name %}{{ call.remote_name }}{% else %}?{% endif %}",
        ),
        (
            r#"{{if eq .Way "Inbound"}}i{{else if .Name}}n{{end}}"#,
            "{% if not is_out %}i{% elif call.remote_name %}n{% endif %}",
        ),
        (
            r#"{{ TimeFormat .Start "yyyy-MM-ddTHH:mm:ss.000Zz" "1" }}"#,
            r#"{{ call.started_at | date("%Y-%m-%dT%H:%M:%S.000Z") }}"#,
        ),
        (
            "{{ ToMillis .Start }}",
            "{{ call.started_unix * 1000 if call.started_unix else none }}",
        ),
    ] {
        let expression = Expression::braced(source).unwrap();
        assert_eq!(
            template(&expression),
            (expected.to_owned(), vec![]),
            "{source}"
        );
    }
}

#[test]
fn conditions_are_decided_as_far_as_possible() {
    let found = Condition::Compare("found".to_owned(), Operator::Greater, "0".to_owned());
    for (source, expected) in [
        ("[Enabled]!=True", Condition::Never),
        ("[Enabled]==true", Condition::Always),
        ("[Enabled]!=True||[FoundRecordCount]>0", found.clone()),
        ("[IIf([FoundRecordCount]>0,True,False)]", found.clone()),
        (
            r#"[Enabled]!=True||[EntityId]=="""#,
            Condition::Value("contact.id".to_owned()).negated(),
        ),
        ("[Way]==Outbound&&[Way]==Inbound", Condition::Never),
        ("[Way]==Missed", Condition::Never),
        ("2>10", Condition::Never),
    ] {
        let expression = Expression::bracketed_condition(source).unwrap();
        let mut resolver = Resolver::new(&Sample);
        assert_eq!(resolver.condition(&expression), expected, "{source}");
    }
}

#[test]
fn what_has_no_counterpart_is_told() {
    for (source, lost) in [
        ("[Recording]", "`Recording` is unknown"),
        (
            "[[Number].PadLeft(5)]",
            "`PadLeft` has no counterpart; the value is used as it is",
        ),
        ("[Loop]", "an expression is nested too deeply or too long"),
    ] {
        let expression = Expression::bracketed(source).unwrap();
        assert_eq!(template(&expression).1, [lost], "{source}");
    }
    for source in [
        "[Number",
        "[]",
        "[IIf(a,b)]",
        "[[Number].ToLower(]",
        "[a b]",
        "[Foo(1)]",
        r#"["a]"#,
    ] {
        assert!(Expression::bracketed(source).is_err(), "{source}");
    }
    for source in [
        "{{.A",
        "{{if .A}}x",
        "{{end}}",
        "{{range .A}}{{end}}",
        "{{.A-B}}",
    ] {
        assert!(Expression::braced(source).is_err(), "{source}");
    }
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow() {
    let deep = 20_000;
    assert!(Expression::bracketed(&"[".repeat(deep)).is_err());
    assert!(Expression::bracketed(&format!("[IIf({}", "IIf(".repeat(deep))).is_err());
    assert!(Expression::braced(&"{{if .A}}".repeat(deep)).is_err());
    assert!(Expression::bracketed_condition(&"[A]||".repeat(deep)).is_err());
    let calls = format!("[[Number]{}]", ".Substring(0,9)".repeat(deep));
    assert!(Expression::bracketed(&calls).is_err());
}
