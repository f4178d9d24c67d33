//! Templates of Yeastar's P-Series: `<Information>`.
//!
//! Source: Yeastar, "XML Descriptions for Integration Template"
//! (help.yeastar.com/en/p-series-software-edition), and public templates. What that page leaves
//! open is guessed, and said so.

use super::element::{Element, expression};
use crate::{
    expression::Expression,
    note::{Notes, Place},
    path::Path,
    template::{
        Authentication, Format, NumberRule, Output, Pair, Parameter, ParameterKind, Prefix,
        Purpose, Scenario, Template, Variable,
    },
};

mod login;
mod request;

/// Reads `<Information>`.
pub(super) fn template(root: &Element<'_>, notes: &mut Notes) -> Template {
    let attributes = [
        "Provider",
        "Name",
        "Key",
        "Logo",
        "Remark",
        "Version",
        "AuthType",
        "MaxConcurrentRequest",
        "UserAssociation",
        "CallJournal",
        "CreateNewContact",
        "CreateNewTicket",
    ];
    root.expect(
        "Information",
        &attributes,
        &["Parameters", "Scenarios"],
        notes,
    );
    let place = root.place("Information");
    let mut found = Found::default();
    for element in root.list("Scenarios") {
        found.add(&element, notes);
    }
    let authentication = found
        .authentication
        .unwrap_or((place, Authentication::Nothing));
    let mut scenarios = found.scenarios;
    for scenario in &mut scenarios {
        scenario
            .request
            .headers
            .splice(0..0, found.headers.iter().cloned());
        if scenario.purpose == Purpose::Lookup {
            scenario.outputs.extend(found.contact_url.clone());
        }
    }
    Template {
        format: Format::Yeastar,
        name: root.attribute("Name").to_owned(),
        version: root.attribute("Version").to_owned(),
        number: NumberRule {
            place,
            prefix: Prefix::AsIs,
            max_length: None,
        },
        max_concurrent: root
            .attribute("MaxConcurrentRequest")
            .parse()
            .ok()
            .map(|count| (place, count)),
        parameters: found.parameters,
        authentication,
        scenarios,
    }
}

/// What the scenarios of a template hold.
#[derive(Default)]
struct Found {
    authentication: Option<(Place, Authentication)>,
    parameters: Vec<Parameter>,
    /// Headers of every request.
    headers: Vec<Pair>,
    /// The address of a contact's page.
    contact_url: Option<Output>,
    scenarios: Vec<Scenario>,
}

impl Found {
    fn add(&mut self, element: &Element<'_>, notes: &mut Notes) {
        let children = ["Presets", "Parameters", "Requests", "Responses"];
        element.expect("Scenario", &["Id", "Type"], &children, notes);
        let id = element.attribute("Id");
        let parameters = element.list("Parameters");
        for parameter in &parameters {
            let attributes = ["Father", "Name", "Type", "Value", "Editor", "Title", "Key"];
            parameter.expect("Parameter", &attributes, &[], notes);
        }
        self.parameters.extend(parameters.iter().filter_map(field));
        self.headers
            .extend(parameters.iter().filter_map(|p| request::header(p, notes)));
        let is_login = element.attribute("Type").eq_ignore_ascii_case("AUTH");
        if is_login {
            let authentication = login::authentication(element, &self.parameters, notes);
            self.authentication = Some((element.place("Scenario"), authentication));
        }
        if id == "SyncContactAuto" {
            self.contact_url = contact_url(&parameters, notes);
        }
        let purpose = purpose(id, is_login);
        for (index, request) in element.list("Requests").iter().enumerate() {
            let purpose = match purpose {
                Purpose::ReportCall | Purpose::CreateContact | Purpose::CreateTicket
                    if index > 0 =>
                {
                    Purpose::Unused(
                        "a workflow has one request; add this one by hand if it is needed",
                    )
                }
                purpose => purpose,
            };
            self.scenarios.push(scenario(request, purpose, notes));
        }
    }
}

fn purpose(id: &str, is_login: bool) -> Purpose {
    match id {
        _ if is_login => Purpose::Chained,
        "SyncContactAuto" => Purpose::Lookup,
        "Common" => Purpose::Chained,
        "CallJournal" => Purpose::ReportCall,
        "CreateNewContact" => Purpose::CreateContact,
        "CreateNewTicket" => Purpose::CreateTicket,
        "SearchContact" => Purpose::Unused("whocalls looks numbers up, not names; leave it out"),
        "UserAssociation" => {
            Purpose::Unused("the portal sends the user's id in the CRM; leave it out")
        }
        _ => Purpose::Unused("the scenario is unknown; add by hand what the CRM needs of it"),
    }
}

fn braced(text: &str, place: Place, notes: &mut Notes) -> Expression {
    expression(text, place, Expression::braced, notes)
}

/// A field that whoever uses the template fills in.
fn field(element: &Element<'_>) -> Option<Parameter> {
    if element.attribute("Father") != "CustomFieldList" {
        return None;
    }
    let name = match element.attribute("Key") {
        "" => element.attribute("Name"),
        key => key,
    };
    let is_password = element.attribute("Editor").eq_ignore_ascii_case("password");
    Some(Parameter {
        place: element.place("Parameter"),
        name: name.to_owned(),
        title: element.attribute("Title").trim().to_owned(),
        kind: if is_password {
            ParameterKind::Password
        } else {
            ParameterKind::Text
        },
        default: Expression::Text(element.attribute("Value").to_owned()),
        choices: None,
    })
}

fn contact_url(parameters: &[Element<'_>], notes: &mut Notes) -> Option<Output> {
    let element = parameters
        .iter()
        .find(|p| p.attribute("Name") == "URLFormat")?;
    let text = element.attribute("Value");
    let place = element.place("Parameter");
    (!text.is_empty()).then(|| Output {
        place,
        kind: "ContactUrl".to_owned(),
        value: braced(text, place, notes),
    })
}

fn scenario(element: &Element<'_>, purpose: Purpose, notes: &mut Notes) -> Scenario {
    let (variables, outputs): (Vec<_>, Vec<_>) = element
        .list("Outputs")
        .iter()
        .filter_map(|output| named_value(output, notes))
        .unzip();
    let next = element
        .child("Outputs")
        .map_or("", |outputs| outputs.attribute("Next"));
    Scenario {
        place: element.place("Request"),
        id: element.attribute("Name").to_owned(),
        purpose,
        entity: String::new(),
        request: request::of(element, notes),
        rules: Vec::new(),
        variables,
        outputs,
        next: (!next.is_empty()).then(|| next.to_owned()),
    }
}

/// `<Output Name Path>`: a value of the reply, and what it is.
fn named_value(element: &Element<'_>, notes: &mut Notes) -> Option<(Variable, Output)> {
    element.expect("Output", &["Name", "Path"], &[], notes);
    let place = element.place("Output");
    let text = element.attribute("Path");
    if text.trim().is_empty() {
        return None;
    }
    let name = element.attribute("Name").to_owned();
    let path = Path::gjson(text).unwrap_or_else(|part| {
        let why = format!("`{part}` of a GJSON path has no counterpart in JSONPath");
        notes.lost(place, why, "write the path by hand (RFC 9535)");
        Path::default()
    });
    if path.is_empty() {
        return None;
    }
    let variable = Variable {
        place,
        name: name.clone(),
        path,
        filter: Vec::new(),
    };
    let output = Output {
        place,
        kind: name.clone(),
        value: Expression::Variable(name),
    };
    Some((variable, output))
}
