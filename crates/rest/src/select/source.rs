//! One source: where its text stands, and what is done with it.

use std::{borrow::Cow, collections::HashMap, ops::ControlFlow};

use regex_lite::Regex;
use whocalls_http::header::HeaderName;

use super::{
    Found, Hit, Path, Reach, Sources,
    texts::{each_text, rendered},
};
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
    Path(Path),
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

    /// Has `found` look at the texts that it yields for a hit, until it breaks.
    pub(super) fn each(
        &self,
        hit: &Hit<'_>,
        id: Option<&str>,
        found: Found<'_>,
    ) -> ControlFlow<()> {
        let mut found = |text: Cow<'_, str>| match self.changed(text) {
            Some(text) => found(text),
            None => ControlFlow::Continue(()),
        };
        let Some(join) = &self.join else {
            return self.origin.each(hit, id, &mut found);
        };
        let keys = join.key.all(hit, id);
        let mut joined = keys.iter().flat_map(|key| hit.joined(join.step, key));
        joined.try_for_each(|hit| self.origin.each(&hit, id, &mut found))
    }

    /// What becomes of a text; none when it does not count.
    fn changed<'t>(&'t self, text: Cow<'t, str>) -> Option<Cow<'t, str>> {
        let text = match &self.pattern {
            Some(pattern) => part(pattern, &text)?.into(),
            None => text,
        };
        match &self.map {
            Some(map) => map.get(&*text).map(Cow::from),
            None => Some(text),
        }
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

    fn each(&self, hit: &Hit<'_>, id: Option<&str>, found: Found<'_>) -> ControlFlow<()> {
        let text = match self {
            Self::Path(path) => return each_text(path, hit.json, found),
            Self::Template(template) => rendered(template, &hit.variables(id)),
            Self::Header(name) => hit.header(name),
            Self::Nowhere => None,
        };
        text.map_or(ControlFlow::Continue(()), |text| found(text.into()))
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
