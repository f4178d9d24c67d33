//! A value in a reply that a rule looks at, and the test that it has to pass.

use std::{borrow::Cow, cell::OnceCell, time::Duration};

use jiff::{Timestamp, fmt::rfc2822};
use regex_lite::Regex;
use serde_json::Value;
use whocalls_http::{Reply, header::HeaderName};

use crate::{
    compile::Problems,
    config::{OutcomeSettings, RetryAfterSettings, Scalar, Unit},
    select::{Path, is_absent},
};

/// Longer waits are cut: a day is as good as "not now".
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// Where a reply has a value.
#[derive(Debug)]
pub(super) enum Place {
    Path(Path),
    Header(HeaderName),
}

/// What a value has to be.
#[derive(Debug)]
pub(super) enum Test {
    Present,
    Equal(String),
    Matching(Regex),
}

/// Where a reply says when to ask again.
#[derive(Debug)]
pub(super) struct Wait(Place, Unit);

/// A reply, with its body as JSON as soon as a rule asks for it.
pub(super) struct Seen<'r> {
    pub(super) reply: &'r Reply,
    document: OnceCell<Option<Cow<'r, Value>>>,
}

impl Place {
    pub(super) fn compile(
        path: Option<&String>,
        header: Option<&String>,
        at: &str,
        problems: &mut Problems,
    ) -> Option<Self> {
        match (path, header) {
            (Some(path), None) => Some(Self::Path(problems.json_path(&format!("{at}.path"), path))),
            (None, Some(header)) => problems
                .header_name(&format!("{at}.header"), header)
                .map(Self::Header),
            (Some(_), Some(_)) => {
                problems.add(at, "either `path` or `header`, not both");
                None
            }
            (None, None) => None,
        }
    }
}

impl Test {
    pub(super) fn compile(
        settings: &OutcomeSettings,
        at: &str,
        problems: &mut Problems,
    ) -> Option<Self> {
        match (&settings.equals, &settings.pattern) {
            (Some(scalar), None) => Some(Self::Equal(match scalar {
                Scalar::Flag(flag) => flag.to_string(),
                Scalar::Number(number) => number.to_string(),
                Scalar::Text(text) => text.clone(),
            })),
            (None, Some(pattern)) => problems
                .pattern(&format!("{at}.pattern"), pattern)
                .map(Self::Matching),
            (Some(_), Some(_)) => {
                problems.add(at, "either `equals` or `pattern`, not both");
                None
            }
            (None, None) => None,
        }
    }

    pub(super) fn accepts(&self, value: &Value) -> bool {
        match self {
            Self::Present => match value {
                Value::Array(items) => !items.is_empty(),
                Value::Object(members) => !members.is_empty(),
                value => !is_absent(value),
            },
            Self::Equal(wanted) => text_of(value).is_some_and(|text| text == *wanted),
            Self::Matching(pattern) => text_of(value).is_some_and(|text| pattern.is_match(&text)),
        }
    }
}

impl<'r> Seen<'r> {
    /// A reply whose body nobody has read yet.
    pub(super) fn new(reply: &'r Reply) -> Self {
        Self {
            reply,
            document: OnceCell::new(),
        }
    }

    /// A reply whose body is this document, or no JSON.
    pub(super) fn read(reply: &'r Reply, document: Option<&'r Value>) -> Self {
        Self {
            reply,
            document: OnceCell::from(document.map(Cow::Borrowed)),
        }
    }

    /// Whether one of the values at this place passes the test.
    pub(super) fn any(&self, place: &Place, test: impl Fn(&Value) -> bool) -> bool {
        match place {
            Place::Path(path) => self
                .document()
                .is_some_and(|document| path.any(document, test)),
            Place::Header(name) => self.header(name).is_some_and(|value| test(&value)),
        }
    }

    /// The wait that the value at this place stands for, at most a day.
    pub(super) fn wait(&self, Wait(place, unit): &Wait) -> Option<Duration> {
        let value = match place {
            Place::Path(path) => path.first(self.document()?).cloned(),
            Place::Header(name) => self.header(name),
        };
        let value = value?;
        let text = text_of(&value)?;
        let number = || text.trim().parse::<f64>().ok();
        let seconds = match *unit {
            Unit::Secs | Unit::Unix => number()?,
            Unit::Ms | Unit::UnixMs => number()? / 1000.0,
            Unit::Date => moment(text.trim())?.as_duration().as_secs_f64(),
        };
        let from = match *unit {
            Unit::Secs | Unit::Ms => 0.0,
            Unit::Unix | Unit::UnixMs | Unit::Date => Timestamp::now().as_duration().as_secs_f64(),
        };
        let wait = (seconds - from).clamp(0.0, LONGEST_WAIT.as_secs_f64());
        Duration::try_from_secs_f64(wait).ok()
    }

    fn header(&self, name: &HeaderName) -> Option<Value> {
        let text = self.reply.headers.get(name)?.to_str().ok()?;
        Some(Value::String(text.to_owned()))
    }

    fn document(&self) -> Option<&Value> {
        let read = || {
            serde_json::from_slice(&self.reply.body)
                .ok()
                .map(Cow::Owned)
        };
        self.document.get_or_init(read).as_deref()
    }
}

impl Wait {
    pub(super) fn compile(
        settings: &RetryAfterSettings,
        at: &str,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.count();
        let (path, header) = (settings.path.as_ref(), settings.header.as_ref());
        let place = Place::compile(path, header, at, problems);
        if place.is_none() && problems.count() == before {
            problems.add(
                at,
                "`header` or `path` is needed: where the reply says when to ask again",
            );
        }
        Some(Self(place?, settings.unit))
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    let of_header = || Some(rfc2822::parse(text).ok()?.timestamp());
    text.parse().ok().or_else(of_header)
}

/// A scalar as text.
fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(_) | Value::Bool(_) => Some(Cow::Owned(value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
