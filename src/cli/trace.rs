//! What was said to CRMs, as text and as JSON.

use std::{fmt::Write as _, time::Duration};

use serde_json::{Value, json};
use whocalls_core::{Trace, TraceBody, TraceEvent, TraceKind};

use crate::config::{LoadedAdapter, printable};

/// More lines of a body are not shown.
const MAX_BODY_LINES: usize = 100;

/// A trace in which no secret of these adapters shows.
pub(super) fn of<'a>(adapters: impl IntoIterator<Item = &'a LoadedAdapter>) -> Trace {
    let trace = Trace::default();
    for secret in adapters.into_iter().flat_map(|adapter| &adapter.secrets) {
        trace.hide(secret);
    }
    trace
}

/// One block a request, its reply right behind it, and notes where they were made.
pub(super) fn text(events: &[TraceEvent]) -> String {
    let mut text = String::new();
    for event in events {
        let adapter = &event.adapter;
        match &event.kind {
            TraceKind::Request {
                exchange,
                operation,
                method,
                url,
                headers,
                body,
            } => {
                let url = printable(url);
                let _written =
                    writeln!(text, "  {adapter} #{exchange} {operation}: {method} {url}");
                message(&mut text, '>', headers, body.as_ref());
                outcome(&mut text, *exchange, events);
            }
            TraceKind::Note { text: note } => {
                let _written = writeln!(text, "  {adapter}: {}", printable(note));
            }
            // Replies are shown with their requests.
            _ => {}
        }
    }
    text
}

/// What came of a request.
fn outcome(text: &mut String, number: u32, events: &[TraceEvent]) {
    for event in events {
        match &event.kind {
            TraceKind::Reply {
                exchange,
                took,
                status,
                headers,
                body,
            } if *exchange == number => {
                let _written = writeln!(text, "    < {status} after {}", millis(*took));
                message(text, '<', headers, body.as_ref());
                return;
            }
            TraceKind::Failure {
                exchange,
                took,
                message,
            } if *exchange == number => {
                let (message, took) = (printable(message), millis(*took));
                let _written = writeln!(text, "    ! {message} (after {took})");
                return;
            }
            _ => {}
        }
    }
    text.push_str("    ! given up before an answer came\n");
}

fn message(text: &mut String, mark: char, headers: &[(String, String)], body: Option<&TraceBody>) {
    for (name, value) in headers {
        let _written = writeln!(text, "    {mark} {name}: {}", printable(value));
    }
    let Some(TraceBody {
        text: body,
        left_out,
    }) = body
    else {
        return;
    };
    let _written = writeln!(text, "    {mark}");
    let mut lines = body.lines();
    for line in lines.by_ref().take(MAX_BODY_LINES) {
        let _written = writeln!(text, "    {mark} {}", printable(line));
    }
    let rest: usize = lines.map(|line| line.len() + 1).sum();
    if rest + left_out > 0 {
        let _written = writeln!(text, "    {mark} ... and {} bytes more", rest + left_out);
    }
}

fn millis(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1000.0)
}

/// The events in their order; a body that is JSON is shown as such.
pub(super) fn document(events: &[TraceEvent]) -> Value {
    events.iter().map(event_document).collect()
}

fn event_document(event: &TraceEvent) -> Value {
    let mut document = json!(event);
    let body = match &event.kind {
        TraceKind::Request { body, .. } | TraceKind::Reply { body, .. } => body.as_ref(),
        _ => None,
    };
    if let (Some(body), Some(document)) = (body, document.as_object_mut()) {
        let parsed = (body.left_out == 0)
            .then(|| serde_json::from_str(&body.text).ok())
            .flatten();
        let shown = parsed.unwrap_or_else(|| body.text.clone().into());
        document.insert("body".to_owned(), shown);
        if body.left_out > 0 {
            document.insert("body_left_out".to_owned(), body.left_out.into());
        }
    }
    document
}

#[cfg(test)]
mod tests {
    use whocalls_core::{AdapterId, Operation};

    use super::*;

    fn event(kind: TraceKind) -> TraceEvent {
        TraceEvent {
            at: Duration::from_millis(1),
            adapter: AdapterId::new("crm").unwrap(),
            kind,
        }
    }

    fn request(exchange: u32, body: Option<&str>) -> TraceEvent {
        event(TraceKind::Request {
            exchange,
            operation: Operation::Lookup,
            method: "POST".to_owned(),
            url: format!("https://crm.example/{exchange}"),
            headers: vec![("x-key".to_owned(), "***".to_owned())],
            body: body.map(|text| TraceBody::from(text.to_owned())),
        })
    }

    fn events() -> Vec<TraceEvent> {
        let long = "x\n".repeat(MAX_BODY_LINES + 2);
        vec![
            request(1, Some("{\n  \"a\": 1\n}")),
            request(2, None),
            event(TraceKind::Note {
                text: "two\u{1b} steps".to_owned(),
            }),
            event(TraceKind::Failure {
                exchange: 2,
                took: Duration::from_micros(1500),
                message: "timeout: no answer in time".to_owned(),
            }),
            event(TraceKind::Reply {
                exchange: 1,
                took: Duration::from_millis(2),
                status: 200,
                headers: Vec::new(),
                body: Some(TraceBody {
                    text: long,
                    left_out: 10,
                }),
            }),
            request(3, None),
        ]
    }

    #[test]
    fn every_request_is_a_block_with_what_came_of_it() {
        let long = "    < x\n".repeat(MAX_BODY_LINES);
        let expected = format!(
            "  crm #1 lookup: POST https://crm.example/1\n    > x-key: ***\n    >\n    > {{\n    >   \"a\": 1\n    > }}\n    \
             < 200 after 2.0 ms\n    <\n{long}    < ... and 14 bytes more\n  \
             crm #2 lookup: POST https://crm.example/2\n    > x-key: ***\n    \
             ! timeout: no answer in time (after 1.5 ms)\n  \
             crm: two\\u{{1b}} steps\n  \
             crm #3 lookup: POST https://crm.example/3\n    > x-key: ***\n    \
             ! given up before an answer came\n"
        );
        assert_eq!(text(&events()), expected);
        assert_eq!(text(&[]), "");
    }

    #[test]
    fn programs_get_bodies_as_json_where_they_are_whole() {
        let document = document(&events());
        assert_eq!(document[0]["event"], "request");
        assert_eq!(document[0]["operation"], "lookup");
        assert_eq!(document[0]["at_us"], 1000);
        assert_eq!(document[0]["body"], json!({ "a": 1 }));
        assert_eq!(document[1]["body"], Value::Null);
        assert_eq!(document[2]["text"], "two\u{1b} steps");
        assert_eq!(document[4]["body_left_out"], 10);
        assert!(document[4]["body"].is_string());
    }
}
