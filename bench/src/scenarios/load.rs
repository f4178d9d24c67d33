//! Scenarios A to D: one load against fresh programs.

use std::time::Duration;

use super::{
    Bench, Bound, Sample, THREE, Target,
    sample::{
        ADDED_P50, ADDED_P99, ADDED_P999, CPU, FAILED, MB, P50, P99, P999, PARTIAL, PEAK,
        THROUGHPUT, UPSTREAM,
    },
};
use crate::{
    backends::Behaviour,
    load::{Figures, Numbers, Pace, Target as Address, Until, closed_loop, open_loop},
    programs::{Adapter, BackEnds, Program, Running, Setup},
};

/// Where warm-up takes its numbers from; far from all others.
const WARM_UP_FROM: u64 = 60_000_000;
/// Connections while the cache is filled.
const FILLING: usize = 32;
/// How often each number is asked for to fill the cache: programs of several processes have one in
/// each.
const FILLS: usize = 4;
/// Requests that CPU seconds are given for.
const CPU_UNIT: f64 = 10_000.0;

/// How requests come.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Load {
    /// Always this many under way.
    Closed(usize),
    /// This many a second.
    Open(f64),
}

/// A load against programs with three CRMs.
#[derive(Debug)]
pub(crate) struct LoadScenario {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) limit: Program,
    pub(crate) load: Load,
    pub(crate) behaviours: [Behaviour; 3],
    /// Only numbers that were asked before, this many.
    pub(crate) known: Option<u64>,
    /// What the slowest back end takes, which is not the program's doing.
    pub(crate) base_ms: Option<f64>,
    pub(crate) timeout_ms: u64,
    pub(crate) breaker: bool,
    pub(crate) targets: Vec<Target>,
}

impl LoadScenario {
    pub(crate) fn run(
        &self,
        bench: &Bench,
        program: Program,
        round: u64,
    ) -> anyhow::Result<Sample> {
        let back_ends = BackEnds::start(self.behaviours)?;
        let setup = Setup {
            adapters: Adapter::many(THREE, back_ends.ports),
            timeout_ms: self.timeout_ms,
            breaker: self.breaker,
            ..Setup::usual()
        };
        let running = bench.place.start(program, &setup)?;
        let address = running.target();
        if let Some(count) = self.known {
            for _ in 0..FILLS {
                let numbers = Numbers::fresh_from(0);
                let until = Until::Requests(count);
                bench.block_on(closed_loop(&address, &numbers, FILLING, until))?;
            }
        }
        let warm = self.numbers(WARM_UP_FROM, round);
        self.send(bench, &address, &warm, bench.warm_up, round)?;
        let upstream = back_ends.lookups()?;
        let cpu = running.process.cpu_seconds();
        let numbers = self.numbers(0, round);
        let figures = self.send(bench, &address, &numbers, bench.time, round)?;
        let cpu = running.process.cpu_seconds() - cpu;
        let upstream = back_ends.lookups()? - upstream;
        Ok(self.sample(&figures, &running, cpu, upstream))
    }

    fn numbers(&self, first: u64, round: u64) -> Numbers {
        match self.known {
            Some(count) => Numbers::known(count, round),
            None => Numbers::fresh_from(first),
        }
    }

