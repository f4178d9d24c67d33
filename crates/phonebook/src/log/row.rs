//! A call as a row of the log.

use whocalls_core::{CallDetails, Caller, NumberPlan, WorkflowRequest};

use super::cells::harmless;

/// The column that finds a row again.
pub(crate) const ID: &str = "id";

/// The titles of a new log, in order.
pub(crate) const TITLES: [&str; 17] = [
    ID,
    "workflow",
    "direction",
    "outcome",
    "started_at",
    "answered_at",
    "ended_at",
    "declined_at",
    "duration_seconds",
    "from_number",
    "from_name",
    "to_number",
    "to_name",
    "contact",
    "user",
    "subject",
    "text",
];

/// The cells of one call, in the order of [`TITLES`]. Holds personal data, so it cannot be printed.
pub(crate) struct Row {
    id: String,
    cells: [String; TITLES.len()],
}

impl Row {
    /// The row of a request.
    pub(crate) fn of(request: &WorkflowRequest, plan: &NumberPlan) -> Self {
        let call = &request.call;
        let time = |time: Option<jiff::Timestamp>| time.map_or_else(String::new, |t| t.to_string());
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let number = |text: &Option<String>| {
            text.as_deref()
                .map_or_else(String::new, |text| number(text, plan))
        };
        let cells = [
            request.idempotency_key.clone(),
            request.name.clone(),
            direction(call).to_owned(),
            call.outcome().to_owned(),
            time(call.started_at),
            time(call.answered_at),
            time(call.ended_at),
            time(call.declined_at),
            call.talk_time()
                .map_or_else(String::new, |time| time.as_secs().to_string()),
            number(&call.originator_number),
            text(&call.originator_name),
            number(&call.destination_number),
            text(&call.destination_name),
            text(&request.contact),
            text(&request.user),
            request.subject.clone(),
            request.text.clone(),
        ];
        Self {
            id: request.idempotency_key.clone(),
            cells: cells.map(|cell| harmless(cell.trim()).into_owned()),
        }
    }

    /// What the row is found by.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The cell under a title; none when this is no column of ours.
    pub(crate) fn cell(&self, title: &str) -> Option<&str> {
        let position = TITLES.iter().position(|known| *known == title)?;
        self.cells.get(position).map(String::as_str)
    }
}

fn direction(call: &CallDetails) -> &'static str {
    use whocalls_core::Direction::{Incoming, Outgoing};
    match call.direction {
        Some(Incoming) => "incoming",
        Some(Outgoing) => "outgoing",
        None => "",
    }
}

/// A number with its country, `+41791234567`; what is no number stays as it was sent.
fn number(text: &str, plan: &NumberPlan) -> String {
    match plan.classify(text) {
        Caller::Number(number) => number.e164().unwrap_or_else(|| text.to_owned()),
        Caller::Withheld | Caller::Internal | Caller::Unsearchable => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
