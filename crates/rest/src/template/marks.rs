//! Marks around the values in a rendered text, for places where the escaping depends on the text
//! around a value.
//!
//! The marks are noncharacters, which Unicode reserves for such internal use (Unicode 16.0
//! §23.7); a value that contains one loses it.

use std::{borrow::Cow, fmt};

const START: char = '\u{fdd0}';
const END: char = '\u{fdd1}';

/// Writes a value between marks.
pub(super) fn write(out: &mut dyn fmt::Write, value: &str) -> fmt::Result {
    write!(out, "{START}{}{END}", clean(value))
}

/// A value without marks of its own.
pub(super) fn clean(value: &str) -> Cow<'_, str> {
    let is_mark = |c: char| matches!(c, START | END);
    if !value.is_ascii() && value.contains(is_mark) {
        value.replace(is_mark, "\u{fffd}").into()
    } else {
        value.into()
    }
}

/// A piece of a rendered text.
pub(super) enum Piece<'t> {
    /// What the description says.
    Text(&'t str),
    /// What an expression yielded.
    Value(&'t str),
}

/// The pieces of a rendered text, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(START) {
        pieces.push(Piece::Text(before));
        let (value, after) = after.split_once(END).unwrap_or((after, ""));
        pieces.push(Piece::Value(value));
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces
}
