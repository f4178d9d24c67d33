//! The rounds: every program in every scenario, one after the other, so that what changes on the
//! machine meanwhile changes for all of them.

use std::{
    fmt::Write,
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use anyhow::Context;

use crate::{
    programs::{Place, Program},
    report::{self, Outcome},
    scenarios::{self, Bench, Scenario},
};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these scenarios, such as A,B200,C.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only these programs; the limits and whocalls are always needed for targets.
    #[arg(long, value_delimiter = ',')]
    programs: Vec<Program>,
    /// Rounds of each scenario.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds that each load lasts.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// One short round with small sizes: shows that everything works, and measures nothing.
    #[arg(long)]
    quick: bool,
    /// Where the report goes; default target/bench/report.md.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Measure this program instead of building target/release/whocalls.
    #[arg(long)]
    gateway: Option<PathBuf>,
}

/// Measures and reports.
///
/// # Errors
/// When the gateway cannot be built, or programs answer differently.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let place = place(options)?;
    let chosen = chosen(options)?;
    let mut text = heading(&place, options)?;
    let (available, lacking): (Vec<Program>, Vec<Program>) = Program::OTHERS
        .into_iter()
        .partition(|it| place.lack(*it).is_none());
    for program in lacking {
        let reason = place.lack(program).unwrap_or_default();
        writeln!(text, "- left out: {} ({reason})", program.title())?;
    }
    print!("{text}");
    let bench = bench(place, options)?;
    let is_wanted =
        |program: &Program| options.programs.is_empty() || options.programs.contains(program);
    let compared: Vec<Program> = available.into_iter().filter(is_wanted).collect();
    scenarios::check_answers(&bench, &compared)?;
    for scenario in &chosen {
        let is_there =
            |program: &&Program| is_wanted(program) && bench.place.lack(**program).is_none();
        let programs: Vec<Program> = scenario.programs.iter().filter(is_there).copied().collect();
        let outcome = measure(&bench, scenario, &programs, options);
        let section = report::section(scenario, &outcome)?;
        print!("{section}");
        text.push_str(&section);
    }
    let path = options.report.clone();
    let path = path.unwrap_or_else(|| bench.place.work.join("report.md"));
    fs::write(&path, text).with_context(|| path.display().to_string())?;
    println!("\nThe report is in {}.", path.display());
    Ok(())
}

fn chosen(options: &Options) -> anyhow::Result<Vec<Scenario>> {
    let all = scenarios::all();
    let names: Vec<&str> = all.iter().map(|scenario| scenario.name).collect();
    for name in &options.only {
        let is_known = names.iter().any(|known| known.eq_ignore_ascii_case(name));
        anyhow::ensure!(
            is_known,
            "there is no scenario {name}; there are {}",
            names.join(", ")
        );
    }
    let is_chosen = |scenario: &Scenario| {
        let mut only = options.only.iter();
        options.only.is_empty() || only.any(|name| scenario.name.eq_ignore_ascii_case(name))
    };
    Ok(all.into_iter().filter(is_chosen).collect())
}

fn measure(bench: &Bench, scenario: &Scenario, programs: &[Program], options: &Options) -> Outcome {
    let mut outcome = Outcome::default();
    if let Some(alone) = &scenario.alone {
        match alone(bench) {
            Ok(sample) => outcome.alone = sample,
            Err(error) => outcome.failures.push(format!("back end alone: {error:#}")),
        }
    }
    let rounds = if options.quick { 1 } else { options.rounds };
    for seed in 0..rounds.min(scenario.max_rounds) {
        let mut round = Vec::new();
        for &program in programs {
            eprintln!("{} round {}: {}", scenario.name, seed + 1, program.title());
            match (scenario.run)(bench, program, seed as u64) {
                Ok(sample) => round.push((program, sample)),
                Err(error) => outcome
                    .failures
                    .push(format!("{}: {error:#}", program.title())),
            }
        }
        outcome.rounds.push(round);
    }
    outcome
}

fn bench(place: Place, options: &Options) -> anyhow::Result<Bench> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let usual = Bench {
        place,
        runtime,
        time: Duration::from_secs_f64(options.seconds),
        warm_up: Duration::from_secs_f64(options.seconds / 5.0),
        idle_connections: 10_000,
        adapter_counts: &[1, 3, 10, 30],
        cache_sizes: &[1_000, 10_000, 100_000, 1_000_000],
        phonebook_sizes: &[1_000, 10_000, 100_000, 1_000_000],
    };
    if !options.quick {
        return Ok(usual);
    }
    Ok(Bench {
        time: Duration::from_millis(300),
        warm_up: Duration::from_millis(100),
        idle_connections: 500,
        cache_sizes: &[100, 500],
        phonebook_sizes: &[1_000, 10_000],
        ..usual
    })
}

fn place(options: &Options) -> anyhow::Result<Place> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = std::env::current_exe()?;
    let release = program.parent().context("no folder of programs")?;
    let target = release.parent().context("no target folder")?;
    let whocalls = match &options.gateway {
        Some(program) => program
            .canonicalize()
            .with_context(|| program.display().to_string())?,
        None => build(sources, target)?,
    };
    let work = target.join("bench");
    fs::create_dir_all(&work)?;
    Ok(Place {
        sources: sources.to_owned(),
        installed: work.join("others"),
        whocalls,
        work,
        workers: thread::available_parallelism().map_or(1, NonZeroUsize::get),
    })
}

/// Builds the gateway as it is released.
fn build(sources: &Path, target: &Path) -> anyhow::Result<PathBuf> {
    let status = Command::new("cargo")
        .args([
            "build",
            "--release",
            "--locked",
            "--package",
            "whocalls",
            "--bin",
            "whocalls",
        ])
        .current_dir(sources)
        .status()?;
    anyhow::ensure!(status.success(), "the gateway does not build");
    Ok(target.join("release/whocalls"))
}

fn heading(place: &Place, options: &Options) -> anyhow::Result<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("", |text| text.trim_start_matches([' ', '\t', ':']));
    let mut text = String::from("# Benchmark\n\n");
    writeln!(text, "- {} cores, {model}", place.workers)?;
    writeln!(
        text,
        "- {} rounds of {} s; back ends, load generator and program share the cores",
        if options.quick { 1 } else { options.rounds },
        if options.quick { 0.3 } else { options.seconds },
    )?;
    writeln!(
        text,
        "- median (smallest–largest) of the rounds; ratios are taken within a round"
    )?;
    Ok(text)
}
