//! How the owners of a number are found: steps that wait for each other, and what their replies
//! make of hits and records.
//!
//! What follows from the settings and from replies is said by pure modules; [`run`] alone sends
//! requests.

use std::sync::Arc;

use whocalls_core::{AdapterError, ContactRecord, LookupAnswer, Operation};

use crate::{
    asked::Asked,
    compile::Problems,
    config::{LookupSettings, StepSettings},
    error,
    fields::{Fields, Kind},
    outcome::Outcomes,
    scope::{Common, Scope},
    select::{Hit, Index, Reach},
};

pub(crate) use run::Run;

use brought::Brought;
use captures::Captures;
use order::{Cycle, Order};
use step::{Purpose, Step, Surroundings};

mod brought;
mod captures;
mod check;
mod measured;
mod order;
mod progress;
mod rounds;
mod run;
mod step;

/// The steps of a lookup.
pub(crate) struct Lookup {
    steps: Vec<Arc<Step>>,
    order: Order,
    captures: Captures,
    /// For each step, whether records can do without it: it only adds to them.
    adds_only: Vec<bool>,
    /// Whether the description has `steps`.
    has_names: bool,
}

/// What a lookup brought.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The hits that own the number.
    pub(crate) answer: LookupAnswer,
    /// How many hits have an id, whether they own the number or not.
    pub(crate) candidates: usize,
    /// How many of those have no phone number.
    pub(crate) without_phones: usize,
    /// Hits that were left out because they have no id.
    pub(crate) without_id: usize,
    /// The status, when it was one that means that nobody was found.
    pub(crate) empty_status: Option<u16>,
    /// Whether there may be more than was asked for.
    pub(crate) is_cut: bool,
    /// Why contacts may be missing.
    pub(crate) doubt: Option<AdapterError>,
    /// Why details of contacts may be missing.
    pub(crate) gap: Option<AdapterError>,
}

impl Lookup {
    /// Reads the setting `lookup`; `outcomes` are the rules for all requests.
    pub(crate) fn compile(
        settings: &LookupSettings,
        common: &Common<'_>,
        outcomes: &Outcomes,
        problems: &mut Problems,
    ) -> Self {
        let before = problems.count();
        check::form(settings, problems);
        let described = settings.steps();
        check::names(&described, problems);
        let captures = Captures::of(described.iter().map(|(_, step)| step));
        let is_index = |step: &&StepSettings| step.index_by.is_some();
        let indexes = described.iter().map(|(_, step)| step).filter(is_index);
        let indexes: Vec<String> = indexes.map(|step| step.name.clone()).collect();
        let scope = Scope::record(common.account);
        let reach = Reach::hit(&scope, &indexes);
        let fields = settings.fields.as_ref();
        let fields = fields
            .map(|fields| Arc::new(Fields::compile(fields, "lookup.fields", &reach, problems)));
        let kind = Kind::compile(
            &settings.record_kind,
            "lookup.record_kind",
            &reach,
            problems,
        );
        let statuses = "lookup.empty_statuses";
        let statuses = Outcomes::empty_statuses(&settings.empty_statuses, statuses, problems);
        let lookup_outcomes = Outcomes::compile(&settings.outcomes, "lookup.outcomes", problems);
        let around = Surroundings {
            common,
            lookup: settings,
            lookup_outcomes: &lookup_outcomes,
            outcomes,
            captures: &captures,
            indexes: &indexes,
            empty_statuses: &statuses,
            kind: &Arc::new(kind),
            fields: fields.as_ref(),
        };
        let steps = described.iter();
        let steps: Vec<Arc<Step>> = steps
            .map(|(at, step)| Arc::new(Step::compile(step, at, &around, problems)))
            .collect();
        // A template with a problem does not tell what it would have used.
        if problems.count() == before {
            check::uses(&steps, problems);
        }
        let order = order(&steps, &captures, problems);
        Self {
            adds_only: adds_only(&steps, &order),
            has_names: !settings.steps.is_empty(),
            steps,
            order,
            captures,
        }
    }

