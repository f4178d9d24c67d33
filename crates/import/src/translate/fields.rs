//! What a record is made of: the outputs of a scenario.

use super::{
    hits::{self, Container},
    names::{Scope, Use},
    request::{Requests, note_lost},
};
use crate::{
    expression::{Expression, Term},
    note::{Notes, Place},
    template::{Output, Rule, Scenario, Test, Variable},
    write::{Item, Table},
};

/// The most further fields that a record can have.
const MAX_CUSTOM_FIELDS: usize = 12;
/// Names of outputs that are the id of the record.
pub(super) const IDS: [&str; 5] = ["EntityId", "ContactID", "ContactId", "ContactsId", "Id"];
/// Names of outputs that say what kind of record it is, or that whocalls does not show.
const NOT_SHOWN: [&str; 4] = ["EntityType", "PhotoUrl", "ContactPhoto", "CustomValue"];

/// Where the values of a record come from.
pub(super) struct Sources<'s> {
    pub(super) requests: &'s Requests<'s>,
    /// The scenario whose hits are the records.
    pub(super) scenario: &'s Scenario,
    pub(super) container: &'s Container,
    /// Values of other steps: the variable -> what leads to it.
    pub(super) joined: Vec<(String, Item)>,
}

/// What the hits of a step are and have.
pub(super) fn of(sources: &Sources<'_>, outputs: &[Output], notes: &mut Notes) -> Table {
    let mut fields = Fields {
        sources,
        outputs,
        table: Table::default(),
    };
    fields.id(notes);
    fields.name(notes);
    fields.phones(notes);
    fields.list("emails", |kind| kind.starts_with("Email"), notes);
    fields.list(
        "company",
        |kind| matches!(kind, "CompanyName" | "Company"),
        notes,
    );
    fields.list("contact_uri", |kind| kind == "ContactUrl", notes);
    fields.list("company_uri", |kind| kind == "CompanyUrl", notes);
    fields.custom(notes);
    let mut table = Table::default();
    if let Some(kind) = record_kind(sources, outputs) {
        table.set("record_kind", kind);
    }
    table.set("fields", Item::Block(fields.table));
    table
}

/// The variable that an output with such a name consists of.
pub(super) fn variable_of<'s>(
    outputs: &[Output],
    variables: &[&'s Variable],
    kinds: &[&str],
) -> Option<&'s Variable> {
    kinds.iter().find_map(|kind| {
        let output = outputs.iter().find(|output| output.kind == *kind)?;
        let name = output.value.variable()?;
        variables
            .iter()
            .copied()
            .find(|variable| variable.name == name)
    })
}

struct Fields<'f> {
    sources: &'f Sources<'f>,
    outputs: &'f [Output],
    table: Table,
}

