//! Picking texts out of a hit, or out of the reply to a workflow's request.

use std::cell::OnceCell;

use minijinja::{Value as Variable, context, value::Serde};
use serde_json::Value;
use serde_json_path::JsonPath;
use url::Url;

use crate::{
    compile::Problems,
    config,
    scope::Scope,
    template::{NoText, Place, Template},
};

/// What may be left at either end of a text when a value of its template is absent.
const SEPARATORS: [char; 6] = [' ', ',', ';', '/', '|', '-'];

/// One hit, and what its templates can use.
pub(crate) struct Hit<'v> {
    json: &'v Value,
    base_url: &'v str,
    role: Role,
    /// The hit as the template engine sees it. Most descriptions have few templates, so it is
    /// converted when the first one asks for it.
    variable: OnceCell<Variable>,
}

/// What a hit stands for.
#[derive(Clone, Copy)]
enum Role {
    /// A record ([`Scope::record`]).
    Record,
    /// The reply to a workflow's request ([`Scope::reply`]).
    Reply,
}

impl<'v> Hit<'v> {
    /// A hit of a lookup.
    pub(crate) fn new(json: &'v Value, base_url: &'v str) -> Self {
        Self {
            json,
            base_url,
            role: Role::Record,
            variable: OnceCell::new(),
        }
    }

    /// The reply to a workflow's request.
    pub(crate) fn reply(json: &'v Value, base_url: &'v str) -> Self {
        Self {
            role: Role::Reply,
            ..Self::new(json, base_url)
        }
    }

    fn variables(&self, id: Option<&str>) -> Variable {
        let hit = self
            .variable
            .get_or_init(|| Variable::from(Serde(self.json)));
        // The address in the configuration is a URL already and must not be encoded.
        let base_url = Variable::from_safe_string(self.base_url.to_owned());
        match self.role {
            Role::Record => context! { hit, id, base_url },
            Role::Reply => context! { reply => hit, object => context! { id }, base_url },
        }
    }
}

/// Where the value of a field comes from, in the order of preference.
pub(crate) struct Sources {
    sources: Vec<Source>,
    place: Place,
}

enum Source {
    Path(JsonPath),
    Template(Template),
}

impl Sources {
    /// Reads the sources at `path`. In a link, templates encode what they insert and other texts
    /// than web addresses do not count.
    pub(crate) fn compile(
        settings: &config::Sources,
        path: &str,
        place: Place,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Self {
        let sources = match settings {
            config::Sources::One(source) => {
                vec![Source::compile(source, path, place, scope, problems)]
            }
            config::Sources::Several(sources) => sources
                .iter()
                .enumerate()
                .map(|(index, source)| {
                    Source::compile(source, &format!("{path}.{index}"), place, scope, problems)
                })
                .collect(),
        };
        if sources.is_empty() {
            problems.add(path, "at least one source is needed");
        }
        Self { sources, place }
    }

    pub(crate) fn uses(&self, variable: &str) -> bool {
        self.sources.iter().any(|source| match source {
            Source::Path(_) => false,
            Source::Template(template) => template.uses(variable),
        })
    }

    /// The first text that the sources yield.
    pub(crate) fn first(&self, hit: &Hit<'_>, id: Option<&str>) -> Option<String> {
        self.sources
            .iter()
            .find_map(|source| self.texts_of(source, hit, id).into_iter().next())
    }

    /// All texts that the sources yield, each once.
    pub(crate) fn all(&self, hit: &Hit<'_>, id: Option<&str>) -> Vec<String> {
        let mut all = Vec::new();
        for source in &self.sources {
            for text in self.texts_of(source, hit, id) {
                if !all.contains(&text) {
                    all.push(text);
                }
            }
        }
        all
    }

    fn texts_of(&self, source: &Source, hit: &Hit<'_>, id: Option<&str>) -> Vec<String> {
        let mut texts = match source {
            Source::Path(path) => texts_at(path, hit.json),
            Source::Template(template) => rendered(template, &hit.variables(id)),
        };
        if self.place == Place::Link {
            texts.retain(|text| is_web_address(text));
        }
        texts
    }
}

impl Source {
    fn compile(
        settings: &config::Source,
        path: &str,
        place: Place,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Self {
        match settings {
            config::Source::Path(text) => Self::Path(problems.json_path(path, text)),
            config::Source::Template(config::TemplateSource { template }) => {
                let path = format!("{path}.template");
                let is_web = ["https://", "http://", "{"]
                    .iter()
                    .any(|start| template.trim_start().starts_with(start));
                if place == Place::Link && !is_web {
                    problems.add(
                        &path,
                        "a link must begin with https://, http:// or {{ base_url }}",
                    );
                }
                Self::Template(problems.template(&path, template, place, scope))
            }
        }
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
