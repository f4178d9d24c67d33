//! The methods and functions of templates: those of .NET that 3CX's templates call, and Yeastar's.

use super::{Condition, Kind, Term, format, quoted, resolve::truth_value};

/// The time zone of times that a template wants in local time: a parameter of the description.
pub(crate) const ZONE: &str = "account.time_zone";

/// What `on.method(arguments)` becomes.
///
/// # Errors
/// A sentence about a method that has no counterpart.
pub(super) fn call(on: &Term, method: &str, arguments: &[Term]) -> Result<Term, String> {
    let code = on.code();
    let filter = |name: &str| Ok(Term::text(format!("{code} | {name}")));
    match (method.to_ascii_lowercase().as_str(), arguments) {
        // Values are encoded for their place anyway.
        ("tostring", []) | ("urlencode" | "escapedatastring" | "escapeuristring", _) => {
            Ok(on.clone())
        }
        ("tostring", [format]) => written(on, format),
        ("timeformat", [format]) => time(on, format, true),
        ("timeformat", [format, utc]) => time(on, format, utc.constant() != Some("1")),
        ("touniversaltime", []) => Ok(with_zone(on, false)),
        ("tolocaltime", []) => Ok(with_zone(on, true)),
        ("tolower" | "tolowerinvariant", []) => filter("lower"),
        ("toupper" | "toupperinvariant", []) => filter("upper"),
        ("trim", []) => filter("trim"),
        ("replace", [old, new]) => filter(&format!("replace({}, {})", bare(old), bare(new))),
        ("concat", parts) => {
            let parts = std::iter::once(on.clone()).chain(parts.iter().cloned());
            Ok(Term::join(parts.collect()))
        }
        ("substring", [start]) => slice(&code, start, None),
        ("substring", [start, count]) => slice(&code, start, Some(count)),
        ("length" | "get_length", []) => Ok(Term::Code(format!("{code} | length"), Kind::Number)),
        ("capitalize", []) => Ok(Term::text(format!(
            "(({code}[:1] | upper ~ {code}[1:]) if {code} else \"\")"
        ))),
        ("contains", [part]) => {
            let is_in = format!("({} in ({code} | default(\"\")))", part.code());
            Ok(truth(is_in))
        }
        ("startswith", [part]) => edge(&code, part, true),
        ("endswith", [part]) => edge(&code, part, false),
        ("equals", [other]) => Ok(truth_value(Condition::Compare(
            code,
            super::Operator::Equal,
            other.code(),
        ))),
        ("get_totalseconds", []) => Ok(Term::Code(code, Kind::Number)),
        ("get_totalminutes", []) => Ok(number(&code, "duration(\"minutes\")")),
        ("get_totalmilliseconds", []) => Ok(number(&code, "duration(\"ms\")")),
        ("tomillis", []) => Ok(millis(&code)),
        _ => Err(format!(
            "`{method}` has no counterpart; the value is used as it is"
        )),
    }
}

/// Milliseconds of a time in seconds that may be absent.
pub(crate) fn millis(seconds: &str) -> Term {
    let unix = seconds.replace("_at", "_unix");
    Term::Code(format!("({unix} * 1000 if {unix} else none)"), Kind::Number)
}

/// `ToString(format)`
fn written(on: &Term, format: &Term) -> Result<Term, String> {
    let text = format.constant().unwrap_or_default();
    match on.kind() {
        Kind::Time { is_local } => time(on, format, is_local),
        Kind::Span => match text.replace(['\\', '\''], "").as_str() {
            "hh:mm:ss" | "c" | "g" | "h:mm:ss" => Ok(Term::text(format!(
                "{} | duration(\"hh:mm:ss\")",
                on.code()
            ))),
            "hh:mm" | "h:mm" => Ok(Term::text(format!("{} | duration(\"hh:mm\")", on.code()))),
            _ => Err(format!("the duration format `{text}` has no counterpart")),
        },
        // Minutes and seconds are whole numbers already.
        Kind::Number | Kind::Text => match text.trim_end_matches(char::is_numeric) {
            "F" | "N" | "D" | "G" | "" | "#" => Ok(on.clone()),
            _ => Err(format!("the number format `{text}` has no counterpart")),
        },
    }
}

fn time(on: &Term, format: &Term, is_local: bool) -> Result<Term, String> {
    let Some(text) = format.constant() else {
        return Err("a time format that is not constant has no counterpart".to_owned());
    };
    let directives = format::strftime(text)?;
    let zone = if is_local {
        format!(", {ZONE}")
    } else {
        String::new()
    };
    let code = on.code();
    Ok(Term::text(format!(
        "{code} | date({}{zone})",
        quoted(&directives)
    )))
}

fn with_zone(on: &Term, is_local: bool) -> Term {
    match on {
        Term::Code(code, Kind::Time { .. }) => Term::Code(code.clone(), Kind::Time { is_local }),
        other => other.clone(),
    }
}

fn number(code: &str, filter: &str) -> Term {
    Term::Code(format!("{code} | {filter}"), Kind::Number)
}

/// `Substring`: an absent text has no parts.
fn slice(code: &str, start: &Term, count: Option<&Term>) -> Result<Term, String> {
    let whole = |term: &Term| {
        term.constant()
            .and_then(|text| text.trim().parse::<u32>().ok())
    };
    let start = whole(start).ok_or("`Substring` with a start that is not constant")?;
    let end = match count {
        None => String::new(),
        Some(count) => {
            let count = whole(count).ok_or("`Substring` with a length that is not constant")?;
            start.saturating_add(count).to_string()
        }
    };
    let start = if start == 0 {
        String::new()
    } else {
        start.to_string()
    };
    Ok(Term::text(format!(
        "({code}[{start}:{end}] if {code} else \"\")"
    )))
}

fn edge(code: &str, part: &Term, is_start: bool) -> Result<Term, String> {
    let Some(text) = part.constant() else {
        return Err("a comparison with a part that is not constant".to_owned());
    };
    let count = text.chars().count();
    let slice = if is_start {
        format!("[:{count}]")
    } else {
        format!("[-{count}:]")
    };
    let is_there = format!("({code} and {code}{slice} == {})", quoted(text));
    Ok(truth(is_there))
}

fn truth(code: String) -> Term {
    truth_value(Condition::Value(code))
}

/// An argument of a filter.
fn bare(term: &Term) -> String {
    term.expression()
}
