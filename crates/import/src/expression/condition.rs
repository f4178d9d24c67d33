//! Conditions, decided as far as possible and written without detours.

use super::Operator;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Always,
    Never,
    /// A Jinja expression that yields something.
    Value(String),
    /// A comparison of Jinja expressions.
    Compare(String, Operator, String),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

impl Condition {
    /// The opposite.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Not(inner) => *inner,
            Self::Compare(left, operator, right) => Self::Compare(left, operator.opposite(), right),
            Self::And(parts) => Self::Or(parts.into_iter().map(Self::negated).collect()),
            Self::Or(parts) => Self::And(parts.into_iter().map(Self::negated).collect()),
            value @ Self::Value(_) => Self::Not(Box::new(value)),
        }
    }

    /// Both.
    pub(crate) fn and(self, other: Self) -> Self {
        self.negated().or(other.negated()).negated()
    }

    /// One of both.
    pub(crate) fn or(self, other: Self) -> Self {
        let mut parts: Vec<Self> = Vec::new();
        for side in [self, other] {
            match side {
                Self::Always => return Self::Always,
                Self::Never => {}
                Self::Or(inner) => parts.extend(inner),
                side => parts.push(side),
            }
        }
        // `a or (not a and b)` is `a or b`.
        let known = parts.clone();
        let parts = parts.into_iter().map(|part| match part {
            Self::And(factors) => {
                let is_implied = |factor: &Self| known.contains(&factor.clone().negated());
                Self::product(factors.into_iter().filter(|f| !is_implied(f)).collect())
            }
            part => part,
        });
        let mut kept: Vec<Self> = Vec::new();
        for part in parts {
            if part == Self::Always || kept.contains(&part.clone().negated()) {
                return Self::Always;
            }
            if !kept.contains(&part) {
                kept.push(part);
            }
        }
        match kept.len() {
            0 => Self::Never,
            1 => kept.pop().unwrap_or(Self::Never),
            _ => Self::Or(kept),
        }
    }

    fn product(mut factors: Vec<Self>) -> Self {
        match factors.len() {
            0 => Self::Always,
            1 => factors.pop().unwrap_or(Self::Always),
            _ => Self::And(factors),
        }
    }

    /// How many bytes its parts have.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Always | Self::Never => 1,
            Self::Value(code) => code.len(),
            Self::Compare(left, _, right) => left.len() + right.len(),
            Self::Not(inner) => 1 + inner.len(),
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::len).sum(),
        }
    }

    /// As a Jinja expression that stands alone.
    pub(crate) fn expression(&self) -> String {
        match self {
            Self::Always => "true".to_owned(),
            Self::Never => "false".to_owned(),
            Self::Value(code) => code.clone(),
            Self::Compare(left, operator, right) => {
                format!("{left} {} {right}", operator.as_str())
            }
            Self::Not(inner) => format!("not {}", inner.operand()),
            Self::And(parts) => Self::joined(parts, " and "),
            Self::Or(parts) => Self::joined(parts, " or "),
        }
    }

    /// As an operand of `and`, `or` and `not`.
    fn operand(&self) -> String {
        match self {
            Self::And(_) | Self::Or(_) => format!("({})", self.expression()),
            _ => self.expression(),
        }
    }

    fn joined(parts: &[Self], operator: &str) -> String {
        let parts: Vec<String> = parts.iter().map(Self::operand).collect();
        parts.join(operator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str) -> Condition {
        Condition::Value(name.to_owned())
    }

    #[test]
    fn detours_are_left_out() {
        let (a, b) = (value("a"), value("b"));
        let not = Condition::negated;
        for (condition, expected) in [
            (a.clone().or(not(a.clone()).and(b.clone())), "a or b"),
            (a.clone().and(not(a.clone()).or(b.clone())), "a and b"),
            (
                not(a.clone().or(not(a.clone()).and(not(b.clone())))),
                "not a and b",
            ),
            (a.clone().or(not(a.clone())), "true"),
            (a.clone().and(not(a.clone())), "false"),
            (a.clone().and(b.clone()).or(value("c")), "(a and b) or c"),
            (a.clone().and(a.clone()), "a"),
            (Condition::Never.or(b.clone()), "b"),
            (
                not(Condition::Compare(
                    "n".into(),
                    Operator::Greater,
                    "0".into(),
                )),
                "n <= 0",
            ),
        ] {
            assert_eq!(condition.expression(), expected);
        }
    }
}