impl Fields<'_> {
    fn id(&mut self, notes: &mut Notes) {
        let mut items = self.items(|kind| IDS.contains(&kind), notes);
        if items.is_empty() {
            let variables = &self.sources.scenario.variables;
            let named = variables
                .iter()
                .find(|v| v.name.to_ascii_lowercase().ends_with("id"));
            items = named.map_or_else(Vec::new, |variable| self.paths(variable, notes));
        }
        if items.is_empty() {
            items.push("$.id".into());
            let why = "the template does not say where a record has its id; $.id is taken";
            notes.guess(
                self.sources.scenario.place,
                why,
                "look at a reply of the CRM",
            );
        }
        self.set("id", items);
    }

    fn name(&mut self, notes: &mut Notes) {
        let whole = |kind: &str| matches!(kind, "FullName" | "Name" | "DisplayName" | "WholeName");
        let mut items = self.items(whole, notes);
        let parts: Vec<&Output> = ["FirstName", "LastName"]
            .iter()
            .filter_map(|kind| self.outputs.iter().find(|output| output.kind == *kind))
            .collect();
        match parts.as_slice() {
            [first, last] if first.value != last.value => {
                let blank = Expression::Text(" ".to_owned());
                let both = vec![first.value.clone(), blank, last.value.clone()];
                items.extend(self.source(&Expression::join(both), first.place, notes));
            }
            [one, ..] => items.extend(self.source(&one.value, one.place, notes)),
            [] => {}
        }
        if items.is_empty() {
            items = self.items(|kind| matches!(kind, "CompanyName" | "Company"), notes);
        }
        if items.is_empty() {
            items.push("$.name".into());
            let why = "the template does not say where a record has its name; $.name is taken";
            notes.guess(
                self.sources.scenario.place,
                why,
                "look at a reply of the CRM",
            );
        }
        self.set("name", items);
    }

    fn phones(&mut self, notes: &mut Notes) {
        let mut items = self.items(is_phone, notes);
        for Rule { path, test, .. } in &self.sources.scenario.rules {
            if *test == Test::Number
                && let Some(path) = self.sources.container.relative(path)
            {
                add(&mut items, path.json_paths().into_iter().map(Item::from));
            }
        }
        if items.is_empty() {
            items.push("$.phone".into());
            notes.lost(
                self.sources.scenario.place,
                "no output of the template is a phone number of the record",
                "say in `fields.phones` where a hit has its numbers: whocalls drops hits that do \
                 not own the number",
            );
        }
        // All of them count, so there is no difference between one source and several.
        let item = match <[Item; 1]>::try_from(items) {
            Ok([item]) => item,
            Err(items) => Item::List(items),
        };
        self.table.set("phones", item);
    }

    fn list(&mut self, key: &str, is_meant: fn(&str) -> bool, notes: &mut Notes) {
        let items = self.items(is_meant, notes);
        self.set(key, items);
    }

    fn custom(&mut self, notes: &mut Notes) {
        let mut custom = Table::default();
        let mut count = 0;
        for output in self.outputs {
            let kind = output.kind.as_str();
            let is_known = is_phone(kind)
                || IDS.contains(&kind)
                || NOT_SHOWN.contains(&kind)
                || kind.starts_with("Email")
                || kind.ends_with("Name")
                || matches!(kind, "Company" | "ContactUrl" | "CompanyUrl");
            if is_known {
                continue;
            }
            count += 1;
            if count > MAX_CUSTOM_FIELDS {
                let why = format!("`{kind}` is the thirteenth further field, and a card shows 12");
                notes.lost(
                    output.place,
                    why,
                    "leave another one out, if this one matters more",
                );
                continue;
            }
            let items = self.source(&output.value, output.place, notes);
            if let Some(item) = one_or_several(items) {
                custom.set(titled(kind), item);
            }
        }
        if !custom.is_empty() {
            self.table.set("custom_fields", Item::Block(custom));
        }
    }

    fn set(&mut self, key: &str, items: Vec<Item>) {
        if let Some(item) = one_or_several(items) {
            self.table.set(key, item);
        }
    }

    /// The sources of all outputs that are meant.
    fn items(&self, is_meant: impl Fn(&str) -> bool, notes: &mut Notes) -> Vec<Item> {
        let mut items = Vec::new();
        for output in self.outputs.iter().filter(|output| is_meant(&output.kind)) {
            add(&mut items, self.source(&output.value, output.place, notes));
        }
        items
    }

    /// The sources of a value.
    fn source(&self, value: &Expression, place: Place, notes: &mut Notes) -> Vec<Item> {
        if let Some(name) = value.variable() {
            if let Some((_, item)) = self.sources.joined.iter().find(|(known, _)| known == name) {
                return vec![item.clone()];
            }
            let variables = &self.sources.scenario.variables;
            if let Some(variable) = variables.iter().find(|variable| variable.name == name) {
                return self.paths(variable, notes);
            }
        }
        let scope = self.scope(notes);
        let mut lost = Vec::new();
        let value = self.sources.requests.with_slash(value);
        let term = self.sources.requests.term(&scope, &value, &mut lost);
        note_lost(lost, place, notes);
        match term {
            Term::Constant(text) if text.trim().is_empty() => Vec::new(),
            term => vec![Item::Inline(
                Table::default().with("template", term.template()),
            )],
        }
    }

    fn paths(&self, variable: &Variable, notes: &mut Notes) -> Vec<Item> {
        let path = hits::filtered(variable, notes);
        if let Some(path) = self.sources.container.relative(&path) {
            return path.json_paths().into_iter().map(Item::from).collect();
        }
        let why = format!("`{}` stands outside of the record", variable.name);
        let advice = "make `hits` lead to what holds both, and adapt the other paths";
        notes.lost(variable.place, why, advice);
        Vec::new()
    }

    /// What names stand for in templates.
    fn scope(&self, notes: &mut Notes) -> Scope<'_> {
        let mut scope = self.sources.requests.scope(Use::Reply);
        if let Some(name) = self.sources.requests.base_parameter() {
            scope.known.insert(name.to_owned(), Term::text("base_url"));
        }
        for variable in &self.sources.scenario.variables {
            let path = hits::filtered(variable, notes);
            if let Some(path) = self.sources.container.relative(&path) {
                let code = path.jinja("hit");
                scope.known.insert(variable.name.clone(), Term::text(code));
            }
        }
        scope
    }
}

fn add(items: &mut Vec<Item>, more: impl IntoIterator<Item = Item>) {
    for item in more {
        if !items.contains(&item) {
            items.push(item);
        }
    }
}

/// None, the only one, or a list of the first that yields something.
fn one_or_several(mut items: Vec<Item>) -> Option<Item> {
    match items.len() {
        0 => None,
        1 => items.pop(),
        _ => Some(Item::List(items)),
    }
}

fn is_phone(kind: &str) -> bool {
    kind.starts_with("Phone")
        || kind.starts_with("Fax")
        || kind.starts_with("Mobile")
        || kind.contains("Number")
}

/// `JobTitle` as `Job title`.
fn titled(kind: &str) -> String {
    let snake = super::account::snake_case(kind).replace('_', " ");
    let mut chars = snake.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// What the hits stand for, unless they are contacts.
fn record_kind(sources: &Sources<'_>, outputs: &[Output]) -> Option<Item> {
    let output = outputs.iter().find(|output| output.kind == "EntityType");
    let variable = output.and_then(|output| output.value.variable());
    let variables = &sources.scenario.variables;
    if let Some(variable) = variable.and_then(|name| variables.iter().find(|v| v.name == name)) {
        let path = sources.container.relative(&variable.path)?;
        let map = Table::default()
            .with("Contact", "contact")
            .with("Lead", "lead")
            .with("Account", "company")
            .with("Company", "company");
        let source = Table::default()
            .with("path", path.json_path())
            .with("map", Item::Inline(map));
        return Some(Item::Inline(source));
    }
    let constant = output.and_then(|output| output.value.constant());
    let kind = constant
        .unwrap_or(&sources.scenario.entity)
        .to_ascii_lowercase();
    if kind.contains("lead") {
        Some("lead".into())
    } else if ["account", "compan", "organi"]
        .iter()
        .any(|part| kind.contains(part))
    {
        Some("company".into())
    } else {
        None
    }
}
