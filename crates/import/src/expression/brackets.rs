//! The expressions of 3CX: `[Number]`, `[[CallStartTimeUTC].ToString("yyyy")]`,
//! `[IIf([CallType]==Inbound,in,out)]`.
//!
//! In a text, `{{`, `}}` and `^^` stand for `[`, `]` and `"`.

use super::{Expression, Operator};

/// How deep expressions may be nested.
const MAX_DEPTH: usize = 40;
/// How many operators and methods an expression may have.
const MAX_OPERATORS: usize = 200;

const TOO_DEEP: &str = "it is nested too deeply or too long";

const UNCLOSED: &str = "a bracket or parenthesis is not closed";

/// Reads a text with expressions in it.
pub(super) fn text(text: &str) -> Result<Expression, String> {
    let mut parser = Parser::new(text);
    let mut parts = Vec::new();
    while let Some(c) = parser.peek(0) {
        if c == '[' {
            parts.push(parser.bracket()?);
        } else if let Some(c) = parser.escaped() {
            parts.push(Expression::Text(c.to_string()));
        } else {
            parser.position += 1;
            parts.push(Expression::Text(c.to_string()));
        }
    }
    Ok(Expression::join(parts))
}

/// Reads a condition.
pub(super) fn condition(text: &str) -> Result<Expression, String> {
    let mut parser = Parser::new(text);
    let condition = parser.or()?;
    match parser.peek(0) {
        None => Ok(condition),
        Some(c) => Err(format!("`{c}` is unexpected in a condition")),
    }
}

struct Parser {
    text: Vec<char>,
    position: usize,
    depth: usize,
    operators: usize,
}

impl Parser {
    fn new(text: &str) -> Self {
        Self {
            text: text.chars().collect(),
            position: 0,
            depth: 0,
            operators: 0,
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.position + ahead).copied()
    }

