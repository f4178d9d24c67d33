//! Templates of 3CX: `<Crm>`.
//!
//! Source: 3CX, "CRM Template XML Description" (3cx.com/docs/crm-template-xml-description), and
//! public templates.

use super::element::{Element, expression};
use crate::{
    expression::Expression,
    note::{Notes, Place},
    path::Path,
    template::{
        Authentication, Format, NumberRule, Output, Parameter, ParameterKind, Prefix, Purpose,
        Rule, Scenario, Template, Test, Variable,
    },
};

mod request;

/// Reads `<Crm>`.
pub(super) fn template(root: &Element<'_>, notes: &mut Notes) -> Template {
    let attributes = [
        "Country",
        "Name",
        "Version",
        "SupportsEmojis",
        "SupportsTranscription",
        "ListPageSize",
    ];
    let children = [
        "Number",
        "Connection",
        "Parameters",
        "Authentication",
        "Scenarios",
    ];
    root.expect("Crm", &attributes, &children, notes);
    let authentication = authentication(root, notes);
    let scenarios = root.list("Scenarios");
    let mut scenarios: Vec<Scenario> = scenarios
        .iter()
        .map(|element| scenario(element, notes))
        .collect();
    find_chained(&mut scenarios, &authentication.1);
    for parameter in root.list("Parameters") {
        let name = parameter.attribute("ResponseScenario");
        for scenario in scenarios
            .iter_mut()
            .filter(|s| s.id == name && !name.is_empty())
        {
            if matches!(scenario.purpose, Purpose::Unused(_)) {
                scenario.purpose = Purpose::Unused(
                    "it fills in a parameter, which `account` does; write the value there",
                );
            }
        }
    }
    Template {
        format: Format::ThreeCx,
        name: root.attribute("Name").to_owned(),
        version: root.attribute("Version").to_owned(),
        number: number(root, notes),
        max_concurrent: root.child("Connection").and_then(|connection| {
            connection.expect("Connection", &["MaxConcurrentRequests"], &[], notes);
            let count = connection.attribute("MaxConcurrentRequests").parse().ok()?;
            Some((connection.place("Connection"), count))
        }),
        parameters: root
            .list("Parameters")
            .iter()
            .map(|element| parameter(element, notes))
            .collect(),
        authentication,
        scenarios,
    }
}

fn bracketed(text: &str, place: Place, notes: &mut Notes) -> Expression {
    expression(text, place, Expression::bracketed, notes)
}

fn condition(text: &str, place: Place, notes: &mut Notes) -> Option<Expression> {
    let text = text.trim();
    (!text.is_empty()).then(|| expression(text, place, Expression::bracketed_condition, notes))
}

fn number(root: &Element<'_>, notes: &mut Notes) -> NumberRule {
    let Some(number) = root.child("Number") else {
        return NumberRule {
            place: root.place("Crm"),
            prefix: Prefix::AsIs,
            max_length: None,
        };
    };
    number.expect("Number", &["Prefix", "MaxLength"], &[], notes);
    let place = number.place("Number");
    let prefix = match number.attribute("Prefix") {
        "Off" => Prefix::Off,
        "Plus" => Prefix::Plus,
        "Zeros" => Prefix::Zeros,
        "AsIs" | "" => Prefix::AsIs,
        other => {
            let why = format!("the prefix mode `{other}` is unknown");
            notes.lost(
                place,
                why,
                "the number is sent as +41215522000; choose another form",
            );
            Prefix::AsIs
        }
    };
    let length = number.attribute("MaxLength").trim();
    NumberRule {
        place,
        prefix,
        max_length: (!length.is_empty()).then(|| bracketed(length, place, notes)),
    }
}

