//! The filter language, on the texts as stored (`crm-apis.md` §2.3).

use std::str::Chars;

use serde_json::Value;

use super::{
    failure::Failure,
    store::{Fields, texts},
};

/// A filter, read and checked.
#[derive(Debug)]
pub(super) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Field(String, Test),
}

/// What is asked of one field.
#[derive(Debug)]
pub(super) enum Test {
    Like(String),
    Equals(String),
    In(Vec<String>),
    NotEmpty,
}

impl Condition {
    /// Reads the value of `filter`: a list of definitions that all have to hold.
    pub(super) fn read(filter: &Value, known: &[&str]) -> Result<Self, Failure> {
        list(filter, known).map(Self::All)
    }

    pub(super) fn holds(&self, record: &Fields) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(record)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(record)),
            Self::Field(name, test) => texts(record, name).iter().any(|text| test.holds(text)),
        }
    }
}

impl Test {
    fn read(operator: &str, value: &Value) -> Result<Self, Failure> {
        match operator {
            "$equals" => scalar(value).map(Self::Equals),
            "$starts" => Ok(Self::Like(format!("{}%", scalar(value)?))),
            "$ends" => Ok(Self::Like(format!("%{}", scalar(value)?))),
            "$contains" => Ok(Self::Like(format!("%{}%", scalar(value)?))),
            "$in" => {
                let refuse = || Failure::invalid_parameter("$in requires an array");
                let values = value.as_array().ok_or_else(refuse)?;
                values
                    .iter()
                    .map(scalar)
                    .collect::<Result<_, _>>()
                    .map(Self::In)
            }
            "$not_empty" => Ok(Self::NotEmpty),
            other => Err(Failure::invalid_parameter(format!(
                "Did not recognize the operand: {other}"
            ))),
        }
    }

    fn holds(&self, stored: &str) -> bool {
        match self {
            Self::Like(pattern) => like(stored, pattern),
            Self::Equals(wanted) => stored.to_lowercase() == wanted.to_lowercase(),
            Self::In(wanted) => wanted.iter().any(|one| one == stored),
            Self::NotEmpty => !stored.is_empty(),
        }
    }
}

fn list(definitions: &Value, known: &[&str]) -> Result<Vec<Condition>, Failure> {
    let refuse = || Failure::invalid_parameter("Did not recognize the definition");
    let definitions = definitions.as_array().ok_or_else(refuse)?;
    let mut conditions = Vec::new();
    for definition in definitions {
        for (name, value) in definition.as_object().ok_or_else(refuse)? {
            conditions.push(one(name, value, known)?);
        }
    }
    Ok(conditions)
}

fn one(name: &str, value: &Value, known: &[&str]) -> Result<Condition, Failure> {
    match name {
        "$or" => return list(value, known).map(Condition::Any),
        "$and" => return list(value, known).map(Condition::All),
        field if !known.contains(&field) => {
            return Err(Failure::invalid_parameter(format!("Unknown field {field}")));
        }
        _ => {}
    }
    let Some(tests) = value.as_object() else {
        return Ok(Condition::Field(
            name.to_owned(),
            Test::Equals(scalar(value)?),
        ));
    };
    let tests = tests.iter().map(|(operator, value)| {
        Test::read(operator, value).map(|test| Condition::Field(name.to_owned(), test))
    });
    tests.collect::<Result<_, _>>().map(Condition::All)
}

fn scalar(value: &Value) -> Result<String, Failure> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(Failure::invalid_parameter("a text is expected")),
    }
}

/// SQL `LIKE` without regard to case: `%` stands for any text, `_` for any character.
fn like(text: &str, pattern: &str) -> bool {
    let (mut text, mut pattern) = (text.chars(), pattern.chars());
    // The last `%`: from where the text is tried, and the pattern behind it.
    let mut last = None;
    loop {
        match (pattern.next(), text.clone().next()) {
            (Some('%'), _) => last = Some((text.clone(), pattern.clone())),
            (Some(wanted), Some(c)) if wanted == '_' || is_same(wanted, c) => text = skip(text),
            (None, None) => return true,
            _ => {
                let Some((from, behind)) = &mut last else {
                    return false;
                };
                if from.next().is_none() {
                    return false;
                }
                (text, pattern) = (from.clone(), behind.clone());
            }
        }
    }
}

fn skip(mut text: Chars<'_>) -> Chars<'_> {
    text.next();
    text
}

fn is_same(a: char, b: char) -> bool {
    a == b || a.to_lowercase().eq(b.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn wildcards_stand_for_any_text_and_any_character() {
        for (text, pattern, expected) in [
            ("079 123", "079 123", true),
            ("079 123", "079", false),
            ("079 123", "079%", true),
            ("079 123", "%123", true),
            ("079 123", "%79%12%", true),
            ("079 123", "%79_12_", true),
            ("079 123", "%79%124%", false),
            ("112123", "%123", true),
            ("1121231", "%123", false),
            ("Zürich", "zÜ%", true),
            ("", "%", true),
            ("", "_", false),
            ("1", "", false),
        ] {
            assert_eq!(like(text, pattern), expected, "{text} LIKE {pattern}");
        }
    }
}
