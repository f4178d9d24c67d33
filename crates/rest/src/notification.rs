//! What the CRM sends when its records change: whether to believe it, and what to forget. Pure.

use std::{collections::BTreeSet, fmt, sync::Arc};

use serde_json::{Map, Value};
use url::form_urlencoded;
use whocalls_core::{AdapterError, AdapterId, Changes, ErrorKind, Notification, Operation};
use whocalls_http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use crate::{
    compile::Problems,
    config::{MissingHits, NotificationSettings, Sources as SourcesSettings},
    hits::{Hits, NoList},
    scope::Scope,
    select::{Hit, Reach, Sources},
    shared::Shared,
    template::{Expression, Place},
};
use proof::Proof;

mod proof;

/// The type of a body that is a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// Takes the notifications of a CRM.
pub(crate) struct Receiver {
    proof: Proof,
    events: Hits,
    when: Option<Expression>,
    records: Option<Sources>,
    numbers: Option<Sources>,
    shared: Arc<Shared>,
}

/// Why a notification is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing shows that the CRM sent it. Says what to look at.
    Unproven(&'static str),
    /// The body is neither JSON nor a form.
    Unreadable,
    /// The events are not where they should be.
    NoEvents(NoList),
}

impl Receiver {
    /// Reads the setting `notifications`.
    pub(crate) fn compile(
        settings: &NotificationSettings,
        shared: &Arc<Shared>,
        problems: &mut Problems,
    ) -> Self {
        let account = shared.account();
        let proof = Proof::compile(&settings.proof, account, problems);
        let at = "notifications.events";
        let events = Hits::compile(&settings.events, MissingHits::Fail, at, problems);
        let scope = Scope::event(account);
        let when = settings.when.as_ref();
        let when = when.map(|source| problems.expression("notifications.when", source, &scope));
        let reach = Reach::reply(&scope);
        let mut sources = |settings: &Option<SourcesSettings>, path: &str| {
            let settings = settings.as_ref()?;
            let place = Place::RecordText;
            Some(Sources::compile(settings, path, place, &reach, problems))
        };
        Self {
            proof,
            events,
            when,
            records: sources(&settings.records, "notifications.records"),
            numbers: sources(&settings.numbers, "notifications.numbers"),
            shared: Arc::clone(shared),
        }
    }

    /// Whether it believes whoever sends something.
    pub(crate) fn believes_anyone(&self) -> bool {
        matches!(self.proof, Proof::Nothing)
    }

    /// What a notification says has changed.
    ///
    /// # Errors
    /// When the CRM did not send it, or it is not as described.
    pub(crate) fn read(&self, notification: &Notification) -> Result<Changes, Refusal> {
        let headers = headers(notification);
        let body = document(&headers, &notification.body);
        if !self.proof.holds(notification, body.as_ref()) {
            return Err(Refusal::Unproven(self.proof.advice()));
        }
        let body = body.ok_or(Refusal::Unreadable)?;
        let events = self.events.select(&body).map_err(Refusal::NoEvents)?;
        let (mut records, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        let mut everything = false;
        for event in events {
            let hit = Hit::event(event, self.shared.account()).with_headers(&headers);
            if !self.counts(&hit) {
                continue;
            }
            let all = |sources: &Option<Sources>| {
                let sources = sources.as_ref();
                sources.map_or_else(Vec::new, |sources| sources.all(&hit, None))
            };
            let ids = all(&self.records);
            everything |= ids.is_empty();
            records.extend(ids);
            numbers.extend(all(&self.numbers));
        }
        Ok(Changes {
            records: records.into_iter().collect(),
            numbers: numbers.into_iter().collect(),
            everything,
        })
    }

    /// Whether an event tells of something that may be in an answer; in doubt it does.
    fn counts(&self, event: &Hit<'_>) -> bool {
        let when = self.when.as_ref();
        when.is_none_or(|when| when.is_true(&event.variables(None)).unwrap_or(true))
    }
}

/// Secrets and descriptions are not shown.
impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

impl Refusal {
    /// The error that the gateway answers with.
    pub(crate) fn into_error(self, adapter: &AdapterId) -> AdapterError {
        let (kind, message) = match self {
            Self::Unproven(advice) => (
                ErrorKind::Unauthenticated,
                format!("the notification is not believed: {advice}"),
            ),
            Self::Unreadable => (
                ErrorKind::InvalidRequest,
                format!("the body of the notification is neither JSON nor {FORM}"),
            ),
            Self::NoEvents(NoList(path)) => (
                ErrorKind::InvalidRequest,
                format!(
                    "the notification has no list at {path}; check notifications.events against \
                     what the CRM sends"
                ),
            ),
        };
        AdapterError::new(kind, adapter, Operation::Notification, message)
    }
}

fn headers(notification: &Notification) -> HeaderMap {
    let headers = notification.headers.iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(value).ok()?))
    });
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, value);
    }
    map
}

/// The body as a JSON document: a form is an object of texts, and a list of them where a name is
/// repeated.
fn document(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    let media_type = headers.get(CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next());
    if !media_type.is_some_and(|name| name.trim().eq_ignore_ascii_case(FORM)) {
        return serde_json::from_slice(body).ok();
    }
    let mut fields = Map::new();
    for (name, text) in form_urlencoded::parse(body) {
        let text = Value::from(text.as_ref());
        match fields.get_mut(name.as_ref()) {
            None => {
                fields.insert(name.into_owned(), text);
            }
            Some(Value::Array(texts)) => texts.push(text),
            Some(first) => *first = Value::Array(vec![first.take(), text]),
        }
    }
    Some(fields.into())
}

#[cfg(test)]
mod tests;
