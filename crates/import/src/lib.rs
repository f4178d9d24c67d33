//! CRM integration templates of telephone systems as descriptions for the REST adapter.
//!
//! [`import`] reads a template of 3CX or Yeastar and writes a `[adapters.<id>]` table for
//! `adapters.toml`, with a list of what it could not translate or had to guess. It does no I/O and
//! knows neither the gateway nor the REST adapter; that the adapter accepts what it writes is for
//! the gateway's tests to show.
//!
//! | module | holds |
//! |---|---|
//! | `read` | XML to a typed `template`, for both formats |
//! | `expression` | what stands in brackets or braces, parsed, decided as far as possible, and written as Jinja |
//! | `translate` | the typed template to the tables of a description |
//! | `write` | those tables as TOML with comments |
//! | `note` | what a person has to look at |
//!
//! `README.md` says what becomes of each element.

mod expression;
mod note;
mod path;
mod read;
mod template;
mod translate;
mod write;

pub use note::{Concern, Note};
pub use read::Unreadable;

use note::Notes;

/// What became of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The description: TOML text with one table `[adapters.<id>]`.
    pub description: String,
    /// What was not translated or had to be guessed, in the order of the file.
    pub notes: Vec<Note>,
}

/// Translates the template in `file`.
///
/// # Errors
/// [`Unreadable`] if the file is no XML or no template of a known kind.
pub fn import(file: &[u8]) -> Result<Imported, Unreadable> {
    let mut notes = Notes::default();
    let template = read::template(file, &mut notes)?;
    let description = translate::description(&template, &mut notes);
    let notes = notes.sorted();
    Ok(Imported {
        description: write::text(&description, &notes),
        notes,
    })
}
