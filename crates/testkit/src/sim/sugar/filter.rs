//! The filter language, on the texts as stored (`crm-apis.md` §2.3).

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
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    // Which lengths of `text` the pattern read so far can stand for.
    let mut reached = vec![false; text.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for wanted in pattern {
        let mut next = vec![false; reached.len()];
        for (position, slot) in next.iter_mut().enumerate() {
            let before = position.checked_sub(1);
            *slot = if wanted == '%' {
                reached.iter().take(position + 1).any(|seen| *seen)
            } else {
                before.is_some_and(|before| {
                    reached.get(before) == Some(&true)
                        && text
                            .get(before)
                            .is_some_and(|c| wanted == '_' || *c == wanted)
                })
            };
        }
        reached = next;
    }
    reached.last() == Some(&true)
}
