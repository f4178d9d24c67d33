//! Picking texts out of a hit, or out of a reply.

use std::cell::OnceCell;

use indexmap::IndexSet;
use minijinja::{Value as Variable, context, value::Serde};
use serde_json::Value;
use serde_json_path::JsonPath;
use url::Url;
use whocalls_http::{
    BaseUrl,
    header::{HeaderMap, HeaderName},
};

use crate::{
    account::Account,
    compile::Problems,
    config,
    credential::Access,
    scope::Scope,
    template::{NoText, Place, Template},
};

pub(crate) use index::Index;

use source::Source;

mod index;
mod source;

/// What may be left at either end of a text when a value of its template is absent.
const SEPARATORS: [char; 6] = [' ', ',', ';', '/', '|', '-'];

/// What sources may refer to beside the document that they read.
pub(crate) struct Reach<'a> {
    scope: &'a Scope,
    /// The names of the steps with `index_by`.
    indexes: &'a [String],
    has_headers: bool,
}

impl<'a> Reach<'a> {
    /// Sources that read a hit. `indexes` are the names of the steps that they may join.
    pub(crate) fn hit(scope: &'a Scope, indexes: &'a [String]) -> Self {
        Self {
            scope,
            indexes,
            has_headers: false,
        }
    }

    /// Sources that read a whole reply.
    pub(crate) fn reply(scope: &'a Scope) -> Self {
        Self {
            scope,
            indexes: &[],
            has_headers: true,
        }
    }
}

/// One hit, and what its sources can use.
pub(crate) struct Hit<'v> {
    json: &'v Value,
    place: HitPlace<'v>,
    /// The hit as the template engine sees it. Most descriptions have few templates, so it is
    /// converted when the first one asks for it.
    variable: OnceCell<Variable>,
}

/// Where a hit comes from, and what surrounds it.
#[derive(Clone, Copy)]
struct HitPlace<'v> {
    role: Role,
    account: &'v Account,
    /// The address of the CRM, where it is known.
    base: Option<&'v BaseUrl>,
    headers: Option<&'v HeaderMap>,
    index: Option<&'v Index<'v>>,
}

/// What a hit stands for.
#[derive(Clone, Copy)]
enum Role {
    /// A record ([`Scope::record`]).
    Record,
    /// A reply ([`Scope::reply`]).
    Reply,
    /// An event of a notification ([`Scope::event`]).
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
                base: Some(access.base()),
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
                base: None,
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
        Self {
            json,
            place,
            variable: OnceCell::new(),
        }
    }

    /// The hits of a step with `index_by` that are found by `key`.
    fn joined(&self, step: usize, key: &str) -> impl Iterator<Item = Self> + use<'v> {
        let place = self.place;
        let hits = place.index.map_or(&[][..], |index| index.hits(step, key));
        hits.iter().map(move |json| Self::at(json, place))
    }

    /// The value of a header; those of a repeated one are joined (RFC 9110 §5.3).
    fn header(&self, name: &HeaderName) -> Option<String> {
        let values = self.place.headers?.get_all(name).iter();
        let texts: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
        let text = texts.join(", ").trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// The variables of templates and expressions about it.
    pub(crate) fn variables(&self, id: Option<&str>) -> Variable {
        let hit = self
            .variable
            .get_or_init(|| Variable::from(Serde(self.json)));
        // The address in the configuration is a URL already and must not be encoded.
        let base_url = self.place.base.map_or(Variable::UNDEFINED, |base| {
            Variable::from_safe_string(base.as_str().to_owned())
        });
        let account = self.place.account.public();
        match self.place.role {
            Role::Record => context! { hit, id, base_url, account },
            Role::Reply => context! { reply => hit, object => context! { id }, base_url, account },
            Role::Event => context! { event => hit, account },
        }
    }
}

/// Where the value of a field comes from, in the order of preference.
pub(crate) struct Sources {
    sources: Vec<Source>,
    place: Place,
}

impl Sources {
    /// Reads the sources at `path`. In a link, templates encode what they insert and other texts
    /// than web addresses do not count.
    pub(crate) fn compile(
        settings: &config::Sources,
        path: &str,
        place: Place,
        reach: &Reach<'_>,
        problems: &mut Problems,
    ) -> Self {
        let sources = match settings {
            config::Sources::One(source) => {
                vec![Source::compile(source, path, place, reach, problems)]
            }
            config::Sources::Several(sources) => sources
                .iter()
                .enumerate()
                .map(|(index, source)| {
                    Source::compile(source, &format!("{path}.{index}"), place, reach, problems)
                })
                .collect(),
        };
        if sources.is_empty() {
            problems.add(path, "at least one source is needed");
        }
        Self { sources, place }
    }

    pub(crate) fn uses(&self, variable: &str) -> bool {
        self.sources.iter().any(|source| source.uses(variable))
    }

    /// Whether one of them needs the hits of another step.
    pub(crate) fn has_join(&self) -> bool {
        self.sources.iter().any(Source::has_join)
    }

    /// The texts that those with a `map` can yield.
    pub(crate) fn mapped(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().flat_map(Source::mapped)
    }

    /// The first text that the sources yield.
    pub(crate) fn first(&self, hit: &Hit<'_>, id: Option<&str>) -> Option<String> {
        self.sources
            .iter()
            .find_map(|source| self.texts_of(source, hit, id).into_iter().next())
    }

    /// All texts that the sources yield, each once.
    pub(crate) fn all(&self, hit: &Hit<'_>, id: Option<&str>) -> Vec<String> {
        let sources = self.sources.iter();
        let texts = sources.flat_map(|source| self.texts_of(source, hit, id));
        // A reply can have hundreds of thousands.
        texts.collect::<IndexSet<_>>().into_iter().collect()
    }

    fn texts_of(&self, source: &Source, hit: &Hit<'_>, id: Option<&str>) -> Vec<String> {
        let mut texts = source.texts(hit, id);
        if self.place == Place::Link {
            texts.retain(|text| is_web_address(text));
        }
        texts
    }
}

/// Whether a value stands for "there is none": CRMs write `null`, `false` or an empty text
/// (`crm-apis.md` §4.4).
pub(crate) fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// The texts that a path selects in a hit.
pub(crate) fn texts_at(path: &JsonPath, hit: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    for value in path.query(hit) {
        collect(value, &mut texts);
    }
    texts
}

/// Texts, numbers and `true` are texts; an array stands for its elements; an object is none.
fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        absent if is_absent(absent) => {}
        Value::String(text) => texts.push(text.trim().to_owned()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Number(_) | Value::Bool(_) => texts.push(value.to_string()),
        Value::Null | Value::Object(_) => {}
    }
}

/// The text of a record's template, without the gaps that absent values leave.
fn rendered(template: &Template, variables: &Variable) -> Vec<String> {
    match template.render(variables) {
        Ok(text) if template.is_link() => vec![text],
        Ok(text) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            let text = words.join(" ");
            let text = text.trim_matches(SEPARATORS);
            if text.is_empty() {
                Vec::new()
            } else {
                vec![text.to_owned()]
            }
        }
        Err(NoText::Absent) => Vec::new(),
        Err(NoText::Broken(reason)) => {
            tracing::debug!(reason, "a field is left empty");
            Vec::new()
        }
    }
}

/// Whether a text is an absolute address of the web. Others, such as `javascript:`, must not
/// become links on somebody's screen.
fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests;
