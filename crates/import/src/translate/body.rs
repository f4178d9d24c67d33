//! Bodies of requests.

mod message;

use super::{
    names::Scope,
    request::{Requests, note_lost},
};
use crate::{
    expression::{Condition, Kind, Term},
    note::{Notes, Place},
    template::{Body, Content, Node, Request},
    write::{Item, Table},
};

/// A body with the names of its values replaced.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Built {
    Json(Json),
    Form(Vec<(String, Term)>),
    /// A text that is neither, its content type, and whether its values are to be written as parts
    /// of JSON texts.
    Text(Term, String, bool),
}

/// A JSON document with values in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Text(Term),
    /// A value that is no text in JSON.
    Typed(Term),
    Object(Vec<(String, Self)>),
    Array(Vec<Self>),
}

/// The keys of a request that describe its body.
pub(super) fn of(
    requests: &Requests<'_>,
    scope: &Scope<'_>,
    request: &Request,
    notes: &mut Notes,
) -> Option<Table> {
    build(requests, scope, request, notes).map(|built| built.table(request.place, notes))
}

/// Replaces the names in a body.
pub(super) fn build(
    requests: &Requests<'_>,
    scope: &Scope<'_>,
    request: &Request,
    notes: &mut Notes,
) -> Option<Built> {
    let builder = Builder { requests, scope };
    match &request.body {
        Body::Nothing => None,
        Body::Message(text, content_type) => {
            let mut lost = Vec::new();
            let term = requests.term(scope, text, &mut lost);
            note_lost(lost, request.place, notes);
            Some(message::read(term, content_type))
        }
        Body::Json(node) => Some(Built::Json(builder.json(node, notes)?)),
        Body::Form(parts) => {
            let mut fields = Vec::new();
            for (name, json) in builder.members(parts, notes) {
                match json {
                    Json::Text(term) | Json::Typed(term) => fields.push((name, term)),
                    Json::Object(_) | Json::Array(_) => notes.lost(
                        request.place,
                        format!("the form field `{name}` has parts"),
                        "write it by hand, as the CRM takes it: { json = … } or several fields",
                    ),
                }
            }
            Some(Built::Form(fields))
        }
    }
}

struct Builder<'b> {
    requests: &'b Requests<'b>,
    scope: &'b Scope<'b>,
}

impl Builder<'_> {
    /// The value of a node without regard to its condition.
    fn json(&self, node: &Node, notes: &mut Notes) -> Option<Json> {
        let term = |expression, notes: &mut Notes| {
            let mut lost = Vec::new();
            let term = self.requests.term(self.scope, expression, &mut lost);
            let was_lost = !lost.is_empty();
            note_lost(lost, node.place, notes);
            // What consists of nothing else is left out.
            (!was_lost || term != Term::empty()).then_some(term)
        };
        match &node.content {
            Content::Text(text) => term(text, notes).map(Json::Text),
            Content::Typed(value) => term(value, notes).map(Json::Typed),
            Content::Object(parts) => Some(Json::Object(self.members(parts, notes))),
            Content::Array(parts) => {
                let mut items = Vec::new();
                for part in parts {
                    if self.condition(part, notes) != Condition::Never {
                        items.extend(self.json(part, notes));
                    }
                }
                Some(Json::Array(items))
            }
        }
    }

    /// The members of an object. Members of the same name exclude each other by their conditions.
    fn members(&self, parts: &[Node], notes: &mut Notes) -> Vec<(String, Json)> {
        let mut members: Vec<(String, Json)> = Vec::new();
        // From the last to the first: an earlier one is chosen before a later one.
        for node in parts.iter().rev() {
            let condition = self.condition(node, notes);
            if condition == Condition::Never {
                continue;
            }
            let Some(json) = self.json(node, notes) else {
                continue;
            };
            let before = members.iter().position(|(name, _)| *name == node.key);
            let other = before.map(|position| members.remove(position).1);
            let is_open = condition != Condition::Always;
            let json = match json {
                Json::Object(_) | Json::Array(_) if is_open => {
                    note_condition(node.place, notes);
                    json
                }
                json => {
                    let other = other.unwrap_or_else(|| Json::Text(Term::empty()));
                    let fallback = json.clone();
                    merge(&condition, json, other).unwrap_or(fallback)
                }
            };
            members.insert(0, (node.key.clone(), json));
        }
        members
    }

    fn condition(&self, node: &Node, notes: &mut Notes) -> Condition {
        let Some(condition) = &node.condition else {
            return Condition::Always;
        };
        let mut lost = Vec::new();
        let condition = Requests::condition(self.scope, condition, &mut lost);
        note_lost(lost, node.place, notes);
        condition
    }
}

fn note_condition(place: Place, notes: &mut Notes) {
    notes.lost(
        place,
        "an object or list that is sent under a condition",
        "it is sent always; take the parts out that the CRM must not get",
    );
}

