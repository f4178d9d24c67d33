//! What is a text in a document, and texts that a template made of it.

use std::{borrow::Cow, mem, ops::ControlFlow};

use indexmap::IndexSet;
use serde_json::Value;

use super::{Found, Path, is_absent};
use crate::template::{NoText, Template, Values};

/// What may be left at either end of a text when a value of its template is absent.
const SEPARATORS: [char; 6] = [' ', ',', ';', '/', '|', '-'];

/// Up to so many texts are compared one by one.
const FEW: usize = 16;

/// The first text that a path selects.
pub(crate) fn first_text(path: &Path, document: &Value) -> Option<String> {
    let mut first = None;
    let _ended = each_text(path, document, &mut |text| {
        first = Some(text.into_owned());
        ControlFlow::Break(())
    });
    first
}

/// Has `found` look at the texts that a path selects, until it breaks.
pub(super) fn each_text(path: &Path, document: &Value, found: Found<'_>) -> ControlFlow<()> {
    path.each(document, |value| texts_in(value, found))
}

/// Texts, numbers and `true` are texts; an array stands for its elements; an object is none.
fn texts_in(value: &Value, found: Found<'_>) -> ControlFlow<()> {
    match value {
        absent if is_absent(absent) => ControlFlow::Continue(()),
        Value::String(text) => found(text.trim().into()),
        Value::Array(items) => items.iter().try_for_each(|item| texts_in(item, found)),
        Value::Number(_) | Value::Bool(_) => found(value.to_string().into()),
        Value::Null | Value::Object(_) => ControlFlow::Continue(()),
    }
}

/// The text of a record's template, without the gaps that absent values leave.
pub(super) fn rendered(template: &Template, variables: &impl Values) -> Option<String> {
    match template.render(variables) {
        Ok(text) if template.is_link() => Some(text),
        Ok(text) => tidied(text),
        Err(NoText::Absent) => None,
        Err(NoText::Broken(reason)) => {
            tracing::debug!(reason, "a field is left empty");
            None
        }
    }
}

/// A text with single blanks, and without separators at its ends; none when nothing is left.
fn tidied(text: String) -> Option<String> {
    let mut is_behind_blank = false;
    let is_gap = |c: char| {
        let is_gap = c.is_whitespace() && (c != ' ' || is_behind_blank);
        is_behind_blank = c == ' ';
        is_gap
    };
    let text = if text.chars().any(is_gap) {
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ")
    } else {
        text
    };
    let inner = text.trim_matches(SEPARATORS);
    match inner.len() {
        0 => None,
        length if length == text.len() => Some(text),
        _ => Some(inner.to_owned()),
    }
}

/// Texts, each once, in their order.
#[derive(Default)]
pub(super) struct Distinct {
    few: Vec<String>,
    /// All of them, as soon as they are many: a reply can have hundreds of thousands.
    many: IndexSet<String>,
}

impl Distinct {
    pub(super) fn add(&mut self, text: Cow<'_, str>) {
        if self.many.is_empty() && self.few.len() < FEW {
            if !self.few.iter().any(|known| *known == text) {
                self.few.push(text.into_owned());
            }
            return;
        }
        self.many.extend(mem::take(&mut self.few));
        self.many.insert(text.into_owned());
    }

    pub(super) fn into_vec(self) -> Vec<String> {
        if self.many.is_empty() {
            self.few
        } else {
            self.many.into_iter().collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_counts_once_however_many_there_are() {
        for count in [0, 1, FEW, FEW + 1, 3 * FEW] {
            let texts: Vec<String> = (0..count).map(|number| number.to_string()).collect();
            let mut distinct = Distinct::default();
            for text in texts.iter().chain(&texts) {
                distinct.add(text.into());
            }
            assert_eq!(distinct.into_vec(), texts);
        }
    }

    #[test]
    fn gaps_are_closed_and_separators_at_the_ends_dropped() {
        for (text, expected) in [
            ("Mia Keller", Some("Mia Keller")),
            (" Mia  Keller ", Some("Mia Keller")),
            ("\tMia\u{a0}\nKeller", Some("Mia Keller")),
            (" - Mia, ", Some("Mia")),
            ("Zoë / ", Some("Zoë")),
            (" ", None),
            (" , - ", None),
            ("", None),
        ] {
            assert_eq!(tidied(text.to_owned()).as_deref(), expected, "{text:?}");
        }
    }
}
