//! What steps take from their replies for later ones: `captured.<name>`.

use std::collections::BTreeMap;

use minijinja::Value;

use super::brought::Brought;
use crate::{
    config::{self, StepSettings},
    hits,
};

/// More texts of one name than these are not used.
const MOST: usize = 500;

/// The names that steps capture.
pub(super) struct Captures(Vec<Capture>);

/// A name, and where its texts come from.
struct Capture {
    name: String,
    /// Each step that captures it, and the number of the capture in the step.
    from: Vec<(usize, usize)>,
    /// Whether it is a list, as opposed to one text.
    is_list: bool,
}

impl Captures {
    /// The names that these steps capture. Steps that capture the same name fill one list.
    pub(super) fn of<'s>(steps: impl Iterator<Item = &'s StepSettings>) -> Self {
        let mut captures: Vec<Capture> = Vec::new();
        for (number, step) in steps.enumerate() {
            for (place, (name, sources)) in step.capture.iter().enumerate() {
                let is_list =
                    step.for_each.is_some() || step.pages.is_some() || !is_single(sources);
                let from = (number, place);
                match captures.iter_mut().find(|known| known.name == *name) {
                    Some(known) => {
                        known.from.push(from);
                        known.is_list = true;
                    }
                    None => captures.push(Capture {
                        name: name.clone(),
                        from: vec![from],
                        is_list,
                    }),
                }
            }
        }
        Self(captures)
    }

    /// The names, and whether each is a list.
    pub(super) fn names(&self) -> Vec<(String, bool)> {
        let captures = self.0.iter();
        captures
            .map(|capture| (capture.name.clone(), capture.is_list))
            .collect()
    }

    /// The captures that `is_used` says are used, as the steps that they come from.
    pub(super) fn sources_of(&self, is_used: impl Fn(&str) -> bool) -> Vec<usize> {
        let used = self.0.iter().filter(|capture| is_used(&capture.member()));
        used.flat_map(|capture| capture.from.iter().map(|(step, _)| *step))
            .collect()
    }

    /// The first name of those that `is_used` says are used that nothing was captured for.
    pub(super) fn missing(
        &self,
        is_used: impl Fn(&str) -> bool,
        brought: &[Brought],
    ) -> Option<&str> {
        let mut captures = self.0.iter();
        let missing = captures
            .find(|capture| is_used(&capture.member()) && capture.texts(brought).is_empty())?;
        Some(&missing.name)
    }

    /// Whether more was captured than is used, of the names that `is_used` says are used.
    pub(super) fn are_cut(&self, is_used: impl Fn(&str) -> bool, brought: &[Brought]) -> bool {
        let mut captures = self.0.iter();
        captures.any(|capture| is_used(&capture.member()) && capture.texts(brought).len() > MOST)
    }

    /// The variable `captured`.
    pub(super) fn variable(&self, brought: &[Brought]) -> Value {
        let captures = self.0.iter();
        captures
            .filter_map(|capture| {
                let mut texts = capture.texts(brought);
                texts.truncate(MOST);
                let value = if capture.is_list {
                    Value::from(texts)
                } else {
                    texts.drain(..).next()?.into()
                };
                Some((capture.name.clone(), value))
            })
            .collect::<BTreeMap<_, _>>()
            .into()
    }
}

impl Capture {
    /// How templates write it.
    fn member(&self) -> String {
        format!("captured.{}", self.name)
    }

    /// The texts, each once, in the order of the steps; at most one more than are used.
    fn texts(&self, brought: &[Brought]) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for (step, place) in &self.from {
            let captured = brought
                .get(*step)
                .and_then(|brought| brought.captured.get(*place));
            for text in captured.into_iter().flatten() {
                if texts.len() <= MOST && !texts.contains(text) {
                    texts.push(text.clone());
                }
            }
        }
        texts
    }
}

/// Whether each of these sources leads to one value.
fn is_single(sources: &config::Sources) -> bool {
    let leads_to_one = |source: &config::Source| match source {
        config::Source::Path(path) => hits::list_in_front(path).is_none(),
        config::Source::Made(source) => source
            .path
            .as_deref()
            .is_none_or(|path| hits::list_in_front(path).is_none()),
    };
    match sources {
        config::Sources::One(source) => leads_to_one(source),
        config::Sources::Several(sources) => sources.iter().all(leads_to_one),
    }
}
