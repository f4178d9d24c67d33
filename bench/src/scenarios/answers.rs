//! Before anything is measured: do all programs give the same answer? Otherwise their costs say
//! nothing.

use serde_json::Value;

use super::{Bench, THREE};
use crate::{
    backends::Behaviour,
    programs::{Adapter, BackEnds, Program, Setup, get},
};

const PATH: &str = "/Lookup?PhoneNumber=41442000001";

/// Compares each program's answer with the gateway's, and that of the miss limit for as many
/// adapters as are measured.
///
/// # Errors
/// Names the program whose answer differs.
pub(crate) fn check(bench: &Bench, programs: &[Program]) -> anyhow::Result<()> {
    let back_ends = BackEnds::start([Behaviour::default(); 3])?;
    let expected = answer(bench, Program::Whocalls, &back_ends, THREE)?;
    for &program in programs {
        let given = answer(bench, program, &back_ends, THREE)?;
        compare(program, &given, &expected)?;
    }
    for &adapters in bench.adapter_counts {
        let expected = answer(bench, Program::Whocalls, &back_ends, adapters)?;
        let given = answer(bench, Program::LimitMiss, &back_ends, adapters)?;
        compare(Program::LimitMiss, &given, &expected)?;
    }
    Ok(())
}

fn answer(
    bench: &Bench,
    program: Program,
    back_ends: &BackEnds,
    adapters: usize,
) -> anyhow::Result<Value> {
    let setup = Setup {
        adapters: Adapter::many(adapters, back_ends.ports),
        ..Setup::usual()
    };
    let running = bench.place.start(program, &setup)?;
    let (status, body) = get(running.address, PATH)?;
    anyhow::ensure!(status == 200, "{} answers {status}", program.title());
    Ok(serde_json::from_str(&body)?)
}

fn compare(program: Program, given: &Value, expected: &Value) -> anyhow::Result<()> {
    anyhow::ensure!(
        given == expected,
        "{} answers\n{given:#}\nand the gateway\n{expected:#}",
        program.title()
    );
    Ok(())
}
