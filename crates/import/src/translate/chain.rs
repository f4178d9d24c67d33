//! A scenario of a lookup and those that it leads to, as steps.
//!
//! The scenario that reads the id of the record is the step with the records. Those in front of it
//! only capture what it asks with; what those behind it read is joined to the records.

use super::{
    account::snake_case,
    fields::{self, IDS, Sources},
    hits::{self, Container},
    names::Use,
    request::{Requests, note_lost},
};
use crate::{
    expression::{Condition, Term},
    note::Notes,
    template::{Output, Scenario, Variable},
    write::{Item, Table},
};

/// A step of a lookup.
pub(super) struct Step {
    name: String,
    pub(super) table: Table,
    /// Whether it could be the only request of a lookup.
    pub(super) is_plain: bool,
}

impl Step {
    /// As one of several steps.
    pub(super) fn into_named(self) -> Table {
        let mut table = Table::default().with("name", self.name);
        table.append(self.table);
        table
    }
}

/// The steps of a chain of scenarios; `before` steps stand in front of them.
pub(super) fn steps(
    scenarios: &[&Scenario],
    before: usize,
    requests: &Requests<'_>,
    notes: &mut Notes,
) -> Vec<Step> {
    let outputs: &[Output] = scenarios
        .iter()
        .rev()
        .map(|scenario| scenario.outputs.as_slice())
        .find(|outputs| !outputs.is_empty())
        .unwrap_or_default();
    let mut chain = Chain::new(scenarios, outputs, before, requests, notes);
    (0..scenarios.len())
        .filter_map(|index| chain.step(index, notes))
        .collect()
}

struct Chain<'c> {
    scenarios: &'c [&'c Scenario],
    outputs: &'c [Output],
    requests: &'c Requests<'c>,
    containers: Vec<Container>,
    names: Vec<String>,
    /// The step with the records.
    records: usize,
    /// Whether a step sends several requests, by step.
    is_repeated: Vec<bool>,
}

