//! The templates of `[workflows.<name>]`, compiled.

use whocalls_wording::{TemplateProblem, Templates, Wording};

use crate::config::{document::Document, load::Parts, path::KeyPath, report::Problem};

/// What workflows say, or what is wrong with the templates.
pub(in crate::config) fn compile(
    parts: &Parts,
    document: &Document,
) -> Result<Wording, Vec<Problem>> {
    let workflows = parts.config.workflows.iter();
    let templates = workflows.map(|(name, route)| {
        let templates = Templates {
            subject: route.subject.clone(),
            text: route.text.clone(),
        };
        (name.clone(), templates)
    });
    let wording = Wording::new(
        parts.config.gateway.language,
        parts.time_zone.clone(),
        parts.number_plan.clone(),
        &templates.collect(),
    );
    wording.map_err(|found| {
        let problems = found.iter().map(|problem| at_its_place(problem, document));
        problems.collect()
    })
}

fn at_its_place(problem: &TemplateProblem, document: &Document) -> Problem {
    let TemplateProblem {
        workflow,
        part,
        line,
        message,
    } = problem;
    let path = KeyPath::of(["workflows", workflow, part.as_str()]);
    let place = document.place_of_value(&path);
    let message = match line {
        Some(line) if *line > 1 => format!("line {line} of the template: {message}"),
        _ => message.clone(),
    };
    Problem::error(message).at(path, place)
}
