//! Call reports, new contacts and tickets, as workflows.

use super::{
    body::{self, Built},
    fields::IDS,
    hits,
    lookup::follow,
    names::{Scope, Use},
    request::{Requests, note_lost},
};
use crate::{
    expression::{Condition, Term},
    note::Notes,
    template::{Purpose, Scenario, Template},
    write::{Item, Table},
};

/// The table `workflows`.
pub(super) fn all(template: &Template, requests: &Requests<'_>, notes: &mut Notes) -> Table {
    let mut workflows = Table::default();
    for (purpose, name) in [
        (Purpose::ReportCall, "CallFlow"),
        (Purpose::CreateContact, "CreateContact"),
        (Purpose::CreateTicket, "CreateTicket"),
    ] {
        let mut scenarios = template.scenarios.iter().filter(|s| s.purpose == purpose);
        let Some(first) = scenarios.next() else {
            continue;
        };
        for other in scenarios {
            let why = format!(
                "scenario `{}` is a second way to do what `{}` does",
                other.id, first.id
            );
            notes.lost(other.place, why, "take the one that suits you better");
        }
        let mut chain = follow(template, first);
        if purpose != Purpose::ReportCall {
            for other in chain.drain(1..) {
                let why = format!("scenario `{}` is a further request of `{name}`", other.id);
                notes.lost(
                    other.place,
                    why,
                    "add it by hand as `then`, if the CRM needs it",
                );
            }
        }
        workflows.set(
            name,
            Item::Block(workflow(&chain, purpose, requests, notes)),
        );
        if purpose == Purpose::ReportCall {
            workflows.comment(
                "When the answer of the CRM is lost, nothing is sent again: say with `find`",
            );
            workflows
                .comment("how a call is found that was reported already, or set `repeat_safe`.");
        }
    }
    workflows
}

fn workflow(
    chain: &[&Scenario],
    purpose: Purpose,
    requests: &Requests<'_>,
    notes: &mut Notes,
) -> Table {
    let mut table = Table::default();
    let Some((first, others)) = chain.split_first() else {
        return table;
    };
    match id(first, notes) {
        Some(path) => table.set("id", path),
        None if purpose == Purpose::CreateContact => {
            let why = "the template does not say where the reply has the id of the new contact";
            notes.guess(
                first.place,
                why,
                "$.id is taken; it has to be the id that lookups find",
            );
            table.set("id", "$.id");
        }
        None => {
            table.set("own_id", "{{ workflow.key }}");
            table.comment(
                "If the reply has the id of the object, write for example id = \"$.id\" instead.",
            );
        }
    }
    let mut scope = requests.scope(Use::Workflow);
    let (variants, further) = variants(first, others, &scope, notes);
    let mut create = head(first, &scope, requests, notes);
    if let Some(body) = merged(&variants, &scope, requests, notes) {
        create.append(body.table(first.request.place, notes));
    }
    table.set("create", Item::Block(create));
    // What the first request brought, later ones can use.
    for variable in &first.variables {
        let created = hits::filtered(variable, notes).jinja("created");
        scope
            .known
            .insert(variable.name.clone(), Term::text(created));
    }
    let then: Vec<Table> = further
        .into_iter()
        .filter_map(|scenario| further_request(scenario, &scope, requests, notes))
        .collect();
    if !then.is_empty() {
        table.set("then", Item::Blocks(then));
    }
    table
}

/// Method, address and headers of a request that writes.
fn head(
    scenario: &Scenario,
    scope: &Scope<'_>,
    requests: &Requests<'_>,
    notes: &mut Notes,
) -> Table {
    let request = &scenario.request;
    let mut table = Table::default();
    match request.method.as_str() {
        "POST" | "" => {}
        method @ ("PUT" | "PATCH") => table.set("method", method),
        other => {
            let why = format!("the method {other} of a request that creates something");
            notes.lost(request.place, why, "the request is sent with POST");
        }
    }
    table.append(requests.head(scope, request, notes));
    table
}

