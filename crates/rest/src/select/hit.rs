//! A hit or a reply, and what its sources and templates can use of it.

use minijinja::{Value as Variable, context, value::Serde};
use serde_json::Value;
use whocalls_http::header::{HeaderMap, HeaderName};

use super::Index;
use crate::{
    account::Account,
    credential::Access,
    template::{Values, member},
};

/// One hit, and what its sources can use.
pub(crate) struct Hit<'v> {
    pub(super) json: &'v Value,
    place: HitPlace<'v>,
}

/// Where a hit comes from, and what surrounds it.
#[derive(Clone, Copy)]
struct HitPlace<'v> {
    role: Role,
    account: &'v Account,
    /// The address of the CRM as a variable; undefined where it is not known.
    base_url: &'v Variable,
    headers: Option<&'v HeaderMap>,
    index: Option<&'v Index<'v>>,
}

/// What a hit stands for.
#[derive(Clone, Copy)]
enum Role {
    /// A record ([`Scope::record`](crate::scope::Scope::record)).
    Record,
    /// A reply ([`Scope::reply`](crate::scope::Scope::reply)).
    Reply,
    /// An event of a notification ([`Scope::event`](crate::scope::Scope::event)).
    Event,
}

impl<'v> Hit<'v> {
    /// A hit of a lookup that was asked with `access`.
    pub(crate) fn new(json: &'v Value, access: &'v Access) -> Self {
        Self::at(
            json,
            HitPlace {
                role: Role::Record,
                account: access.account(),
                base_url: access.base_variable(),
                headers: None,
                index: None,
            },
        )
    }

    /// A whole reply.
    pub(crate) fn reply(json: &'v Value, access: &'v Access) -> Self {
        let mut hit = Self::new(json, access);
        hit.place.role = Role::Reply;
        hit
    }

    /// An event of a notification.
    pub(crate) fn event(json: &'v Value, account: &'v Account) -> Self {
        Self::at(
            json,
            HitPlace {
                role: Role::Event,
                account,
                base_url: &Variable::UNDEFINED,
                headers: None,
                index: None,
            },
        )
    }

    /// The same reply or event, with the headers that it came with.
    pub(crate) fn with_headers(mut self, headers: &'v HeaderMap) -> Self {
        self.place.headers = Some(headers);
        self
    }

    /// The same hit, whose sources can join those of other steps.
    pub(crate) fn with_index(mut self, index: &'v Index<'v>) -> Self {
        self.place.index = Some(index);
        self
    }

    fn at(json: &'v Value, place: HitPlace<'v>) -> Self {
        Self { json, place }
    }

    /// The hits of a step with `index_by` that are found by `key`.
    pub(super) fn joined(&self, step: usize, key: &str) -> impl Iterator<Item = Self> + use<'v> {
        let place = self.place;
        let hits = place.index.map_or(&[][..], |index| index.hits(step, key));
        hits.iter().map(move |json| Self::at(json, place))
    }

    /// The value of a header; those of a repeated one are joined (RFC 9110 §5.3).
    pub(super) fn header(&self, name: &HeaderName) -> Option<String> {
        let values = self.place.headers?.get_all(name).iter();
        let texts: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
        let text = texts.join(", ").trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// The address of the CRM, where it is known.
    pub(super) fn base(&self) -> Option<&str> {
        self.place.base_url.as_str()
    }

    /// The variables of templates and expressions about it; `id` is that of its record.
    pub(crate) fn variables<'h>(&'h self, id: Option<&'h str>) -> HitVariables<'h, 'v> {
        HitVariables { hit: self, id }
    }
}

/// The variables of a hit. What no template uses is not made.
pub(crate) struct HitVariables<'h, 'v> {
    hit: &'h Hit<'v>,
    id: Option<&'h str>,
}

impl HitVariables<'_, '_> {
    /// The name of the variable that is the hit.
    fn hit_name(&self) -> &'static str {
        match self.hit.place.role {
            Role::Record => "hit",
            Role::Reply => "reply",
            Role::Event => "event",
        }
    }

    /// Those beside the hit.
    fn other(&self, name: &str) -> Variable {
        let place = &self.hit.place;
        match (place.role, name) {
            (_, "account") => place.account.public().clone(),
            (Role::Record | Role::Reply, "base_url") => place.base_url.clone(),
            (Role::Record, "id") => self.id.into(),
            (Role::Reply, "object") => context! { id => self.id },
            _ => Variable::UNDEFINED,
        }
    }
}

impl Values for HitVariables<'_, '_> {
    fn value(&self, variable: &str, members: &[String]) -> Variable {
        if variable != self.hit_name() {
            return member(self.other(variable), members);
        }
        let mut members = members.iter();
        let value = members.try_fold(self.hit.json, |value, member| {
            value.as_object()?.get(member)
        });
        value.map_or(Variable::UNDEFINED, converted)
    }

    fn all(&self, used: Option<&[String]>) -> Variable {
        let name = self.hit_name();
        let others = ["id", "object", "base_url", "account"];
        let others = others.map(|other| (other, self.other(other)));
        let others = others
            .into_iter()
            .filter(|(_, value)| !value.is_undefined());
        let hit = (name, used_of(self.hit.json, name, used));
        Variable::from_pairs(others.chain([hit]))
    }
}

/// The part of a document that is used of the variable `name`: a hit can have hundreds of members.
fn used_of(document: &Value, name: &str, used: Option<&[String]>) -> Variable {
    let (Value::Object(members), Some(used)) = (document, used) else {
        return converted(document);
    };
    let used = used.iter().filter_map(|used| used.strip_prefix(name));
    let used: Vec<&str> = used
        .filter(|rest| rest.is_empty() || rest.starts_with('.'))
        .collect();
    if used.iter().any(|rest| rest.is_empty()) {
        return converted(document);
    }
    let names = used.iter().filter_map(|rest| rest.split('.').nth(1));
    let found = names.filter_map(|name| Some((name, converted(members.get(name)?))));
    Variable::from_pairs(found)
}

fn converted(json: &Value) -> Variable {
    match json {
        Value::String(text) => text.as_str().into(),
        json => Serde(json).into(),
    }
}