/// `one` where the condition holds, else `other`; none if they have not the same parts.
pub(super) fn merge(condition: &Condition, one: Json, other: Json) -> Option<Json> {
    let choose = |one, other| Term::choice(condition.clone(), one, other);
    Some(match (one, other) {
        (Json::Typed(one), Json::Typed(other)) => Json::Typed(choose(one, other)),
        (Json::Typed(one), Json::Text(other)) if other == Term::empty() => {
            // A value without type is absent rather than an empty text.
            let absent = Term::Code("none".to_owned(), Kind::Number);
            Json::Typed(choose(one, absent))
        }
        (Json::Text(one), Json::Text(other) | Json::Typed(other))
        | (Json::Typed(one), Json::Text(other)) => Json::Text(choose(one, other)),
        (Json::Object(one), Json::Object(mut other)) => {
            let mut members = Vec::new();
            for (name, json) in one {
                let counterpart = other.iter().position(|(key, _)| *key == name);
                let counterpart = match counterpart {
                    Some(position) => other.remove(position).1,
                    None => Json::Text(Term::empty()),
                };
                members.push((name, merge(condition, json, counterpart)?));
            }
            let opposite = condition.clone().negated();
            for (name, json) in other {
                members.push((name, merge(&opposite, json, Json::Text(Term::empty()))?));
            }
            Json::Object(members)
        }
        (Json::Array(one), Json::Array(other)) if one.len() == other.len() => Json::Array(
            one.into_iter()
                .zip(other)
                .map(|(one, other)| merge(condition, one, other))
                .collect::<Option<_>>()?,
        ),
        (one, _) if *condition == Condition::Always => one,
        _ => return None,
    })
}

impl Built {
    /// `one` where the condition holds, else `other`; none if they are not alike.
    pub(super) fn merge(condition: &Condition, one: Self, other: Self) -> Option<Self> {
        let as_json = |fields: Vec<(String, Term)>| {
            let members = fields
                .into_iter()
                .map(|(name, term)| (name, Json::Text(term)));
            Json::Object(members.collect())
        };
        match (one, other) {
            (Self::Json(one), Self::Json(other)) => merge(condition, one, other).map(Self::Json),
            (Self::Form(one), Self::Form(other)) => {
                let Json::Object(members) = merge(condition, as_json(one), as_json(other))? else {
                    return None;
                };
                let fields = members.into_iter().filter_map(|(name, json)| match json {
                    Json::Text(term) | Json::Typed(term) => Some((name, term)),
                    _ => None,
                });
                Some(Self::Form(fields.collect()))
            }
            (Self::Text(one, kind, is_json), Self::Text(other, other_kind, _))
                if kind == other_kind =>
            {
                let text = Term::choice(condition.clone(), one, other);
                Some(Self::Text(text, kind, is_json))
            }
            _ => None,
        }
    }

    /// As the key `body`.
    pub(super) fn table(&self, place: Place, notes: &mut Notes) -> Table {
        let mut body = Table::default();
        match self {
            Self::Json(json) => {
                let item = match item(json, place, notes) {
                    Item::Inline(table) => Item::Block(table),
                    other => other,
                };
                body.set("json", item);
            }
            Self::Form(fields) => {
                let mut form = Table::default();
                for (name, term) in fields {
                    form.set(&**name, term.template());
                }
                body.set("form", Item::Block(form));
            }
            Self::Text(term, content_type, is_json) => {
                let text: Item = term.template().into();
                if *is_json {
                    body.set(
                        "text",
                        Item::Inline(Table::default().with("json_text", text)),
                    );
                } else {
                    body.set("text", text);
                }
                if !content_type.is_empty() {
                    body.set("content_type", &**content_type);
                }
            }
        }
        Table::default().with("body", Item::Block(body))
    }
}

fn item(json: &Json, place: Place, notes: &mut Notes) -> Item {
    match json {
        Json::Text(term) => term.template().into(),
        Json::Typed(term) => typed(term, place, notes),
        Json::Object(members) => {
            let mut table = Table::default();
            for (name, member) in members {
                table.set(&**name, item(member, place, notes));
            }
            Item::Inline(table)
        }
        Json::Array(items) => Item::List(
            items
                .iter()
                .map(|element| item(element, place, notes))
                .collect(),
        ),
    }
}

/// A value that is no text in JSON.
fn typed(term: &Term, place: Place, notes: &mut Notes) -> Item {
    let expression = |code: String| Item::Inline(Table::default().with("$json", code));
    if let Some(text) = term.constant() {
        let text = text.trim();
        return match (
            text.to_ascii_lowercase().as_str(),
            text.parse::<i64>(),
            text.parse::<f64>(),
        ) {
            ("true", ..) => Item::Bool(true),
            ("false", ..) => Item::Bool(false),
            ("null" | "", ..) => expression("none".to_owned()),
            (_, Ok(number), _) => Item::Integer(number),
            (_, _, Ok(number)) if number.is_finite() => Item::Float(number),
            _ => text.into(),
        };
    }
    if term.kind() == Kind::Number || matches!(term, Term::Choice(..)) {
        return expression(term.typed_expression());
    }
    notes.guess(
        place,
        "a number or truth value is made of a text, and is sent as a text",
        "see whether the CRM takes it",
    );
    term.template().into()
}