fn parameter(element: &Element<'_>, notes: &mut Notes) -> Parameter {
    let attributes = [
        "Name",
        "Type",
        "Parent",
        "Editor",
        "Title",
        "Validation",
        "Default",
        "ListValues",
        "RequestUrl",
        "RequestUrlParameters",
        "ResponseScenario",
    ];
    element.expect("Parameter", &attributes, &[], notes);
    let place = element.place("Parameter");
    let kind = match element.attribute("Type").to_ascii_lowercase().as_str() {
        "password" => ParameterKind::Password,
        "boolean" => ParameterKind::Boolean,
        "oauth" => ParameterKind::OAuth,
        _ => ParameterKind::Text,
    };
    let choices = match (
        element.attribute("ListValues"),
        element.attribute("RequestUrl"),
    ) {
        ("", "") => None,
        ("", _) => Some("choices that the CRM is asked for".to_owned()),
        (values, _) => Some(format!("one of {values}")),
    };
    Parameter {
        place,
        name: element.attribute("Name").to_owned(),
        title: element
            .attribute("Title")
            .trim()
            .trim_end_matches(':')
            .to_owned(),
        kind,
        default: bracketed(element.attribute("Default"), place, notes),
        choices,
    }
}

fn authentication(root: &Element<'_>, notes: &mut Notes) -> (Place, Authentication) {
    let Some(element) = root.child("Authentication") else {
        return (root.place("Crm"), Authentication::Nothing);
    };
    let attributes = ["Type", "DefaultExpiration", "StoreAllValues"];
    element.expect("Authentication", &attributes, &["Value"], notes);
    let place = element.place("Authentication");
    let value = element
        .child("Value")
        .map_or("", |value| value.text())
        .trim();
    let authentication = match element.attribute("Type").to_ascii_lowercase().as_str() {
        "no" | "none" | "" => Authentication::Nothing,
        "basic" => {
            let (user, password) = split_outside_brackets(value);
            Authentication::Basic(
                bracketed(user, place, notes),
                bracketed(password, place, notes),
            )
        }
        "bearer" | "apikey" | "token" => Authentication::Bearer(bracketed(value, place, notes)),
        // The value names the scenario that gets or renews a token.
        "scenario" | "oauth" | "oauth2" => Authentication::Scenario(value.to_owned()),
        _ => Authentication::Unknown(element.attribute("Type").to_owned()),
    };
    (place, authentication)
}

/// Both sides of the first colon that stands in no brackets.
fn split_outside_brackets(text: &str) -> (&str, &str) {
    let mut depth = 0_i32;
    let colon = text.char_indices().find(|(_, c)| {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        *c == ':' && depth <= 0
    });
    match colon {
        Some((position, _)) => {
            let (user, rest) = text.split_at_checked(position).unwrap_or((text, ""));
            (user, rest.strip_prefix(':').unwrap_or(rest))
        }
        None => (text, ""),
    }
}

fn scenario(element: &Element<'_>, notes: &mut Notes) -> Scenario {
    let attributes = ["Id", "Type", "EntityId", "EntityOrder"];
    let children = ["Request", "Rules", "Variables", "Outputs"];
    element.expect("Scenario", &attributes, &children, notes);
    let id = element.attribute("Id").trim();
    let outputs = element.child("Outputs");
    if let Some(outputs) = outputs {
        outputs.expect("Outputs", &["Next", "AllowEmpty"], &["Output"], notes);
    }
    let next = outputs.map_or("", |outputs| outputs.attribute("Next").trim());
    let kind = element.attribute("Type");
    let purpose = if kind.is_empty() || kind.eq_ignore_ascii_case("REST") {
        purpose(id)
    } else {
        Purpose::Unused("the scenario queries a database; connect the CRM by its REST interface")
    };
    Scenario {
        place: element.place("Scenario"),
        id: id.to_owned(),
        purpose,
        entity: element.attribute("EntityId").to_owned(),
        request: request::of(element, notes),
        rules: rules(&element.list("Rules"), notes),
        variables: element
            .list("Variables")
            .iter()
            .map(|v| variable(v, notes))
            .collect(),
        outputs: element
            .list("Outputs")
            .iter()
            .map(|o| output(o, notes))
            .collect(),
        next: (!next.is_empty()).then(|| next.to_owned()),
    }
}

