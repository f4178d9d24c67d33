//! What is to be reached.

use super::Sample;
use crate::programs::Program;

/// A bound for one figure of the gateway.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The figure's name.
    pub(crate) figure: String,
    /// Divided by the same figure of this program in the same round; absent: the figure itself.
    pub(crate) against: Option<Program>,
    pub(crate) bound: Bound,
}

/// A bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    /// A bound for a ratio.
    pub(crate) fn ratio(figure: &str, against: Program, bound: Bound) -> Self {
        Self {
            figure: figure.to_owned(),
            against: Some(against),
            bound,
        }
    }

    /// A bound for the figure itself.
    pub(crate) fn value(figure: &str, bound: Bound) -> Self {
        Self {
            figure: figure.to_owned(),
            against: None,
            bound,
        }
    }

    /// What is compared with the bound, of one round.
    pub(crate) fn of(&self, round: &[(Program, Sample)]) -> Option<f64> {
        let figure = |program: Program| {
            let mut found = round.iter().filter(|(known, _)| *known == program);
            found.next()?.1.get(&self.figure)
        };
        let own = figure(Program::Whocalls)?;
        match self.against {
            Some(program) => Some(own / figure(program)?),
            None => Some(own),
        }
    }
}

impl Bound {
    /// Whether a value keeps it.
    pub(crate) fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(bound) => value <= bound,
            Self::AtLeast(bound) => value >= bound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(value: f64) -> Sample {
        let mut sample = Sample::default();
        sample.put("x", value);
        sample
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let round = [
            (Program::Whocalls, sample(3.0)),
            (Program::LimitMiss, sample(2.0)),
        ];
        let target = Target::ratio("x", Program::LimitMiss, Bound::AtMost(1.5));
        assert_eq!(target.of(&round), Some(1.5));
        assert_eq!(
            Target::ratio("x", Program::LimitHit, target.bound).of(&round),
            None
        );
        assert_eq!(Target::value("x", target.bound).of(&round), Some(3.0));
        assert!(target.bound.is_met(1.5) && !target.bound.is_met(1.51));
        assert!(Bound::AtLeast(1.5).is_met(1.5) && !Bound::AtLeast(1.5).is_met(1.49));
    }
}
