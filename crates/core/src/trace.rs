//! What was said between an adapter and its CRM, for `check --trace` and `lookup --explain`.
//!
//! A call that nobody traces pays for a look at an `Option`. One that is traced collects events
//! together with the secrets that it met, and shows them only with the secrets masked.

mod mask;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;
use tokio::time::Instant;

use crate::{AdapterId, CallContext, Operation, Secret};

/// More events than this are not kept: no lookup has so many.
const MAX_EVENTS: usize = 2000;
/// A body is shown up to this many bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The events of one or several calls. Clones write to the same list.
#[derive(Clone)]
pub struct Trace(Arc<Mutex<Log>>);

struct Log {
    started: Instant,
    exchanges: u32,
    events: Vec<TraceEvent>,
    secrets: Vec<Secret>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceEvent {
    /// When, since the trace began.
    #[serde(rename = "at_us", serialize_with = "as_micros")]
    pub at: Duration,
    /// Whose event it is.
    pub adapter: AdapterId,
    /// What happened.
    #[serde(flatten)]
    pub kind: TraceKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum TraceKind {
    /// A request went out.
    Request {
        /// Its number; reply and failure name it.
        exchange: u32,
        /// What it is a part of.
        operation: Operation,
        /// The method.
        method: String,
        /// The whole address.
        url: String,
        /// The headers that the adapter sets.
        headers: Vec<(String, String)>,
        /// The body.
        body: Option<TraceBody>,
    },
    /// Its reply came.
    Reply {
        /// The number of the request.
        exchange: u32,
        /// How long it took, to the end of the body.
        #[serde(rename = "took_us", serialize_with = "as_micros")]
        took: Duration,
        /// The status.
        status: u16,
        /// The headers.
        headers: Vec<(String, String)>,
        /// The body.
        body: Option<TraceBody>,
    },
    /// No reply came.
    Failure {
        /// The number of the request.
        exchange: u32,
        /// How long it took.
        #[serde(rename = "took_us", serialize_with = "as_micros")]
        took: Duration,
        /// Why.
        message: String,
    },
    /// The adapter says what it does, and why.
    Note {
        /// What it says.
        text: String,
    },
}

/// A body as text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TraceBody {
    /// The text; of a long one the beginning.
    pub text: String,
    /// How many bytes of it are not shown.
    pub left_out: usize,
}

impl From<String> for TraceBody {
    fn from(text: String) -> Self {
        Self { text, left_out: 0 }
    }
}

impl Default for Trace {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Log {
            started: Instant::now(),
            exchanges: 0,
            events: Vec::new(),
            secrets: Vec::new(),
        })))
    }
}

impl Trace {
    /// The number of a new exchange, from 1.
    pub fn exchange(&self) -> u32 {
        let mut log = self.log();
        log.exchanges += 1;
        log.exchanges
    }

    /// Writes down an event. Bodies are given whole: they are cut after they are masked.
    pub fn add(&self, adapter: &AdapterId, kind: TraceKind) {
        let mut log = self.log();
        if log.events.len() < MAX_EVENTS {
            let at = log.started.elapsed();
            let adapter = adapter.clone();
            log.events.push(TraceEvent { at, adapter, kind });
        }
    }

    /// Has `secret` masked wherever it shows, also in events written down before.
    pub fn hide(&self, secret: &Secret) {
        let mut log = self.log();
        if !secret.expose().is_empty() && !log.secrets.contains(secret) {
            log.secrets.push(secret.clone());
        }
    }

    /// All events so far, in their order, without secrets and with long bodies cut.
    pub fn events(&self) -> Vec<TraceEvent> {
        let log = self.log();
        let mask = mask::Mask::new(&log.secrets);
        let events = log.events.iter().cloned();
        events.map(|event| event.shown(&mask)).collect()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // No statement under the lock can leave the log half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Events hold what people wrote and what CRMs know of them; `Debug` only counts them.
impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({} events)", self.log().events.len())
    }
}

