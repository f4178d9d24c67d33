//! What templates know of a call. `README.md` is the reference of the variables.

use std::{collections::BTreeMap, fmt, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use minijinja::{
    Value,
    value::{Object, ObjectRepr, Serde, ValueKind},
};
use serde_json::{Map, Value as Json};
use whocalls_core::{CallDetails, Caller, Direction, NumberPlan};

use crate::{
    course::{Outcome, ring_seconds, talk_seconds},
    language::{Language, time_of_day},
    plain::{MAX_NAME_CHARS, one_line},
};

/// How a company reads numbers and tells the time.
#[derive(Debug)]
pub(crate) struct Locale {
    pub(crate) language: Language,
    pub(crate) time_zone: TimeZone,
    pub(crate) plan: NumberPlan,
}

impl Locale {
    /// The variables of the templates for a call. What is not known is undefined.
    pub(crate) fn variables(
        &self,
        workflow: &str,
        call: &CallDetails,
        extra: &Map<String, Json>,
    ) -> Value {
        let originator = self.party(
            call.originator_name.as_deref(),
            call.originator_number.as_deref(),
        );
        let destination = self.party(
            call.destination_name.as_deref(),
            call.destination_number.as_deref(),
        );
        let (direction, remote) = match call.direction {
            Some(Direction::Incoming) => (Some("incoming"), &originator),
            Some(Direction::Outgoing) => (Some("outgoing"), &destination),
            None => (None, &originator),
        };
        let (ring, talk) = (ring_seconds(call), talk_seconds(call));
        let worded = |seconds: u64| self.language.duration(seconds).into();
        let moment = |at: Option<Timestamp>| at.map(|at| self.moment(at));
        let variables = [
            ("workflow", Some(workflow.into())),
            ("direction", direction.map(Value::from)),
            ("outcome", Some(Outcome::of(call).as_str().into())),
            ("remote", Some(remote.clone())),
            ("caller", Some(originator)),
            ("callee", Some(destination)),
            ("started", moment(call.started_at)),
            ("answered", moment(call.answered_at)),
            ("declined", moment(call.declined_at)),
            ("ended", moment(call.ended_at)),
            ("duration", talk.map(worded)),
            ("duration_seconds", talk.map(Value::from)),
            ("ring_duration", ring.map(worded)),
            ("ring_seconds", ring.map(Value::from)),
            ("extra", Some(Serde(extra).into())),
        ];
        let known: BTreeMap<&str, Value> = variables
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        known.into()
    }

    fn party(&self, name: Option<&str>, number: Option<&str>) -> Value {
        let given = |text: Option<&str>| {
            let line = one_line(text?, MAX_NAME_CHARS);
            (!line.is_empty()).then_some(line)
        };
        let name = given(name);
        let (number, e164) = match (given(number), number) {
            (Some(line), Some(sent)) => match self.plan.classify(sent) {
                Caller::Number(number) => (Some(number.international()), number.e164()),
                Caller::Withheld => (None, None),
                Caller::Internal | Caller::Unsearchable => (Some(line), None),
            },
            _ => (None, None),
        };
        let label = match (&name, &number) {
            (Some(name), Some(number)) => format!("{name}, {number}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => self.language.unknown_number().to_owned(),
        };
        let is_known = name.is_some() || number.is_some();
        Value::from_object(Compound {
            parts: vec![
                ("name", name.map(Value::from)),
                ("number", number.map(Value::from)),
                ("e164", e164.map(Value::from)),
                ("label", Some(label.clone().into())),
                ("known", Some(is_known.into())),
            ],
            text: label,
        })
    }

    /// A moment on the clocks of the company. In the hour that an autumn night has twice, the
    /// offset tells which one it was.
    fn moment(&self, at: Timestamp) -> Value {
        let zoned = at.to_zoned(self.time_zone.clone());
        let (date, time, offset) = (zoned.date(), zoned.time(), zoned.strftime("%:z"));
        let mut text = self.language.date_time(date, time);
        let local = self.time_zone.to_ambiguous_timestamp(zoned.datetime());
        if local.is_ambiguous() {
            text = format!("{text} (UTC{offset})");
        }
        let second = time.second();
        let iso = format!("{date}T{}:{second:02}{offset}", time_of_day(time));
        Value::from_object(Compound {
            parts: vec![
                ("date", Some(self.language.date(date).into())),
                ("time", Some(time_of_day(time).into())),
                ("iso", Some(iso.into())),
            ],
            text,
        })
    }
}

/// A value that has parts and is printed as a text.
#[derive(Debug)]
struct Compound {
    text: String,
    parts: Vec<(&'static str, Option<Value>)>,
}

impl Object for Compound {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let (_, value) = self.parts.iter().find(|(name, _)| *name == key)?;
        value.clone()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The names that a template finds behind `value`, sorted; none behind a text or a number.
pub(crate) fn names_in(value: &Value) -> Vec<String> {
    let mut names: Vec<String> = match value.downcast_object_ref::<Compound>() {
        Some(compound) => compound
            .parts
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect(),
        None if value.kind() == ValueKind::Map => value
            .try_iter()
            .map(|names| names.map(|name| name.to_string()).collect())
            .unwrap_or_default(),
        None => Vec::new(),
    };
    names.sort();
    names
}

#[cfg(test)]
mod tests;
