//! The expressions of Yeastar: the part of Go's `text/template` that its templates use.
//! `{{.CallerNumber}}`, `{{UrlEncode .X}}`, `{{TimeFormat .StartTimeUnix "yyyy-MM-dd" "1"}}`,
//! `{{if .X}}…{{else}}…{{end}}`.

use super::{Expression, Operator};

/// How deep conditions may be nested.
const MAX_DEPTH: usize = 40;

/// Reads a text with actions in it.
pub(super) fn text(text: &str) -> Result<Expression, String> {
    let mut pieces = pieces(text)?.into_iter();
    let (expression, end) = block(&mut pieces, 0)?;
    match end {
        End::OfText => Ok(expression),
        End::Else(_) | End::OfBlock => Err("`else` or `end` without `if`".to_owned()),
    }
}

enum Piece {
    Text(String),
    Action(String),
}

/// How a block ended.
enum End {
    OfText,
    Else(Option<Expression>),
    OfBlock,
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (action, after) = behind
            .split_once("}}")
            .ok_or("an action `{{` has no end `}}`")?;
        // `{{-` and `-}}` take the blanks away that stand beside them.
        let before = if action.starts_with("- ") {
            before.trim_end()
        } else {
            before
        };
        let is_trimmed = action.ends_with(" -");
        let action = action.strip_prefix('-').unwrap_or(action);
        let action = action.strip_suffix('-').unwrap_or(action);
        pieces.push(Piece::Text(before.to_owned()));
        pieces.push(Piece::Action(action.trim().to_owned()));
        rest = if is_trimmed {
            after.trim_start()
        } else {
            after
        };
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(pieces)
}

fn block(
    pieces: &mut impl Iterator<Item = Piece>,
    depth: usize,
) -> Result<(Expression, End), String> {
    if depth > MAX_DEPTH {
        return Err("it is nested too deeply".to_owned());
    }
    let mut parts = Vec::new();
    while let Some(piece) = pieces.next() {
        let action = match piece {
            Piece::Text(text) => {
                parts.push(Expression::Text(text));
                continue;
            }
            Piece::Action(action) => action,
        };
        let words = words(&action)?;
        let rest: Vec<Word> = words.iter().skip(1).cloned().collect();
        match words.first() {
            Some(Word::Name(name)) if name == "if" => {
                parts.push(choice(condition(&rest)?, pieces, depth)?);
            }
            Some(Word::Name(name)) if name == "else" => {
                let condition = match rest.first() {
                    Some(Word::Name(name)) if name == "if" => {
                        Some(condition(rest.get(1..).unwrap_or_default())?)
                    }
                    _ => None,
                };
                return Ok((Expression::join(parts), End::Else(condition)));
            }
            Some(Word::Name(name)) if name == "end" => {
                return Ok((Expression::join(parts), End::OfBlock));
            }
            _ => parts.push(value(&words)?),
        }
    }
    Ok((Expression::join(parts), End::OfText))
}

fn choice(
    condition: Expression,
    pieces: &mut impl Iterator<Item = Piece>,
    depth: usize,
) -> Result<Expression, String> {
    let (then, end) = block(pieces, depth + 1)?;
    let otherwise = match end {
        End::OfText => return Err("an `if` has no `end`".to_owned()),
        End::OfBlock => Expression::empty(),
        End::Else(Some(condition)) => choice(condition, pieces, depth + 1)?,
        End::Else(None) => match block(pieces, depth + 1)? {
            (otherwise, End::OfBlock) => otherwise,
            _ => return Err("an `else` has no `end`".to_owned()),
        },
    };
    Ok(Expression::Choice {
        condition: Box::new(condition),
        then: Box::new(then),
        otherwise: Box::new(otherwise),
    })
}

#[derive(Clone)]
enum Word {
    /// `.CallerNumber`
    Field(String),
    /// `UrlEncode`
    Name(String),
    /// `"1"`
    Text(String),
}

fn words(action: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut chars = action.chars().peekable();
    while let Some(&c) = chars.peek() {
        if c.is_whitespace() {
            chars.next();
        } else if c == '"' || c == '`' {
            chars.next();
            let mut text = String::new();
            loop {
                match chars.next() {
                    Some('\\') if c == '"' => text.extend(chars.next()),
                    Some(end) if end == c => break,
                    Some(other) => text.push(other),
                    None => return Err("a quoted text has no end".to_owned()),
                }
            }
            words.push(Word::Text(text));
        } else {
            let mut word = String::new();
            while let Some(c) = chars.next_if(|c| !c.is_whitespace() && *c != '"') {
                word.push(c);
            }
            words.push(match word.strip_prefix('.') {
                Some(field) if is_name(field) => Word::Field(field.to_owned()),
                None if is_name(&word) => Word::Name(word),
                _ => return Err(format!("`{word}` is not understood")),
            });
        }
    }
    Ok(words)
}

/// A value, a function of one, or a comparison.
fn value(words: &[Word]) -> Result<Expression, String> {
    match words {
        [Word::Field(name)] => Ok(Expression::Variable(name.clone())),
        [Word::Text(text)] => Ok(Expression::Text(text.clone())),
        [Word::Name(method), on, arguments @ ..] => Ok(Expression::Call {
            on: Box::new(atom(on)?),
            method: method.clone(),
            arguments: arguments.iter().map(atom).collect::<Result<_, _>>()?,
        }),
        _ => Err("an action is neither a value nor a function of one".to_owned()),
    }
}

fn atom(word: &Word) -> Result<Expression, String> {
    match word {
        Word::Field(name) => Ok(Expression::Variable(name.clone())),
        Word::Text(text) => Ok(Expression::Text(text.clone())),
        Word::Name(name) if name.parse::<i64>().is_ok() => Ok(Expression::Text(name.clone())),
        Word::Name(name) => Err(format!("`{name}` is not understood")),
    }
}

fn condition(words: &[Word]) -> Result<Expression, String> {
    let compare = |left, operator, right| Expression::Compare {
        left: Box::new(left),
        operator,
        right: Box::new(right),
    };
    if let [Word::Name(name), left, right] = words {
        let operator = match name.as_str() {
            "eq" => Some(Operator::Equal),
            "ne" => Some(Operator::NotEqual),
            "lt" => Some(Operator::Less),
            "le" => Some(Operator::LessOrEqual),
            "gt" => Some(Operator::Greater),
            "ge" => Some(Operator::GreaterOrEqual),
            _ => None,
        };
        if let Some(operator) = operator {
            return Ok(compare(atom(left)?, operator, atom(right)?));
        }
        let (left, right) = (
            Box::new(condition(std::slice::from_ref(left))?),
            condition(std::slice::from_ref(right))?,
        );
        match name.as_str() {
            "and" => return Ok(Expression::And(left, Box::new(right))),
            "or" => return Ok(Expression::Or(left, Box::new(right))),
            _ => {}
        }
    }
    match words {
        [Word::Name(name), inner] if name == "not" => Ok(Expression::Not(Box::new(condition(
            std::slice::from_ref(inner),
        )?))),
        [one] => Ok(compare(atom(one)?, Operator::NotEqual, Expression::empty())),
        _ => Err("a condition is not understood".to_owned()),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}
