//! The scenarios that look a number up, as the requests of a lookup.

use super::{chain, request::Requests};
use crate::{
    note::Notes,
    template::{Purpose, Scenario, Template},
    write::{Item, Table},
};

/// The most steps that a lookup can have.
const MAX_STEPS: usize = 12;

/// The table `lookup`.
pub(super) fn of(template: &Template, requests: &Requests<'_>, notes: &mut Notes) -> Table {
    let roots = template.lookups();
    for scenario in &template.scenarios {
        let is_root = roots.iter().any(|root| std::ptr::eq(*root, scenario));
        if scenario.purpose == Purpose::Lookup && !is_root {
            let why = "a request for each call that reads nothing from its reply";
            notes.lost(
                scenario.place,
                why,
                "leave it out; calls are logged by `CallFlow`",
            );
        }
    }
    let mut steps = Vec::new();
    for root in &roots {
        let chain = follow(template, root);
        steps.extend(chain::steps(&chain, steps.len(), requests, notes));
    }
    if steps.len() > MAX_STEPS {
        let place = roots
            .first()
            .map_or(template.number.place, |root| root.place);
        let why = format!(
            "the lookup takes {} requests, and a lookup has {MAX_STEPS}",
            steps.len()
        );
        notes.lost(place, why, "leave out what matters least");
        steps.truncate(MAX_STEPS);
    }
    match <[chain::Step; 1]>::try_from(steps) {
        Ok([step]) if step.is_plain => step.table,
        Ok([step]) => Table::default().with("steps", Item::Blocks(vec![step.into_named()])),
        Err(steps) if steps.is_empty() => {
            notes.lost(
                template.number.place,
                "the template has no scenario that looks a number up",
                "write `lookup` by hand",
            );
            nothing()
        }
        Err(steps) => {
            let steps = steps.into_iter().map(chain::Step::into_named).collect();
            Table::default().with("steps", Item::Blocks(steps))
        }
    }
}

/// A lookup that is to be written by hand.
fn nothing() -> Table {
    let fields = Table::default()
        .with("id", "$.id")
        .with("name", "$.name")
        .with("phones", "$.phone");
    Table::default()
        .with("path", "/contacts/{{ number.digits }}")
        .with("hits", "$[*]")
        .with("fields", Item::Block(fields))
}

/// A scenario, and those that it leads to.
pub(super) fn follow<'t>(template: &'t Template, root: &'t Scenario) -> Vec<&'t Scenario> {
    let mut chain = vec![root];
    while let Some(next) = chain.last().and_then(|scenario| scenario.next.as_deref()) {
        let next = template
            .scenarios
            .iter()
            .find(|scenario| scenario.id == next);
        match next {
            Some(next) if chain.len() < MAX_STEPS && !chain.iter().any(|s| s.id == next.id) => {
                chain.push(next);
            }
            _ => break,
        }
    }
    chain
}
