//! Medians and spreads of few values.

/// A median with the smallest and the largest value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// Of at least one value.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let upper = *values.get(middle)?;
        let median = if values.len() % 2 == 1 {
            upper
        } else {
            f64::midpoint(*values.get(middle.checked_sub(1)?)?, upper)
        };
        Some(Self {
            median,
            least: *values.first()?,
            most: *values.last()?,
        })
    }

    /// As a cell: the median, and the range where there is one.
    pub(crate) fn cell(self) -> String {
        let (median, least, most) = (number(self.median), number(self.least), number(self.most));
        if least == most {
            median
        } else {
            format!("{median} ({least}–{most})")
        }
    }
}

/// With as many decimals as tell something.
pub(crate) fn number(value: f64) -> String {
    let decimals = match value.abs() {
        0.0 => 0,
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value() {
        let spread = |values: &[f64]| Spread::of(values.iter().copied());
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[3.0, 1.0, 2.0]).unwrap().cell(), "2.00 (1.00–3.00)");
        assert_eq!(
            spread(&[1.0, 2.0, 4.0, 3.0]).unwrap().cell(),
            "2.50 (1.00–4.00)"
        );
        assert_eq!(spread(&[123.4]).unwrap().cell(), "123");
    }
}
