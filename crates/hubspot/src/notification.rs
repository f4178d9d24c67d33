//! What HubSpot sends when contacts or companies change, and whether it is HubSpot that sends it
//! (`crm-apis.md` §1.9). Pure.

use std::{collections::BTreeSet, fmt};

use serde::Deserialize;
use serde_json::Value;
use whocalls_core::{ErrorKind, Notification, Secret};
use whocalls_http::is_signed_by;

const SIGNATURE: &str = "x-hubspot-signature-v3";
const TIMESTAMP: &str = "x-hubspot-request-timestamp";
/// Older notifications may be replayed ones.
const MAX_AGE_MS: i64 = 5 * 60 * 1000;
/// How far HubSpot's clock may be ahead of ours.
const MAX_AHEAD_MS: i64 = 60 * 1000;
/// The escapes that HubSpot decodes before it signs a URL.
const DECODED: [(&str, &str); 12] = [
    ("%3A", ":"),
    ("%2F", "/"),
    ("%3F", "?"),
    ("%40", "@"),
    ("%21", "!"),
    ("%24", "$"),
    ("%27", "'"),
    ("%28", "("),
    ("%29", ")"),
    ("%2A", "*"),
    ("%2C", ","),
    ("%3B", ";"),
];
/// The properties that hold numbers as they were typed.
const NUMBERS: [&str; 2] = ["phone", "mobilephone"];

/// Takes the notifications of one app.
#[derive(Debug)]
pub(crate) struct Receiver {
    /// The target URL as entered in HubSpot.
    pub(crate) url: String,
    /// The app's client secret.
    pub(crate) secret: Secret,
}

/// What has changed.
#[derive(Default)]
pub(crate) struct News {
    pub(crate) contacts: BTreeSet<String>,
    pub(crate) companies: BTreeSet<String>,
    /// The numbers that they have now, as typed.
    pub(crate) numbers: Vec<String>,
    /// Whether something changed that has no id.
    pub(crate) is_unclear: bool,
}

/// Why a notification is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unsigned,
    BadTime,
    BadSignature,
    Unreadable,
}

/// One event of a notification. Which keys there are depends on its type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    subscription_type: String,
    object_id: Option<Value>,
    property_name: Option<String>,
    property_value: Option<Value>,
    /// Of a merge: the record that stays, those that go, and the one that may replace them all.
    primary_object_id: Option<Value>,
    merged_object_ids: Option<Vec<Value>>,
    new_object_id: Option<Value>,
    /// Of a changed association: the record of the type that the event is about.
    from_object_id: Option<Value>,
}

impl Receiver {
    /// What a notification says has changed.
    ///
    /// # Errors
    /// When it is not from HubSpot, not of these minutes, or not the documented array.
    pub(crate) fn read(&self, notification: &Notification) -> Result<News, Refusal> {
        self.verify(notification)?;
        let events: Vec<Event> =
            serde_json::from_slice(&notification.body).map_err(|_| Refusal::Unreadable)?;
        let mut news = News::default();
        for event in events {
            news.add(event);
        }
        Ok(news)
    }

    fn verify(&self, notification: &Notification) -> Result<(), Refusal> {
        let header = |name| notification.header(name).ok_or(Refusal::Unsigned);
        let (signature, timestamp) = (header(SIGNATURE)?, header(TIMESTAMP)?);
        let sent_at = std::str::from_utf8(timestamp).ok();
        let sent_at: Option<i64> = sent_at.and_then(|text| text.parse().ok());
        let now = notification.received_at.as_millisecond();
        let age = sent_at.map(|sent_at| now.saturating_sub(sent_at));
        if !age.is_some_and(|age| (-MAX_AHEAD_MS..=MAX_AGE_MS).contains(&age)) {
            return Err(Refusal::BadTime);
        }
        let url = self.signed_url(notification);
        let is_signed = |url: &str| {
            let method = notification.method.as_bytes();
            let parts = [method, url.as_bytes(), &notification.body, timestamp];
            is_signed_by(&self.secret, &parts, signature)
        };
        if is_signed(&url) || is_signed(&decoded(&url)) {
            Ok(())
        } else {
            Err(Refusal::BadSignature)
        }
    }

    /// The public URL: a proxy may have changed all of the received one but the query.
    fn signed_url(&self, notification: &Notification) -> String {
        match notification.path_and_query.split_once('?') {
            Some((_, query)) => format!("{}?{query}", self.url),
            None => self.url.clone(),
        }
    }
}

impl News {
    fn add(&mut self, event: Event) {
        let ids = match event.subscription_type.split_once('.') {
            Some(("contact", _)) => &mut self.contacts,
            Some(("company", _)) => &mut self.companies,
            // Other objects are not shown.
            _ => return,
        };
        let single = [
            event.object_id,
            event.primary_object_id,
            event.new_object_id,
            event.from_object_id,
        ];
        let merged = event.merged_object_ids.into_iter().flatten();
        let named = single.into_iter().flatten().chain(merged);
        let named: Vec<String> = named.filter_map(id).collect();
        self.is_unclear |= named.is_empty();
        ids.extend(named);
        let is_number = |name: &str| NUMBERS.contains(&name);
        if let (true, Some(Value::String(number))) = (
            event.property_name.as_deref().is_some_and(is_number),
            event.property_value,
        ) && !number.trim().is_empty()
        {
            self.numbers.push(number);
        }
    }
}

impl Refusal {
    pub(crate) fn kind(self) -> ErrorKind {
        match self {
            Self::Unsigned | Self::BadTime | Self::BadSignature => ErrorKind::Unauthenticated,
            Self::Unreadable => ErrorKind::InvalidRequest,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsigned => {
                "the notification has no signature of version 3; HubSpot always sends one"
            }
            Self::BadTime => {
                "the notification is not of the last five minutes; if it comes from HubSpot, set \
                 the clock of this machine"
            }
            Self::BadSignature => {
                "the notification is not signed by HubSpot; if it comes from HubSpot, compare \
                 notifications.url and notifications.client_secret with the app's settings there"
            }
            Self::Unreadable => "the notification is not the array of events that HubSpot sends",
        })
    }
}

/// An id as it is in records: HubSpot sends numbers here and texts elsewhere.
fn id(value: Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn decoded(url: &str) -> String {
    let decode = |url: String, (escape, plain): (&str, &str)| {
        url.replace(escape, plain)
            .replace(&escape.to_ascii_lowercase(), plain)
    };
    DECODED.into_iter().fold(url.to_owned(), decode)
}
