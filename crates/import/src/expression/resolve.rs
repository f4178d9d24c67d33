//! Expressions with their names replaced and their conditions decided.

use super::{Condition, Expression, Kind, Operator, Term, methods, quoted};

/// How deep expressions may be nested, in one another and by names that stand for others.
const MAX_DEPTH: usize = 60;
/// How many parts an expression may have, those of names that stand for others included.
const MAX_PARTS: usize = 2000;
/// How long the text of an expression may become, in bytes.
const MAX_LENGTH: usize = 20_000;

/// What a name stands for.
#[derive(Debug, Clone)]
pub(crate) enum Resolved {
    Term(Term),
    /// Another expression.
    Inline(Expression),
    /// Nothing that the gateway knows; a sentence about it.
    Unknown(String),
}

/// What names stand for in one place.
pub(crate) trait Names {
    fn resolve(&self, name: &str) -> Resolved;
}

/// Replaces the names of expressions, and remembers what had no counterpart.
pub(crate) struct Resolver<'n> {
    names: &'n dyn Names,
    depth: usize,
    parts: usize,
    /// Sentences about what is left out.
    pub(crate) lost: Vec<String>,
}

impl<'n> Resolver<'n> {
    /// With what names stand for.
    pub(crate) fn new(names: &'n dyn Names) -> Self {
        Self {
            names,
            depth: 0,
            parts: 0,
            lost: Vec::new(),
        }
    }

    /// The value of an expression.
    pub(crate) fn term(&mut self, expression: &Expression) -> Term {
        if self.depth > MAX_DEPTH || self.parts > MAX_PARTS {
            return self.lose("an expression is nested too deeply or too long".to_owned());
        }
        self.depth += 1;
        self.parts += 1;
        let term = self.term_of(expression);
        self.depth -= 1;
        if term.len() > MAX_LENGTH {
            return self.lose("an expression becomes too long".to_owned());
        }
        term
    }

    fn term_of(&mut self, expression: &Expression) -> Term {
        match expression {
            Expression::Text(text) => Term::Constant(text.clone()),
            Expression::Variable(name) => match self.names.resolve(name) {
                Resolved::Term(term) => term,
                Resolved::Inline(expression) => self.term(&expression),
                Resolved::Unknown(why) => self.lose(why),
            },
            Expression::Join(parts) => self.joined(parts),
            Expression::Call {
                on,
                method,
                arguments,
            } => {
                let on = self.term(on);
                let arguments: Vec<Term> = arguments.iter().map(|part| self.term(part)).collect();
                match methods::call(&on, method, &arguments) {
                    Ok(term) => term,
                    Err(why) => {
                        self.lost.push(why);
                        on
                    }
                }
            }
            Expression::Choice {
                condition,
                then,
                otherwise,
            } => {
                let condition = self.condition(condition);
                // What is never used cannot be missing.
                match condition {
                    Condition::Always => self.term(then),
                    Condition::Never => self.term(otherwise),
                    condition => {
                        let (then, otherwise) = (self.term(then), self.term(otherwise));
                        Term::choice(condition, then, otherwise)
                    }
                }
            }
            condition => {
                let condition = self.condition(condition);
                truth_value(condition)
            }
        }
    }

    /// Values one behind the other. The blank beside one that is known to be empty goes, too.
    fn joined(&mut self, parts: &[Expression]) -> Term {
        let mut terms: Vec<Term> = Vec::new();
        let mut swallows_blank = false;
        for part in parts {
            let mut term = self.term(part);
            if let Term::Constant(text) = &mut term {
                if swallows_blank && text.starts_with(' ') {
                    text.remove(0);
                }
                let is_value = !matches!(part, Expression::Text(_));
                let is_behind_blank = match terms.last() {
                    None => true,
                    Some(before) => before.constant().is_some_and(|text| text.ends_with(' ')),
                };
                swallows_blank = is_value && text.is_empty() && is_behind_blank;
            } else {
                swallows_blank = false;
            }
            terms.push(term);
        }
        Term::join(terms)
    }

