//! `whocalls outbox retry` and `whocalls outbox drop`: the operator decides. A running gateway
//! notices within a second.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};
use whocalls_outbox::{Filter, Shown, State};

use super::{
    Refusal,
    file::{Found, OutboxFile, id_prefix},
};
use crate::cli::output::pretty;

#[derive(Debug, clap::Args)]
pub(super) struct RetryArguments {
    /// The workflows: their ids, or at least the first 6 digits of each.
    #[arg(value_name = "ID", value_parser = id_prefix, required_unless_present = "all_given_up")]
    ids: Vec<String>,
    /// You have looked into the CRM, and the object does not exist: create it without looking for
    /// what an attempt without answer may have left.
    #[arg(long, conflicts_with = "all_given_up")]
    as_new: bool,
    /// All workflows that were given up, instead of some.
    #[arg(long, conflicts_with = "ids")]
    all_given_up: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct DropArguments {
    /// The workflows: their ids, or at least the first 6 digits of each.
    #[arg(value_name = "ID", value_parser = id_prefix, required = true)]
    ids: Vec<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// A workflow about which the operator has decided.
struct Decided {
    id: String,
    /// How it was before.
    before: Shown,
    /// How many deliveries the decision concerned.
    deliveries: usize,
}

pub(super) async fn retry(
    file: &OutboxFile,
    arguments: &RetryArguments,
) -> Result<String, Refusal> {
    let ids = if arguments.all_given_up {
        given_up(file).await?
    } else {
        arguments.ids.clone()
    };
    let mut decided = Vec::new();
    for found in find_all(file, &ids).await? {
        let before = shown(&found).await?;
        let Found { store, id } = found;
        let retried = store.retry(id.clone(), arguments.as_new, Timestamp::now());
        decided.push(Decided {
            id: id.to_string(),
            before,
            deliveries: retried.await?,
        });
    }
    if arguments.json {
        return Ok(pretty(&json!({ "retried": documents(&decided) })));
    }
    let mut text: String = decided.iter().map(retried_line).collect();
    text.push_str(if decided.is_empty() {
        "nothing was given up\n"
    } else if decided.iter().any(|decided| decided.deliveries > 0) {
        "The running gateway tries again within seconds, or else the next start does.\n"
    } else {
        ""
    });
    Ok(text)
}

pub(super) async fn drop(file: &OutboxFile, arguments: &DropArguments) -> Result<String, Refusal> {
    let mut decided = Vec::new();
    for found in find_all(file, &arguments.ids).await? {
        let before = shown(&found).await?;
        let Found { store, id } = found;
        decided.push(Decided {
            id: id.to_string(),
            before,
            deliveries: store.drop_workflow(id).await?,
        });
    }
    if arguments.json {
        return Ok(pretty(&json!({ "dropped": documents(&decided) })));
    }
    Ok(decided.iter().map(dropped_line).collect())
}

/// The workflows with these ids, each once. When one of them is wrong, nothing is done about any.
async fn find_all<'f>(file: &'f OutboxFile, ids: &[String]) -> Result<Vec<Found<'f>>, Refusal> {
    let mut all: Vec<Found<'_>> = Vec::with_capacity(ids.len());
    for id in ids {
        let found = file.find(id).await?;
        if all.iter().all(|known| known.id != found.id) {
            all.push(found);
        }
    }
    Ok(all)
}

async fn given_up(file: &OutboxFile) -> Result<Vec<String>, Refusal> {
    let filter = Filter {
        states: vec![State::GivenUp],
        adapter: None,
        limit: usize::MAX,
    };
    let entries = file.list(filter).await?;
    Ok(entries.into_iter().map(|entry| entry.id).collect())
}

async fn shown(found: &Found<'_>) -> Result<Shown, Refusal> {
    let shown = found.store.show(found.id.clone()).await?;
    shown.ok_or_else(|| Refusal::Unknown(found.id.to_string()))
}

impl Decided {
    fn workflow(&self) -> &str {
        let first = self.before.deliveries.first();
        first.map_or("", |entry| &entry.workflow)
    }

    /// `hubspot: delivered, sugar: sending`.
    fn states(&self) -> String {
        let states: Vec<String> = self
            .before
            .deliveries
            .iter()
            .map(|entry| format!("{}: {}", entry.adapter, entry.state))
            .collect();
        states.join(", ")
    }

    /// `1 delivery`, `2 deliveries`.
    fn count(&self) -> String {
        let plural = if self.deliveries == 1 { "y" } else { "ies" };
        format!("{} deliver{plural}", self.deliveries)
    }
}

fn documents(decided: &[Decided]) -> Vec<Value> {
    let document = |decided: &Decided| {
        json!({
            "id": decided.id,
            "workflow": decided.workflow(),
            "deliveries": decided.deliveries,
        })
    };
    decided.iter().map(document).collect()
}

fn retried_line(decided: &Decided) -> String {
    let what = if decided.deliveries > 0 {
        format!("{} due now", decided.count())
    } else if decided.before.details.is_none() {
        "cannot be tried again, as its contents have been forgotten".to_owned()
    } else {
        format!("nothing to try again ({})", decided.states())
    };
    format!("{} {}: {what}\n", decided.id, decided.workflow())
}

fn dropped_line(decided: &Decided) -> String {
    let mut line = format!("{} {}: ", decided.id, decided.workflow());
    if decided.deliveries == 0 {
        // Writing to a string does not fail.
        let _written = writeln!(line, "nothing to drop ({})", decided.states());
        return line;
    }
    let _written = write!(line, "{} dropped", decided.count());
    let deliveries = &decided.before.deliveries;
    if deliveries.iter().any(|entry| entry.state == State::Sending) {
        line.push_str("; the attempt that is under way may still arrive");
    }
    line.push('\n');
    line
}
