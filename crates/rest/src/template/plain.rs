//! Templates that consist of texts and variables alone, as most do: `{{ hit.first }} {{ hit.last }}`.
//!
//! They are put together without the template engine, whose preparations take longer than such work
//! itself. What a value becomes is up to the same functions; whatever goes wrong is left to the
//! engine, which knows how to say it.

use minijinja::{Error, ErrorKind};

use super::{
    Place,
    engine::Engine,
    language::{Language, Position},
    values::Values,
};

/// Values are longer than their expressions by less than this, in bytes, as a rule.
const ROOM_FOR_VALUES: usize = 32;

/// A template of texts and variables.
pub(super) struct Plain {
    pieces: Vec<Piece>,
    /// Room for most of its texts, in bytes.
    room: usize,
}

enum Piece {
    Text(String),
    Variable {
        name: String,
        members: Vec<String>,
        /// Where it stands in a text in a query language.
        position: Position,
    },
}

impl Plain {
    /// The pieces of a template that the engine has read; none when it has more than texts and
    /// variables.
    pub(super) fn read(source: &str, place: Place, engine: &Engine) -> Option<Self> {
        // The engine drops a line break at the end.
        let is_more = ["{%", "{#"].iter().any(|tag| source.contains(tag));
        if is_more || source.ends_with(['\n', '\r']) || place == Place::Address {
            return None;
        }
        let mut plain = Reader {
            pieces: Vec::new(),
            position: Position::default(),
            language: match place {
                Place::Query(language) => Some(language),
                _ => None,
            },
        };
        let mut names = Vec::new();
        let mut rest = source;
        while let Some((text, behind)) = rest.split_once("{{") {
            let (expression, behind) = behind.split_once("}}")?;
            let name = expression.trim_matches(' ');
            plain.text(text)?;
            plain.variable(name)?;
            names.push(name);
            rest = behind;
        }
        plain.text(rest)?;
        names.sort_unstable();
        names.dedup();
        // Whether these are all names that it uses, the engine knows.
        let is_all = engine.members() == names && !plain.position.is_open();
        is_all.then_some(Self {
            pieces: plain.pieces,
            room: source.len() + ROOM_FOR_VALUES,
        })
    }

    /// The text of the template.
    ///
    /// # Errors
    /// What is wrong with a value, or that it is absent.
    pub(super) fn render(
        &self,
        place: Place,
        has_absences: bool,
        values: &impl Values,
    ) -> Result<String, Error> {
        let mut out = String::with_capacity(self.room);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Variable {
                    name,
                    members,
                    position,
                } => {
                    let value = values.value(name, members);
                    if value.is_undefined() && place.is_strict(has_absences) {
                        return Err(ErrorKind::UndefinedError.into());
                    }
                    place.check(&value, has_absences)?;
                    match place {
                        Place::Query(language) => language.insert(*position, &value, &mut out)?,
                        _ => place.write(&mut out, &value)?,
                    }
                }
            }
        }
        Ok(out)
    }
}

/// The pieces read so far.
struct Reader {
    pieces: Vec<Piece>,
    position: Position,
    language: Option<Language>,
}

impl Reader {
    fn text(&mut self, text: &str) -> Option<()> {
        if let Some(language) = self.language {
            language.advance(&mut self.position, text).ok()?;
        }
        if !text.is_empty() {
            self.pieces.push(Piece::Text(text.to_owned()));
        }
        Some(())
    }

    fn variable(&mut self, name: &str) -> Option<()> {
        let mut names = name.split('.').map(str::to_owned);
        let is_plain = name.split('.').all(is_name) && !self.position.is_escaped();
        self.pieces.push(Piece::Variable {
            name: names.next().filter(|_| is_plain)?,
            members: names.collect(),
            position: self.position,
        });
        Some(())
    }
}

fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(is_part)
}

#[cfg(test)]
mod tests;