    /// A condition, decided as far as possible.
    pub(crate) fn condition(&mut self, expression: &Expression) -> Condition {
        match self.condition_of(expression) {
            condition if condition.len() > MAX_LENGTH => {
                self.lost.push("a condition becomes too long".to_owned());
                Condition::Never
            }
            condition => condition,
        }
    }

    fn condition_of(&mut self, expression: &Expression) -> Condition {
        match expression {
            Expression::And(left, right) => self.condition(left).and(self.condition(right)),
            Expression::Or(left, right) => self.condition(left).or(self.condition(right)),
            Expression::Not(inner) => self.condition(inner).negated(),
            Expression::Compare {
                left,
                operator,
                right,
            } => {
                let (left, right) = (self.term(left), self.term(right));
                compare(&left, *operator, &right)
            }
            other => compare(
                &self.term(other),
                Operator::Equal,
                &Term::Constant("True".to_owned()),
            ),
        }
    }

    fn lose(&mut self, why: String) -> Term {
        if !self.lost.contains(&why) {
            self.lost.push(why);
        }
        Term::empty()
    }
}

/// A condition as a value, as .NET writes it.
pub(super) fn truth_value(condition: Condition) -> Term {
    Term::choice(
        condition,
        Term::Constant("True".to_owned()),
        Term::Constant("False".to_owned()),
    )
}

/// Compares values; a choice between constants is decided for each of them.
fn compare(left: &Term, operator: Operator, right: &Term) -> Condition {
    match (left, right) {
        (Term::Choice(condition, then, otherwise), other) => {
            let then = compare(then, operator, other);
            let otherwise = compare(otherwise, operator, other);
            either(condition, then, otherwise)
        }
        (other, Term::Choice(condition, then, otherwise)) => {
            let then = compare(other, operator, then);
            let otherwise = compare(other, operator, otherwise);
            either(condition, then, otherwise)
        }
        (Term::Constant(left), Term::Constant(right)) => decide(left, operator, right),
        (value, Term::Constant(text)) | (Term::Constant(text), value) if text.is_empty() => {
            let is_there = Condition::Value(value.code());
            match operator {
                Operator::Equal => is_there.negated(),
                _ => is_there,
            }
        }
        (left, right) => {
            let is_number = left.kind() == Kind::Number || right.kind() == Kind::Number;
            let side = |term: &Term| match term.constant() {
                Some(text) if is_number && text.parse::<i64>().is_ok() => text.to_owned(),
                Some(text) => quoted(text),
                None => term.code(),
            };
            Condition::Compare(side(left), operator, side(right))
        }
    }
}

fn either(condition: &Condition, then: Condition, otherwise: Condition) -> Condition {
    if then == otherwise {
        return then;
    }
    let first = condition.clone().and(then);
    first.or(condition.clone().negated().and(otherwise))
}

/// Compares constants: numbers by value, texts without regard to letter case.
fn decide(left: &str, operator: Operator, right: &str) -> Condition {
    let order = match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.partial_cmp(&right),
        _ => Some(left.to_lowercase().cmp(&right.to_lowercase())),
    };
    let holds = match operator {
        Operator::Equal => order.is_some_and(std::cmp::Ordering::is_eq),
        Operator::NotEqual => order.is_none_or(std::cmp::Ordering::is_ne),
        Operator::Less => order.is_some_and(std::cmp::Ordering::is_lt),
        Operator::LessOrEqual => order.is_some_and(std::cmp::Ordering::is_le),
        Operator::Greater => order.is_some_and(std::cmp::Ordering::is_gt),
        Operator::GreaterOrEqual => order.is_some_and(std::cmp::Ordering::is_ge),
    };
    if holds {
        Condition::Always
    } else {
        Condition::Never
    }
}