impl<'c> Chain<'c> {
    fn new(
        scenarios: &'c [&'c Scenario],
        outputs: &'c [Output],
        before: usize,
        requests: &'c Requests<'c>,
        notes: &mut Notes,
    ) -> Self {
        let all = scenarios
            .iter()
            .rev()
            .flat_map(|scenario| &scenario.variables);
        let all: Vec<&Variable> = all.collect();
        let id = fields::variable_of(outputs, &all, &IDS);
        let owner = |variable: &Variable| {
            let is_own = |scenario: &&&Scenario| {
                scenario
                    .variables
                    .iter()
                    .any(|own| std::ptr::eq(own, variable))
            };
            scenarios.iter().position(|scenario| is_own(&scenario))
        };
        let records = id
            .and_then(owner)
            .unwrap_or(scenarios.len().saturating_sub(1));
        let containers = scenarios.iter().enumerate().map(|(index, scenario)| {
            let id = id.filter(|_| index == records);
            Container::of(scenario, id.or_else(|| named_id(scenario)), notes)
        });
        let names = scenarios.iter().enumerate().map(|(index, scenario)| {
            let named = [&scenario.id, &scenario.entity]
                .into_iter()
                .map(|name| snake_case(name));
            let name = named.into_iter().find(|name| !name.is_empty());
            let number = before + index + 1;
            name.map_or_else(
                || format!("step_{number}"),
                |name| format!("{name}_{number}"),
            )
        });
        Self {
            containers: containers.collect(),
            names: names.collect(),
            scenarios,
            outputs,
            requests,
            records,
            is_repeated: vec![false; scenarios.len()],
        }
    }

    fn step(&mut self, index: usize, notes: &mut Notes) -> Option<Step> {
        let scenario = *self.scenarios.get(index)?;
        let container = self.containers.get(index)?.clone();
        let mut scope = self.requests.scope(Use::Lookup);
        let list = self.captured(index, &mut scope.known, notes);
        if let Some(is_repeated) = self.is_repeated.get_mut(index) {
            *is_repeated = list.is_some();
        }
        let mut is_plain = self.scenarios.len() == 1;
        let mut table = Table::default();
        let mut missing = Vec::new();
        let skip = scenario.request.skip_if.as_ref();
        let skip = skip.map(|skip| Requests::condition(&scope, skip, &mut missing).negated());
        note_lost(missing, scenario.request.place, notes);
        match skip {
            None | Some(Condition::Always) => {}
            Some(Condition::Never) => notes.guess(
                scenario.request.place,
                "the request is never sent with the defaults of the template",
                "leave it out if you do not need it",
            ),
            Some(condition) => {
                table.set("when", condition.expression());
                is_plain = false;
            }
        }
        if let Some(list) = list {
            table.set("for_each", list);
        }
        table.append(self.requests.read(&scope, scenario, notes));
        let captures = self.captures(index, notes);
        if !captures.is_empty() {
            table.set("capture", Item::Inline(captures));
        }
        if index == self.records {
            table.set("hits", container.hits());
            let sources = Sources {
                requests: self.requests,
                scenario,
                container: &container,
                joined: self.joined(notes),
            };
            table.append(fields::of(&sources, self.outputs, notes));
        } else if index > self.records {
            table.set("hits", container.hits());
            table.set("index_by", Self::index(scenario, &container, notes));
        }
        Some(Step {
            name: self.names.get(index)?.clone(),
            table,
            is_plain,
        })
    }

    /// The step that reads a value, and the value.
    fn owner(&self, name: &str) -> Option<(usize, &'c Variable)> {
        let scenarios = self.scenarios.iter().enumerate().rev();
        let mut found = scenarios.filter_map(|(index, scenario)| {
            let variable = scenario.variables.iter().find(|v| v.name == name)?;
            Some((index, variable))
        });
        found.next()
    }

    /// What earlier steps captured for a request. The list of it is returned: a request is sent
    /// for each of its elements.
    fn captured(
        &self,
        index: usize,
        known: &mut std::collections::HashMap<String, Term>,
        notes: &mut Notes,
    ) -> Option<String> {
        let scenario = *self.scenarios.get(index)?;
        let mut list: Option<String> = None;
        for name in scenario.request.variables() {
            let Some((owner, _)) = self.owner(name).filter(|(owner, _)| *owner < index) else {
                continue;
            };
            if known.contains_key(name) {
                continue;
            }
            let captured = format!("captured.{}", snake_case(name));
            let is_list = self.containers.get(owner).is_some_and(|c| c.is_list)
                || self.is_repeated.get(owner).copied().unwrap_or_default();
            let code = match (is_list, &list) {
                (false, _) => captured,
                (true, None) => {
                    list = Some(captured);
                    "item".to_owned()
                }
                (true, Some(_)) => {
                    let why = format!("`{name}` is a second list of values for one request");
                    let advice =
                        "its first element is sent each time; make a step of its own for it";
                    notes.lost(scenario.request.place, why, advice);
                    format!("captured.{}[0]", snake_case(name))
                }
            };
            known.insert(name.to_owned(), Term::text(code));
        }
        list
    }

    /// What later steps need of the replies of this one.
    fn captures(&self, index: usize, notes: &mut Notes) -> Table {
        let mut captures = Table::default();
        let mut names: Vec<&str> = Vec::new();
        let later = self.scenarios.iter().skip(index + 1);
        for name in later.flat_map(|scenario| scenario.request.variables()) {
            let Some((owner, variable)) = self.owner(name) else {
                continue;
            };
            if owner == index
                && !names.contains(&name)
                && let Some(container) = self.containers.get(index)
            {
                names.push(name);
                let path = container.absolute(&hits::filtered(variable, notes));
                captures.set(snake_case(name), path.json_path());
            }
        }
        captures
    }

    /// Values that steps behind that of the records read, for its fields.
    fn joined(&self, notes: &mut Notes) -> Vec<(String, Item)> {
        let mut joined = Vec::new();
        for output in self.outputs {
            let Some(name) = output.value.variable() else {
                continue;
            };
            let Some((owner, variable)) = self.owner(name) else {
                continue;
            };
            if owner == self.records {
                continue;
            }
            let source = self.join(owner, variable, notes);
            if source.is_none() {
                let why = format!("`{name}` is read in another request than the record");
                let advice = "join it by hand: { step = \"…\", key = \"$.…\", path = \"$.…\" }";
                notes.lost(output.place, why, advice);
            }
            let source = source.unwrap_or_default();
            if !source.is_empty() {
                joined.push((name.to_owned(), Item::Inline(source)));
            }
        }
        joined
    }

    /// `{ step, key, path }`: the hit of a later step whose request was made with a value of the
    /// record.
    fn join(&self, owner: usize, variable: &Variable, notes: &mut Notes) -> Option<Table> {
        if owner < self.records {
            return None;
        }
        let record = self.containers.get(self.records)?;
        let request = &self.scenarios.get(owner)?.request;
        let key = request.variables().into_iter().find_map(|name| {
            let (step, variable) = self.owner(name)?;
            (step == self.records).then_some(variable)
        })?;
        let key = record.relative(&hits::filtered(key, notes))?;
        let path = self
            .containers
            .get(owner)?
            .relative(&hits::filtered(variable, notes))?;
        let step = self.names.get(owner)?.as_str();
        Some(
            Table::default()
                .with("step", step)
                .with("key", key.json_path())
                .with("path", path.json_path()),
        )
    }

    /// Where a hit that is joined has the value that leads to it.
    fn index(scenario: &Scenario, container: &Container, notes: &mut Notes) -> String {
        let own = named_id(scenario).and_then(|id| container.relative(&id.path));
        if let Some(path) = own {
            return path.json_path();
        }
        let why = "the template does not say where the reply repeats the id that was asked for";
        notes.guess(
            scenario.place,
            why,
            "$.id is taken for `index_by`; look at a reply of the CRM",
        );
        "$.id".to_owned()
    }
}

/// A value that is called an id.
fn named_id(scenario: &Scenario) -> Option<&Variable> {
    let mut variables = scenario.variables.iter();
    variables.find(|v| IDS.contains(&v.name.as_str()) || v.path.last_member() == Some("id"))
}
