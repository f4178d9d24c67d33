//! Which step of a lookup waits for which.

/// For each step, the steps that it waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order(Vec<Vec<usize>>);

/// Steps that wait for each other, so that none of them can ever start.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cycle(pub(super) Vec<usize>);

impl Order {
    /// The order in which each step waits for those in `waits_for`.
    ///
    /// # Errors
    /// [`Cycle`].
    pub(super) fn new(waits_for: Vec<Vec<usize>>) -> Result<Self, Cycle> {
        let order = Self(waits_for);
        let mut is_done = vec![false; order.0.len()];
        loop {
            let ready: Vec<usize> = order.ready(&is_done, &is_done).collect();
            if ready.is_empty() {
                break;
            }
            for step in ready {
                if let Some(done) = is_done.get_mut(step) {
                    *done = true;
                }
            }
        }
        let stuck = is_done.iter().enumerate().filter(|(_, done)| !**done);
        let stuck: Vec<usize> = stuck.map(|(step, _)| step).collect();
        if stuck.is_empty() {
            Ok(order)
        } else {
            Err(Cycle(stuck))
        }
    }

    /// The order of no steps.
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    /// The steps that are not started and wait for nothing any longer, in their order.
    pub(super) fn ready<'o>(
        &'o self,
        is_started: &'o [bool],
        is_done: &'o [bool],
    ) -> impl Iterator<Item = usize> + 'o {
        let has = |flags: &[bool], step: usize| flags.get(step).copied().unwrap_or_default();
        self.0
            .iter()
            .enumerate()
            .filter(move |(step, waits_for)| {
                !has(is_started, *step) && waits_for.iter().all(|other| has(is_done, *other))
            })
            .map(|(step, _)| step)
    }

    /// The steps that `step` waits for.
    pub(super) fn waits_for(&self, step: usize) -> &[usize] {
        self.0.get(step).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The steps in the groups in which they would start if all took the same time.
    fn waves(order: &Order) -> Vec<Vec<usize>> {
        let mut is_done = vec![false; order.0.len()];
        let mut waves = Vec::new();
        loop {
            let wave: Vec<usize> = order.ready(&is_done, &is_done).collect();
            if wave.is_empty() {
                return waves;
            }
            for step in &wave {
                is_done[*step] = true;
            }
            waves.push(wave);
        }
    }

    #[test]
    fn a_step_starts_with_all_that_wait_for_the_same() {
        for (waits_for, expected) in [
            (vec![vec![]], vec![vec![0]]),
            (vec![vec![], vec![]], vec![vec![0, 1]]),
            (vec![vec![1], vec![]], vec![vec![1], vec![0]]),
            (
                vec![vec![], vec![0], vec![0], vec![1, 2], vec![]],
                vec![vec![0, 4], vec![1, 2], vec![3]],
            ),
        ] {
            assert_eq!(waves(&Order::new(waits_for).unwrap()), expected);
        }
    }

    #[test]
    fn steps_that_wait_for_each_other_are_a_cycle() {
        for (waits_for, stuck) in [
            (vec![vec![0]], vec![0]),
            (vec![vec![], vec![2], vec![1]], vec![1, 2]),
            (vec![vec![1], vec![2], vec![1], vec![]], vec![0, 1, 2]),
        ] {
            assert_eq!(Order::new(waits_for), Err(Cycle(stuck)));
        }
    }

    proptest! {
        /// The order in which a description lists its steps does not decide when they start.
        #[test]
        fn steps_start_alike_in_whatever_order_they_are_listed(
            edges in proptest::collection::vec((0_usize..8, 0_usize..8), 0..16),
            listing in Just((0_usize..8).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let waits_for = |place: &dyn Fn(usize) -> usize| {
                let mut waits_for = vec![Vec::new(); 8];
                // An edge from a lower to a higher number, so that there is no cycle.
                for (a, b) in &edges {
                    if a != b {
                        waits_for[place(*a.max(b))].push(place(*a.min(b)));
                    }
                }
                waits_for
            };
            let plain = waves(&Order::new(waits_for(&|step| step)).unwrap());
            let shuffled = waves(&Order::new(waits_for(&|step| listing[step])).unwrap());
            let renamed: Vec<Vec<usize>> = plain
                .iter()
                .map(|wave| {
                    let mut wave: Vec<usize> = wave.iter().map(|step| listing[*step]).collect();
                    wave.sort_unstable();
                    wave
                })
                .collect();
            prop_assert_eq!(shuffled, renamed);
        }
    }
}
