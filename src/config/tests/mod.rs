//! Tests of the configuration as a whole, with adapter kinds that exist only here.

mod cache_file;
mod kinds;
mod layers;
mod overrides;
mod parts;
#[cfg(feature = "rest")]
mod presets;
mod properties;
mod rendering;
mod samples;
mod schema;
mod secrets;
mod several;
#[cfg(all(
    feature = "hubspot",
    feature = "phonebook",
    feature = "rest",
    feature = "sugar"
))]
mod shipped;
mod syntax;
mod wrong;

use super::{Environment, Loaded, Mode, Place, Report, Severity, Source, load};

/// Loads `text` with the variables of `environment`.
fn load_with(text: &str, environment: &[(&str, &str)]) -> Result<Loaded, Report> {
    let source = Source::new("adapters.toml", text, "");
    let environment: Environment = environment.iter().copied().collect();
    load(&source, &environment, &kinds::registry(), Mode::Full)
}

/// Each problem of `text` as `line:column path: sentence`.
fn problems(text: &str) -> Vec<String> {
    problems_with(text, &[])
}

fn problems_with(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
    match load_with(text, environment) {
        Ok(loaded) => lines(&loaded.warnings),
        Err(report) => {
            assert!(
                report.count(Severity::Error) > 0,
                "refused without an error"
            );
            lines(&report)
        }
    }
}

fn lines(report: &Report) -> Vec<String> {
    let place = |entry: &super::report::Entry| match (&entry.problem.place, entry.position) {
        (Place::Variable(name), _) => name.clone(),
        (_, Some(position)) => format!("{}:{}", position.line, position.column),
        (_, None) => "file".to_owned(),
    };
    report
        .entries
        .iter()
        .map(|entry| {
            let mark = match entry.problem.severity {
                Severity::Error => "",
                Severity::Warning => "warning ",
            };
            let path = entry.problem.path.to_string();
            let path = if path.is_empty() {
                path
            } else {
                format!("{path}: ")
            };
            format!("{mark}{} {path}{}", place(entry), entry.problem.message)
        })
        .collect()
}
