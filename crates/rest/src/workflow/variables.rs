//! A workflow request as templates see it: `call.started_at`, `workflow.key`, `contact.id`.
//!
//! What is not known is absent and not empty, so that a request can leave it out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use minijinja::{Value, value::Serde};
use uuid::Uuid;
use whocalls_core::{
    CallDetails, Caller, Direction, NumberPlan, WorkflowRequest, workflow::CALL_FLOW,
};

use crate::{
    number::{FORMS, NumberForms},
    scope::{Common, Scope, Variable, Variables},
};

/// The name space of `workflow.uuid` (RFC 9562 §5.5). Never change it: CRMs would no longer
/// recognise a repetition.
const NAMESPACE: Uuid = Uuid::from_u128(0x8d1f_0c55_73aa_4f0e_a6f4_2d90_5b1e_c7e2);

/// A variable and what it has. With nothing listed it is a value itself, or has what the telephone
/// system sends.
type Named = (&'static str, &'static [&'static str]);

/// What the requests of a workflow can use.
const VARIABLES: [Named; 9] = [
    ("workflow", &["name", "key", "uuid", "marker"]),
    ("subject", &[]),
    ("text", &[]),
    ("marked_text", &[]),
    ("contact", &["id"]),
    ("user", &[]),
    ("call", &CALL),
    ("number", &FORMS),
    ("extra", &[]),
];
/// What those can use beside that are about an object with a known id.
const OBJECT: Named = ("object", &["id"]);
/// What is known of a call.
const CALL: [&str; 17] = [
    "direction",
    "outcome",
    "originator_number",
    "originator_name",
    "destination_number",
    "destination_name",
    "remote_number",
    "remote_name",
    "started_at",
    "answered_at",
    "ended_at",
    "declined_at",
    "started_unix",
    "answered_unix",
    "ended_unix",
    "declined_unix",
    "duration_seconds",
];

/// The variables of a request about the object with this id, if it is known.
pub(super) fn of(request: &WorkflowRequest, object: Option<&str>, plan: &NumberPlan) -> Variables {
    let key = &request.idempotency_key;
    let workflow = present([
        ("name", text(&request.name)),
        ("key", text(key)),
        ("uuid", text(&uuid(key))),
        ("marker", text(&request.marker())),
    ]);
    [
        ("workflow", Some(workflow)),
        ("subject", text(&request.subject)),
        ("text", text(&request.text)),
        ("marked_text", text(&request.marked_text())),
        (
            "contact",
            Some(present([("id", optional(request.contact.as_deref()))])),
        ),
        ("user", optional(request.user.as_deref())),
        ("call", Some(call(&request.call))),
        ("number", number(&request.call, plan)),
        ("extra", Some(Value::from(Serde(&request.extra)))),
        ("object", Some(present([("id", optional(object))]))),
    ]
    .into_iter()
    .fold(Variables::default(), |variables, (name, value)| {
        variables.with(name, value.unwrap_or_default())
    })
}

/// The templates of a workflow's requests; `with_object` those that know the object's id.
pub(super) fn scope(common: &Common<'_>, with_object: bool) -> Scope {
    let object = with_object.then_some("4711");
    let full = of(&full(), object, common.plan);
    let bare = of(&bare(), object, common.plan);
    let names = VARIABLES.into_iter().chain(object.map(|_| OBJECT));
    let variables = names.map(|(name, members)| {
        let variable = Variable::new(name)
            .with_samples(vec![full.get(name)])
            .or_absent(bare.get(name));
        if members.is_empty() {
            variable
        } else {
            variable.with_members(members.iter().copied())
        }
    });
    Scope::workflow(common, variables.collect())
}

/// The texts by which a CRM's object is known to be that of the request, in lower case.
pub(super) fn keys(request: &WorkflowRequest) -> [String; 3] {
    let key = &request.idempotency_key;
    [key.clone(), uuid(key), request.marker()].map(|key| key.to_ascii_lowercase())
}

/// The UUID of the request with this key: the same for every delivery of it.
fn uuid(key: &str) -> String {
    Uuid::new_v5(&NAMESPACE, key.as_bytes()).to_string()
}

fn call(call: &CallDetails) -> Value {
    let is_outgoing = call.direction == Some(Direction::Outgoing);
    let remote_name = if is_outgoing {
        &call.destination_name
    } else {
        &call.originator_name
    };
    let direction = call.direction.map(|direction| match direction {
        Direction::Incoming => "incoming",
        Direction::Outgoing => "outgoing",
    });
    let at = |time: Option<Timestamp>| text(&time?.to_string());
    let unix = |time: Option<Timestamp>| Some(Value::from(time?.as_second()));
    present([
        ("direction", optional(direction)),
        ("outcome", text(call.outcome())),
        (
            "originator_number",
            optional(call.originator_number.as_deref()),
        ),
        ("originator_name", optional(call.originator_name.as_deref())),
        (
            "destination_number",
            optional(call.destination_number.as_deref()),
        ),
        (
            "destination_name",
            optional(call.destination_name.as_deref()),
        ),
        ("remote_number", optional(call.remote_number())),
        ("remote_name", optional(remote_name.as_deref())),
        ("started_at", at(call.started_at)),
        ("answered_at", at(call.answered_at)),
        ("ended_at", at(call.ended_at)),
        ("declined_at", at(call.declined_at)),
        ("started_unix", unix(call.started_at)),
        ("answered_unix", unix(call.answered_at)),
        ("ended_unix", unix(call.ended_at)),
        ("declined_unix", unix(call.declined_at)),
        (
            "duration_seconds",
            call.talk_time().map(|time| time.as_secs().into()),
        ),
    ])
}

/// The number of the party outside, in all its forms; absent when it is withheld or internal.
fn number(call: &CallDetails, plan: &NumberPlan) -> Option<Value> {
    match plan.classify(call.remote_number()?) {
        Caller::Number(number) => Some(NumberForms::value(&number)),
        Caller::Withheld | Caller::Internal | Caller::Unsearchable => None,
    }
}

/// A text; blank ones are as good as absent.
fn text(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| Value::from(text))
}

fn optional(value: Option<&str>) -> Option<Value> {
    value.and_then(text)
}

/// A variable with those members that are present.
fn present<const N: usize>(members: [(&'static str, Option<Value>); N]) -> Value {
    let present = members.into_iter();
    present
        .filter_map(|(name, value)| Some((name, value?)))
        .collect::<BTreeMap<_, _>>()
        .into()
}

/// A request of which everything is known.
fn full() -> WorkflowRequest {
    let some = |text: &str| Some(text.to_owned());
    let at = |second| Timestamp::from_second(second).ok();
    WorkflowRequest {
        contact: some("7"),
        user: some("42"),
        call: CallDetails {
            direction: Some(Direction::Incoming),
            originator_number: some("+41215522000"),
            originator_name: some("Mia Keller"),
            destination_number: some("+41445550100"),
            destination_name: some("Anna"),
            started_at: at(1_763_800_200),
            answered_at: at(1_763_800_210),
            ended_at: at(1_763_800_270),
            declined_at: at(1_763_800_270),
        },
        ..bare()
    }
}

/// A request of which nothing is known but that it was made.
fn bare() -> WorkflowRequest {
    WorkflowRequest {
        name: CALL_FLOW.to_owned(),
        idempotency_key: "0199c0f0e1b2".to_owned(),
        subject: "Incoming call".to_owned(),
        text: "Not answered.".to_owned(),
        ..WorkflowRequest::default()
    }
}

#[cfg(test)]
mod tests;
