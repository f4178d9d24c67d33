//! One source: where its text stands, and what is done with it.

use std::collections::HashMap;

use regex_lite::Regex;
use serde_json_path::JsonPath;
use whocalls_http::header::HeaderName;

use super::{Hit, Reach, Sources, rendered, texts_at};
use crate::{
    compile::Problems,
    config::{self, SourceSettings},
    template::{Place, Template},
};

/// Where a text comes from.
pub(super) struct Source {
    origin: Origin,
    join: Option<Join>,
    pattern: Option<Regex>,
    map: Option<HashMap<String, String>>,
}

enum Origin {
    Path(JsonPath),
    Template(Template),
    Header(HeaderName),
    /// That of a source with a problem.
    Nowhere,
}

/// The way from a hit to those of an index.
struct Join {
    /// The number of the step among those with `index_by`.
    step: usize,
    key: Sources,
}

impl Source {
    pub(super) fn compile(
        settings: &config::Source,
        path: &str,
        place: Place,
        reach: &Reach<'_>,
        problems: &mut Problems,
    ) -> Self {
        match settings {
            config::Source::Path(text) => Self {
                origin: Origin::Path(problems.json_path(path, text)),
                join: None,
                pattern: None,
                map: None,
            },
            config::Source::Made(settings) => Self::made(settings, path, place, reach, problems),
        }
    }

    fn made(
        settings: &SourceSettings,
        path: &str,
        place: Place,
        reach: &Reach<'_>,
        problems: &mut Problems,
    ) -> Self {
        let pattern = settings.pattern.as_ref();
        Self {
            origin: Origin::compile(settings, path, place, reach, problems),
            join: Join::compile(settings, path, reach, problems),
            pattern: pattern.and_then(|text| problems.pattern(&format!("{path}.pattern"), text)),
            map: settings.map.as_ref().map(|map| {
                let map = map.iter();
                map.map(|(from, to)| (from.clone(), to.clone())).collect()
            }),
        }
    }

    /// Whether it needs the hits of another step.
    pub(super) fn has_join(&self) -> bool {
        self.join.is_some()
    }

    pub(super) fn uses(&self, variable: &str) -> bool {
        matches!(&self.origin, Origin::Template(template) if template.uses(variable))
    }

    /// The texts that it yields for a hit.
    pub(super) fn texts(&self, hit: &Hit<'_>, id: Option<&str>) -> Vec<String> {
        let mut texts = match &self.join {
            None => self.origin.texts(hit, id),
            Some(join) => {
                let keys = join.key.all(hit, id);
                let joined = keys.iter().flat_map(|key| hit.joined(join.step, key));
                joined.flat_map(|hit| self.origin.texts(&hit, id)).collect()
            }
        };
        if let Some(pattern) = &self.pattern {
            texts = texts
                .iter()
                .filter_map(|text| part(pattern, text))
                .collect();
        }
        if let Some(map) = &self.map {
            texts = texts
                .iter()
                .filter_map(|text| map.get(text).cloned())
                .collect();
        }
        texts
    }

    /// The texts that it can become, if it has a `map`.
    pub(super) fn mapped(&self) -> impl Iterator<Item = &str> {
        self.map
            .iter()
            .flat_map(|map| map.values().map(String::as_str))
    }
}

impl Origin {
    fn compile(
        settings: &SourceSettings,
        path: &str,
        place: Place,
        reach: &Reach<'_>,
        problems: &mut Problems,
    ) -> Self {
        match (&settings.path, &settings.template, &settings.header) {
            (Some(text), None, None) => {
                Self::Path(problems.json_path(&format!("{path}.path"), text))
            }
            (None, Some(template), None) => {
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
                Self::Template(problems.template(&path, template, place, reach.scope))
            }
            (None, None, Some(header)) => {
                let path = format!("{path}.header");
                if !reach.has_headers || settings.step.is_some() {
                    problems.add(&path, "a hit has no headers; its reply has");
                }
                problems
                    .header_name(&path, header)
                    .map_or(Self::Nowhere, Self::Header)
            }
            _ => {
                problems.add(
                    path,
                    "one of `path`, `template` and `header` is needed, and only one",
                );
                Self::Nowhere
            }
        }
    }

    fn texts(&self, hit: &Hit<'_>, id: Option<&str>) -> Vec<String> {
        match self {
            Self::Path(path) => texts_at(path, hit.json),
            Self::Template(template) => rendered(template, &hit.variables(id)),
            Self::Header(name) => hit.header(name).into_iter().collect(),
            Self::Nowhere => Vec::new(),
        }
    }
}

impl Join {
    fn compile(
        settings: &SourceSettings,
        path: &str,
        reach: &Reach<'_>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let (step, key) = match (&settings.step, &settings.key) {
            (None, None) => return None,
            (Some(step), Some(key)) => (step, key),
            _ => {
                problems.add(
                    path,
                    "`step` and `key` belong together: the step with the hits, and what their \
                     `index_by` has to equal",
                );
                return None;
            }
        };
        let number = reach.indexes.iter().position(|known| known == step);
        if number.is_none() {
            let known: Vec<String> = reach
                .indexes
                .iter()
                .map(|name| format!("`{name}`"))
                .collect();
            let message = if known.is_empty() {
                "no step with `index_by` can be used here".to_owned()
            } else {
                format!(
                    "there is no such step with `index_by`; there is {}",
                    known.join(", ")
                )
            };
            problems.add(&format!("{path}.step"), message);
        }
        let key = Sources::compile(
            key,
            &format!("{path}.key"),
            Place::RecordText,
            reach,
            problems,
        );
        Some(Self { step: number?, key })
    }
}

/// What the first group of a pattern matches, or all of it where there is no group.
fn part(pattern: &Regex, text: &str) -> Option<String> {
    let captures = pattern.captures(text)?;
    let group = usize::from(captures.len() > 1);
    let part = captures.get(group)?.as_str().trim();
    (!part.is_empty()).then(|| part.to_owned())
}
