//! `whocalls outbox list`: one line for each delivery, without personal data.

use std::num::NonZeroUsize;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use whocalls_core::AdapterId;
use whocalls_outbox::{Entry, Filter, State};

use super::{
    Refusal,
    file::OutboxFile,
    text::{table, time},
};
use crate::cli::output::pretty;

const HEADINGS: [&str; 8] = [
    "ID", "WORKFLOW", "ADAPTER", "STATE", "RECEIVED", "ATTEMPT", "FAILED", "ERROR",
];

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only deliveries in this state; any number of times.
    #[arg(long = "state", value_name = "STATE", value_parser = states())]
    states: Vec<State>,
    /// Only deliveries to this adapter.
    #[arg(long, value_name = "ID", value_parser = AdapterId::new)]
    adapter: Option<AdapterId>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value = "50")]
    limit: NonZeroUsize,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

fn states() -> impl TypedValueParser<Value = State> {
    PossibleValuesParser::new(State::ALL.map(State::as_str)).try_map(|text| {
        let state = State::ALL.into_iter().find(|state| state.as_str() == text);
        state.ok_or("not a state")
    })
}

pub(super) async fn run(file: &OutboxFile, arguments: &Arguments) -> Result<String, Refusal> {
    let limit = arguments.limit.get();
    let filter = Filter {
        states: arguments.states.clone(),
        adapter: arguments.adapter.clone(),
        // One more shows that there are more.
        limit: limit.saturating_add(1),
    };
    let mut entries = file.list(filter).await?;
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    let totals = file.totals().await?;
    if arguments.json {
        let counts: Map<String, Value> = totals
            .iter()
            .map(|(state, count)| (state.to_string(), json!(count)))
            .collect();
        return Ok(pretty(&json!({ "counts": counts, "deliveries": entries })));
    }
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    for entry in &entries {
        rows.push(row(file.shortened(&entry.id).await?, entry, &file.zone));
    }
    let mut text = String::new();
    if !entries.is_empty() {
        text.push_str(&table(&rows));
        text.push('\n');
    }
    text.push_str(&counts(&totals));
    text.push('\n');
    if has_more {
        text.push_str("Only the newest are shown; --limit shows more.\n");
    }
    Ok(text)
}

fn row(id: String, entry: &Entry, zone: &TimeZone) -> [String; HEADINGS.len()] {
    let attempt = match (entry.next_attempt_at, entry.last_attempt_at) {
        (Some(next), _) => format!("next {}", time(next, zone)),
        (None, Some(last)) => format!("last {}", time(last, zone)),
        (None, None) => "-".to_owned(),
    };
    [
        id,
        entry.workflow.clone(),
        entry.adapter.to_string(),
        entry.state.to_string(),
        time(entry.received_at, zone),
        attempt,
        entry.attempts.to_string(),
        entry.error_kind.clone().unwrap_or_else(|| "-".to_owned()),
    ]
}

/// `2 waiting, 0 sending, …`.
fn counts(totals: &[(State, u32)]) -> String {
    let counts: Vec<String> = totals
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    counts.join(", ")
}
