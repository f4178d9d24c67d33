//! What is measured, and what is to be reached.

mod answers;
mod growth;
mod idle;
mod load;
mod sample;
mod target;

use std::{fmt, time::Duration};

use tokio::runtime::Runtime;

pub(crate) use self::{
    answers::check as check_answers,
    load::alone,
    sample::Sample,
    target::{Bound, Target},
};
use crate::programs::{Place, Program, Setup};

/// The adapters of most scenarios: one of each kind.
const THREE: usize = 3;
/// Memory for one cached answer, as the cache counts it, and some more.
const BYTES_FOR_AN_ANSWER: u64 = 1024;
/// Numbers that the cache keeps unless a scenario is about its size.
const CACHED_NUMBERS: u64 = 10_000;

impl Setup {
    /// What most scenarios have.
    fn usual() -> Self {
        Self {
            adapters: Vec::new(),
            timeout_ms: 1000,
            cache_bytes: CACHED_NUMBERS * BYTES_FOR_AN_ANSWER,
            max_in_flight: 1024,
            breaker: true,
        }
    }
}

/// How much is measured, and where.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) place: Place,
    pub(crate) runtime: Runtime,
    pub(crate) time: Duration,
    pub(crate) warm_up: Duration,
    pub(crate) idle_connections: usize,
    pub(crate) adapter_counts: &'static [usize],
    pub(crate) cache_sizes: &'static [u64],
    pub(crate) phonebook_sizes: &'static [u32],
}

impl Bench {
    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

type Run = Box<dyn Fn(&Bench, Program, u64) -> anyhow::Result<Sample>>;
type RunAlone = Box<dyn Fn(&Bench) -> anyhow::Result<Option<Sample>>>;

/// One scenario.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) programs: Vec<Program>,
    pub(crate) targets: Vec<Target>,
    /// For scenarios that vary little and take long.
    pub(crate) max_rounds: usize,
    /// Measures one program in one round.
    pub(crate) run: Run,
    /// What generator and back end show by themselves.
    pub(crate) alone: Option<RunAlone>,
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All scenarios.
pub(crate) fn all() -> Vec<Scenario> {
    let mut all: Vec<Scenario> = load::all().into_iter().map(of_load).collect();
    all.push(Scenario {
        name: "E",
        title: "idle keep-alive connections",
        programs: with_others(Program::LimitHit),
        targets: idle::targets(),
        max_rounds: usize::MAX,
        run: Box::new(|bench, program, _| idle::run(bench, program)),
        alone: None,
    });
    all.push(Scenario {
        name: "F-adapters",
        title: "misses by the number of adapters, 32 connections",
        programs: vec![Program::LimitMiss, Program::Whocalls],
        targets: growth::adapter_targets(),
        max_rounds: usize::MAX,
        run: Box::new(|bench, program, _| growth::adapters(bench, program)),
        alone: None,
    });
    all.push(Scenario {
        name: "F-cache",
        title: "hits and memory by the number of cached numbers, one adapter",
        programs: vec![Program::Whocalls],
        targets: growth::cache_targets(),
        max_rounds: 1,
        run: Box::new(|bench, program, _| growth::cache(bench, program)),
        alone: None,
    });
    all.push(Scenario {
        name: "F-phonebook",
        title: "a phonebook by its number of contacts",
        programs: vec![Program::Whocalls],
        targets: growth::phonebook_targets(),
        max_rounds: usize::MAX,
        run: Box::new(|bench, _, _| growth::phonebook(bench)),
        alone: None,
    });
    all
}

fn of_load(scenario: load::LoadScenario) -> Scenario {
    let scenario = std::rc::Rc::new(scenario);
    let same = std::rc::Rc::clone(&scenario);
    Scenario {
        name: scenario.name,
        title: scenario.title,
        programs: with_others(scenario.limit),
        targets: scenario.targets.clone(),
        max_rounds: usize::MAX,
        alone: Some(Box::new(move |bench| alone(bench, &same))),
        run: Box::new(move |bench, program, round| scenario.run(bench, program, round)),
    }
}

fn with_others(limit: Program) -> Vec<Program> {
    let mut programs = vec![limit, Program::Whocalls];
    programs.extend(Program::OTHERS);
    programs
}