impl TraceEvent {
    fn shown(mut self, mask: &mask::Mask<'_>) -> Self {
        match &mut self.kind {
            TraceKind::Request {
                url, headers, body, ..
            } => {
                *url = mask.of(url);
                mask_parts(headers, body, mask);
            }
            TraceKind::Reply { headers, body, .. } => mask_parts(headers, body, mask),
            TraceKind::Failure { message: text, .. } | TraceKind::Note { text } => {
                *text = mask.of(text);
            }
        }
        self
    }
}

fn mask_parts(
    headers: &mut [(String, String)],
    body: &mut Option<TraceBody>,
    mask: &mask::Mask<'_>,
) {
    for (_, value) in headers {
        *value = mask.of(value);
    }
    if let Some(TraceBody { text, left_out }) = body {
        *text = mask.of(text);
        let end = text.floor_char_boundary(MAX_BODY_BYTES);
        *left_out += text.len() - end;
        text.truncate(end);
    }
}

fn as_micros<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}

impl CallContext {
    /// The same call, whose exchanges and notes go to `trace`.
    #[must_use]
    pub fn traced(self, trace: Trace) -> Self {
        Self {
            trace: Some(trace),
            ..self
        }
    }

    /// Writes down what `adapter` does and why; `text` is made only if somebody traces the call.
    /// It may quote the CRM and its users, since only the administrator reads it.
    pub fn note(&self, adapter: &AdapterId, text: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            trace.add(adapter, TraceKind::Note { text: text() });
        }
    }

    /// Has a secret masked in the trace of this call. Needed for secrets that are made or got while
    /// the adapter runs and that no [`CrmAdapter`](crate::CrmAdapter) is configured with.
    pub fn hide(&self, secret: &Secret) {
        if let Some(trace) = &self.trace {
            trace.hide(secret);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RequestId;

    fn adapter() -> AdapterId {
        AdapterId::new("crm").unwrap()
    }

    fn cx() -> CallContext {
        CallContext::within(Duration::from_secs(1), RequestId::new("test"))
    }

    #[test]
    fn a_note_is_not_even_made_when_nobody_traces() {
        cx().note(&adapter(), || unreachable!("nobody asked"));
    }

    #[test]
    fn a_secret_is_masked_in_what_was_written_down_before_it_was_known() {
        let trace = Trace::default();
        let cx = cx().traced(trace.clone());
        cx.note(&adapter(), || "the token is t0k&n".to_owned());
        let exchange = trace.exchange();
        let request = TraceKind::Request {
            exchange,
            operation: Operation::Lookup,
            method: "GET".to_owned(),
            url: "https://crm.example/?key=t0k%26n&q=1".to_owned(),
            headers: vec![("x-key".to_owned(), "t0k&n".to_owned())],
            body: Some(TraceBody::from(r#"{"a":"t0k&n"}"#.to_owned())),
        };
        trace.add(&adapter(), request);
        cx.hide(&Secret::new("t0k&n"));
        cx.hide(&Secret::new(""));
        let events = trace.events();
        assert_eq!(events.len(), 2);
        let text = serde_json::to_string(&events).unwrap();
        assert!(!text.contains("t0k"), "{text}");
        assert_eq!(text.matches("***").count(), 4, "{text}");
        assert!(text.contains("key=***&q=1"), "{text}");
        assert_eq!(format!("{trace:?}"), "Trace(2 events)");
    }

    #[test]
    fn a_long_body_is_cut_after_it_is_masked() {
        let trace = Trace::default();
        trace.hide(&Secret::new("secret"));
        // The secret lies across the place where the body is cut.
        let body = format!(
            "{}secret{}",
            "a".repeat(MAX_BODY_BYTES - 3),
            "b".repeat(100)
        );
        trace.add(
            &adapter(),
            TraceKind::Reply {
                exchange: 1,
                took: Duration::ZERO,
                status: 200,
                headers: Vec::new(),
                body: Some(TraceBody::from(body)),
            },
        );
        let [event] = &trace.events()[..] else {
            panic!("one event");
        };
        let TraceKind::Reply {
            body: Some(body), ..
        } = &event.kind
        else {
            panic!("a reply");
        };
        assert!(body.text.ends_with("a***"));
        assert_eq!(body.left_out, 100);
    }
}