    fn send(
        &self,
        bench: &Bench,
        address: &Address,
        numbers: &Numbers,
        duration: Duration,
        seed: u64,
    ) -> anyhow::Result<Figures> {
        match self.load {
            Load::Closed(connections) => {
                let until = Until::Elapsed(duration);
                bench.block_on(closed_loop(address, numbers, connections, until))
            }
            Load::Open(per_second) => {
                let pace = Pace {
                    per_second,
                    duration,
                    seed,
                };
                bench.block_on(open_loop(address, numbers, pace))
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
    fn sample(&self, figures: &Figures, running: &Running, cpu: f64, upstream: f64) -> Sample {
        let requests = figures.requests as f64;
        let latencies = [50.0, 99.0, 99.9].map(|percent| figures.millis_at(percent));
        let mut sample = Sample::default();
        sample.put(THROUGHPUT, figures.throughput());
        sample.put(CPU, cpu / requests * CPU_UNIT);
        for (name, latency) in [P50, P99, P999].into_iter().zip(latencies) {
            sample.put(name, latency);
        }
        if let Some(base) = self.base_ms {
            for (name, latency) in [ADDED_P50, ADDED_P99, ADDED_P999]
                .into_iter()
                .zip(latencies)
            {
                sample.put(name, latency - base);
            }
        }
        sample.put(PEAK, running.process.peak_bytes() / MB);
        sample.put(UPSTREAM, upstream / requests);
        sample.put(FAILED, figures.failures as f64 / requests * 100.0);
        sample.put(PARTIAL, figures.partial as f64 / requests * 100.0);
        sample
    }
}

/// What the generator and the slowest back end show by themselves: no program can be faster.
pub(crate) fn alone(bench: &Bench, scenario: &LoadScenario) -> anyhow::Result<Option<Sample>> {
    let (Some(base), Load::Open(per_second)) = (scenario.base_ms, scenario.load) else {
        return Ok(None);
    };
    let back_ends = BackEnds::start(scenario.behaviours)?;
    let address = Address::back_end(back_ends.address(THREE - 1));
    let pace = Pace {
        per_second,
        duration: bench.time,
        seed: 1,
    };
    let numbers = Numbers::fresh_from(0);
    let figures = bench.block_on(open_loop(&address, &numbers, pace))?;
    let mut sample = Sample::default();
    for (name, percent) in [(ADDED_P50, 50.0), (ADDED_P99, 99.0), (ADDED_P999, 99.9)] {
        sample.put(name, figures.millis_at(percent) - base);
    }
    Ok(Some(sample))
}

/// Scenarios A to D.
pub(crate) fn all() -> Vec<LoadScenario> {
    let plain = || LoadScenario {
        name: "",
        title: "",
        limit: Program::LimitMiss,
        load: Load::Closed(32),
        behaviours: [Behaviour::default(); 3],
        known: None,
        base_ms: None,
        timeout_ms: 1000,
        breaker: true,
        targets: Vec::new(),
    };
    let delayed = |name, title, per_second| LoadScenario {
        name,
        title,
        load: Load::Open(per_second),
        behaviours: [20, 40, 60].map(|delay_ms| Behaviour {
            delay_ms,
            ..Behaviour::default()
        }),
        base_ms: Some(60.0),
        targets: vec![
            Target::ratio(ADDED_P50, Program::LimitMiss, Bound::AtMost(1.3)),
            Target::ratio(ADDED_P99, Program::LimitMiss, Bound::AtMost(1.15)),
            Target::ratio(CPU, Program::LimitMiss, Bound::AtMost(1.35)),
            Target::value(FAILED, Bound::AtMost(0.0)),
        ],
        ..plain()
    };
    let hanging = |name, title, breaker| {
        let hangs = Behaviour {
            hangs: true,
            ..Behaviour::default()
        };
        LoadScenario {
            name,
            title,
            load: Load::Closed(500),
            behaviours: [Behaviour::default(), Behaviour::default(), hangs],
            timeout_ms: 300,
            breaker,
            targets: vec![
                Target::value(P99, Bound::AtMost(310.0)),
                Target::value(PARTIAL, Bound::AtLeast(100.0)),
                Target::value(FAILED, Bound::AtMost(0.0)),
                Target::ratio(CPU, Program::LimitMiss, Bound::AtMost(1.4)),
                Target::ratio(PEAK, Program::LimitMiss, Bound::AtMost(1.5)),
            ],
            ..plain()
        }
    };
    vec![
        LoadScenario {
            name: "A",
            title: "misses, back ends at 0 ms, 32 connections",
            targets: vec![
                Target::ratio(CPU, Program::LimitMiss, Bound::AtMost(1.35)),
                Target::ratio(THROUGHPUT, Program::LimitMiss, Bound::AtLeast(0.75)),
                Target::value(PEAK, Bound::AtMost(64.0)),
                Target::value(FAILED, Bound::AtMost(0.0)),
                Target::value(PARTIAL, Bound::AtMost(0.0)),
            ],
            ..plain()
        },
        delayed(
            "B200",
            "misses, back ends at 20/40/60 ms, 200 requests a second",
            200.0,
        ),
        delayed(
            "B1000",
            "misses, back ends at 20/40/60 ms, 1,000 requests a second",
            1000.0,
        ),
        LoadScenario {
            name: "C",
            title: "cache hits over 1,000 numbers, 32 connections",
            limit: Program::LimitHit,
            known: Some(1000),
            targets: vec![
                Target::ratio(CPU, Program::LimitHit, Bound::AtMost(1.3)),
                Target::ratio(THROUGHPUT, Program::LimitHit, Bound::AtLeast(0.8)),
                Target::value(UPSTREAM, Bound::AtMost(0.0)),
                Target::value(FAILED, Bound::AtMost(0.0)),
            ],
            ..plain()
        },
        hanging(
            "D",
            "one back end hangs, timeout 300 ms, 500 in flight",
            true,
        ),
        hanging(
            "D2",
            "as D, with the gateway's circuit breaker off: it waits as long as the limit",
            false,
        ),
    ]
}
