//! The report: a table of figures and one of targets for each scenario. The same Markdown is
//! printed and written.

mod statistics;

use std::fmt::{self, Write};

use self::statistics::{Spread, number};
use crate::{
    programs::Program,
    scenarios::{Bound, Sample, Scenario, Target},
};

/// The figures of one round, by program, in the order in which they were measured.
pub(crate) type Round = Vec<(Program, Sample)>;

/// What came of one scenario.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) rounds: Vec<Round>,
    /// What generator and back end show by themselves.
    pub(crate) alone: Option<Sample>,
    /// Runs that failed, and why.
    pub(crate) failures: Vec<String>,
}

/// The part of a scenario.
///
/// # Errors
/// Never: writing to text does not fail.
pub(crate) fn section(scenario: &Scenario, outcome: &Outcome) -> Result<String, fmt::Error> {
    let mut text = String::new();
    writeln!(text, "\n## {}: {}\n", scenario.name, scenario.title)?;
    figures(&mut text, scenario, outcome)?;
    targets(&mut text, &scenario.targets, &outcome.rounds)?;
    for failure in &outcome.failures {
        writeln!(text, "\nFailed: {}", failure.replace('\n', " "))?;
    }
    Ok(text)
}

fn figures(text: &mut String, scenario: &Scenario, outcome: &Outcome) -> fmt::Result {
    let samples = |program: Program| {
        let all = outcome.rounds.iter().flatten();
        all.filter(move |(known, _)| *known == program)
            .map(|(_, sample)| sample)
    };
    let programs = scenario.programs.iter().copied();
    let programs: Vec<Program> = programs
        .filter(|program| samples(*program).next().is_some())
        .collect();
    let Some(first) = programs
        .first()
        .and_then(|program| samples(*program).next())
    else {
        return Ok(());
    };
    let names: Vec<&str> = first.names().collect();
    // Few figures of many programs stand in a row each; many figures of one program below each
    // other.
    head(
        text,
        "",
        programs.iter().map(|program| program.title()),
        outcome.alone.as_ref(),
    )?;
    for name in names {
        write!(text, "| {name} |")?;
        for program in &programs {
            let values = samples(*program).filter_map(|sample| sample.get(name));
            let cell = Spread::of(values).map_or_else(String::new, Spread::cell);
            write!(text, " {cell} |")?;
        }
        if let Some(alone) = &outcome.alone {
            let cell = alone.get(name).map_or_else(String::new, number);
            write!(text, " {cell} |")?;
        }
        writeln!(text)?;
    }
    Ok(())
}

fn head<'a>(
    text: &mut String,
    first: &str,
    columns: impl Iterator<Item = &'a str>,
    alone: Option<&Sample>,
) -> fmt::Result {
    let alone = alone.map(|_| "back end alone");
    let columns: Vec<&str> = columns.chain(alone).collect();
    writeln!(text, "| {first} | {} |", columns.join(" | "))?;
    writeln!(text, "|---|{}", "---:|".repeat(columns.len()))
}

fn targets(text: &mut String, targets: &[Target], rounds: &[Round]) -> fmt::Result {
    writeln!(text, "\n| target for whocalls | bound | median (range) | |")?;
    writeln!(text, "|---|---:|---:|---|")?;
    for target in targets {
        let against = target
            .against
            .map(|program| format!(", × {}", program.title()));
        let (sign, bound) = match target.bound {
            Bound::AtMost(bound) => ("≤", bound),
            Bound::AtLeast(bound) => ("≥", bound),
        };
        let spread = Spread::of(rounds.iter().filter_map(|round| target.of(round)));
        let (cell, verdict) = match spread {
            Some(spread) if target.bound.is_met(spread.median) => (spread.cell(), "met"),
            Some(spread) => (spread.cell(), "**missed**"),
            None => (String::new(), "not measured"),
        };
        writeln!(
            text,
            "| {}{} | {sign} {} | {cell} | {verdict} |",
            target.figure,
            against.unwrap_or_default(),
            number(bound),
        )?;
    }
    Ok(())
}
