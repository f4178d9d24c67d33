//! Scenario F: what grows with adapters, cached numbers and contacts.

use std::process::Command;

use anyhow::Context;

use super::{Bench, Bound, Sample, Target};
use crate::{
    backends::{Behaviour, Shape},
    load::{Connection, Numbers, Until, closed_loop},
    programs::{Adapter, BackEnds, Program, Setup},
};

const CONNECTIONS: usize = 32;
const CPU_UNIT: f64 = 10_000.0;

/// CPU seconds that each further adapter costs for 10,000 lookups.
const SLOPE: &str = "CPU s / 10,000 for each adapter";
/// 1 when the CPU grows in a straight line with the adapters.
const LINEAR: &str = "r²";
const HIT_RATIO: &str = "hit CPU, largest : smallest cache";
const ABOVE_JSON: &str = "bytes / cached answer above its JSON";
const LOOKUP_MICROS: &str = "phonebook lookup µs, largest";
const LOAD_SECS: &str = "phonebook load s, largest";

/// What is to be reached with many adapters.
pub(crate) fn adapter_targets() -> Vec<Target> {
    vec![
        Target::ratio(SLOPE, Program::LimitMiss, Bound::AtMost(1.4)),
        Target::value(LINEAR, Bound::AtLeast(0.99)),
    ]
}

/// The cost of a miss by the number of adapters.
#[expect(clippy::cast_precision_loss, reason = "small counts")]
pub(crate) fn adapters(bench: &Bench, program: Program) -> anyhow::Result<Sample> {
    let mut sample = Sample::default();
    let mut points = Vec::new();
    for &count in bench.adapter_counts {
        let back_ends = BackEnds::start([Behaviour::default(); 3])?;
        let setup = Setup {
            adapters: Adapter::many(count, back_ends.ports),
            ..Setup::usual()
        };
        let running = bench.place.start(program, &setup)?;
        let target = running.target();
        let load = |first, time| {
            let numbers = Numbers::fresh_from(first);
            let until = Until::Elapsed(time);
            bench.block_on(async { closed_loop(&target, &numbers, CONNECTIONS, until).await })
        };
        load(60_000_000, bench.warm_up)?;
        let cpu = running.process.cpu_seconds();
        let figures = load(0, bench.time)?;
        anyhow::ensure!(
            figures.failures == 0,
            "{} requests failed",
            figures.failures
        );
        let cpu = running.process.cpu_seconds() - cpu;
        let cpu = cpu / figures.requests as f64 * CPU_UNIT;
        sample.put(format!("CPU s / 10,000 with {count}"), cpu);
        points.push((count as f64, cpu));
    }
    let (slope, fit) = line(&points);
    sample.put(SLOPE, slope);
    sample.put(LINEAR, fit);
    Ok(sample)
}

/// Slope and coefficient of determination of the least-squares line.
#[expect(clippy::cast_precision_loss, reason = "a few points")]
fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        let centred = points.iter().map(|(x, y)| of(x - mean_x, y - mean_y));
        centred.sum()
    };
    let (xx, xy, yy) = (sum(&|x, _| x * x), sum(&|x, y| x * y), sum(&|_, y| y * y));
    (xy / xx, xy * xy / (xx * yy))
}

/// What is to be reached with many cached numbers.
pub(crate) fn cache_targets() -> Vec<Target> {
    vec![
        Target::value(HIT_RATIO, Bound::AtMost(1.15)),
        Target::value(ABOVE_JSON, Bound::AtMost(400.0)),
    ]
}

/// The cost of a hit and the memory of an answer by the number of cached numbers, with one adapter.
#[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
pub(crate) fn cache(bench: &Bench, program: Program) -> anyhow::Result<Sample> {
    let mut sample = Sample::default();
    let mut points = Vec::new();
    let mut json = 0.0;
    for &count in bench.cache_sizes {
        let back_ends = BackEnds::start([Behaviour::default(); 3])?;
        let mut adapters = Adapter::many(3, back_ends.ports);
        adapters.retain(|adapter| adapter.shape == Shape::Rest);
        let setup = Setup {
            adapters,
            cache_bytes: 1 << 30,
            ..Setup::usual()
        };
        let running = bench.place.start(program, &setup)?;
        let target = running.target();
        let load = |numbers: Numbers, until| {
            bench.block_on(async { closed_loop(&target, &numbers, CONNECTIONS, until).await })
        };
        load(Numbers::fresh_from(0), Until::Requests(count))?;
        let before = back_ends.lookups()?;
        load(Numbers::known(count, 1), Until::Elapsed(bench.warm_up))?;
        let cpu = running.process.cpu_seconds();
        let figures = load(Numbers::known(count, 2), Until::Elapsed(bench.time))?;
        let cpu = running.process.cpu_seconds() - cpu;
        let cpu = cpu / figures.requests as f64 * CPU_UNIT;
        let asked = back_ends.lookups()? - before;
        anyhow::ensure!(asked == 0.0, "{asked} of {count} answers were not kept");
        json = bench.block_on(async {
            let mut connection = Connection::open(&target).await?;
            connection.ask(&target, 0).await?;
            anyhow::Ok(connection.body().len() as f64)
        })?;
        let memory = running.process.resident_bytes();
        sample.put(format!("hit CPU s / 10,000 with {count}"), cpu);
        points.push((count as f64, cpu, memory));
    }
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Ok(sample);
    };
    let answer = (last.2 - first.2) / (last.0 - first.0);
    sample.put(HIT_RATIO, last.1 / first.1);
    sample.put("bytes / cached answer", answer);
    sample.put("bytes of its JSON", json);
    sample.put(ABOVE_JSON, answer - json);
    Ok(sample)
}

/// What is to be reached with many contacts.
pub(crate) fn phonebook_targets() -> Vec<Target> {
    vec![
        Target::value(LOOKUP_MICROS, Bound::AtMost(5.0)),
        Target::value(LOAD_SECS, Bound::AtMost(10.0)),
    ]
}

/// Loading and lookups by the number of contacts in a phonebook, each size in a process of its own.
pub(crate) fn phonebook(bench: &Bench) -> anyhow::Result<Sample> {
    let mut sample = Sample::default();
    for &count in bench.phonebook_sizes {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["phonebook", &count.to_string()])
            .arg(&bench.place.work);
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let (load, lookup) = text
            .trim()
            .split_once(' ')
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let (load, lookup) = (load.parse()?, lookup.parse()?);
        sample.put(format!("load s with {count}"), load);
        sample.put(format!("lookup µs with {count}"), lookup);
        if Some(&count) == bench.phonebook_sizes.last() {
            sample.put(LOAD_SECS, load);
            sample.put(LOOKUP_MICROS, lookup);
        }
    }
    Ok(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_is_found() {
        let (slope, fit) = line(&[(1.0, 3.0), (3.0, 7.0), (10.0, 21.0)]);
        assert!((slope - 2.0).abs() < 1e-9 && (fit - 1.0).abs() < 1e-9);
        let (_, fit) = line(&[(1.0, 1.0), (2.0, 4.0), (3.0, 9.0), (10.0, 100.0)]);
        assert!(fit < 0.99);
    }
}
