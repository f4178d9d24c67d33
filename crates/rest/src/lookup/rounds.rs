//! The requests of a step with `for_each`.

use minijinja::Value;

/// What the requests of a step are about: `item` or `items` of each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rounds {
    /// `None`: a single request that is about no element.
    pub(super) items: Vec<Option<Value>>,
    /// Elements that no request is about, because there would be too many requests.
    pub(super) left_over: usize,
}

impl Rounds {
    /// One request.
    pub(super) fn one() -> Self {
        Self {
            items: vec![None],
            left_over: 0,
        }
    }

    /// No request: the step is left out.
    pub(super) fn none() -> Self {
        Self {
            items: Vec::new(),
            left_over: 0,
        }
    }

    /// One request for each of the elements or, with `batch`, for that many of them, each element
    /// once; at most `max` requests.
    pub(super) fn each(elements: Vec<Value>, batch: Option<usize>, max: usize) -> Self {
        let mut distinct: Vec<Value> = Vec::with_capacity(elements.len());
        for element in elements {
            if !distinct.contains(&element) {
                distinct.push(element);
            }
        }
        let asked = distinct.len().min(max.saturating_mul(batch.unwrap_or(1)));
        let left_over = distinct.split_off(asked).len();
        let items = match batch {
            None => distinct.into_iter().map(Some).collect(),
            Some(size) => {
                let batches = distinct.chunks(size.max(1));
                batches
                    .map(|batch| Some(Value::from(batch.to_vec())))
                    .collect()
            }
        };
        Self { items, left_over }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(elements: &[&str], batch: Option<usize>, max: usize) -> (Vec<String>, usize) {
        let elements = elements.iter().map(|element| Value::from(*element));
        let rounds = Rounds::each(elements.collect(), batch, max);
        let items = rounds.items.iter().flatten();
        (items.map(ToString::to_string).collect(), rounds.left_over)
    }

    #[test]
    fn elements_are_asked_for_once_and_no_more_than_allowed() {
        for (elements, batch, max, expected, left_over) in [
            (&["a", "b", "a"][..], None, 9, &["a", "b"][..], 0),
            (&["a", "b", "c"], None, 2, &["a", "b"], 1),
            (&["a", "b", "c"], Some(2), 9, &["['a', 'b']", "['c']"], 0),
            (
                &["a", "b", "c", "d", "e"],
                Some(2),
                2,
                &["['a', 'b']", "['c', 'd']"],
                1,
            ),
            (&[], None, 9, &[], 0),
            (&[], Some(5), 9, &[], 0),
        ] {
            let (items, left) = each(elements, batch, max);
            assert_eq!(items, expected);
            assert_eq!(left, left_over);
        }
    }
}