    fn is_next(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(ahead, c)| self.peek(ahead) == Some(c))
    }

    fn take(&mut self, text: &str) -> bool {
        let is_next = self.is_next(text);
        if is_next {
            self.position += text.chars().count();
        }
        is_next
    }

    fn skip_blanks(&mut self) {
        while self.peek(0).is_some_and(char::is_whitespace) {
            self.position += 1;
        }
    }

    fn count(&mut self) -> Result<(), String> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS {
            return Err(TOO_DEEP.to_owned());
        }
        Ok(())
    }

    /// The character that a doubled one stands for.
    fn escaped(&mut self) -> Option<char> {
        let escapes = [("{{", '['), ("}}", ']'), ("^^", '"')];
        let (_, c) = escapes.into_iter().find(|(text, _)| self.take(text))?;
        Some(c)
    }

    /// `[…]`: a value, or an expression.
    fn bracket(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(TOO_DEEP.to_owned());
        }
        self.position += 1;
        let inner = self.or()?;
        if !self.take("]") {
            return Err(UNCLOSED.to_owned());
        }
        self.depth -= 1;
        Ok(match inner {
            Expression::Text(name) if is_name(&name) => Expression::Variable(name),
            Expression::Text(text) => return Err(format!("`[{text}]` is no name of a value")),
            other => other,
        })
    }

    fn or(&mut self) -> Result<Expression, String> {
        let mut left = self.and()?;
        while self.take("||") {
            self.count()?;
            left = Expression::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expression, String> {
        let mut left = self.comparison()?;
        while self.take("&&") {
            self.count()?;
            left = Expression::And(Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        let left = self.joined()?;
        let operators = [
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let Some((_, operator)) = operators.into_iter().find(|(text, _)| self.take(text)) else {
            return Ok(left);
        };
        Ok(Expression::Compare {
            left: Box::new(left),
            operator,
            right: Box::new(self.joined()?),
        })
    }

    /// Atoms one behind the other, up to an operator or what ends the expression.
    fn joined(&mut self) -> Result<Expression, String> {
        let mut parts = Vec::new();
        loop {
            let start = self.position;
            self.skip_blanks();
            let Some(c) = self.peek(0) else { break };
            if self.is_end(c) {
                break;
            }
            match c {
                '[' => {
                    if start != self.position && !parts.is_empty() {
                        parts.push(Expression::Text(" ".to_owned()));
                    }
                    let atom = self.bracket()?;
                    parts.push(self.methods(atom)?);
                }
                '"' => parts.push(self.literal()?),
                _ => {
                    self.position = if parts.is_empty() {
                        self.position
                    } else {
                        start
                    };
                    parts.push(self.bare()?);
                }
            }
        }
        Ok(Expression::join(parts))
    }

    fn is_end(&self, c: char) -> bool {
        matches!(c, ']' | ',' | ')' | '<' | '>')
            || ["||", "&&", "==", "!="].iter().any(|end| self.is_next(end))
    }

    /// `"…"`, in which a quote is doubled or has a backslash in front.
    fn literal(&mut self) -> Result<Expression, String> {
        self.position += 1;
        let mut text = String::new();
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('\\'), Some(c @ ('"' | '\\'))) => {
                    text.push(c);
                    self.position += 2;
                }
                (Some('"'), Some('"')) => {
                    text.push('"');
                    self.position += 2;
                }
                (Some('"'), _) => {
                    self.position += 1;
                    return Ok(Expression::Text(text));
                }
                (Some(c), _) => {
                    text.push(c);
                    self.position += 1;
                }
                (None, _) => return Err("a quoted text has no end".to_owned()),
            }
        }
    }

    /// A text without quotes, or a function.
    fn bare(&mut self) -> Result<Expression, String> {
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            if c == '(' && text.trim().eq_ignore_ascii_case("IIf") {
                return self.choice();
            }
            if c == '(' {
                self.parenthesis(&mut text)?;
                continue;
            }
            if self.is_end(c) || c == '[' || c == '"' {
                break;
            }
            let c = self.escaped().unwrap_or_else(|| {
                self.position += 1;
                c
            });
            text.push(c);
        }
        if self.peek(0).is_none_or(|c| self.is_end(c)) {
            text.truncate(text.trim_end().len());
        }
        Ok(Expression::Text(text))
    }

    /// A parenthesis within a text, up to its end.
    fn parenthesis(&mut self, text: &mut String) -> Result<(), String> {
        let mut depth = 0_u32;
        while let Some(c) = self.peek(0) {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                '[' => break,
                _ => {}
            }
            text.push(c);
            self.position += 1;
            if depth == 0 {
                return Ok(());
            }
        }
        Err(UNCLOSED.to_owned())
    }

    /// `(condition,then,otherwise)`
    fn choice(&mut self) -> Result<Expression, String> {
        let mut arguments = self.arguments()?.into_iter();
        match (
            arguments.next(),
            arguments.next(),
            arguments.next(),
            arguments.next(),
        ) {
            (Some(condition), Some(then), Some(otherwise), None) => Ok(Expression::Choice {
                condition: Box::new(condition),
                then: Box::new(then),
                otherwise: Box::new(otherwise),
            }),
            _ => Err("`IIf` takes a condition and two values".to_owned()),
        }
    }

    /// `.Method(…)`, any number of times.
    fn methods(&mut self, mut on: Expression) -> Result<Expression, String> {
        while self.peek(0) == Some('.') {
            let name: String = self
                .text
                .iter()
                .skip(self.position + 1)
                .take_while(|c| c.is_alphanumeric() || **c == '_')
                .collect();
            let after = name.chars().count() + 1;
            if name.is_empty() || self.peek(after) != Some('(') {
                break;
            }
            self.count()?;
            self.position += after;
            let arguments = self.arguments()?;
            on = Expression::Call {
                on: Box::new(on),
                method: name,
                arguments,
            };
        }
        Ok(on)
    }

    /// `(…,…)`
    fn arguments(&mut self) -> Result<Vec<Expression>, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(TOO_DEEP.to_owned());
        }
        self.position += 1;
        self.skip_blanks();
        let mut arguments = Vec::new();
        if !self.take(")") {
            loop {
                arguments.push(self.or()?);
                if self.take(")") {
                    break;
                }
                if !self.take(",") {
                    return Err(UNCLOSED.to_owned());
                }
            }
        }
        self.depth -= 1;
        Ok(arguments)
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}
