//! `whocalls outbox show`: everything of one workflow. An operator who decides what becomes of it
//! needs to know the call, so this is the one command that prints personal data of the outbox.

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use whocalls_core::Direction;
use whocalls_outbox::{Details, Shown, WorkflowId};

use super::{
    Refusal,
    file::{Found, OutboxFile, id_prefix},
    text::{delivery, field, time},
};
use crate::cli::output::pretty;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The workflow: its id, or at least the first 6 digits of it.
    #[arg(value_parser = id_prefix)]
    id: String,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(file: &OutboxFile, arguments: &Arguments) -> Result<String, Refusal> {
    let Found { store, id } = file.find(&arguments.id).await?;
    let shown = store.show(id.clone()).await?;
    // It may have been deleted since it was found.
    let shown = shown.ok_or_else(|| Refusal::Unknown(arguments.id.clone()))?;
    if arguments.json {
        return Ok(pretty(&json!({
            "id": id.as_str(),
            "details": shown.details,
            "deliveries": shown.deliveries,
        })));
    }
    Ok(text(&id, &shown, &file.zone))
}

fn text(id: &WorkflowId, shown: &Shown, zone: &TimeZone) -> String {
    let mut text = format!("Workflow {id}\n");
    if let Some(first) = shown.deliveries.first() {
        text.push_str(&field("name", &first.workflow));
        text.push_str(&field("received", &time(first.received_at, zone)));
    }
    match &shown.details {
        Some(details) => text.push_str(&contents(details, zone)),
        None => text.push_str(&field("contents", "forgotten (outbox.keep_delivered_days)")),
    }
    for entry in &shown.deliveries {
        text.push('\n');
        text.push_str(&delivery(entry, zone));
    }
    text
}

/// What is known of the call; what is not is left out.
fn contents(details: &Details, zone: &TimeZone) -> String {
    let call = &details.call;
    let direction = call.direction.map(|direction| match direction {
        Direction::Incoming => "incoming".to_owned(),
        Direction::Outgoing => "outgoing".to_owned(),
    });
    let at = |instant: Option<_>| instant.map(|instant| time(instant, zone));
    let known = [
        ("contact", details.contact.clone()),
        ("user", details.user.clone()),
        ("direction", direction),
        ("from number", call.originator_number.clone()),
        ("from name", call.originator_name.clone()),
        ("to number", call.destination_number.clone()),
        ("to name", call.destination_name.clone()),
        ("started", at(call.started_at)),
        ("answered", at(call.answered_at)),
        ("ended", at(call.ended_at)),
        ("declined", at(call.declined_at)),
    ];
    let known = known
        .into_iter()
        .filter_map(|(name, value)| Some(field(name, &value?)));
    let extra = details.extra.iter().map(|(name, value)| match value {
        Value::String(text) => field(name, text),
        other => field(name, &other.to_string()),
    });
    known.chain(extra).collect()
}