/// What the scenario with this id is for, unless another one leads to it.
fn purpose(id: &str) -> Purpose {
    match id {
        "" => Purpose::Lookup,
        "ReportCall" => Purpose::ReportCall,
        "CreateContactRecord" | "CreateContactRecordFromClient" => Purpose::CreateContact,
        "ReportChat" => Purpose::Unused("whocalls does not log chats; leave it out"),
        _ if id.starts_with("LookupByEmail") => {
            Purpose::Unused("whocalls looks numbers up, not e-mail addresses; leave it out")
        }
        _ if id.starts_with("SearchContacts") => {
            Purpose::Unused("whocalls looks numbers up, not names; leave it out")
        }
        _ if id.starts_with("LookupFromCFD") => {
            Purpose::Unused("it serves the Call Flow Designer of 3CX; leave it out")
        }
        _ => Purpose::Unused("nothing in the template leads to it; leave it out"),
    }
}

/// Scenarios that others lead to, or that log in, are none of their own.
fn find_chained(scenarios: &mut [Scenario], authentication: &Authentication) {
    let mut names: Vec<String> = scenarios.iter().filter_map(|s| s.next.clone()).collect();
    if let Authentication::Scenario(name) = authentication {
        names.push(name.clone());
    }
    for scenario in scenarios {
        let is_open = matches!(scenario.purpose, Purpose::Unused(_));
        if is_open && names.contains(&scenario.id) {
            scenario.purpose = Purpose::Chained;
        }
    }
}

fn rules(elements: &[Element<'_>], notes: &mut Notes) -> Vec<Rule> {
    let rules = elements.iter().filter(|element| element.name() == "Rule");
    rules
        .map(|element| {
            element.expect("Rule", &["Type", "Ethalon"], &[], notes);
            let ethalon = element.attribute("Ethalon").to_owned();
            let test = match element.attribute("Type").to_ascii_lowercase().as_str() {
                "any" | "" => Test::Any,
                "number" => Test::Number,
                "equals" | "equal" | "equalto" | "equalsto" => Test::Equals(ethalon),
                "notequals" | "notequal" | "notequalto" => Test::Differs(ethalon),
                "contains" => Test::Contains(ethalon),
                "startswith" => Test::StartsWith(ethalon),
                "endswith" => Test::EndsWith(ethalon),
                _ => Test::Unknown(element.attribute("Type").to_owned()),
            };
            Rule {
                place: element.place("Rule"),
                test,
                path: Path::dotted(element.text()),
            }
        })
        .collect()
}

fn variable(element: &Element<'_>, notes: &mut Notes) -> Variable {
    let attributes = ["Name", "LookupValue", "Path", "Skip", "IsArray"];
    element.expect("Variable", &attributes, &["Filter"], notes);
    let place = element.place("Variable");
    if !element.attribute("LookupValue").trim().is_empty() {
        notes.lost(
            place,
            "`LookupValue` has no counterpart",
            "say in `fields` where the hit has the value",
        );
    }
    if !matches!(element.attribute("Skip").trim(), "" | "0") {
        notes.lost(
            place,
            "`Skip` has no counterpart: the first value is taken",
            "choose another one with an index, as in $.phones[1]",
        );
    }
    let filter = element.child("Filter");
    if let Some(filter) = filter {
        filter.expect("Filter", &[], &["Rule"], notes);
    }
    Variable {
        place,
        name: element.attribute("Name").to_owned(),
        path: Path::dotted(element.attribute("Path")),
        filter: rules(&element.list("Filter"), notes),
    }
}

fn output(element: &Element<'_>, notes: &mut Notes) -> Output {
    element.expect("Output", &["Type", "Passes", "Value"], &[], notes);
    let place = element.place("Output");
    Output {
        place,
        kind: element.attribute("Type").to_owned(),
        value: bracketed(element.attribute("Value"), place, notes),
    }
}
