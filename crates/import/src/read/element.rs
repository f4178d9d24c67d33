//! An element of a template.

use roxmltree::Node;

use crate::{
    expression::Expression,
    note::{Notes, Place},
};

/// An element, its attributes and children.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'d>(Node<'d, 'd>);

impl<'d> Element<'d> {
    pub(super) fn new(node: Node<'d, 'd>) -> Self {
        Self(node)
    }

    pub(super) fn name(&self) -> &'d str {
        self.0.tag_name().name()
    }

    /// The element as `name`, with its line.
    pub(super) fn place(&self, name: &'static str) -> Place {
        let position = self.0.document().text_pos_at(self.0.range().start);
        Place::new(name, position.row)
    }

    /// The value of an attribute; empty where there is none.
    pub(super) fn attribute(&self, name: &str) -> &'d str {
        self.0
            .attributes()
            .find(|attribute| attribute.name().eq_ignore_ascii_case(name))
            .map_or("", |attribute| attribute.value())
    }

    /// The text in it.
    pub(super) fn text(&self) -> &'d str {
        self.0.text().unwrap_or_default()
    }

    pub(super) fn children(&self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        self.0.children().filter(Node::is_element).map(Element)
    }

    pub(super) fn child(&self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The children of the child with this name.
    pub(super) fn list(&self, name: &str) -> Vec<Self> {
        self.child(name)
            .map_or_else(Vec::new, |list| list.children().collect())
    }

    /// Notes children and attributes that the format's documentation does not know.
    pub(super) fn expect(
        &self,
        name: &'static str,
        attributes: &[&str],
        children: &[&str],
        notes: &mut Notes,
    ) {
        const ADVICE: &str = "look it up in the documentation of the telephone system, and add by \
                              hand what the CRM needs of it";
        let place = self.place(name);
        for attribute in self.0.attributes() {
            let is_known = attributes
                .iter()
                .any(|known| attribute.name().eq_ignore_ascii_case(known));
            if !is_known && !attribute.value().trim().is_empty() {
                let why = format!("the attribute `{}` is unknown", attribute.name());
                notes.lost(place, why, ADVICE);
            }
        }
        for child in self.children() {
            if !children.contains(&child.name()) {
                let why = format!("the element <{}> in it is unknown", child.name());
                notes.lost(child.place(name), why, ADVICE);
            }
        }
    }
}

/// Reads an expression with `read`; one that cannot be read is noted and left out.
pub(super) fn expression(
    text: &str,
    place: Place,
    read: fn(&str) -> Result<Expression, String>,
    notes: &mut Notes,
) -> Expression {
    read(text).unwrap_or_else(|why| {
        let why = format!("`{}` is not understood: {why}", shortened(text));
        notes.lost(place, why, "write the value by hand, as a Jinja template");
        Expression::empty()
    })
}

/// The beginning of a text that may be long.
fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    let mut short: String = text.trim().chars().take(MAX_CHARS).collect();
    if text.trim().chars().count() > MAX_CHARS {
        short.push('…');
    }
    short
}