    /// What the steps brought, each at the number of its step, makes of the question.
    fn found(&self, all: &[Brought], operation: Operation, asked: &Asked) -> Found {
        let index = self.index(all);
        let mut found = Found::default();
        let mut candidates = Vec::new();
        for ((step, brought), adds_only) in self.steps.iter().zip(all).zip(&self.adds_only) {
            found.empty_status = found.empty_status.or(brought.empty_status);
            let reason = if *adds_only {
                &mut found.gap
            } else {
                found.is_cut |= brought.cut.is_some();
                &mut found.doubt
            };
            *reason = reason.take().or_else(|| brought.failure.clone());
            let records = records(step, brought, &index, asked);
            if step.has_records() && records.is_empty() && brought.hits > 0 {
                let error = error::no_ids(&asked.adapter, operation, brought.hits, &step.at);
                found.doubt = found.doubt.take().or(Some(error));
            }
            if step.has_records() {
                found.without_id += brought.hits.saturating_sub(records.len());
            }
            candidates.extend(records);
        }
        found.candidates = candidates.len();
        let has_none = |record: &&ContactRecord| record.phones.is_empty();
        found.without_phones = candidates.iter().filter(has_none).count();
        found.answer = asked.verified(candidates);
        found
    }

    /// The hits that joins use.
    fn index<'b>(&'b self, all: &'b [Brought]) -> Index<'b> {
        let mut index = Index::default();
        for (step, brought) in self.steps.iter().zip(all) {
            let Purpose::Index(key) = &step.purpose else {
                continue;
            };
            let access = brought.access.as_deref();
            let hits = access.into_iter().flat_map(|access| {
                let hits = step.hits(brought);
                hits.map(|hit| (key.all(&Hit::new(hit, access), None), hit))
            });
            index.add_step(hits);
        }
        index
    }
}

/// The records that a step brought.
fn records(step: &Step, brought: &Brought, index: &Index<'_>, asked: &Asked) -> Vec<ContactRecord> {
    let (Purpose::Records { kind, fields }, Some(access)) =
        (&step.purpose, brought.access.as_deref())
    else {
        return Vec::new();
    };
    let hits = step.hits(brought);
    hits.filter_map(|hit| {
        let hit = Hit::new(hit, access).with_index(index);
        fields.record(&hit, kind, asked)
    })
    .collect()
}

/// The order of the steps: who uses what somebody captures waits for it, and who uses `found` waits
/// for all steps above.
fn order(steps: &[Arc<Step>], captures: &Captures, problems: &mut Problems) -> Order {
    let waits_for = steps.iter().enumerate().map(|(number, step)| {
        let mut waits_for = captures.sources_of(|member| step.uses(member));
        if step.uses("found") {
            waits_for.extend(0..number);
        }
        waits_for.sort_unstable();
        waits_for.dedup();
        waits_for
    });
    Order::new(waits_for.collect()).unwrap_or_else(|Cycle(stuck)| {
        let names = steps.iter().enumerate();
        let names = names.filter(|(number, _)| stuck.contains(number));
        let names: Vec<String> = names.map(|(_, step)| format!("`{}`", step.name)).collect();
        problems.add(
            "lookup.steps",
            format!(
                "these steps wait for what they bring themselves, or for each other, and would \
                 never start: {}",
                names.join(", ")
            ),
        );
        Order::none()
    })
}

/// Which steps only add to records: those that joins use, and those that only such steps wait for.
fn adds_only(steps: &[Arc<Step>], order: &Order) -> Vec<bool> {
    let mut adds_only: Vec<bool> = steps.iter().map(|step| step.is_index()).collect();
    // Each round settles the steps one further away from an index.
    for _ in steps {
        adds_only = (0..steps.len())
            .zip(steps)
            .map(|(number, step)| {
                let mut waiting = adds_only
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| order.waits_for(*other).contains(&number))
                    .peekable();
                let is_for_index = matches!(step.purpose, Purpose::Captures)
                    && waiting.peek().is_some()
                    && waiting.all(|(_, adds_only)| *adds_only);
                step.is_index() || is_for_index
            })
            .collect();
    }
    adds_only
}

#[cfg(test)]
mod tests;
