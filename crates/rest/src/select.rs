//! Picking texts out of a hit, or out of a reply.

use std::{borrow::Cow, ops::ControlFlow};

use serde_json::Value;

use crate::{compile::Problems, config, scope::Scope, template::Place};

pub(crate) use hit::Hit;
pub(crate) use index::Index;
pub(crate) use path::Path;
pub(crate) use texts::first_text;

use source::Source;
use texts::Distinct;

mod hit;
mod index;
mod link;
mod path;
mod source;
mod texts;

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
        let mut first = None;
        let _ended = self.each(hit, id, &mut |text| {
            first = Some(text.into_owned());
            ControlFlow::Break(())
        });
        first
    }

    /// All texts that the sources yield, each once.
    pub(crate) fn all(&self, hit: &Hit<'_>, id: Option<&str>) -> Vec<String> {
        let mut texts = Distinct::default();
        let _all = self.each(hit, id, &mut |text| {
            texts.add(text);
            ControlFlow::Continue(())
        });
        texts.into_vec()
    }

    /// Has `found` look at the texts that the sources yield, until it breaks.
    fn each(&self, hit: &Hit<'_>, id: Option<&str>, found: Found<'_>) -> ControlFlow<()> {
        let mut found = |text: Cow<'_, str>| {
            if self.place == Place::Link && !link::is_web_address(&text, hit.base()) {
                return ControlFlow::Continue(());
            }
            found(text)
        };
        let mut sources = self.sources.iter();
        sources.try_for_each(|source| source.each(hit, id, &mut found))
    }
}

/// Who looks at texts, one after the other, until it breaks. Most are looked at where they stand.
type Found<'f> = &'f mut dyn FnMut(Cow<'_, str>) -> ControlFlow<()>;

/// Whether a value stands for "there is none": CRMs write `null`, `false` or an empty text
/// (`crm-apis.md` §4.4).
pub(crate) fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