/// A request that follows the creation.
fn further_request(
    scenario: &Scenario,
    scope: &Scope<'_>,
    requests: &Requests<'_>,
    notes: &mut Notes,
) -> Option<Table> {
    let mut table = Table::default();
    match condition(scenario, scope, notes) {
        Condition::Never => return None,
        Condition::Always => {}
        condition => table.set("when", condition.expression()),
    }
    notes.guess(
        scenario.place,
        format!(
            "scenario `{}` is a further request for the same call",
            scenario.id
        ),
        "it is sent again until it succeeds: see whether the CRM bears that",
    );
    table.append(head(scenario, scope, requests, notes));
    if let Some(body) = body::of(requests, scope, &scenario.request, notes) {
        table.append(body);
    }
    Some(table)
}

/// A scenario and when it is sent.
type Variant<'s> = (Condition, &'s Scenario);

/// Scenarios of which one is sent, to the same address; and those that are requests of their own.
fn variants<'s>(
    first: &'s Scenario,
    others: &[&'s Scenario],
    scope: &Scope<'_>,
    notes: &mut Notes,
) -> (Vec<Variant<'s>>, Vec<&'s Scenario>) {
    let mut variants = vec![(condition(first, scope, notes), first)];
    let mut further = Vec::new();
    for other in others {
        let condition = condition(other, scope, notes);
        let is_alike =
            other.request.url == first.request.url && other.request.method == first.request.method;
        let excludes =
            |(known, _): &Variant<'_>| known.clone().and(condition.clone()) == Condition::Never;
        if is_alike && variants.iter().all(excludes) {
            variants.push((condition, other));
        } else {
            further.push(*other);
        }
    }
    (variants, further)
}

/// The bodies of scenarios that report calls of different kinds, as one with conditions.
fn merged(
    variants: &[Variant<'_>],
    scope: &Scope<'_>,
    requests: &Requests<'_>,
    notes: &mut Notes,
) -> Option<Built> {
    let mut all = Condition::Never;
    let mut merged: Option<Built> = None;
    for (condition, scenario) in variants.iter().rev() {
        all = all.or(condition.clone());
        let Some(body) = body::build(requests, scope, &scenario.request, notes) else {
            continue;
        };
        merged = match merged {
            None => Some(body),
            Some(later) => {
                let joined = Built::merge(condition, body, later.clone());
                if joined.is_none() {
                    let why = format!(
                        "the body of `{}` has other parts than the next",
                        scenario.id
                    );
                    notes.lost(
                        scenario.place,
                        why,
                        "put both together by hand, with {% if … %}",
                    );
                }
                Some(joined.unwrap_or(later))
            }
        };
    }
    if all != Condition::Always
        && let Some((_, first)) = variants.first()
    {
        let why = format!("the request is only sent if {}", all.expression());
        let advice = "whocalls sends it whenever the portal asks for the workflow";
        notes.guess(first.request.place, why, advice);
    }
    merged
}

/// When a scenario is sent. Workflows are about calls of contacts.
fn condition(scenario: &Scenario, scope: &Scope<'_>, notes: &mut Notes) -> Condition {
    let Some(skip) = &scenario.request.skip_if else {
        return Condition::Always;
    };
    let mut known = scope.known.clone();
    for id in IDS {
        known.insert(id.to_owned(), Term::Constant("1".to_owned()));
    }
    let scope = Scope { known, ..*scope };
    let mut lost = Vec::new();
    let skip = Requests::condition(&scope, skip, &mut lost);
    note_lost(lost, scenario.request.place, notes);
    skip.negated()
}

/// Where the reply has the id of what was created.
fn id(scenario: &Scenario, notes: &mut Notes) -> Option<Item> {
    let outputs = scenario.outputs.iter();
    let named = |kind: &str| IDS.contains(&kind) || matches!(kind, "TicketId" | "CallId");
    let output = outputs
        .filter(|output| named(&output.kind))
        .find_map(|o| o.value.variable());
    let mut variables = scenario.variables.iter();
    let variable = variables.find(|variable| match output {
        Some(name) => variable.name == name,
        None => variable.name.to_ascii_lowercase().ends_with("id"),
    })?;
    let mut paths = hits::filtered(variable, notes).json_paths();
    Some(match paths.len() {
        1 => paths.pop()?.into(),
        _ => Item::List(paths.into_iter().map(Item::from).collect()),
    })
}
