//! XML to a typed [`Template`], with the line of everything.

mod element;
mod three_cx;
mod yeastar;

use std::borrow::Cow;

use roxmltree::Document;

use crate::{note::Notes, template::Template};

/// The most bytes that a template may have; real ones have some ten thousand.
const MAX_BYTES: usize = 1024 * 1024;
/// The most elements, attributes and texts that a template may have.
const MAX_NODES: u32 = 100_000;

/// Why a file cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// It is larger than any template.
    #[error("the file has more than {MAX_BYTES} bytes; a CRM template has some ten thousand")]
    TooLarge,
    /// Its characters are not Unicode.
    #[error("the file is neither UTF-8 nor UTF-16; save it as UTF-8")]
    Encoding,
    /// It is no XML.
    #[error("the file is no well-formed XML: {0}")]
    Xml(String),
    /// It is XML, but no template that is known.
    #[error(
        "the file is no CRM template: its root is <{0}>, and that of a template is <Crm> (3CX) or \
         <Information> (Yeastar)"
    )]
    Unknown(String),
}

/// Reads a template.
pub(crate) fn template(file: &[u8], notes: &mut Notes) -> Result<Template, Unreadable> {
    if file.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let text = text(file)?;
    let options = roxmltree::ParsingOptions {
        nodes_limit: MAX_NODES,
        ..roxmltree::ParsingOptions::default()
    };
    let text = as_xml_1_0(&text);
    let document = Document::parse_with_options(&text, options)
        .map_err(|error| Unreadable::Xml(error.to_string()))?;
    let root = element::Element::new(document.root_element());
    match root.name() {
        "Crm" => Ok(three_cx::template(&root, notes)),
        "Information" => Ok(yeastar::template(&root, notes)),
        other => Err(Unreadable::Unknown(other.chars().take(40).collect())),
    }
}

/// The characters of the file: UTF-8, or UTF-16 with a byte order mark.
fn text(file: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let utf16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units = bytes
            .chunks_exact(2)
            .filter_map(|pair| pair.try_into().ok());
        let units: Vec<u16> = units.map(read).collect();
        String::from_utf16(&units).map(Cow::Owned)
    };
    match file {
        [0xFF, 0xFE, rest @ ..] => {
            utf16(rest, u16::from_le_bytes).map_err(|_| Unreadable::Encoding)
        }
        [0xFE, 0xFF, rest @ ..] => {
            utf16(rest, u16::from_be_bytes).map_err(|_| Unreadable::Encoding)
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] | rest => std::str::from_utf8(rest)
            .map(Cow::Borrowed)
            .map_err(|_| Unreadable::Encoding),
    }
}

/// Yeastar calls its templates XML 1.1, which the parser does not know; they use nothing of it.
fn as_xml_1_0(text: &str) -> Cow<'_, str> {
    let declaration = text.split("?>").next().unwrap_or_default();
    if declaration.starts_with("<?xml") && declaration.contains("1.1") {
        Cow::Owned(text.replacen("1.1", "1.0", 1))
    } else {
        Cow::Borrowed(text)
    }
}
